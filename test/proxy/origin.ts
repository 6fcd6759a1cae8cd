// A server that reads HTTP/1 requests one after the other and leaves every byte of the answers to the test.
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** A request as far as it has come. All text is latin1. */
export interface OriginRequest {
  readonly head: string;
  readonly method: string;
  readonly target: string;
  /** Lower-case names; several fields of one name are joined by ', '. */
  readonly fields: ReadonlyMap<string, string>;
  /** Without framing. */
  body: string;
  /** The lines between the last chunk and the empty line. */
  trailers: string;
  isWhole: boolean;
  readonly connection: Socket;
  /** Of the connection, from 1 in the order of acceptance. */
  readonly connectionNumber: number;
}

export interface OriginOptions {
  /** Called when a head has come, before any of its body is read. */
  readonly onHead?: (request: OriginRequest) => void;
  /** Called when a request is whole. */
  readonly onRequest?: (request: OriginRequest) => void;
  readonly onAccept?: (connection: Socket) => void;
  readonly port?: number;
}

export class Origin {
  readonly requests: OriginRequest[] = [];
  readonly open = new Set<Socket>();
  accepted = 0;
  private server!: Server;

  private constructor(private readonly options: OriginOptions) {}

  static async start(options: OriginOptions): Promise<Origin> {
    const origin = new Origin(options);
    origin.server = createServer({ allowHalfOpen: true, noDelay: true }, (connection) => origin.accept(connection));
    await new Promise<void>((resolve) => origin.server.listen(options.port ?? 0, '127.0.0.1', resolve));
    return origin;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  private accept(connection: Socket): void {
    const connectionNumber = ++this.accepted;
    this.open.add(connection);
    connection.on('error', () => undefined);
    connection.on('end', () => connection.end());
    connection.on('close', () => this.open.delete(connection));
    this.options.onAccept?.(connection);
    let pending = '';
    let request: OriginRequest | null = null;
    connection.on('data', (data: Buffer) => {
      pending += data.toString('latin1');
      for (;;) {
        if (request === null) {
          const end = pending.indexOf('\r\n\r\n');
          if (end < 0) return;
          request = requestOf(pending.slice(0, end + 4), connection, connectionNumber);
          pending = pending.slice(end + 4);
          this.requests.push(request);
          this.options.onHead?.(request);
        }
        const rest = takeBody(request, pending);
        if (rest === null) return;
        pending = rest;
        if (!request.isWhole) return;
        const whole: OriginRequest = request;
        request = null;
        this.options.onRequest?.(whole);
      }
    });
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const connection of this.open) connection.destroy();
    await closed;
  }
}

/** Runs `action` with an origin that follows `options`. */
export async function withOrigin(options: OriginOptions, action: (origin: Origin) => Promise<void>): Promise<void> {
  const origin = await Origin.start(options);
  try {
    await action(origin);
  } finally {
    await origin.close();
  }
}

function requestOf(head: string, connection: Socket, connectionNumber: number): OriginRequest {
  const [line, ...lines] = head.slice(0, -4).split('\r\n');
  const [method, target] = line!.split(' ');
  const fields = new Map<string, string>();
  for (const field of lines) {
    const colon = field.indexOf(':');
    const name = field.slice(0, colon).toLowerCase();
    const value = field.slice(colon + 1).trim();
    fields.set(name, fields.has(name) ? `${fields.get(name)}, ${value}` : value);
  }
  return { head, method: method!, target: target!, fields, body: '', trailers: '', isWhole: false, connection, connectionNumber };
}

/** Takes what it can of the body from `pending`, and gives what is left; marks the request when it is whole. */
function takeBody(request: OriginRequest, pending: string): string | null {
  if (request.fields.get('transfer-encoding') === undefined) {
    const missing = Number(request.fields.get('content-length') ?? 0) - request.body.length;
    request.body += pending.slice(0, missing);
    request.isWhole = pending.length >= missing;
    return pending.slice(missing);
  }
  let rest = pending;
  for (;;) {
    const lineEnd = rest.indexOf('\r\n');
    if (lineEnd < 0) return rest;
    const size = Number.parseInt(rest.slice(0, lineEnd), 16);
    if (size === 0) {
      const end = rest.indexOf('\r\n\r\n', lineEnd);
      if (end < 0) return rest;
      request.trailers = rest.slice(lineEnd + 2, Math.max(lineEnd + 2, end + 2));
      request.isWhole = true;
      return rest.slice(end + 4);
    }
    if (rest.length < lineEnd + 2 + size + 2) return rest;
    request.body += rest.slice(lineEnd + 2, lineEnd + 2 + size);
    rest = rest.slice(lineEnd + 2 + size + 2);
  }
}
