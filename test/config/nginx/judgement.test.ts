// What an nginx.conf may say and where: what nginx refuses, what Limpet lacks, and that lenient makes warnings of the latter only.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { directives } from '../../../src/config/nginx/directives.js';
import { outcomeOf, translated } from './translated.js';

const site = (inside: string) => `server { listen 127.0.0.1:80; ${inside} }`;
const proxied = (inside: string) => site(`location / { proxy_pass http://127.0.0.1:3000; ${inside} }`);

describe('refused, as nginx does', () => {
  for (const [http, problem] of [
    ['serverr { }', /3: unknown directive "serverr"; write "server"/],
    ['location / { }', /3: "location" directive is not allowed here; it may stand in server, location/],
    [site('location / { proxy_pass; }'), /invalid number of arguments in "proxy_pass" directive; it takes 1/],
    [site('location / { return 200; return 200 }'), /unexpected "}"/],
    [proxied('proxy_pass http://127.0.0.1:1;'), /"proxy_pass" directive is duplicate/],
    [site('location / { proxy_pass 127.0.0.1:3000; }'), /invalid URL prefix/],
    [site('location ~ ^/a { proxy_pass http://127.0.0.1:3000/b; }'), /cannot have URI part/],
    [site('location / { if ($arg_a) { proxy_pass http://127.0.0.1:3000/b; } }'), /cannot have URI part/],
    [site('if ($arg_a) { add_header X-A 1; } return 200 x;'), /"add_header" directive is not allowed here/],
    [proxied('proxy_buffers 8;'), /invalid number of arguments in "proxy_buffers" directive; it takes 2/],
    [proxied('sendfile on off;'), /invalid number of arguments in "sendfile" directive; it takes 1/],
    [site('location / { root /a /b; return 200 x; }'), /invalid number of arguments in "root"/],
    [site('location * / { return 200 x; }'), /invalid location modifier "\*"/],
    [site('location / { return 200 x; } location / { return 200 y; }'), /duplicate location "\/"/],
    [site('location / { return 200 $nope; }'), /unknown "nope" variable/],
    [proxied('proxy_read_timeout never;'), /"proxy_read_timeout" directive has invalid value "never"/],
    [proxied('client_max_body_size lots;'), /invalid value "lots"/],
    ['upstream a { }', /no servers are inside upstream "a"/],
    ['upstream a { server 127.0.0.1:1 wieght=2; }', /invalid parameter "wieght=2"/],
    ['upstream a { server 127.0.0.1:1; } upstream a { server 127.0.0.1:2; }', /duplicate upstream "a"/],
    ['server { listen 127.0.0.1:80 ssl; location / { return 200 x; } }', /no "ssl_certificate" is defined/],
    ['server { listen 80 default_server; return 200 a; } server { listen 80 default_server; return 200 b; }', /duplicate default server/],
    [site('if $x { return 200 y; }'), /invalid condition/],
    ['server { listen 80 fast; return 200 x; }', /invalid parameter "fast"/],
    [proxied('proxy_buffering maybe;'), /invalid value "maybe" in "proxy_buffering" directive; write on or off/],
    [proxied('proxy_read_timeout 30m1h;'), /invalid value "30m1h" in "proxy_read_timeout" directive; write a time such as 60s/],
    [proxied('gzip off; gzip off;'), /"gzip" directive is duplicate; the first stands in line 3/],
    [proxied('proxy_redirect off; proxy_redirect /a /b;'), /"proxy_redirect" directive is duplicate/],
    [proxied('proxy_buffer_size 64k;'), /"proxy_busy_buffers_size" must be less than the size of all "proxy_buffers" minus one buffer/],
    [proxied('proxy_cookie_path ~( /;'), /invalid value "~\( \/" in "proxy_cookie_path" directive/],
    [`add_header X-A $nosuch; ${site('return 200 x;')}`, /unknown "nosuch" variable/],
    [site('set $host x; return 200 x;'), /the duplicate "host" variable/],
    [site('if ($uri == /a) { return 200 x; } return 200 y;'), /invalid condition "\(\$uri == \/a\)"/],
    [site('if ($arg_a) { root /x; } return 200 y;'), /"root" directive is not allowed here/],
    ['upstream a { server 127.0.0.1:1; zone z; }', /zero size shared memory zone "z"/],
    ['map $arg_a $m { a 1; a 2; }', /conflicting parameter "a"/],
  ] as const) {
    test(http, () => {
      const { problems } = translated(http);
      assert.match(problems.join('\n'), problem);
      assert.match(translated(http, true).problems.join('\n'), problem, 'lenient changes nothing of it');
    });
  }

  test('no events section', () => assert.match(outcomeOf('http { server { return 200 x; } }').problems[0]!, /no "events" section/));
});

describe('not supported: a problem with the reason, or a warning', () => {
  for (const [http, reason] of [
    [proxied('gzip on;'), /"gzip" is not supported: answers are not compressed/],
    [site('location / { root /var/www; }'), /nginx would serve files here/],
    [site('location / { proxy_pass https://127.0.0.1:3000; }'), /without TLS/],
    [site('location / { proxy_pass http://$arg_server; }'), /is not known beforehand/],
    [proxied('proxy_next_upstream http_502;'), /"proxy_next_upstream http_502" is not supported/],
    [site('location / { if (-f $request_filename) { break; } proxy_pass http://127.0.0.1:1; }'), /files are not looked for/],
    [
      proxied('proxy_redirect http://$host:3000/ /;'),
      /cannot have variables in it, as "http:\/\/\$host:3000\/" has; write a text, or a pattern/,
    ],
    [site('location / { return 199; }'), /"return 199" is not supported/],
  ] as const) {
    test(http, () => {
      assert.match(translated(http).problems.join('\n'), reason);
      const lenient = translated(http, true);
      assert.deepEqual(lenient.problems, []);
      assert.match(lenient.warnings.join('\n'), reason);
    });
  }
});

test('a proxy_redirect that is left out replaces nothing, and the others stay', () => {
  const location = (inside: string) => JSON.stringify(translated(proxied(inside), true).document);
  assert.equal(location('proxy_redirect http://$host/ /;'), location('proxy_redirect off;'));
  assert.equal(location('proxy_redirect http://$host/ /; proxy_redirect http://a/ /b;'), location('proxy_redirect http://a/ /b;'));
});

test('a directive that is switched off asks for nothing', () => {
  const off =
    'gzip off; auth_basic off; satisfy all; proxy_pass_request_headers on; expires off; proxy_cache off; proxy_cache_bypass $http_upgrade;';
  const { problems, warnings } = translated(proxied(off));
  assert.deepEqual([problems, warnings], [[], []]);
  assert.match(translated(proxied('proxy_pass_request_headers off;')).problems.join('\n'), /is not supported/);
});

test('every directive of the table says what becomes of it', () => {
  assert.ok(directives.size > 200);
  const meanings = [...directives].flatMap(([name, all]) => all.map((directive) => ({ name, ...directive })));
  for (const { name, contexts, minArgs, maxArgs, outcome } of meanings) {
    assert.ok(contexts.length > 0 && minArgs <= maxArgs, name);
    if (outcome.kind !== 'carried') assert.ok(outcome.why.length > 10, name);
  }
});

test('problems have the line of the file', () => {
  const { problems } = translated(`${site('location / { proxy_pass http://127.0.0.1:3000;\n\n  proxy_set_header "Bad Name" 1; }')}`);
  assert.deepEqual(problems, []);
});
