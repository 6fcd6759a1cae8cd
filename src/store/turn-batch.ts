// Messages that are sent together at the end of a turn of the event loop: one of 100 costs a fraction of 100 of one.

export class TurnBatch<T> {
  private messages: T[] = [];

  constructor(private readonly send: (messages: readonly T[]) => void) {}

  add(message: T): void {
    // After all reads of this turn, so that what they ask goes along.
    if (this.messages.length === 0) setImmediate(() => this.flush());
    this.messages.push(message);
  }

  /** Sends what there is now. */
  flush(): void {
    const { messages } = this;
    if (messages.length === 0) return;
    this.messages = [];
    this.send(messages);
  }
}
