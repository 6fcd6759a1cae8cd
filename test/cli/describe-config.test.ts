import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { describeConfig } from '../../src/cli/describe-config.js';
import { parseConfig } from '../../src/config/load.js';
import { ensureDevelopmentCertificate } from '../../src/tls/development-certificate.js';

function summary(configuration: unknown, folder = '/etc/limpet'): string[] {
  const { config, problems } = parseConfig(JSON.stringify(configuration), join(folder, 'proxy.config.json'));
  assert.ok(config !== undefined, JSON.stringify(problems));
  return describeConfig(config, 'proxy.config.json').split('\n');
}

test('the summary says as whom the workers would run', () => {
  const [first] = summary({ user: 'root', group: '4711', listeners: { web: { address: ':80', routes: [{ deny: true }] } } });
  assert.match(first as string, /It would run one worker as root \(user 0, group 4711\), finish within 30s/);
});

test('the summary says what a configuration would do, routes in order, timeouts as they hold', () => {
  const lines = summary({
    workers: 'auto',
    accessLog: 'off',
    listeners: {
      web: {
        address: ':80',
        trustedProxies: ['10.0.0.0/8'],
        proxyProtocol: { from: ['10.0.0.1'] },
        timeouts: { connect: '1s' },
        request: { set: { 'X-A': '${host}' }, remove: ['X-B'] },
        routes: [
          {
            match: {
              host: ['a.example', '*.b.example'],
              path: '/x/*',
              method: 'GET',
              header: { 'X-C': true, 'X-D': 'd*' },
              cookie: { e: false },
            },
            respond: { status: 404 },
          },
          { match: { path: '/y' }, redirect: { to: 'https://${host}/' } },
          { match: { client: '192.0.2.0/24' }, deny: true },
          { upstream: 'app', timeouts: { responseHead: '10m' }, limits: { body: '1MiB' } },
        ],
      },
      raw: { address: 'unix:/run/raw.sock', mode: 'tcp', upstream: 'database' },
    },
    upstreams: {
      app: {
        servers: [
          { name: 'a', address: 'a.example:1', weight: 2 },
          { name: 'b', address: 'b.example:1', backup: true, admin: 'drain', maxConnections: 5 },
        ],
        sticky: { policy: 'cookie', secret: 'x', strict: true },
        proxyProtocol: 'v2',
        health: { passive: 'off' },
      },
      database: { servers: ['127.0.0.1:5432'], balance: 'least-connections', sticky: { policy: 'source' } },
      spare: { servers: ['127.0.0.1:5433'], sticky: { policy: 'app-cookie' } },
    },
  });
  assert.deepEqual(lines, [
    'proxy.config.json is sound. It would run one worker for each processor, finish within 30s when stopped, and',
    '',
    'listen on :80 (web, http)',
    '  behind PROXY protocol from 10.0.0.1',
    '  believing X-Forwarded-* from 10.0.0.0/8',
    '  request: remove X-B, set X-A: ${host}',
    '  1. method GET, host a.example or *.b.example, path /x/*, with header X-C, header X-D "d*", without cookie e → answer 404',
    '  2. path /y → redirect 302 to https://${host}/',
    '  3. client 192.0.2.0/24 → deny with 403',
    '  4. everything → upstream app',
    '     timeouts: responseHead 10m',
    '     limits: body 1MiB',
    '  timeouts: requestHead 30s, requestBody 1m, idle 75s, connect 1s, responseHead 2m, responseBody 5m, send 1m, tunnelIdle 1h, halfClosed 30s',
    '  limits: head 16KiB, fields 100, target 8KiB, body unlimited',
    '',
    'listen on unix:/run/raw.sock (raw, tcp)',
    '  connections → upstream database',
    '  timeouts: connect 5s, tunnelIdle 1h, halfClosed 30s',
    '',
    'upstream app: round-robin, sticky by signed cookie "route", 503 while its server is down',
    '  server a a.example:1, weight 2',
    '  server b b.example:1, backup, at most 5 at a time, drain',
    '  servers are never taken out',
    '  servers get PROXY protocol v2',
    '',
    'upstream database: least-connections, sticky by source address (IPv4 /32, IPv6 /64), another server when its own is down',
    '  server 127.0.0.1:5432',
    '  the only server is never taken out',
    '',
    'upstream spare: round-robin, sticky by the application\'s cookie "JSESSIONID", another server when its own is down (nothing leads here)',
    '  server 127.0.0.1:5433',
    '  the only server is never taken out',
    '',
    'write no access log',
    'write errors (info and worse) to stderr',
    '',
  ]);
});

test('the summary says for whom a certificate is made out and until when', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'limpet-describe-'));
  try {
    await ensureDevelopmentCertificate(folder);
    const tls = { certificates: [{ cert: 'dev.crt', key: 'dev.key' }], minVersion: 'TLSv1.3' };
    const lines = summary(
      { listeners: { web: { address: ':443', tls, upstream: 'app' } }, upstreams: { app: { servers: ['a:1'] } } },
      folder,
    );
    assert.ok(lines.includes('listen on :443 (web, https)'));
    assert.ok(lines.includes('  TLS: TLSv1.3, sessions resumed for 5m'));
    assert.ok(
      lines.some((line) => /^ {2}certificate .*dev\.crt for localhost.*, valid until \d{4}-\d\d-\d\d$/.test(line)),
      lines.join('\n'),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
