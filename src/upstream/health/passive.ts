// The passive observer of one server: failures that lie close together take it out for a while. Pure: the time
// is passed in, nothing is scheduled, and what counts as a failure is the caller's business.

export interface PassiveHealthOptions {
  /** So many failures within the window take the server down. At least 1. */
  readonly failures: number;
  readonly windowMs: number;
  /** How long the server then stays down. */
  readonly downForMs: number;
}

/**
 * - `watching`: up; failures are remembered for the window. A success forgets none of them: a server that fails
 *   every second time under load would otherwise never be taken out.
 * - `down`: until {@link PassiveHealth.downUntilMs}. What exchanges from before it went down still report is ignored.
 * - `trial`: up again, but one failure is enough to go down. The first success leads back to `watching`. There is no
 *   limit of one exchange at a time: counting trials needs every path an exchange can end on to say so, and a path
 *   that forgot would keep the server out for ever. What a failed trial costs is a repeat at another server.
 */
export const passiveState = { watching: 0, down: 1, trial: 2 } as const;
export type PassiveState = (typeof passiveState)[keyof typeof passiveState];

export class PassiveHealth {
  state: PassiveState = passiveState.watching;
  /** When the server is to be tried again; Infinity unless it is down. */
  downUntilMs = Infinity;
  private windowMs: number;
  private downForMs: number;
  /** The times of the last failures, a ring: the oldest stands at `oldest`. Never: -Infinity. */
  private failedAtMs: Float64Array;
  private oldest = 0;

  constructor(options: PassiveHealthOptions) {
    this.windowMs = options.windowMs;
    this.downForMs = options.downForMs;
    this.failedAtMs = new Float64Array(options.failures).fill(-Infinity);
  }

  /** From now on other options hold. A server that is down stays so for as long as it was to. */
  change(options: PassiveHealthOptions): void {
    this.windowMs = options.windowMs;
    this.downForMs = options.downForMs;
    if (options.failures === this.failedAtMs.length) return;
    const newest = this.failedAtMs.sort().slice(-options.failures);
    this.failedAtMs = new Float64Array(options.failures).fill(-Infinity);
    this.failedAtMs.set(newest, options.failures - newest.length);
    this.oldest = 0;
  }

  /** True if this failure takes the server down. */
  recordFailure(nowMs: number): boolean {
    switch (this.state) {
      case passiveState.watching:
        return this.failWhileWatching(nowMs);
      case passiveState.trial:
        this.goDown(nowMs + this.downForMs);
        return true;
      default:
        return false;
    }
  }

  /** True if this success ends a trial. */
  recordSuccess(): boolean {
    if (this.state !== passiveState.trial) return false;
    this.state = passiveState.watching;
    return true;
  }

  /** Somebody else has found the server down. True if it was not down here. */
  learnDown(nowMs: number, downForMs: number): boolean {
    const wasDown = this.state === passiveState.down;
    this.goDown(nowMs + downForMs);
    return !wasDown;
  }

  /** True if the server's time is up and it is to be tried again. */
  endDownTime(nowMs: number): boolean {
    if (this.state !== passiveState.down || nowMs < this.downUntilMs) return false;
    this.state = passiveState.trial;
    this.downUntilMs = Infinity;
    return true;
  }

  private failWhileWatching(nowMs: number): boolean {
    const ring = this.failedAtMs;
    ring[this.oldest] = nowMs;
    this.oldest = (this.oldest + 1) % ring.length;
    if (nowMs - ring[this.oldest] > this.windowMs) return false;
    this.goDown(nowMs + this.downForMs);
    return true;
  }

  private goDown(untilMs: number): void {
    this.state = passiveState.down;
    this.downUntilMs = untilMs;
    this.failedAtMs.fill(-Infinity);
  }
}
