// The turns of SmoothRotation for servers that stay the same, without going through all of them: those of one weight earn
// the same in each turn, so that their order among themselves changes only when one of them is taken.
import type { Server } from '../server.js';

/** Servers of one weight, by their positions: a heap, the next to be taken on top. */
interface Group {
  readonly weight: number;
  readonly heap: number[];
}

export class TurnsByWeight {
  private readonly servers: readonly Server[];
  private readonly groups: readonly Group[];
  /** By position: what the server had earned and not spent before the first turn here, less what it has paid since. */
  private readonly spent: Float64Array;
  private readonly earnedByAll: number;
  private turns = 0;

  /** `credit`: what each server has earned and not spent, by its index; without an entry: nothing. */
  constructor(servers: readonly Server[], credit: readonly number[]) {
    const byWeight = new Map<number, Group>();
    let earnedByAll = 0;
    this.servers = servers;
    this.spent = Float64Array.from(servers, ({ index }) => credit[index] ?? 0);
    for (const [position, { weight }] of servers.entries()) {
      earnedByAll += weight;
      const group = byWeight.get(weight);
      if (group === undefined) byWeight.set(weight, { weight, heap: [position] });
      else group.heap.push(position);
    }
    this.groups = [...byWeight.values()];
    this.earnedByAll = earnedByAll;
    // A sorted list is a heap.
    for (const { heap } of this.groups) heap.sort((a, b) => (this.isBefore(a, b) ? -1 : 1));
  }

  /** The server whose turn it is. There is at least one. */
  take(): Server {
    this.turns++;
    let richest = this.groups[0];
    let most = this.creditOnTop(richest);
    for (let i = 1; i < this.groups.length; i++) {
      const group = this.groups[i];
      const own = this.creditOnTop(group);
      if (own < most || (own === most && group.heap[0] > richest.heap[0])) continue;
      richest = group;
      most = own;
    }
    const position = richest.heap[0];
    this.spent[position] -= this.earnedByAll;
    this.sink(richest.heap);
    return this.servers[position];
  }

  /** Writes what each server has now into `credit`, by its index. */
  settle(credit: number[]): void {
    for (const { weight, heap } of this.groups) {
      for (const position of heap) credit[this.servers[position].index] = this.spent[position] + weight * this.turns;
    }
  }

  private creditOnTop({ weight, heap }: Group): number {
    return this.spent[heap[0]] + weight * this.turns;
  }

  /** The richer one; of two equals the one that stands first. */
  private isBefore(a: number, b: number): boolean {
    return this.spent[a] > this.spent[b] || (this.spent[a] === this.spent[b] && a < b);
  }

  /** The top has become poorer. */
  private sink(heap: number[]): void {
    const position = heap[0];
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.isBefore(heap[child + 1], heap[child])) child++;
      if (this.isBefore(position, heap[child])) break;
      heap[hole] = heap[child];
      hole = child;
    }
    heap[hole] = position;
  }
}
