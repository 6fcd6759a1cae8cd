// A tunnel: bytes both ways after a 101, or in TCP mode. Each side reads and writes to the other; the idle limit, the
// half-closed limit and the ends are the tunnel's.
import { type Fault, faults } from '../core/errors.js';
import type { ByteReader, ByteSocket } from '../net/byte-socket.js';

export interface TunnelTimeouts {
  /** Without a byte in either direction. 0: none. */
  readonly tunnelIdleMs: number;
  /** After one side has ended, without a byte from the other. */
  readonly halfClosedMs: number;
}

export class Tunnel {
  private readonly client: TunnelSide;
  private readonly server: TunnelSide;
  private fault: Fault | null = null;
  private isOver = false;
  private openSides = 2;
  /** What both readers had taken when the time was over before. */
  private takenBefore = -1;

  /**
   * Couples two connections, which must not be in use any more. Bytes that came early are the caller's to write, at
   * once. `onOver` is called once, when both are closed.
   */
  constructor(
    readonly clientBytes: ByteSocket,
    readonly serverBytes: ByteSocket,
    readonly timeouts: TunnelTimeouts,
    private readonly onOver: (fault: Fault | null) => void,
  ) {
    this.client = new TunnelSide(this, clientBytes, serverBytes, faults.tunnelClientReset);
    this.server = new TunnelSide(this, serverBytes, clientBytes, faults.tunnelReset);
    clientBytes.reader = this.client;
    serverBytes.reader = this.server;
    clientBytes.disarm();
    serverBytes.disarm();
    this.arm();
    clientBytes.resume();
    serverBytes.resume();
    if (clientBytes.isClosed || serverBytes.isClosed) this.close(faults.tunnelReset);
    if (clientBytes.isClosed) this.sideClosed();
    if (serverBytes.isClosed) this.sideClosed();
    // What ended before it was coupled is not told again. Told now, it would come before what the caller still has to pass on.
    if (clientBytes.hasEnded) queueMicrotask(() => this.client.onEnd());
    if (serverBytes.hasEnded) queueMicrotask(() => this.server.onEnd());
  }

  /** Both directions count as one: the deadline stands on the client's side alone. */
  arm(): void {
    const isHalfClosed = this.clientBytes.hasEnded || this.serverBytes.hasEnded;
    this.clientBytes.arm(isHalfClosed ? this.timeouts.halfClosedMs : this.timeouts.tunnelIdleMs);
  }

  expire(): void {
    // A slow reader may still be taking what is queued for it. It has to take some in each such time.
    const { clientBytes, serverBytes } = this;
    const queued = clientBytes.queuedBytes + serverBytes.queuedBytes;
    const taken = clientBytes.bytesWritten + serverBytes.bytesWritten - queued;
    if (queued > 0 && taken > this.takenBefore) {
      this.takenBefore = taken;
      this.arm();
      return;
    }
    this.close(this.clientBytes.hasEnded || this.serverBytes.hasEnded ? faults.tunnelHalfClosed : faults.tunnelIdle);
  }

  /** Closes both sides at once. */
  close(fault: Fault | null): void {
    if (this.isOver) return;
    this.isOver = true;
    this.fault = fault;
    this.clientBytes.destroy();
    this.serverBytes.destroy();
  }

  sideClosed(): void {
    if (--this.openSides === 0) this.onOver(this.fault);
  }
}

class TunnelSide implements ByteReader {
  constructor(
    private readonly tunnel: Tunnel,
    private readonly from: ByteSocket,
    private readonly to: ByteSocket,
    private readonly resetFault: Fault,
  ) {}

  onBytes(buffer: Buffer, start: number, end: number): void {
    this.tunnel.arm();
    if (!this.to.writeBytes('', buffer, start, end, '', this.from)) this.from.pause();
  }

  onEnd(): void {
    this.to.end();
    this.tunnel.arm();
  }

  /** Our side takes bytes again: the other may read on. */
  onUnblocked(): void {
    this.to.resume();
  }

  onDeadline(): void {
    this.tunnel.expire();
  }

  onClosed(error: Error | null): void {
    // A close without an end before it is a reset; the other side must not take what it got for the whole.
    if (error !== null || !this.from.hasEnded) {
      if (!this.to.isClosed) this.to.reset();
      this.tunnel.close(this.resetFault);
    } else {
      // An orderly end of both directions: what is queued for the other side leaves within the half-closed limit.
      this.to.arm(this.tunnel.timeouts.halfClosedMs);
    }
    this.tunnel.sideClosed();
  }
}
