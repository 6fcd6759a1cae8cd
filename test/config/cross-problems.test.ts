// What is wrong between the parts of a configuration.
import { test } from 'node:test';
import { assertProblems, listener, routes, upstream } from './marked-config.js';

const tcp = (keys: string, sticky = '') => `{ "listeners": { "raw": ${keys} }, "upstreams": { "app": { "servers": ["a:1"]${sticky} } } }`;
const twoSticky = (first: string, second: string, sticky: string) =>
  `{ "listeners": { "web": { "address": ":80", "routes": [${first}, ${second}] } }, "upstreams": { "app": { "servers": ["a:1"], "sticky": { "policy": "cookie" } }, "chat": { "servers": ["b:1"], ${sticky} } } }`;
const hidden = (line: number, why: string) =>
  `no request reaches this route, because the route in line ${line} ${why}; write this one before it, or remove it`;

const cases: [string, string, string[]][] = [
  [
    'two servers whose sessions have one route',
    upstream('"sticky": { "policy": "app-cookie" }', '[{ "address": "a:1", "route": "jvm1" }, { "address": "b:1", "route": ▸"jvm1" }]'),
    ['"jvm1" is the route of another server of this upstream, in line 4; write another "route" instead'],
  ],
  [
    'a server whose name is the route of another',
    upstream('"sticky": { "policy": "app-cookie" }', '[{ "address": "a:1", "route": "b" }, ▸{ "address": "b:1", "name": "b" }]'),
    ['"b" is the route of another server of this upstream, in line 4; write another "route" instead'],
  ],
  [
    'an upstream that does not exist, a near one does',
    listener('{ "address": ":80", "upstream": ▸"ap" }'),
    ['there is no upstream "ap"; write "app" instead'],
  ],
  [
    'an upstream that does not exist, named by a route',
    routes('{ "upstream": ▸"other" }'),
    ['there is no upstream "other"; write "app" instead'],
  ],
  [
    'an upstream that does not exist, nor any',
    '{ "listeners": { "web": { "address": ":80", "upstream": ▸"app" } } }',
    ['there is no upstream "app"; write it under "upstreams": { "app": { "servers": [ … ] } }'],
  ],
  [
    'two listeners with one address',
    listener('{ "address": ▸"127.0.0.1:80", "upstream": "app" }', '"one": { "address": "127.0.0.1:80", "upstream": "app" },'),
    ['listener "one" already listens on 127.0.0.1:80; write another address or port instead'],
  ],
  [
    'a listener on every interface beside one on the same port',
    listener('{ "address": ▸":80", "upstream": "app" }', '"one": { "address": "[::1]:80", "upstream": "app" },'),
    ['listener "one" already listens on [::1]:80; write another address or port instead'],
  ],
  [
    'a listener that leads nowhere',
    listener('▸{ "address": ":80" }'),
    ['the listener leads nowhere; write "upstream": with the name of one, or "routes": [ … ]'],
  ],
  [
    'a listener with upstream and routes',
    listener('{ "address": ":80", ▸"upstream": "app", "routes": [{ "deny": true }] }'),
    ['"upstream" stands for a single route and cannot stand beside "routes"; write { "upstream": … } as the last of the routes instead'],
  ],
  [
    'a listener without any route',
    listener('{ "address": ":80", "routes": ▸[] }'),
    ['"routes" is empty; write at least one route, such as { "upstream": "app" }, instead'],
  ],
  [
    'a tcp listener with upstream and routes',
    tcp('{ "address": ":80", "mode": "tcp", ▸"upstream": "app", "routes": [{ "deny": true }] }'),
    ['"upstream" stands for a single route and cannot stand beside "routes"; write { "upstream": … } as the last of the routes instead'],
  ],
  [
    'a route of a tcp listener that edits requests',
    tcp('{ "address": ":80", "mode": "tcp", "routes": [{ "upstream": "app", ▸"request": {} }] }'),
    ['a route of a tcp listener has no "request", because no request is read; remove it'],
  ],
  [
    'a route of a tcp listener that asks for the path',
    tcp(
      '{ "address": ":80", "mode": "tcp", "routes": [{ "match": { "any": [{ ▸"path": "/a" }] }, "upstream": "app" }, { "deny": true }] }',
    ),
    ['"path" is not known of a connection; write one of "client", "tls", "test", "all", "any", "not"'],
  ],
  [
    'a route of a tcp listener that asks for a field',
    tcp(
      '{ "address": ":80", "mode": "tcp", "routes": [{ "match": { "test": [{ "value": ▸"${header.a}", "is": "b" }] }, "upstream": "app" }] }',
    ),
    ['unknown Value "header.a"; of a connection, addresses, ports and TLS are known'],
  ],
  [
    'a route of a tcp listener to no upstream',
    tcp('{ "address": ":80", "mode": "tcp", "routes": [{ "upstream": ▸"ap" }] }'),
    ['there is no upstream "ap"; write "app" instead'],
  ],
  [
    'a rule for connections that asks for TLS',
    listener('{ "address": ":80", "upstream": "app", "connectionRules": [{ "when": { ▸"tls": true }, "deny": true }] }'),
    ['"tls" is not known of a connection; write one of "client", "test", "all", "any", "not"'],
  ],
  [
    'a rule for connections that decides nothing',
    listener('{ "address": ":80", "upstream": "app", "connectionRules": [▸{ "when": { "client": "10.0.0.0/8" } }] }'),
    ['a rule for connections decides one thing; write one of "accept" and "deny"'],
  ],
  [
    'a rule for connections by no address',
    listener('{ "address": ":80", "upstream": "app", "connectionRules": [{ "when": { "client": [▸"10.0.0"] }, "deny": true }] }'),
    ['"10.0.0" is not a network; write an address such as 192.0.2.7, a network such as 10.0.0.0/8, or unix'],
  ],
  [
    'a tcp listener with edits',
    tcp('{ "address": ":80", "mode": "tcp", "upstream": "app", ▸"request": {} }'),
    ['a tcp listener reads no requests and has no "request"; remove it, or write "mode": "http"'],
  ],
  [
    'a tcp listener without upstream',
    tcp('▸{ "address": ":80", "mode": "tcp" }'),
    ['a tcp listener needs to know where connections go; write "upstream": with the name of one, or "routes": [ … ]'],
  ],
  [
    'stickiness that only tcp listeners would use',
    tcp('{ "address": ":80", "mode": "tcp", "upstream": "app" }', ', ▸"sticky": { "policy": "cookie" }'),
    [
      'only tcp listeners use this upstream, and there is no cookie in plain bytes; write { "policy": "source" } instead, or an http listener that leads here',
    ],
  ],
  [
    'two sticky upstreams with one cookie for one host',
    twoSticky('{ "match": { "path": "/a/*" }, "upstream": "app" }', '{ "upstream": "chat" }', '▸"sticky": { "policy": "cookie" }'),
    [
      'upstream "app" uses the cookie "route" for the same host, and each would overwrite the other\'s; write another "name", such as "route-chat"',
    ],
  ],
  [
    'two sticky upstreams with one cookie for a host that a pattern takes too',
    twoSticky(
      '{ "match": { "host": "*.example" }, "upstream": "app" }',
      '{ "match": { "host": "a.example" }, "upstream": "chat" }',
      '"sticky": { "policy": "cookie", "name": ▸"route" }',
    ),
    [
      'upstream "app" uses the cookie "route" for the same host, and each would overwrite the other\'s; write another "name", such as "route-chat"',
    ],
  ],
  [
    'a route that leads nowhere',
    routes('▸{ "match": { "path": "/a" } }'),
    ['the route leads nowhere; write one of "upstream", "respond", "redirect", "deny" or "routes"'],
  ],
  [
    'a route with two destinations',
    routes('{ "upstream": "app", ▸"deny": true }'),
    ['the route has two destinations, "upstream" and "deny"; write one of them'],
  ],
  [
    'a route after one without match',
    routes('{ "upstream": "app" }', '▸{ "match": { "path": "/a" }, "deny": true }'),
    [hidden(4, 'takes all of them')],
  ],
  [
    'a route that matches what an earlier one does',
    routes('{ "match": { "path": "/a" }, "upstream": "app" }', '▸{ "match": { "path": "/a" }, "deny": true }'),
    [hidden(4, 'takes the same requests')],
  ],
  [
    'a path after every path',
    routes('{ "match": { "path": ["/x", "/*"] }, "upstream": "app" }', '▸{ "match": { "host": "a.example", "path": "/a" }, "deny": true }'),
    [hidden(4, 'takes all of them')],
  ],
  [
    'one address twice in an upstream',
    upstream('', '["a:1", ▸"A:1"]'),
    ['a:1 is a server of this upstream already, in line 4; write it once, with a "weight" if it is to have a larger share'],
  ],
  [
    'one name twice in an upstream',
    upstream('', '[{ "name": "x", "address": "a:1" }, { "name": ▸"x", "address": "b:1" }]'),
    ['"x" is the name of another server of this upstream, in line 4; write another name instead'],
  ],
  [
    'a SameSite=None cookie that is not secure',
    upstream('"sticky": { "policy": "cookie", "sameSite": "none", "secure": ▸false }'),
    ['browsers refuse a cookie with "sameSite": "none" that is not secure; write true instead'],
  ],
  [
    'a partitioned cookie that is not secure',
    upstream('"sticky": { "policy": "cookie", "partitioned": true, "secure": ▸false }'),
    ['browsers refuse a cookie with "partitioned": true that is not secure; write true instead'],
  ],
  [
    'problems of several kinds together',
    '{ ▸"workrs": 1, "listeners": { "web": { "address": ▸"80", "upstream": ▸"ap" } }, "upstreams": { "app": { "servers": ["a:1", ▸"a:1"], "balance": ▸"rr" } } }',
    [
      'unknown key "workrs"; write "workers" instead',
      '"80" is only a port; write ":80" instead',
      'there is no upstream "ap"; write "app" instead',
      'a:1 is a server of this upstream already, in line 1; write it once, with a "weight" if it is to have a larger share',
      '"balance" cannot be "rr"; write "round-robin", "static-round-robin", "least-connections", "source", "first", "random" or an object such as { "by": "hash", "key": "${path}" } instead',
    ],
  ],
];

