// A client with a session that asks all the time, and takes note of what it did not get and of answers that came from
// another server than its own. Its next request waits for the last answer, so a slow machine makes it slow and not late.
import { setTimeout as delay } from 'node:timers/promises';
import { RawClient, type RawResponse } from '../../fixtures/raw-client.js';

/** How its upstream knows the client again. Each is a path too. */
export type Kind = 'cookie' | 'app' | 'source';

const PAUSE_MS = 100;
/** It comes on another connection for every so many requests, which another worker may have. */
const REQUESTS_PER_CONNECTION = 4;

export class StickyClient {
  answered = 0;
  /** The server that it has met first. */
  home = '';
  /** What happened to requests that were not answered with 200. */
  readonly lost: string[] = [];
  /** Answers of servers that are not its own. */
  readonly astray: string[] = [];
  /** It stays on the connection that it has, as long as that lives. */
  staysConnected = false;
  connection: RawClient | null = null;
  private cookies = '';
  private isOver = false;
  private ended: Promise<void> = Promise.resolve();

  /** `address`: what it says that its address is. */
  constructor(
    private readonly kind: Kind,
    private readonly address: string,
    private readonly port: number,
  ) {}

  start(): void {
    this.ended = this.run();
  }

  /** Ends it when what it has asked is answered, or lost. */
  async stop(): Promise<void> {
    this.isOver = true;
    await this.ended;
    this.disconnect();
  }

  private async run(): Promise<void> {
    for (let left = REQUESTS_PER_CONNECTION; !this.isOver; left--) {
      if (left <= 0 && !this.staysConnected) {
        this.disconnect();
        left = REQUESTS_PER_CONNECTION;
      }
      try {
        this.connection ??= await RawClient.connect(this.port);
        this.take(await this.ask(this.connection));
      } catch (error) {
        this.lost.push((error as Error).message);
        this.disconnect();
      }
      await delay(PAUSE_MS);
    }
  }

  private ask(connection: RawClient): Promise<RawResponse> {
    const cookie = this.cookies && `Cookie: ${this.cookies}\r\n`;
    connection.send(`GET /${this.kind} HTTP/1.1\r\nHost: limpet.test\r\nX-Forwarded-For: ${this.address}\r\n${cookie}\r\n`);
    return connection.readResponse();
  }

  private take({ status, body, fields }: RawResponse): void {
    if (status !== 200) throw new Error(`status ${status}`);
    if (this.home === '') this.home = body;
    else if (body !== this.home) this.astray.push(`${this.kind} client of ${this.home} was answered by ${body}`);
    this.cookies = fields.get('set-cookie')?.split(';')[0] ?? this.cookies;
    this.answered++;
    if (fields.get('connection')?.toLowerCase() === 'close') this.disconnect();
  }

  private disconnect(): void {
    this.connection?.destroy();
    this.connection = null;
  }
}
