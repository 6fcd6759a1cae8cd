// A server that remembers each complete request as it understood it and answers with a number of its own, so that a
// test can say what reached it and what never did.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RecordedRequest {
  readonly method: string;
  readonly target: string;
  /** Lower-case names, in order. */
  readonly names: readonly string[];
  readonly fields: ReadonlyMap<string, string>;
  readonly body: string;
  readonly trailers: readonly string[];
}

export class RecordingServer {
  readonly requests: RecordedRequest[] = [];

  private constructor(
    private readonly server: Server,
    readonly address: string,
  ) {}

  static async start(): Promise<RecordingServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const recording = new RecordingServer(server, `127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('error', () => {});
      request.on('end', () => {
        const names = request.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
        const fields = new Map(names.map((name, index) => [name, request.rawHeaders[2 * index + 1]!]));
        recording.requests.push({
          method: request.method ?? '',
          target: request.url ?? '',
          names,
          fields,
          body: Buffer.concat(parts).toString('latin1'),
          trailers: request.rawTrailers,
        });
        // /chunked is answered without a length.
        if (request.url === '/chunked') response.write('served ');
        else response.setHeader('Content-Length', 'served '.length + (request.url ?? '').length);
        response.end(request.url === '/chunked' ? '/chunked' : `served ${request.url}`);
      });
    });
    return recording;
  }

  /** The request for that target; throws unless there was exactly one. */
  only(target: string): RecordedRequest {
    const found = this.requests.filter((request) => request.target === target);
    if (found.length !== 1) throw new Error(`${found.length} requests for ${target}: ${JSON.stringify(this.requests)}`);
    return found[0]!;
  }

  hasSeen(target: string): boolean {
    return this.requests.some((request) => request.target === target);
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