for (const [name, text, messages] of cases) {
  test(`${name}: found at the place`, () => assertProblems(text, messages));
}

test("a unix socket's path that is too long once it is absolute is found at the place", () => {
  const folder = `/${'x'.repeat(90)}`;
  const message = `the socket's path ${folder}/run/much-too-long.sock is longer than the system's 107 bytes; write a shorter one instead`;
  assertProblems(upstream('', '["a:1", ▸"unix:run/much-too-long.sock"]'), [message], `${folder}/proxy.config.json`);
});

for (const [name, text] of [
  [
    'port 0 on several listeners',
    listener('{ "address": "127.0.0.1:0", "upstream": "app" }', '"one": { "address": "127.0.0.1:0", "upstream": "app" },'),
  ],
  [
    'one port on two addresses',
    listener('{ "address": "127.0.0.2:80", "upstream": "app" }', '"one": { "address": "127.0.0.1:80", "upstream": "app" },'),
  ],
  [
    'an IPv4 and an IPv6 address of one port',
    listener('{ "address": "0.0.0.0:80", "upstream": "app" }', '"one": { "address": "[::1]:80", "upstream": "app" },'),
  ],
  [
    'a tcp listener whose clients stick by source',
    tcp('{ "address": ":80", "mode": "tcp", "upstream": "app" }', ', "sticky": { "policy": "source" }'),
  ],
  ['a route without match after every path', routes('{ "match": { "path": "/*" }, "upstream": "app" }', '{ "deny": true }')],
  [
    'a sticky upstream of an http and a tcp listener',
    `{
      "listeners": { "raw": { "address": ":81", "mode": "tcp", "upstream": "app" }, "web": { "address": ":80", "upstream": "app" } },
      "upstreams": { "app": { "servers": ["a:1"], "sticky": { "policy": "cookie" } } }
    }`,
  ],
]) {
  test(`${name} is no problem`, () => assertProblems(text, []));
}

