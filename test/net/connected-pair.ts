// A ByteSocket and the plain socket at its other end, for tests of what lies between.
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import tls from 'node:tls';
import { type ByteReader, ByteSocket } from '../../src/net/byte-socket.js';
import { certificateFor } from '../fixtures/certificates.js';

export type Transport = 'plain' | 'tls' | 'unix';
export const transports: readonly Transport[] = ['plain', 'tls', 'unix'];

/** Keeps what it is told. */
export class RecordingReader implements ByteReader {
  private readonly pieces: Buffer[] = [];
  receivedBytes = 0;
  hasEnded = false;
  unblocked = 0;
  deadlines = 0;
  closed: { readonly error: Error | null } | null = null;
  /** Called with each piece while it is valid. */
  take: (buffer: Buffer, start: number, end: number) => void = () => {};

  get text(): string {
    return Buffer.concat(this.pieces).toString('latin1');
  }

  onBytes(buffer: Buffer, start: number, end: number): void {
    this.receivedBytes += end - start;
    this.pieces.push(Buffer.from(buffer.subarray(start, end)));
    this.take(buffer, start, end);
  }
  onEnd(): void {
    this.hasEnded = true;
  }
  onUnblocked(): void {
    this.unblocked++;
  }
  onDeadline(): void {
    this.deadlines++;
  }
  onClosed(error: Error | null): void {
    this.closed = { error };
  }
}

export interface Pair {
  readonly bytes: ByteSocket;
  readonly reader: RecordingReader;
  /** Nobody reads from it yet. */
  readonly peer: net.Socket;
}

/** An accepted connection; both ends are closed when the test is over. `prepare` sees the accepted socket first. */
export async function acceptPair(t: TestContext, transport: Transport, prepare: (socket: net.Socket) => void = () => {}): Promise<Pair> {
  const folder = await mkdtemp(join(tmpdir(), 'limpet-net-'));
  const reader = new RecordingReader();
  const target = transport === 'unix' ? { path: join(folder, 'socket') } : { port: 0, host: '127.0.0.1' };
  const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true });
  const certificate = await certificateFor('ec', 'pair.test');
  const secureServer = tls.createServer({ cert: certificate.cert, key: certificate.key });
  const accepted = new Promise<ByteSocket>((resolve) => {
    const accept = (socket: net.Socket): void => {
      prepare(socket);
      resolve(ByteSocket.accepted(socket, transport === 'tls', reader));
    };
    server.once('connection', (socket) => (transport === 'tls' ? void secureServer.emit('connection', socket) : accept(socket)));
    secureServer.once('secureConnection', accept);
  });
  await new Promise<void>((resolve) => server.listen(target, resolve));
  const address = server.address();
  const options = address !== null && typeof address === 'object' ? { port: address.port, host: '127.0.0.1' } : { path: address as string };
  const raw = net.connect({ ...options, allowHalfOpen: true });
  const peer = transport === 'tls' ? tls.connect({ socket: raw, rejectUnauthorized: false }) : raw;
  raw.on('error', () => undefined);
  peer.on('error', () => undefined);
  const bytes = await accepted;
  server.close();
  t.after(async () => {
    peer.destroy();
    bytes.destroy();
    await rm(folder, { recursive: true, force: true });
  });
  return { bytes, reader, peer };
}

/** Everything that the socket gets, as latin1 text that grows. */
export function received(socket: net.Socket): { text: string; hasEnded: boolean } {
  const got = { text: '', hasEnded: false };
  socket.on('data', (chunk: Buffer) => (got.text += chunk.toString('latin1')));
  socket.on('end', () => (got.hasEnded = true));
  return got;
}
