// The 68 behaviours that the SockJS authors' protocol suite checks, asked of a real SockJS server directly and
// through Limpet: nothing that the suite sees may differ.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type LimpetProcess, startLimpet } from '../e2e/limpet-process.js';
import { httpVersionChecks } from './sockjs/http-versions.js';
import { scriptTransportChecks } from './sockjs/script-transports.js';
import { sessionCookieChecks } from './sockjs/session-cookie.js';
import { sessionChecks } from './sockjs/sessions.js';
import { type SockJsServer, startSockJsServer } from './sockjs/sockjs-server.js';
import { SockJsTarget } from './sockjs/sockjs-target.js';
import { staticPageChecks } from './sockjs/static-pages.js';
import { webSocketChecks } from './sockjs/web-sockets.js';
import { xhrChecks } from './sockjs/xhr.js';

const checks = [
  ...staticPageChecks,
  ...sessionChecks,
  ...webSocketChecks,
  ...xhrChecks,
  ...scriptTransportChecks,
  ...sessionCookieChecks,
  ...httpVersionChecks,
];

describe('the checks of sockjs-protocol', () => {
  let server: SockJsServer;

  before(async () => {
    server = await startSockJsServer();
  });

  after(() => server.close());

  test('there are 68 of them', () => assert.equal(checks.length, 68));

  describe('at the SockJS server itself', () => {
    for (const check of checks) test(check.name, () => check.run(new SockJsTarget(server.port, server)));
  });

  describe('through Limpet', () => {
    let limpet: LimpetProcess;

    before(async () => {
      limpet = await startLimpet({
        accessLog: 'off',
        listeners: { web: { address: '127.0.0.1:0', upstream: 'sockjs' } },
        upstreams: { sockjs: { servers: [`127.0.0.1:${server.port}`] } },
      });
    });

    after(async () => {
      await limpet?.stop();
    });

    for (const check of checks) test(check.name, () => check.run(new SockJsTarget(limpet.port('web'), server)));
  });
});
