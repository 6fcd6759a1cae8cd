// What a worker remembers of the sessions of one table, so that it need not ask about those that it serves. Two generations:
// what was not asked for while both went by is gone, which bounds the cache in number and in time.
import type { SessionAnswer } from './store.js';

const MAX_IN_GENERATION = 65_536;

export class SessionCache {
  private young = new Map<string, SessionAnswer>();
  private old = new Map<string, SessionAnswer>();
  private youngSinceMs = 0;

  constructor(public generationMs: number) {}

  get(key: string, nowMs: number): SessionAnswer | undefined {
    this.rotate(nowMs);
    return this.young.get(key);
  }

  /** What the older generation has. It belongs to the young one from now on: once in each generation. */
  getOld(key: string): SessionAnswer | undefined {
    const answer = this.old.get(key);
    if (answer !== undefined) {
      this.old.delete(key);
      this.young.set(key, answer);
    }
    return answer;
  }

  put(key: string, answer: SessionAnswer, nowMs: number): void {
    this.rotate(nowMs);
    this.young.set(key, answer);
  }

  delete(key: string): void {
    this.young.delete(key);
    this.old.delete(key);
  }

  private rotate(nowMs: number): void {
    const age = nowMs - this.youngSinceMs;
    if (age < this.generationMs && this.young.size < MAX_IN_GENERATION) return;
    // What stands in the young one may be almost as old as the generation is: after two, it is out of date too.
    this.old = age < 2 * this.generationMs ? this.young : new Map();
    this.young = new Map();
    this.youngSinceMs = nowMs;
  }
}
