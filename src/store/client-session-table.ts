// A session table as one worker sees it: what it has cached it answers at once, the rest it asks for.
import { ownText } from '../core/own-text.js';
import type { StoreAnswer } from './messages.js';
import type { Question } from './questions.js';
import { SessionCache } from './session-cache.js';
import type { SessionAnswer, SessionTable, SessionTableOptions, StoreAsker } from './store.js';
import type { StoreClient } from './store-client.js';

const uncertain: SessionAnswer = { server: null, isConfirmed: false, isCertain: false };

/**
 * What is cached is told to the owner as used once in a generation of the cache, so a generation must be well below the
 * idle time.
 */
const GENERATIONS_IN_IDLE_TIME = 4;

/** Longer ones would make a cache that is bounded in number unbounded in size. */
const MAX_CACHED_KEY = 256;

export class ClientSessionTable implements SessionTable {
  /** Confirmed sessions only: a pending one may go at any time, and nobody would tell. */
  private readonly cache = new SessionCache(Infinity);
  private readonly asking = new Map<StoreAsker<SessionAnswer>, SessionQuestion>();

  constructor(
    private readonly name: string,
    private readonly client: StoreClient,
  ) {}

  setOptions(options: SessionTableOptions): void {
    this.client.send({ kind: 'openTable', table: this.name, options });
    this.cache.generationMs = options.idleMs / GENERATIONS_IN_IDLE_TIME;
  }

  lookUp(key: string, asker: StoreAsker<SessionAnswer>): void {
    let known = this.cache.get(key, this.client.clock());
    if (known === undefined) {
      known = this.cache.getOld(key);
      if (known !== undefined) this.client.send({ kind: 'touch', table: this.name, key });
    }
    if (known !== undefined) {
      asker.onStoreAnswer(known);
      return;
    }
    const question = this.ask(key, asker);
    if (question !== 0) this.client.send({ kind: 'lookUp', question, table: this.name, key });
  }

  bind(key: string, server: string, isConfirmed: boolean, asker: StoreAsker<SessionAnswer>): void {
    const question = this.ask(key, asker);
    if (question !== 0) this.client.send({ kind: 'bind', question, table: this.name, key, server, isConfirmed });
  }

  rebind(key: string, from: string, server: string, asker: StoreAsker<SessionAnswer>): void {
    this.cache.delete(key);
    const question = this.ask(key, asker);
    if (question !== 0) this.client.send({ kind: 'rebind', question, table: this.name, key, from, server });
  }

  confirm(key: string): void {
    this.client.send({ kind: 'confirm', table: this.name, key });
  }

  forget(asker: StoreAsker<SessionAnswer>): void {
    const question = this.asking.get(asker);
    if (question === undefined) return;
    this.asking.delete(asker);
    this.client.questions.remove(question.number);
  }

  /** The owner says that what is cached holds no longer. */
  forgetKey(key: string): void {
    this.cache.delete(key);
  }

  /** The number to ask under; 0: the asker has been told that nothing is certain. */
  private ask(key: string, asker: StoreAsker<SessionAnswer>): number {
    const question = new SessionQuestion(this, key, asker);
    question.number = this.client.questions.add(question);
    if (question.number === 0) asker.onStoreAnswer(uncertain);
    else this.asking.set(asker, question);
    return question.number;
  }

  answered(question: SessionQuestion, { server, isConfirmed }: StoreAnswer): void {
    const answer: SessionAnswer = { server, isConfirmed, isCertain: true };
    if (isConfirmed && question.key.length <= MAX_CACHED_KEY) this.cache.put(ownText(question.key), answer, this.client.clock());
    this.asking.delete(question.asker);
    question.asker.onStoreAnswer(answer);
  }

  unanswered(question: SessionQuestion): void {
    this.asking.delete(question.asker);
    question.asker.onStoreAnswer(uncertain);
  }
}

class SessionQuestion implements Question {
  number = 0;

  constructor(
    private readonly table: ClientSessionTable,
    readonly key: string,
    readonly asker: StoreAsker<SessionAnswer>,
  ) {}

  onAnswer(answer: StoreAnswer): void {
    this.table.answered(this, answer);
  }

  onNoAnswer(): void {
    this.table.unanswered(this);
  }
}
