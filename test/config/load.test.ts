// What a sound configuration becomes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../src/config/config.js';
import { parseConfig } from '../../src/config/load.js';

function load(configuration: unknown, file = '/etc/limpet/proxy.config.json'): Config {
  const { config, problems } = parseConfig(JSON.stringify(configuration), file);
  assert.deepEqual(problems, undefined);
  return config as Config;
}

const app = { servers: ['127.0.0.1:3000'] };
const web = { address: ':80', upstream: 'app' };

test('defaults are filled in, durations as milliseconds and sizes as bytes', () => {
  const config = load({ listeners: { web }, upstreams: { app: { ...app, sticky: { policy: 'cookie' } } } });
  const noEdits = { set: {}, add: {}, remove: [] };
  const timeouts = {
    requestHead: 30_000,
    requestBody: 60_000,
    idle: 75_000,
    connect: 5000,
    responseHead: 120_000,
    responseBody: 300_000,
    send: 60_000,
    tunnelIdle: 3_600_000,
    halfClosed: 30_000,
  };
  const limits = { head: 16_384, fields: 100, target: 8192, body: 0, responseHead: 65_536 };
  assert.deepEqual(config, {
    workers: 1,
    user: null,
    shutdownTimeout: 30_000,
    drainTimeout: 30_000,
    accessLog: { format: 'combined', to: 'stdout', buffer: 65_536, flushInterval: 1000, maxPending: 8_388_608 },
    errorLog: { level: 'info', to: 'stderr' },
    maxClientConnections: null,
    listeners: {
      web: {
        address: { kind: 'tcp', host: '', port: 80 },
        socketMode: null,
        mode: 'http',
        profile: 'strict',
        connectionRules: [],
        routes: [
          {
            name: null,
            match: {},
            final: false,
            rules: [],
            responseRules: [],
            lastRules: [],
            request: noEdits,
            response: noEdits,
            timeouts,
            limits,
            errorPages: [],
            toServer: { httpVersion: '1.1', keepAlive: true, buffer: 0 },
            upgrade: ['websocket'],
            destination: { kind: 'upstream', upstream: 'app' },
          },
        ],
        tls: null,
        proxyProtocol: null,
        trustedProxies: [],
        forwarded: true,
        maxConnections: null,
        limits,
        timeouts,
        abortOnClose: true,
        errorPages: [],
        rules: [],
        responseRules: [],
        lastRules: [],
        request: noEdits,
        response: noEdits,
      },
    },
    maps: {},
    upstreams: {
      app: {
        servers: [
          {
            name: '127.0.0.1:3000',
            address: { kind: 'tcp', host: '127.0.0.1', port: 3000 },
            route: null,
            cookie: null,
            weight: 1,
            backup: false,
            maxConnections: null,
            health: null,
            admin: 'ready',
          },
        ],
        balance: 'round-robin',
        sticky: {
          policy: 'cookie',
          name: 'route',
          secret: null,
          path: '/',
          domain: null,
          secure: 'auto',
          httpOnly: true,
          sameSite: null,
          partitioned: false,
          maxAge: null,
          mode: 'insert',
          indirect: false,
          noCache: true,
          preserve: null,
          attributes: [],
          strict: false,
        },
        proxyProtocol: null,
        health: { passive: { failures: 3, window: 10_000, downFor: 10_000 } },
        connectionPool: { maxIdle: 64, idleTimeout: 55_000 },
        retries: { attempts: 3, bound: 3, pause: 100, replay: 65_536, methods: ['GET', 'HEAD', 'OPTIONS'], on: [] },
        request: noEdits,
        response: noEdits,
      },
    },
  } satisfies Config);
});

test('a route has the timeouts and limits of its listener, but for its own', () => {
  const routes = [{ timeouts: { responseHead: '10m' }, limits: { body: '1MiB' }, upstream: 'app' }];
  const { listeners } = load({
    listeners: { web: { address: ':80', timeouts: { connect: '1s' }, limits: { body: 10, head: '4KiB' }, routes } },
    upstreams: { app },
  });
  const { timeouts, limits } = listeners['web'].routes[0];
  assert.deepEqual(
    [timeouts.connect, timeouts.responseHead, timeouts.idle, limits.body, limits.head],
    [1000, 600_000, 75_000, 1_048_576, 4096],
  );
});

test('each destination is told from the others', () => {
  const routes = [
    { match: { path: '/a' }, respond: { status: 404, headers: { 'X-A': 'b' } } },
    { match: { path: '/b' }, redirect: { to: '/c' } },
    { match: { path: '/d' }, deny: true },
    { match: { path: '/e' }, deny: { status: 410 } },
    { upstream: 'app' },
  ];
  const { listeners } = load({ listeners: { web: { address: ':80', routes } }, upstreams: { app } });
  const destinations = listeners['web'].routes.map(({ destination }) => destination);
  assert.deepEqual(destinations, [
    { kind: 'respond', status: 404, headers: { 'X-A': 'b' } },
    { kind: 'redirect', status: 302, to: '/c' },
    { kind: 'deny', status: 403 },
    { kind: 'deny', status: 410 },
    { kind: 'upstream', upstream: 'app' },
  ]);
});

test('the upstream of a tcp listener stands for one route', () => {
  const { raw } = load({ listeners: { raw: { ...web, mode: 'tcp' } }, upstreams: { app } }).listeners;
  assert.deepEqual(
    raw.routes.map(({ match, destination }) => [match, destination]),
    [[{}, { kind: 'upstream', upstream: 'app' }]],
  );
});

test('what is off is null', () => {
  const { accessLog, upstreams } = load({
    accessLog: 'off',
    listeners: { web },
    upstreams: { app: { ...app, health: { passive: 'off' } } },
  });
  assert.deepEqual([accessLog, upstreams['app'].health.passive], [null, null]);
});

test('relative paths start at the folder of the configuration', () => {
  const config = load({
    accessLog: { to: 'logs/access.log' },
    errorLog: { to: '/var/log/limpet.log' },
    listeners: { web: { address: 'unix:run/web.sock', upstream: 'app' } },
    upstreams: { app: { servers: ['unix:../app.sock'] } },
  });
  assert.equal(config.accessLog?.to, '/etc/limpet/logs/access.log');
  assert.equal(config.errorLog.to, '/var/log/limpet.log');
  assert.deepEqual(config.listeners['web'].address, { kind: 'unix', path: '/etc/limpet/run/web.sock' });
  assert.deepEqual(config.upstreams['app'].servers[0].address, { kind: 'unix', path: '/etc/app.sock' });
  assert.equal(config.upstreams['app'].servers[0].name, 'unix:../app.sock');
});

test('a configuration can be sent between processes', () => {
  const config = load({ listeners: { web }, upstreams: { app } });
  assert.deepEqual(JSON.parse(JSON.stringify(config)), config);
});
