// What node:http makes of raw bytes, for comparison: the first request on a connection of its own, or a refusal.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RawClient } from '../fixtures/raw-client.js';

export interface ReadRequest {
  readonly method: string;
  readonly target: string;
  /** In the order of the wire: lower-case name and value. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export class NodeHttpReader {
  private first: ReadRequest | null = null;

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => this.collect(request, response));
  }

  static async start(): Promise<NodeHttpReader> {
    // Its own time limits and its check of Host have nothing to do with what is compared.
    const server = createServer({ requireHostHeader: false });
    const reader = new NodeHttpReader(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return reader;
  }

  /** Sends the bytes, ends the connection, and gives the first complete request, or null if there was none. */
  async read(text: string): Promise<ReadRequest | null> {
    this.first = null;
    const client = await RawClient.connect((this.server.address() as AddressInfo).port);
    client.send(text);
    client.end();
    await client.untilEnd();
    client.destroy();
    return this.first;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private collect(request: IncomingMessage, response: ServerResponse): void {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { rawHeaders } = request;
      const fields = Array.from(
        { length: rawHeaders.length / 2 },
        (_, i) => [rawHeaders[2 * i]!.toLowerCase(), rawHeaders[2 * i + 1]!] as const,
      );
      this.first ??= { method: request.method ?? '', target: request.url ?? '', fields, body: Buffer.concat(parts).toString('latin1') };
      response.setHeader('Connection', 'close');
      response.end();
    });
    // A request that does not come to its end is no request here.
    request.on('error', () => {});
  }
}
