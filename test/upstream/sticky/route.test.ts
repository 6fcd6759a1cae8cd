// The sticky policy "route": what names the route is read from the request, and nothing is set.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { faults } from '../../../src/core/errors.js';
import { compileValue } from '../../../src/route/value.js';
import { binding } from '../../../src/upstream/binding.js';
import { Selection, select } from '../../../src/upstream/selection.js';
import { adminState } from '../../../src/upstream/server.js';
import { StickyRoute } from '../../../src/upstream/sticky/route.js';
import { sessionKey } from '../../../src/upstream/sticky/sticky-policy.js';
import { find, namedServers, visit } from '../../contract/sticky-policy.contract.js';
import { exchangeWithCookies } from '../stand-in-exchange.js';
import { serverOptions, upstreamOf } from '../stand-in-upstream.js';

const readers = [compileValue('${cookie.route}'), compileValue('${cookie.other}')];
const servers = namedServers('a', 'b');
const policy = new StickyRoute(servers, { policy: 'route', readers, routes: ['one', 'two'], isStrict: false });

describe('sticky by route', () => {
  for (const [cookies, server, key] of [
    ['route=one', 'a', sessionKey.known],
    ['other=two', 'b', sessionKey.known],
    ['route=two; other=one', 'b', sessionKey.known],
    ['route=three; other=one', undefined, sessionKey.unknown],
    ['route=a', undefined, sessionKey.unknown],
    ['x=1', undefined, sessionKey.absent],
  ] as const) {
    test(`${cookies}: ${server ?? 'nobody'}`, () => {
      const finding = find(policy, exchangeWithCookies([cookies]));
      assert.deepEqual([finding.server?.name, finding.key], [server, key]);
    });
  }

  test('nothing is told to the client, and who names no route is bound to nobody', () => {
    const { head, how } = visit(policy, exchangeWithCookies([]), servers[0]!);
    assert.equal(head.get('set-cookie'), undefined);
    assert.equal(how, binding.none);
  });

  test('when the server is away another one answers, unless it is strict; who comes back later meets it again', () => {
    for (const isStrict of [false, true]) {
      const upstream = upstreamOf([serverOptions('a'), serverOptions('b')], {
        sticky: { policy: 'route', readers, routes: ['one', 'two'], isStrict },
      });
      const choose = () => {
        const selection = new Selection();
        select(upstream, exchangeWithCookies(['route=two']), [], selection);
        return selection.server?.name ?? selection.fault;
      };
      upstream.servers[1]!.adminState = adminState.maintenance;
      assert.equal(choose(), isStrict ? faults.stickyServerDown : 'a');
      upstream.servers[1]!.adminState = adminState.ready;
      assert.equal(choose(), 'b');
    }
  });
});
