// The client of the SockJS protocol checks: one fresh connection per request, as those of the original suite, to a
// SockJS server or to a proxy before one.
import { randomUUID } from 'node:crypto';
import { RawClient, type RawHead, type RawResponse } from '../../fixtures/raw-client.js';
import type { SockJsServer } from './sockjs-server.js';

export interface SentRequest {
  readonly headers?: Record<string, string>;
  /** Sent as UTF-8. */
  readonly body?: string;
  readonly version?: '1.0' | '1.1';
}

/**
 * A chunked response whose body is read while it comes. Its chunks are the server's own affair: newer Nodes make one of
 * all that is written in one tick.
 */
export class StreamedResponse {
  private pending = '';
  private isOver = false;

  constructor(
    readonly head: RawHead,
    private readonly client: RawClient,
  ) {}

  /** What comes next, through the first `end`; what is left of the body when it is over before, '' at last. */
  async read(end = '\n'): Promise<string> {
    while (!this.isOver && !this.pending.includes(end)) {
      const chunk = await this.client.readChunk();
      this.pending += chunk;
      this.isOver = chunk === '';
    }
    const at = this.pending.indexOf(end);
    const next = at < 0 ? this.pending : this.pending.slice(0, at + end.length);
    this.pending = this.pending.slice(next.length);
    return next;
  }

  /** Ends the connection. */
  close(): void {
    this.client.destroy();
  }
}

export interface SockJsCheck {
  readonly name: string;
  run(target: SockJsTarget): Promise<void>;
}

export class SockJsTarget {
  constructor(
    readonly port: number,
    /** The server that is asked in the end. */
    readonly server: SockJsServer,
  ) {}

  get authority(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** The URL path of a session of its own: `/echo/000/<random>`. */
  newSession(service: string): string {
    return `${service}/000/${randomUUID()}`;
  }

  async get(path: string, request: SentRequest = {}): Promise<RawResponse> {
    return this.exchange('GET', path, request);
  }

  async post(path: string, request: SentRequest = {}): Promise<RawResponse> {
    return this.exchange('POST', path, request);
  }

  async options(path: string, headers: Record<string, string>): Promise<RawResponse> {
    return this.exchange('OPTIONS', path, { headers });
  }

  /** Sends a request and leaves it to the caller to read from the connection. */
  async open(method: string, path: string, request: SentRequest = {}): Promise<RawClient> {
    const client = await RawClient.connect(this.port);
    this.send(client, method, path, request);
    return client;
  }

  send(client: RawClient, method: string, path: string, request: SentRequest = {}): void {
    const body = Buffer.from(request.body ?? '', 'utf8');
    let head = `${method} ${path} HTTP/${request.version ?? '1.1'}\r\nHost: ${this.authority}\r\n`;
    if (method === 'POST') head += `Content-Length: ${body.length}\r\n`;
    for (const [name, value] of Object.entries(request.headers ?? {})) head += `${name}: ${value}\r\n`;
    client.send(Buffer.concat([Buffer.from(`${head}\r\n`, 'latin1'), body]));
  }

  /** Sends a request whose response must be chunked, and reads its head. */
  async stream(method: string, path: string, request: SentRequest = {}): Promise<StreamedResponse> {
    const client = await this.open(method, path, request);
    const head = await client.readHead();
    if (head.fields.get('transfer-encoding') !== 'chunked') throw new Error(`not chunked: ${head.head}`);
    return new StreamedResponse(head, client);
  }

  private async exchange(method: string, path: string, request: SentRequest): Promise<RawResponse> {
    const client = await this.open(method, path, request);
    try {
      return await client.readResponse(method);
    } finally {
      client.destroy();
    }
  }
}
