// The configuration at the root of the repository: the demo's, and the first that a reader sees.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../src/config/load.js';
import { formatAddress } from '../../src/net/address.js';
import { ensureDevelopmentCertificate } from '../../src/tls/development-certificate.js';

const candidates = ['../../proxy.config.json', '../../../proxy.config.json'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
const example = candidates.find((path) => existsSync(path)) as string;

test('proxy.config.json is sound beside a development certificate', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'limpet-example-'));
  try {
    await ensureDevelopmentCertificate(join(folder, 'certs'));
    copyFileSync(example, join(folder, 'proxy.config.json'));
    const { config, problems } = loadConfig(join(folder, 'proxy.config.json'));
    assert.equal(problems, undefined);
    const listeners = Object.entries(config.listeners).map(([name, { address, mode }]) => [name, formatAddress(address), mode]);
    assert.deepEqual(listeners, [
      ['web', '127.0.0.1:8080', 'http'],
      ['secure', '127.0.0.1:8443', 'http'],
      ['raw', '127.0.0.1:9000', 'tcp'],
    ]);
    const { sticky } = config.upstreams['chat'];
    assert.deepEqual([sticky?.policy, sticky?.policy === 'cookie' && sticky.name], ['cookie', 'route']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
