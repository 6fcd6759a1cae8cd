// One client: carries out a scenario, checks every byte that it gets, and says how it went.
import { PacedConnection, type Target } from './paced-connection.js';
import { type Scenario, type Streams, writeStreams } from './plan.js';
import { type PositionBytes, StreamCheck, StreamSource } from './position-bytes.js';
import { Random } from './random.js';
import { ResponseReader, type ResponseUser } from './response-reader.js';

/** Resolves when the scenario has gone as planned, rejects with what went wrong. `target` is of the listener that it is for. */
export function runScenario(bytes: PositionBytes, scenario: Scenario, target: Target, stallMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const client = scenario.kind === 'http' ? new HttpClient(bytes, scenario) : new TunnelClient(bytes, scenario);
    let hasVanished = false;
    let hasFailed = false;
    const finish = (error: Error | null): void => {
      clearTimeout(timer);
      if (error === null) {
        resolve();
        return;
      }
      hasFailed = true;
      connection.destroy();
      reject(new Error(`${error.message}, ${client.progress()}`));
    };
    const timer = setTimeout(() => finish(new Error(`nothing more came for ${stallMs} ms`)), stallMs);
    const attempt = (act: () => void): void => {
      if (hasFailed) return;
      try {
        act();
      } catch (error) {
        finish(error as Error);
      }
    };
    let received = 0;
    const random = new Random(scenario.streams[0].down);
    const connection = new PacedConnection(target, scenario.transport, scenario.pace, random, {
      onBytes: (buffer, start, end) => {
        if (hasVanished) return;
        timer.refresh();
        received += end - start;
        attempt(() => client.take(buffer, start, end));
        if (scenario.vanishesAfter < 0 || received < scenario.vanishesAfter) return;
        hasVanished = true;
        // A pause first, so that more is queued than the system takes.
        setTimeout(() => connection.vanish(), random.between(0, 40));
        connection.socket.pause();
      },
      onDrain: () => attempt(() => client.pump()),
      onEnd: () => {
        if (!hasVanished) attempt(() => client.end());
      },
      onClose: (error) => {
        if (hasFailed) return;
        if (hasVanished || client.isDone) finish(null);
        else finish(new Error(`the connection was closed too early (${error?.message ?? 'without an error'})`));
      },
    });
    client.start(connection);
  });
}

interface Client {
  readonly isDone: boolean;
  start(connection: PacedConnection): void;
  take(buffer: Buffer, start: number, end: number): void;
  pump(): void;
  end(): void;
  progress(): string;
}

function upSource(bytes: PositionBytes, streams: Streams): StreamSource {
  return new StreamSource(bytes, streams.up, streams.upBytes, new Random(streams.up));
}

function downCheck(bytes: PositionBytes, streams: Streams, what: string): StreamCheck {
  return new StreamCheck(bytes, streams.down, streams.downBytes, `${what} ${streams.down}`);
}

class HttpClient implements Client, ResponseUser {
  isDone = false;
  private connection!: PacedConnection;
  private readonly reader: ResponseReader = new ResponseReader(this);
  /** The request that is being sent, and the one that is being answered. */
  private sending = 0;
  private answering = 0;
  private source: StreamSource | null = null;
  private check: StreamCheck | null = null;

  constructor(
    private readonly bytes: PositionBytes,
    private readonly scenario: Scenario,
  ) {}

  start(connection: PacedConnection): void {
    this.connection = connection;
    this.pump();
  }

  /** Sends as much of the requests as may be sent now. */
  pump(): void {
    const { scenario, connection } = this;
    while (this.sending < scenario.streams.length && (scenario.isPipelined || this.sending <= this.answering)) {
      const streams = scenario.streams[this.sending];
      const { isUploadChunked } = scenario;
      if (this.source === null) {
        this.source = upSource(this.bytes, streams);
        connection.write(requestHead(streams, isUploadChunked));
      }
      let isFull = false;
      this.source.pump((piece) => {
        if (isUploadChunked) connection.write(`${piece.length.toString(16)}\r\n`);
        isFull = !connection.write(piece);
        if (isUploadChunked) connection.write('\r\n');
        return !isFull;
      });
      if (!this.source.isComplete) return;
      if (isUploadChunked && streams.upBytes > 0) connection.write('0\r\n\r\n');
      this.source = null;
      this.sending++;
    }
  }

