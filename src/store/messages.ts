// What a worker and the owner of the store say to each other. Plain data, handled in the order in which it was sent. A
// question has a number, which its answer carries.
import type { SessionBatch } from './session-records.js';
import type { SessionTableOptions } from './store.js';

/** How often figures are told and sums come back, and what is late is looked for. */
export const ROUND_MS = 50;

export type StoreRequest =
  | { readonly kind: 'openTable'; readonly table: string; readonly options: SessionTableOptions }
  | { readonly kind: 'lookUp'; readonly question: number; readonly table: string; readonly key: string }
  | {
      readonly kind: 'bind';
      readonly question: number;
      readonly table: string;
      readonly key: string;
      readonly server: string;
      readonly isConfirmed: boolean;
    }
  | {
      readonly kind: 'rebind';
      readonly question: number;
      readonly table: string;
      readonly key: string;
      readonly from: string;
      readonly server: string;
    }
  | { readonly kind: 'confirm'; readonly table: string; readonly key: string }
  /** The session is in use, and answered from the worker's cache. */
  | { readonly kind: 'touch'; readonly table: string; readonly key: string }
  | { readonly kind: 'publish'; readonly topic: string; readonly value: unknown }
  | QuotaRequest
  /** What has changed since the last round. */
  | { readonly kind: 'figure'; readonly topic: string; readonly value: number };

/** See {@link QuotaPort}, which says the same in calls. */
export type QuotaRequest =
  | { readonly kind: 'openQuota'; readonly quota: string; readonly limit: number }
  | { readonly kind: 'askQuota'; readonly quota: string; readonly needed: number; readonly extra: number }
  | { readonly kind: 'giveBack'; readonly quota: string; readonly amount: number; readonly paid: number; readonly isAnswer: boolean };

/** The answer to a question. */
export type StoreAnswer = {
  readonly kind: 'session';
  readonly question: number;
  /** null: there is none. */
  readonly server: string | null;
  readonly isConfirmed: boolean;
};

/** What another owner must hear to hold the same sessions: see {@link EmbeddedStore.mirror}. */
export type SessionChange = Extract<StoreRequest, { kind: 'bind' | 'rebind' | 'confirm' }>;

/** A part of the sessions that an owner holds, for another one. */
export interface SessionsOfTable {
  readonly table: string;
  readonly options: SessionTableOptions;
  readonly batch: SessionBatch;
}

export type StoreReply =
  | StoreAnswer
  /** What the worker has cached of this session holds no longer. */
  | { readonly kind: 'forget'; readonly table: string; readonly key: string }
  /** Every worker gets all of them, and a new one the last of each topic before anything else. */
  | { readonly kind: 'fact'; readonly topic: string; readonly value: unknown; readonly ageMs: number }
  | QuotaReply
  | { readonly kind: 'sum'; readonly topic: string; readonly sum: number };

/** See {@link LedgerPort}. */
export type QuotaReply =
  | { readonly kind: 'grant'; readonly quota: string; readonly amount: number; readonly isAnswer: boolean }
  | { readonly kind: 'recall'; readonly quota: string; readonly amount: number; readonly kept: number }
  | { readonly kind: 'owe'; readonly quota: string; readonly amount: number };
