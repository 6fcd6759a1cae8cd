// The balancer "static-round-robin": every server in turn, in proportion to weight, along slots that are laid out once
// for the servers that are there: HAProxy's static-rr.
import type { Server } from '../server.js';
import type { Balancer } from './balancer.js';
import { ServerSlots } from './server-slots.js';

export class StaticRoundRobin implements Balancer {
  private readonly slots = new ServerSlots();
  private next = 0;

  pick(candidates: readonly Server[]): Server | null {
    const slots = this.slots.of(candidates);
    if (slots.length === 0) return null;
    if (this.next >= slots.length) this.next = 0;
    return slots[this.next++];
  }
}
