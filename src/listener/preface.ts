// What comes on a connection before its protocol: a PROXY protocol header, then TLS. It reads just that, and hands the
// connection on with every byte behind it.
import { type Fault, faults } from '../core/errors.js';
import type { ByteReader, ByteSocket } from '../net/byte-socket.js';
import { closeLingering } from '../net/lingering-close.js';
import type { TlsListener } from '../tls/tls-listener.js';
import { type ProxyHeader, parseProxyHeader } from '../wire/proxy-protocol.js';

const TLS_HANDSHAKE_RECORD = 0x16;

/** Who takes over. */
export interface PrefaceUser {
  /** The protocol begins with buffer[start, end), on the same ByteSocket: its reader must be replaced. */
  onPlain(bytes: ByteSocket, header: ProxyHeader | null, buffer: Buffer, start: number, end: number): void;
  /** A TLS handshake begins with buffer[start, end). */
  onTls(bytes: ByteSocket, header: ProxyHeader | null, tls: TlsListener, buffer: Buffer, start: number, end: number): void;
  onFault(bytes: ByteSocket, fault: Fault, detail: string): void;
  onGone(bytes: ByteSocket): void;
}

export class Preface implements ByteReader {
  /** Set by who accepts, right after construction. */
  bytes!: ByteSocket;
  private header: ProxyHeader | null = null;
  private early: Buffer | null = null;
  private needsHeader: boolean;

  /** `proxyHeaderMs`: how long a PROXY protocol header may take; -1: none comes. `tls` null: the protocol begins right behind it. */
  constructor(
    private readonly user: PrefaceUser,
    private readonly proxyHeaderMs: number,
    private readonly tls: TlsListener | null,
    private readonly handshakeMs: number,
  ) {
    this.needsHeader = proxyHeaderMs >= 0;
  }

  start(): void {
    this.bytes.arm(this.needsHeader ? this.proxyHeaderMs : this.handshakeMs);
  }

  onBytes(buffer: Buffer, start: number, end: number): void {
    if (this.early === null) {
      this.take(buffer, start, end);
      return;
    }
    const all = Buffer.concat([this.early, buffer.subarray(start, end)]);
    this.early = null;
    this.take(all, 0, all.length);
  }

  private take(buffer: Buffer, start: number, end: number): void {
    let at = start;
    if (this.needsHeader) {
      const parsed = parseProxyHeader(buffer, start, end);
      if (parsed.state === 'bad') {
        this.refuse(faults.badProxyHeader, parsed.reason);
        return;
      }
      if (parsed.state === 'need-more') {
        this.early = Buffer.from(buffer.subarray(start, end));
        return;
      }
      this.needsHeader = false;
      this.header = parsed.header;
      at += parsed.consumedBytes;
      if (this.tls !== null) this.bytes.arm(this.handshakeMs);
    }
    if (this.tls === null) {
      this.bytes.disarm();
      this.user.onPlain(this.bytes, this.header, buffer, at, end);
    } else if (at < end) {
      if (buffer[at] === TLS_HANDSHAKE_RECORD) this.user.onTls(this.bytes, this.header, this.tls, buffer, at, end);
      else this.refusePlain(buffer, at);
    }
  }

  /** Something else than TLS: if it may be HTTP, an answer that a person can read. */
  private refusePlain(buffer: Buffer, at: number): void {
    const isText = buffer[at]! >= 0x41 && buffer[at]! <= 0x5a;
    if (isText) {
      const body = 'This port speaks HTTPS.\n';
      this.bytes.writeText(
        `HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      );
      this.user.onFault(this.bytes, faults.plainOnTls, '');
      closeLingering(this.bytes, () => this.user.onGone(this.bytes));
    } else {
      this.refuse(faults.plainOnTls, '');
    }
  }

  private refuse(fault: Fault, detail: string): void {
    this.user.onFault(this.bytes, fault, detail);
    this.bytes.destroy();
  }

  onEnd(): void {
    this.bytes.destroy();
  }

  onUnblocked(): void {}

  onDeadline(): void {
    if (this.needsHeader) this.refuse(faults.badProxyHeader, 'none came in time');
    else this.refuse(faults.tlsHandshake, 'none came in time');
  }

  onClosed(): void {
    this.user.onGone(this.bytes);
  }
}
