// What a worker and the owner of the store say to each other. Plain data, handled in the order in which it was sent. A
// question has a number, which its answer carries.
import type { SessionTableOptions } from './store.js';

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
  | { readonly kind: 'subscribe'; readonly topic: string };

/** The answer to a question. */
export type StoreAnswer = {
  readonly kind: 'session';
  readonly question: number;
  /** null: there is none. */
  readonly server: string | null;
  readonly isConfirmed: boolean;
};

export type StoreReply =
  | StoreAnswer
  /** What the worker has cached of this session holds no longer. */
  | { readonly kind: 'forget'; readonly table: string; readonly key: string }
  | { readonly kind: 'fact'; readonly topic: string; readonly value: unknown };