const apart: [string, string][] = [
  [
    'for two hosts',
    twoSticky(
      '{ "match": { "host": "a.example" }, "upstream": "app" }',
      '{ "match": { "host": ["b.example", "c.example"] }, "upstream": "chat" }',
      '"sticky": { "policy": "cookie" }',
    ),
  ],
  [
    'by a policy without a cookie of ours',
    twoSticky('{ "match": { "path": "/a" }, "upstream": "app" }', '{ "upstream": "chat" }', '"sticky": { "policy": "source" }'),
  ],
  [
    'by name',
    twoSticky(
      '{ "match": { "path": "/a" }, "upstream": "app" }',
      '{ "upstream": "chat" }',
      '"sticky": { "policy": "cookie", "name": "chat" }',
    ),
  ],
  [
    'by path',
    twoSticky(
      '{ "match": { "path": "/a" }, "upstream": "app" }',
      '{ "upstream": "chat" }',
      '"sticky": { "policy": "cookie", "path": "/chat" }',
    ),
  ],
];
for (const [how, text] of apart) test(`two sticky upstreams may be kept apart ${how}`, () => assertProblems(text, []));

test('an http listener uses an upstream by a route inside a route as well', () => {
  const web = '"web": { "address": ":81", "routes": [{ "match": { "host": "a.example" }, "routes": [{ "upstream": "app" }] }] }';
  assertProblems(tcp(`{ "address": ":80", "mode": "tcp", "upstream": "app" }, ${web}`, ', "sticky": { "policy": "cookie" }'), []);
});
