// The same haproxy.cfg run by the real HAProxy and by Limpet: the same requests, the same statuses, fields, bodies, and the
// same requests at the servers. And what `limpet convert` prints is the same configuration.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { convertConfig } from '../../src/config/convert.js';
import { loadConfig, parseConfig } from '../../src/config/load.js';
import { pathOf, skipWithout } from '../e2e/real-servers.js';
import { unusedPort } from '../fixtures/scripted-server.js';
import { waitFor } from '../fixtures/wait-for.js';
import { withWorker } from '../proxy/stage.js';
import { compare } from './compare.js';
import { haproxyCases } from './haproxy-cases.js';
import { accepts, stop } from './nginx-process.js';
import { withTwoOrigins } from './two-origins.js';

const defaults = `defaults
  mode http
  timeout connect 5s
  timeout client 10s
  timeout server 10s
`;

describe('haproxy.cfg, by HAProxy and by Limpet', { skip: skipWithout('haproxy') }, () => {
  const origins = withTwoOrigins();

  for (const { name, text, asks, files = {}, ...options } of haproxyCases) {
    test(name, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'limpet-haproxy-'));
      const [realPort, ownPort] = [await unusedPort(), await unusedPort()];
      const addressed = (port: number) =>
        `${defaults}${text.replaceAll('FOLDER', folder).replaceAll('PORT', String(port)).replace(/\bA\b/g, `127.0.0.1:${origins.a.port}`).replace(/\bB\b/g, `127.0.0.1:${origins.b.port}`)}\n`;
      for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
      const file = join(folder, 'haproxy.cfg');
      writeFileSync(file, addressed(ownPort));
      writeFileSync(join(folder, 'real.cfg'), addressed(realPort));
      const haproxy = spawn(pathOf('haproxy'), ['-db', '-f', join(folder, 'real.cfg')], { stdio: 'ignore' });
      try {
        await waitFor('HAProxy to listen', () => accepts(realPort));
        const loaded = loadConfig(file);
        assert.deepEqual(loaded.problems, undefined);
        const converted = convertConfig(file, { lenient: false });
        assert.deepEqual(parseConfig(converted.text!, join(folder, 'proxy.config.json')).config, loaded.config);
        await withWorker(loaded.config!, async () => compare(asks, { port: realPort }, { port: ownPort }, options));
      } finally {
        await stop(haproxy);
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});
