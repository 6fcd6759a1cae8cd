// What a log says of the difference between two configs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../src/config/config.js';
import { configChanges } from '../../src/config/config-diff.js';
import { parseConfig } from '../../src/config/load.js';

interface Data {
  [key: string]: unknown;
  listeners: Record<string, Record<string, unknown>>;
  upstreams: Record<string, { servers: (string | Record<string, unknown>)[]; [key: string]: unknown }>;
}

const data = (): Data => ({
  listeners: { web: { address: ':80', upstream: 'app' }, line: { address: ':81', mode: 'tcp', upstream: 'app' } },
  upstreams: {
    app: {
      servers: [
        { name: 'a', address: 'a:1' },
        { name: 'b', address: 'b:1' },
      ],
      sticky: { policy: 'cookie', secret: 'hush' },
    },
  },
});

function parsed(config: Data): Config {
  const { config: found, problems } = parseConfig(JSON.stringify(config), 'proxy.config.json');
  assert.ok(found !== undefined, JSON.stringify(problems));
  return found;
}

function changes(change: (config: Data) => void): string[] {
  const after = data();
  change(after);
  return configChanges(parsed(data()), parsed(after)).map(
    ({ message, fields }) =>
      `${message} ${Object.entries(fields)
        .map(([key, value]) => `${key}=${value}`)
        .join(' ')}`,
  );
}

const cases: [string, (config: Data) => void, string[]][] = [
  ['nothing', () => {}, []],
  ['another order of names', (config) => void (config.listeners = Object.fromEntries(Object.entries(config.listeners).reverse())), []],
  ['a default that is written out', (config) => void (config['shutdownTimeout'] = '30s'), []],
  [
    'settings',
    (config) => Object.assign(config, { shutdownTimeout: '1s', errorLog: { level: 'warn' } }),
    ['setting changed key=shutdownTimeout', 'setting changed key=errorLog'],
  ],
  [
    'a listener that is added',
    (config) => void (config.listeners['more'] = { address: ':82', upstream: 'app' }),
    ['listener added name=more address=:82'],
  ],
  ['a listener that is removed', (config) => void delete config.listeners['line'], ['listener removed name=line address=:81']],
  [
    'a listener that is moved and changed',
    (config) => Object.assign(config.listeners['web']!, { address: ':82', forwarded: false }),
    ['listener changed name=web keys=address,forwarded'],
  ],
  ['an upstream that is added', (config) => void (config.upstreams['more'] = { servers: ['c:1'] }), ['upstream added name=more']],
  [
    'an upstream that is changed, without the secret',
    (config) => void (config.upstreams['app']!['sticky'] = { policy: 'cookie', secret: 'whisper' }),
    ['upstream changed name=app keys=sticky'],
  ],
  [
    'servers',
    ({ upstreams }) =>
      void (upstreams['app']!.servers = [
        { name: 'a', address: 'a:2', weight: 3 },
        { name: 'c', address: 'c:1' },
      ]),
    [
      'server changed upstream=app name=a keys=address,weight',
      'server removed upstream=app name=b address=b:1',
      'server added upstream=app name=c address=c:1',
    ],
  ],
  ['servers in another order', ({ upstreams }) => void upstreams['app']!.servers.reverse(), ['servers reordered upstream=app']],
];

for (const [what, change, expected] of cases) {
  test(`${what}: ${expected.length === 0 ? 'no change' : 'told by name'}`, () => assert.deepEqual(changes(change), expected));
}

test('a certificate with other contents is told by its file, and another file as a change of tls', () => {
  const config = parsed(data());
  const withPair = (cert: string, certPem: string): Config => {
    const tls = { certificates: [{ cert, key: 'k', certPem, keyPem: '' }] } as unknown as Config['listeners'][string]['tls'];
    return { ...config, listeners: { ...config.listeners, web: { ...config.listeners['web']!, tls } } };
  };
  const before = withPair('/site.crt', 'old');
  assert.deepEqual(configChanges(before, withPair('/site.crt', 'new')), [
    { message: 'certificate changed', fields: { listener: 'web', file: '/site.crt' } },
  ]);
  assert.deepEqual(configChanges(before, withPair('/other.crt', 'old')), [
    { message: 'listener changed', fields: { name: 'web', keys: 'tls' } },
  ]);
});
