// What an answer that stands in place of another has of that one.
import { STATUS_CODES } from 'node:http';
import type { ResponseHead } from '../wire/message-head.js';

export class StandIn {
  /**
   * @param status What the client sees in place of the answer's own; 0: that.
   * @param challenges The WWW-Authenticate of a server's answer that was replaced: without them a 401 means nothing. RFC 9110 §11.6.1.
   */
  constructor(
    private readonly status: number,
    private readonly challenges: readonly string[],
  ) {}

  /** The same for another status. */
  as(status: number): StandIn {
    return new StandIn(status, this.challenges);
  }

  /** Statuses that say how the message is framed stay; so do redirects of ours, which were written for this. */
  apply(head: ResponseHead, isOwn: boolean): void {
    const { status } = head;
    const stays = status === 101 || status === 204 || status === 304 || (isOwn && status >= 300 && status < 400);
    if (this.status !== 0 && !stays) {
      head.status = this.status;
      head.reason = STATUS_CODES[this.status] ?? 'Unknown';
    }
    if (head.status === 401) for (const challenge of this.challenges) head.add('WWW-Authenticate', challenge);
  }
}
