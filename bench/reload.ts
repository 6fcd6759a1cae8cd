// A reload while a proxy is under load. The new configuration has one more route, so that it can be seen to be in place.

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { otherPaths } from './cells.js';
import type { Peer, Setup } from './peers/peer.js';

const DEADLINE_MS = 5_000;
const LOOK_EVERY_MS = 50;

export class Reload {
  private readonly peer: Peer;
  private readonly setup: Setup;
  private readonly pid: number;
  private hasBegun = false;

  constructor(peer: Peer, setup: Setup, pid: number) {
    this.peer = peer;
    this.setup = setup;
    this.pid = pid;
  }

  begin(): void {
    const { configPath, configText } = this.peer.launch({ ...this.setup, cell: { ...this.setup.cell, otherRoutes: 1 } });
    writeFileSync(configPath, configText);
    process.kill(this.pid, this.peer.reloadSignal);
    this.hasBegun = true;
  }

  /** Throws when the new route does not answer in time. */
  async verify(): Promise<void> {
    const [path] = otherPaths({ ...this.setup.cell, otherRoutes: 1 });
    const end = performance.now() + DEADLINE_MS;
    while (this.hasBegun && performance.now() < end) {
      if ((await this.statusOf(path)) === 204) return;
      await pause(LOOK_EVERY_MS);
    }
    throw new Error('the reload did not take place');
  }

  private async statusOf(path: string): Promise<number | undefined> {
    const request = get({ host: '127.0.0.1', port: this.setup.port, path, agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode;
  }
}
