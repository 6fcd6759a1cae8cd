// Staying below the limit of open file descriptors: at the limit, Node closes what it accepts without an event, and
// nothing can be opened. So connections are counted, room is made from idle ones first, and then clients are refused.
import { nowMs } from '../core/clock.js';
import { openSocketCount } from './byte-socket.js';

/** Connections that are being told at a time that they are too many, and have a moment to hear it; others are closed at once. */
export const MAX_REFUSING = 32;

/** For what is open besides: listeners, logs, Node's own, and those that are being refused. */
const RESERVED = 32 + MAX_REFUSING;

/** Where nothing was found to be closed, nobody looks again for so long: looking costs time for each connection. */
const NO_ROOM_MS = 100;

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
  maxSockets = 0;
  /** Sockets in a TLS handshake, which are no connections yet. Kept by who begins and ends them, as is the next one. */
  handshakes = 0;
  /** Connections that are being refused now. */
  refusing = 0;
  private readonly roomMakers: (() => void)[] = [];
  private noRoomUntilMs = 0;

  constructor(limit: number) {
    this.change(limit);
  }

  change(limit: number): void {
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
    if (this.fits(count)) return true;
    if (nowMs() < this.noRoomUntilMs) return false;
    for (const makeRoom of this.roomMakers) makeRoom();
    if (this.fits(count)) return true;
    this.noRoomUntilMs = nowMs() + NO_ROOM_MS;
    return false;
  }

  private fits(count: number): boolean {
    return openSocketCount() + this.handshakes + count <= this.maxSockets;
  }
}
