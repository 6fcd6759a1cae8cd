// sticky and ip_hash: what they become, and what names a server in a cookie, which clients of nginx bring along.
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { translated } from './translated.js';

const servers = 'server 127.0.0.1:3000; server 127.0.0.1:3001;';

function upstreamOf(inside: string, more = '') {
  const { document, problems, warnings } = translated(`${more}
    upstream app { ${inside} } server { listen 127.0.0.1:80; location / { proxy_pass http://app; } }`);
  const upstreams = document?.['upstreams'] as Record<string, { sticky: unknown; servers: { cookie?: string; route?: string }[] }>;
  return {
    problems: [...problems, ...warnings],
    sticky: upstreams['app']!.sticky,
    cookies: upstreams['app']!.servers.map(({ cookie }) => cookie),
  };
}

const md5 = (text: string | Buffer) => createHash('md5').update(text).digest('hex');
const plain = { policy: 'cookie', httpOnly: false, secure: false };
/** struct sockaddr_in of 127.0.0.1:3000. */
const sockaddr = Buffer.from('02000bb87f0000010000000000000000', 'hex');

describe('sticky', () => {
  test('cookie: the MD5 of address and port, or the route', () => {
    const { sticky, cookies, problems } = upstreamOf(
      `sticky cookie srv expires=1h domain=.site.test path=/app httponly samesite=Lax secure; server 127.0.0.1:3000; server unix:/a; server b:1 route=r1;`,
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(sticky, {
      ...plain,
      name: 'srv',
      maxAge: '3600000ms',
      domain: '.site.test',
      path: '/app',
      httpOnly: true,
      secure: true,
      sameSite: 'lax',
    });
    assert.deepEqual(cookies, [md5('127.0.0.1:3000'), undefined, 'r1']);
  });

  for (const [options, name, cookie] of [
    ['', 'route', md5(sockaddr)],
    ['name=s hash=sha1', 's', createHash('sha1').update(sockaddr).digest('hex')],
    ['hash=index', 'route', '0'],
    ['hmac=md5 hmac_key=k', 'route', createHmac('md5', 'k').update(sockaddr).digest('hex')],
    ['text=raw', 'route', '127.0.0.1:3000'],
    ['text=md5', 'route', md5('127.0.0.1:3000')],
  ] as const) {
    test(`of the module: sticky ${options}`, () => {
      const { sticky, cookies, problems } = upstreamOf(`sticky ${options}; ${servers}`);
      assert.deepEqual(problems, []);
      assert.deepEqual([sticky, cookies[0]], [{ ...plain, name }, cookie]);
    });
  }

  test('of the module: no_fallback', () =>
    assert.deepEqual(upstreamOf(`sticky no_fallback secure httponly expires=max; ${servers}`).sticky, {
      policy: 'cookie',
      name: 'route',
      httpOnly: true,
      secure: true,
      strict: true,
      maxAge: '3650d',
    }));

  test('route: variables, and maps that take it out of a session', () => {
    const { sticky, problems } = upstreamOf(
      'sticky route $route_cookie $arg_route; server 127.0.0.1:3000 route=a; server 127.0.0.1:3001 route=b;',
      'map $cookie_jsessionid $route_cookie { ~.+\\.(?P<route>\\w+)$ $route; }',
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(sticky, { policy: 'route', from: ['${map.route_cookie}', '${query.route}'] });
  });

  test('learn', () => {
    const learn = 'sticky learn create=$upstream_cookie_sid lookup=$cookie_sid zone=clients:1m';
    assert.deepEqual(upstreamOf(`${learn} timeout=1h; ${servers}`).sticky, { policy: 'app-cookie', name: 'sid', idleTimeout: '3600000ms' });
    assert.deepEqual(upstreamOf(`${learn} header; ${servers}`).sticky, { policy: 'app-cookie', name: 'sid', idleTimeout: '10m' });
  });

  for (const [directive, problem] of [
    ['sticky cookie;', /the cookie has no name/],
    ['sticky cookie a hash=md5;', /invalid parameter "hash=md5"/],
    ['sticky cookie a domain=$host;', /variables are not supported here/],
    ['sticky hash=crc;', /wrong value/],
    ['sticky hash=md5 text=md5;', /please choose between/],
    ['sticky hmac=md5;', /belong together/],
    ['sticky route;', /nothing tells the route/],
    ['sticky learn create=$upstream_cookie_a lookup=$cookie_a;', /write create=/],
    ['sticky learn create=$upstream_http_x lookup=$arg_x zone=z:1m;', /learned from one cookie/],
  ] as const) {
    test(`${directive} is a problem`, () => assert.match(upstreamOf(`${directive} ${servers}`).problems.join('\n'), problem));
  }
});
