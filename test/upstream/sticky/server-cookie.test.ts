import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { binding } from '../../../src/upstream/binding.js';
import { ServerCookie, type ServerCookieOptions } from '../../../src/upstream/sticky/server-cookie.js';
import { find, namedServers, stickyPolicyContract, visit } from '../../contract/sticky-policy.contract.js';
import { exchangeWithCookies } from '../stand-in-exchange.js';

function optionsOf(mode: 'rewrite' | 'prefix', some: Partial<ServerCookieOptions> = {}): ServerCookieOptions {
  return { policy: 'server-cookie', name: 'S', mode, values: new Map(), isIndirect: false, marksPrivate: true, isStrict: false, ...some };
}

for (const mode of ['rewrite', 'prefix'] as const) {
  stickyPolicyContract({
    name: `cookie, ${mode}`,
    make: (servers, isStrict) => new ServerCookie(servers, optionsOf(mode, { isStrict })),
    client: (number) => ({
      first: exchangeWithCookies([`other=${number}`]),
      serverFields: [['Set-Cookie', `S=${number}; Path=/`]],
      next: (response) => exchangeWithCookies([response.get('set-cookie')!.split(';')[0]!]),
    }),
  });
}

describe('the cookie of a server', () => {
  const values = new Map([
    ['a', 's1'],
    ['b', ''],
  ]);

  test('is rewritten to what names the server', () => {
    const [a] = namedServers('a');
    const { head, how } = visit(new ServerCookie([a], optionsOf('rewrite', { values })), exchangeWithCookies([]), a, [
      ['Set-Cookie', 'T=1'],
      ['Set-Cookie', 'S=x; path=/'],
    ]);
    assert.deepEqual(head.getAll('set-cookie'), ['T=1', 'S=s1; path=/']);
    assert.equal(how, binding.new);
  });

  test('gets the name before it, which the server does not see again', () => {
    const [a] = namedServers('a');
    const policy = new ServerCookie([a], optionsOf('prefix', { values }));
    const { head } = visit(policy, exchangeWithCookies([]), a, [['Set-Cookie', 'S=x~y; path=/']]);
    assert.equal(head.get('set-cookie'), 'S=s1~x~y; path=/');
    const next = exchangeWithCookies(['T=1; S=s1~x~y']);
    assert.equal(find(policy, next).server, a);
    policy.onRequestHead(next);
    assert.equal(next.request.get('cookie'), 'T=1; S=x~y');
  });

  test('of a server without a value stays as it is', () => {
    const [, b] = namedServers('a', 'b');
    const { head, how } = visit(new ServerCookie([b], optionsOf('prefix', { values })), exchangeWithCookies([]), b, [
      ['Set-Cookie', 'S=x'],
    ]);
    assert.equal(head.get('set-cookie'), 'S=x');
    assert.equal(how, binding.none);
  });

  test('is not missed where there is none', () => {
    const [a] = namedServers('a');
    const { head, how } = visit(new ServerCookie([a], optionsOf('rewrite')), exchangeWithCookies([]), a);
    assert.equal(head.get('set-cookie'), undefined);
    assert.equal(how, binding.none);
  });
});
