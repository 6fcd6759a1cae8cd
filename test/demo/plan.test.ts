// What the demo would start, for configurations of many kinds. Nothing is started.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Config } from '../../src/config/config.js';
import { parseConfig } from '../../src/config/load.js';
import { formatProblem } from '../../src/config/problem.js';
import { DemoError, planDemo } from '../../src/demo/plan.js';

const servers = ['127.0.0.1:3000', { name: 'b', address: 'localhost:3001' }];
const sticky = { policy: 'cookie', name: 'where' };
const web = { address: '127.0.0.1:8080', upstream: 'chat' };

function configOf(listeners: object, upstreams: object): Config {
  const { config, problems } = parseConfig(JSON.stringify({ listeners, upstreams }), 'test.json');
  if (problems !== undefined) assert.fail(problems.map(formatProblem).join('\n'));
  return config;
}

describe('planDemo', () => {
  test('puts chat servers where http listeners lead and line servers where tcp listeners lead', () => {
    const config = configOf(
      { web, other: { address: ':8081', upstream: 'chat' }, raw: { address: '[::1]:9000', mode: 'tcp', upstream: 'lines' } },
      { chat: { servers, sticky }, lines: { servers: ['[::1]:5000'] } },
    );
    const plan = planDemo(config);
    assert.deepEqual(
      plan.chatServers.map(({ name, host, port }) => ({ name, host, port })),
      [
        { name: '127.0.0.1:3000', host: '127.0.0.1', port: 3000 },
        { name: 'b', host: 'localhost', port: 3001 },
      ],
    );
    assert.deepEqual(plan.echoServers, [{ name: '[::1]:5000', host: '::1', port: 5000, address: '[::1]:5000' }]);
    assert.deepEqual(
      plan.listeners.map(({ entrance }) => entrance.target),
      ['http://127.0.0.1:8080', 'http://127.0.0.1:8081', '[::1]:9000'],
    );
    assert.equal(plan.listeners[1].bindHost, '');
    assert.equal(plan.cookieName, 'where');
  });

  const refusals: { name: string; listeners: object; upstreams: object; message: RegExp }[] = [
    {
      name: 'a single server',
      listeners: { web },
      upstreams: { chat: { servers: ['127.0.0.1:3000'], sticky } },
      message: /at least two servers/,
    },
    { name: 'no stickiness', listeners: { web }, upstreams: { chat: { servers } }, message: /sticky cookie/ },
    {
      name: 'a port that is not known',
      listeners: { web: { ...web, address: '127.0.0.1:0' } },
      upstreams: { chat: { servers, sticky } },
      message: /listener web: .* port/,
    },
    {
      name: 'a unix socket',
      listeners: { web },
      upstreams: { chat: { servers: ['127.0.0.1:3000', 'unix:/tmp/b.sock'], sticky } },
      message: /unix:\/tmp\/b\.sock/,
    },
  ];
  for (const { name, listeners, upstreams, message } of refusals) {
    test(`refuses ${name} with a line that says so`, () => {
      assert.throws(
        () => planDemo(configOf(listeners, upstreams)),
        (error) => error instanceof DemoError && message.test(error.message),
      );
    });
  }
});
