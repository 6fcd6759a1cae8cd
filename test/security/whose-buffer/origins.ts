// The servers: node:http for exchanges and upgrades, plain TCP for TCP mode. Each sends the stream that it is asked
// for, and checks the one that it is sent.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { readStreams, type Streams } from './plan.js';
import { type PositionBytes, StreamCheck, StreamSource } from './position-bytes.js';
import { Random } from './random.js';

export interface Origins {
  readonly httpAddresses: readonly string[];
  readonly tcpAddresses: readonly string[];
  /** Connections accepted in all. */
  accepted(): number;
  /** The most connections that were open at a time. */
  mostOpen(): number;
  close(): void;
}

/**
 * `count` servers of each kind. None says anything before `rush` connections are open at once. `onFailure` gets an
 * Error for each stream that is not what it should be.
 */
export async function startOrigins(bytes: PositionBytes, count: number, rush: number, onFailure: (error: Error) => void): Promise<Origins> {
  const open = new Set<Socket>();
  const servers: Server[] = [];
  let accepted = 0;
  let mostOpen = 0;
  let begin = (): void => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const job: OriginJob = { bytes, begun, onFailure };
  const track = (connection: Socket): void => {
    accepted++;
    open.add(connection);
    mostOpen = Math.max(mostOpen, open.size);
    if (open.size === rush) begin();
    connection.on('error', () => undefined);
    connection.on('close', () => open.delete(connection));
  };
  const start = async (server: Server): Promise<string> => {
    servers.push(server);
    server.on('connection', track);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 1024, resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const httpAddresses: string[] = [];
  const tcpAddresses: string[] = [];
  for (let index = 0; index < count; index++) {
    const http = createServer({ keepAliveTimeout: 60_000 }, (request, response) => new HttpAnswer(job, request, response));
    http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      runTunnel(job, socket, readStreams((request.url as string).slice(1)), head);
    });
    httpAddresses.push(await start(http));
    tcpAddresses.push(await start(createTcpServer({ allowHalfOpen: true }, (connection) => takeTcp(job, connection))));
  }
  return {
    httpAddresses,
    tcpAddresses,
    accepted: () => accepted,
    mostOpen: () => mostOpen,
    close() {
      for (const server of servers) server.close();
      for (const connection of open) connection.destroy();
    },
  };
}

interface OriginJob {
  readonly bytes: PositionBytes;
  readonly begun: Promise<void>;
  readonly onFailure: (error: Error) => void;
}

/** Reads a stream up and checks it, with pauses if it is to be lazy. */
class Intake {
  readonly check: StreamCheck;
  private readonly random: Random;

  constructor(
    private readonly job: OriginJob,
    private readonly streams: Streams,
    private readonly from: Duplex | IncomingMessage,
  ) {
    this.check = new StreamCheck(job.bytes, streams.up, streams.upBytes, `upload ${streams.up}`);
    this.random = new Random(streams.up);
    from.on('data', (chunk: Buffer) => this.take(chunk));
  }

  take(chunk: Buffer): void {
    try {
      this.check.take(chunk, 0, chunk.length);
    } catch (error) {
      this.job.onFailure(error as Error);
      this.from.destroy();
      return;
    }
    if (this.streams.isLazy && this.random.chance(20)) {
      this.from.pause();
      setTimeout(() => this.from.resume(), this.random.between(1, 20));
    }
  }

  /** The other side has ended. Whether all had come; if not, that is a failure where the end was an orderly one. */
  end(): boolean {
    const { isComplete, received, total } = this.check;
    if (!isComplete && !this.streams.mayBeCut)
      this.job.onFailure(new Error(`upload ${this.streams.up} ended after ${received} of ${total} bytes`));
    return isComplete;
  }
}

/** One answer: it may begin early, and ends when the request is complete. */
class HttpAnswer {
  private readonly source: StreamSource;
  private readonly streams: Streams;
  private readonly out: ServerResponse | Socket;
  private isRequestComplete = false;
  private hasBegun = false;

  constructor(
    job: OriginJob,
    request: IncomingMessage,
    private readonly response: ServerResponse,
  ) {
    this.streams = readStreams((request.url as string).slice(1));
    this.source = new StreamSource(job.bytes, this.streams.down, this.streams.downBytes, new Random(this.streams.down));
    // node:http always delimits a body; one that ends with its connection is written past it.
    this.out = this.streams.framing === 'close' ? (request.socket as Socket) : response;
    this.out.on('drain', () => this.pump());
    const intake = new Intake(job, this.streams, request);
    request.on('end', () => {
      if (!intake.end()) return;
      this.isRequestComplete = true;
      void job.begun.then(() => this.begin());
    });
    request.on('error', () => undefined);
    if (this.streams.answersEarly) void job.begun.then(() => this.begin());
  }

  private begin(): void {
    if (!this.hasBegun) {
      this.hasBegun = true;
      const { framing, down, downBytes } = this.streams;
      if (framing === 'close') this.out.write(`HTTP/1.1 200 OK\r\nConnection: close\r\nX-Stream: ${down}\r\n\r\n`);
      else this.response.writeHead(200, { 'x-stream': down, ...(framing === 'length' && { 'content-length': downBytes }) });
    }
    this.pump();
  }

  private pump(): void {
    if (this.source.isComplete) return;
    // The last byte waits for the request: an answer that ends before it would end the connection.
    this.source.pump((piece) => this.out.write(piece), this.isRequestComplete ? 0 : 1);
    if (this.source.isComplete) this.out.end();
  }
}

function takeTcp(job: OriginJob, connection: Socket): void {
  let early = Buffer.alloc(0);
  connection.on('data', function takeLine(chunk: Buffer) {
    early = Buffer.concat([early, chunk]);
    const end = early.indexOf('\n');
    if (end < 0) return;
    connection.off('data', takeLine);
    runTunnel(job, connection, readStreams(early.toString('latin1', 0, end)), early.subarray(end + 1));
  });
}

/** Both streams at once; our side ends when both are through. */
function runTunnel(job: OriginJob, connection: Duplex, streams: Streams, early: Buffer): void {
  const source = new StreamSource(job.bytes, streams.down, streams.downBytes, new Random(streams.down));
  const intake = new Intake(job, streams, connection);
  let hasEnded = false;
  const endWhenDone = (): void => {
    if (!source.isComplete || !intake.check.isComplete || hasEnded) return;
    hasEnded = true;
    connection.end();
  };
  const pump = (): void => {
    source.pump((piece) => connection.write(piece));
    endWhenDone();
  };
  connection.on('drain', pump);
  connection.on('data', endWhenDone);
  connection.on('error', () => undefined);
  connection.on('end', () => {
    if (intake.check.isComplete) return;
    intake.end();
    connection.end();
  });
  if (early.length > 0) intake.take(early);
  void job.begun.then(pump);
}
