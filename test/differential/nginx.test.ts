// The same nginx.conf run by the real nginx and by Limpet: the same requests, the same statuses, fields, bodies, and the same
// requests at the servers. And what `limpet convert` prints is the same configuration.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { convertConfig } from '../../src/config/convert.js';
import { loadConfig, parseConfig } from '../../src/config/load.js';
import { pathOf, skipWithout } from '../e2e/real-servers.js';
import { unusedPort } from '../fixtures/scripted-server.js';
import { withWorker } from '../proxy/stage.js';
import { type Ask, compare } from './compare.js';
import { nginxCases } from './nginx-cases.js';
import { nginxErrorPageCases } from './nginx-error-page-cases.js';
import { nginxInheritanceCases } from './nginx-inheritance-cases.js';
import { nginxConf, startNginx } from './nginx-process.js';
import { withTwoOrigins } from './two-origins.js';

describe('nginx.conf, by nginx and by Limpet', { skip: skipWithout('nginx') }, () => {
  const origins = withTwoOrigins();

  const addressed = (text: string) =>
    text.replace(/\bA\b(?=[;\s/$]|$)/g, `127.0.0.1:${origins.a.port}`).replace(/\bB\b(?=[;\s/$]|$)/g, `127.0.0.1:${origins.b.port}`);
  const asked = (ask: Ask): Ask => (typeof ask === 'string' ? ask.replace('http://A', `http://127.0.0.1:${origins.a.port}`) : ask);

  for (const { name, http, asks, ...options } of [...nginxCases, ...nginxErrorPageCases, ...nginxInheritanceCases]) {
    test(name, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'limpet-nginx-'));
      const [realPort, ownPort] = [await unusedPort(), await unusedPort()];
      const text = (port: number) => addressed(nginxConf(http.replaceAll('PORT', String(port)), folder));
      const file = join(folder, 'nginx.conf');
      writeFileSync(file, text(ownPort));
      const nginx = await startNginx(pathOf('nginx'), text(realPort), folder, realPort);
      try {
        const loaded = loadConfig(file);
        assert.deepEqual(loaded.problems, undefined);
        const converted = convertConfig(file, { lenient: false });
        assert.deepEqual(parseConfig(converted.text!, join(folder, 'proxy.config.json')).config, loaded.config);
        await withWorker(loaded.config!, async () => compare(asks.map(asked), { port: realPort }, { port: ownPort }, options));
      } finally {
        await nginx.stop();
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});
