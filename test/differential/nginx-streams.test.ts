// The same stream block run by the real nginx and by Limpet: who is let in.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { loadConfig } from '../../src/config/load.js';
import { pathOf, skipWithout } from '../e2e/real-servers.js';
import { unusedPort } from '../fixtures/scripted-server.js';
import { withWorker } from '../proxy/stage.js';
import { startNginx } from './nginx-process.js';

/** Where Debian keeps the stream module, which others build in. */
const streamModule = '/usr/lib/nginx/modules/ngx_stream_module.so';

/** What stands inside "server", and whether a client at 127.0.0.1 is let in. */
const cases: readonly (readonly [inside: string, outside: string, isLetIn: boolean])[] = [
  ['', '', true],
  ['allow 10.0.0.1; deny 127.0.0.1;', '', false],
  ['allow 127.0.0.1; deny all;', '', true],
  ['allow 127.0.0.0/8; deny all;', '', true],
  ['deny all; allow 127.0.0.1;', '', false],
  ['', 'deny 127.0.0.0/30;', false],
  ['deny 10.0.0.0/8;', 'deny 127.0.0.0/30;', true],
  ['deny ::/0; deny unix:;', '', true],
];

/** What comes until the connection ends. */
function heard(port: number): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = createConnection(port, '127.0.0.1');
    socket.on('data', (data) => {
      text += data.toString();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
}

describe('allow and deny of a stream, by nginx and by Limpet', { skip: skipWithout('nginx') }, () => {
  for (const [inside, outside, isLetIn] of cases) {
    test(`${outside} { ${inside} }`, async () => {
      const server = createServer((socket) => socket.on('error', () => undefined).end('hello'));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port: serverPort } = server.address() as AddressInfo;
      const folder = mkdtempSync(join(tmpdir(), 'limpet-stream-'));
      const [realPort, ownPort, plainPort] = [await unusedPort(), await unusedPort(), await unusedPort()];
      const text = (port: number) => `${existsSync(streamModule) ? `load_module ${streamModule};` : ''}
daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; events { }
stream {
  ${outside}
  server { listen 127.0.0.1:${port}; ${inside} proxy_pass 127.0.0.1:${serverPort}; }
  server { listen 127.0.0.1:${plainPort}; allow all; proxy_pass 127.0.0.1:${serverPort}; }
}`;
      const file = join(folder, 'nginx.conf');
      writeFileSync(file, text(ownPort));
      try {
        const nginx = await startNginx(pathOf('nginx'), text(realPort), folder, realPort);
        const real = await heard(realPort).finally(() => nginx.stop());
        const { config, problems } = loadConfig(file);
        assert.deepEqual(problems, undefined);
        await withWorker(config!, async () => assert.equal(await heard(ownPort), real));
        assert.equal(real, isLetIn ? 'hello' : '');
      } finally {
        server.close();
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});