  take(buffer: Buffer, start: number, end: number): void {
    if (this.isDone) throw new Error(`${end - start} bytes behind the last answer`);
    this.reader.read(buffer, start, end);
  }

  onHead(head: string): boolean {
    const streams = this.scenario.streams[this.answering];
    if (streams === undefined) throw new Error(`an answer too many: ${head.slice(0, 100)}`);
    if (!head.startsWith('HTTP/1.1 200 ')) throw new Error(`not the answer expected: ${head.slice(0, 300)}`);
    const stream = /\r\nx-stream: *(\d+)/i.exec(head)?.[1];
    if (stream !== String(streams.down)) throw new Error(`the answer of stream ${stream} instead of ${streams.down}`);
    this.check = downCheck(this.bytes, streams, 'answer');
    return true;
  }

  onBody(buffer: Buffer, start: number, end: number): void {
    this.check?.take(buffer, start, end);
  }

  onAnswerEnd(): void {
    const check = this.check as StreamCheck;
    if (!check.isComplete) throw new Error(`an answer ended after ${check.received} of ${check.total} bytes`);
    this.check = null;
    this.answering++;
    if (this.answering === this.scenario.streams.length) {
      this.isDone = true;
      this.connection.end();
    } else {
      this.pump();
    }
  }

  end(): void {
    if (!this.isDone) this.reader.end();
    if (!this.isDone) throw new Error('the connection ended before the last answer');
  }

  progress(): string {
    return `in answer ${this.answering} of ${this.scenario.streams.length} after ${this.check?.received ?? 0} bytes of it, ${this.sending} requests sent`;
  }
}

function requestHead(streams: Streams, isChunked: boolean): string {
  const { upBytes } = streams;
  const start = `${upBytes === 0 ? 'GET' : 'POST'} /${writeStreams(streams)} HTTP/1.1\r\nHost: origin.test\r\n`;
  if (upBytes === 0) return `${start}\r\n`;
  return `${start}${isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${upBytes}`}\r\n\r\n`;
}

class TunnelClient implements Client, ResponseUser {
  isDone = false;
  private connection!: PacedConnection;
  private readonly streams: Streams;
  private readonly source: StreamSource;
  private readonly check: StreamCheck;
  /** null in TCP mode. */
  private readonly reader: ResponseReader | null;
  private mayPump: boolean;
  private hasEnded = false;

  constructor(
    bytes: PositionBytes,
    private readonly scenario: Scenario,
  ) {
    [this.streams] = scenario.streams;
    this.source = upSource(bytes, this.streams);
    this.check = downCheck(bytes, this.streams, scenario.kind);
    this.mayPump = scenario.kind === 'tcp';
    this.reader = this.mayPump ? null : new ResponseReader(this);
  }

  start(connection: PacedConnection): void {
    this.connection = connection;
    const target = writeStreams(this.streams);
    if (this.reader === null) connection.write(`${target}\n`);
    else connection.write(`GET /${target} HTTP/1.1\r\nHost: origin.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
    this.pump();
  }

  onHead(head: string): boolean {
    if (!head.startsWith('HTTP/1.1 101 ')) throw new Error(`not upgraded: ${head.slice(0, 300)}`);
    this.mayPump = true;
    this.pump();
    return false;
  }

  onBody(): void {}

  onAnswerEnd(): void {}

  pump(): void {
    if (!this.mayPump) return;
    this.source.pump((piece) => this.connection.write(piece));
    if (!this.source.isComplete || !this.scenario.endsEarly || this.hasEnded) return;
    this.hasEnded = true;
    this.connection.end();
  }

  take(buffer: Buffer, start: number, end: number): void {
    const at = this.reader === null ? start : this.reader.read(buffer, start, end);
    this.check.take(buffer, at, end);
  }

  end(): void {
    if (!this.check.isComplete)
      throw new Error(`the ${this.scenario.kind} ended after ${this.check.received} of ${this.check.total} bytes`);
    if (!this.source.isComplete) throw new Error(`the ${this.scenario.kind} ended before all was sent`);
    this.isDone = true;
    this.connection.end();
  }

  progress(): string {
    return `after ${this.check.received} of ${this.check.total} bytes of stream ${this.streams.down}`;
  }
}
