// Staying below the limit of open file descriptors: at the limit, Node closes what it accepts without an event, and
// nothing can be opened. So connections are counted, room is made from idle ones first, and then clients are refused.
import { openSocketCount } from './byte-socket.js';

/** For what is open besides connections: listeners, logs, Node's own. */
const RESERVED = 64;

/** The soft limit of this process, which Node raises to the hard one when it starts; 1024 where it cannot be told. */
export function descriptorLimit(): number {
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork?: boolean };
  // Otherwise the report looks names up.
  report.excludeNetwork = true;
  const limits = (report.getReport() as unknown as { userLimits?: { open_files?: { soft?: number | string } } }).userLimits;
  const soft = limits?.open_files?.soft;
  return typeof soft === 'number' ? soft : soft === 'unlimited' ? 1_048_576 : 1024;
}

export class DescriptorBudget {
  /** Connections that may be open at a time, clients' and servers' together. */
  readonly maxSockets: number;
  private readonly roomMakers: (() => void)[] = [];

  constructor(limit: number) {
    this.maxSockets = Math.max(16, limit - RESERVED);
  }

  /** `makeRoom` closes what is idle, the oldest first. */
  onShortage(makeRoom: () => void): void {
    this.roomMakers.push(makeRoom);
  }

  /**
   * Whether `count` more sockets may be opened. A client needs two, its own and one to a server: who accepts asks for
   * two, so that what was accepted can also be served.
   */
  hasRoomFor(count: number): boolean {
    if (openSocketCount() + count <= this.maxSockets) return true;
    for (const makeRoom of this.roomMakers) makeRoom();
    return openSocketCount() + count <= this.maxSockets;
  }
}
