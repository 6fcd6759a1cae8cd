// Clients that ask all the time, on kept and on fresh connections, and count what they did not get: for tests of what
// must not be noticed.
import { RawClient } from '../fixtures/raw-client.js';
import { getRequest } from './worker-processes.js';

export class SteadyLoad {
  /** Requests that were answered with 200. */
  answered = 0;
  /** What happened to the others. */
  readonly lost: string[] = [];
  private isOver = false;
  private readonly clients: Promise<void>[];

  /** `clients` of each kind. */
  constructor(
    private readonly port: number,
    clients: number,
  ) {
    this.clients = Array.from({ length: clients * 2 }, (_, index) => this.run(index % 2 === 0));
  }

  /** Ends it when everything that was asked has been answered, or lost. */
  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.clients);
  }

  private async run(keepsConnection: boolean): Promise<void> {
    let client: RawClient | null = null;
    while (!this.isOver) {
      try {
        client ??= await RawClient.connect(this.port);
        client.send(getRequest);
        const { status, fields } = await client.readResponse();
        if (status === 200) this.answered++;
        else this.lost.push(`status ${status}`);
        if (keepsConnection && fields.get('connection')?.toLowerCase() !== 'close') continue;
      } catch (error) {
        this.lost.push((error as Error).message);
      }
      client?.destroy();
      client = null;
    }
    client?.destroy();
  }
}
