import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { binding } from '../../../src/upstream/binding.js';
import { StickyCookie, type StickyCookieOptions } from '../../../src/upstream/sticky/cookie.js';
import { find, namedServers, visit } from '../../contract/sticky-policy.contract.js';
import { exchangeWithCookies } from '../stand-in-exchange.js';
import { stickyCookieOptions } from '../stand-in-upstream.js';

const [a, b] = namedServers('a', 'b');
const values = new Map([
  ['a', 's1'],
  ['b', ''],
]);
const policyOf = (some: Partial<StickyCookieOptions>) =>
  new StickyCookie('up', [a, b], stickyCookieOptions({ name: 'S', values, httpOnly: false, ...some }));

describe('a cookie that is inserted', () => {
  test('has the value that the server is given, and the attributes as they are written', () => {
    const { head } = visit(policyOf({ attributes: ['SameSite=Lax'] }), exchangeWithCookies([]), a);
    assert.equal(head.get('set-cookie'), 'S=s1; Path=/; SameSite=Lax');
    assert.equal(find(policyOf({}), exchangeWithCookies(['S=s1'])).server, a);
  });

  test('is taken away by a server that binds nobody', () => {
    const { head, how } = visit(policyOf({}), exchangeWithCookies([]), b);
    assert.match(head.get('set-cookie')!, /^S=; Path=\/; Expires=Thu, 01 Jan 1970 00:00:01 GMT$/);
    assert.equal(how, binding.none);
  });

  test('indirect: the server does not see it', () => {
    const x = exchangeWithCookies(['T=1; S=s1; U=2']);
    policyOf({ isIndirect: true }).onRequestHead(x);
    assert.equal(x.request.get('cookie'), 'T=1; U=2');
    const alone = exchangeWithCookies(['S=s1']);
    policyOf({ isIndirect: true }).onRequestHead(alone);
    assert.equal(alone.request.get('cookie'), undefined);
  });

  test('without noCache the response may be cached', () => {
    const { head } = visit(policyOf({ marksPrivate: false }), exchangeWithCookies([]), a);
    assert.equal(head.get('cache-control'), undefined);
  });

  test('a cookie of the same name from the server: goes along, goes instead, or is taken out', () => {
    const linesWith = (preserves: boolean | null) =>
      visit(policyOf({ preserves }), exchangeWithCookies([]), a, [['Set-Cookie', 'S=own']]).head.getAll('set-cookie');
    assert.deepEqual(linesWith(null), ['S=own', 'S=s1; Path=/']);
    assert.deepEqual(linesWith(true), ['S=own']);
    assert.deepEqual(linesWith(false), ['S=s1; Path=/']);
  });
});
