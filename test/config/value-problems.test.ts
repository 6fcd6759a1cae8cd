// What the schema finds wrong with single values and keys.
import { test } from 'node:test';
import { assertProblems, atTop, listener, routes, upstream } from './marked-config.js';

const cases: [string, string, string][] = [
  ['an unknown key with a near one', atTop('▸"worker": 1,'), 'unknown key "worker"; write "workers" instead'],
  ['an unknown key with swapped letters', upstream('▸"blaance": "round-robin"'), 'unknown key "blaance"; write "balance" instead'],
  ['an unknown key with none near', upstream('"health": { ▸"active": {} }'), 'unknown key "active"; write "passive" instead'],
  [
    'an unknown key in a choice of text or object',
    upstream('', '[{ "address": "a:1", ▸"wieght": 2 }]'),
    'unknown key "wieght"; write "weight" instead',
  ],
  [
    'a key of the listener in a route',
    routes('{ "upstream": "app", "limits": { ▸"head": "1KiB" } }'),
    'unknown key "head"; write "body" instead',
  ],
  [
    'listeners that are missing',
    '▸{ "upstreams": {} }',
    '"listeners" is missing; write "listeners": { "web": { "address": "127.0.0.1:8080", "upstream": "app" } }',
  ],
  [
    'listeners that are empty',
    '{ "listeners": ▸{} }',
    '"listeners" is empty; write at least one listener, such as "web": { "address": "127.0.0.1:8080", "upstream": "app" }, instead',
  ],
  ['an address that is missing', listener('▸{ "upstream": "app" }'), '"address" is missing; write "address": "127.0.0.1:8080"'],
  [
    'servers that are missing',
    '{ "listeners": { "web": { "address": ":80", "upstream": "app" } }, "upstreams": { "app": ▸{} } }',
    '"servers" is missing; write "servers": ["127.0.0.1:3000"]',
  ],
  ['servers that are empty', upstream('', '▸[]'), '"servers" is empty; write at least one server, such as "127.0.0.1:3000", instead'],
  [
    'a sticky policy that there is not',
    upstream('"sticky": { "policy": ▸"app-cokie" }'),
    '"policy" cannot be "app-cokie"; write "app-cookie", "cookie", "source" or "route" instead',
  ],
  [
    'a key of another sticky policy',
    upstream('"sticky": { "policy": "source", ▸"name": "route" }'),
    'unknown key "name"; write "policy", "ipv4Prefix", "ipv6Prefix", "maxSessions", "idleTimeout" or "strict" instead',
  ],
  [
    'a route that no cookie can carry',
    upstream('', '[{ "address": "a:1", "route": ▸"a;b" }]'),
    '"a;b" cannot stand in a cookie; write what the server puts behind the dot, such as "jvm1", instead',
  ],
  ['a sticky policy that is missing', upstream('"sticky": ▸{ "name": "route" }'), '"policy" is missing; write "policy": "cookie"'],
  [
    'text where a number belongs',
    listener('{ "address": ":80", "upstream": "app", "limits": { "fields": ▸"100" } }'),
    '"fields" cannot be "100"; write a whole number from 1 to 10000 instead',
  ],
  [
    'a number that is too small',
    upstream('', '[{ "address": "a:1", "weight": ▸0 }]'),
    '"weight" cannot be 0; write a whole number from 1 to 1000 instead',
  ],
  [
    'a number that is not whole',
    upstream('"connectionPool": { "maxIdle": ▸1.5 }'),
    '"maxIdle" cannot be 1.5; write a whole number from 0 to 100000 instead',
  ],
  [
    'a bad number of workers',
    atTop('"workers": ▸"many",'),
    '"workers" cannot be "many"; write a whole number from 1 to 1024 or "auto" instead',
  ],
  ['a number where text belongs', listener('{ "address": ▸8080, "upstream": "app" }'), '"address" cannot be 8080; write "8080" instead'],
  ['null where an object belongs', upstream('"sticky": ▸null'), '"sticky" cannot be null; write an object, { … }, instead'],
  ['an object where a list belongs', upstream('', '▸{ "a": 1 }'), '"servers" cannot be an object; write a list, [ … ], instead'],
  [
    'text where true or false belongs',
    upstream('"sticky": { "policy": "cookie", "strict": ▸"yes" }'),
    '"strict" cannot be "yes"; write true or false instead',
  ],
  [
    'a word that is near a known one',
    upstream('"balance": ▸"leastconnections"'),
    '"balance" cannot be "leastconnections"; write "least-connections" or an object such as { "by": "hash", "key": "${path}" } instead',
  ],
  [
    'a word in the wrong case',
    upstream('"sticky": { "policy": "cookie", "sameSite": ▸"None" }'),
    '"sameSite" cannot be "None"; write "none", "lax" or "strict" instead',
  ],
  [
    'a number as a duration',
    atTop('"shutdownTimeout": ▸30,'),
    '30 is not a duration; write "30s" (a number with ms, s, m, h or d) instead',
  ],
  [
    'an object as a duration that is no text whatever is asked of it',
    atTop('"shutdownTimeout": ▸{ "toString": false },'),
    'an object is not a duration; write "30s" (a number with ms, s, m, h or d) instead',
  ],
  [
    'such an object as a size',
    listener('{ "address": ":80", "upstream": "app", "limits": { "head": ▸{ "toString": false } } }'),
    'an object is not a size; write "16KiB" (bytes as a number, or with KiB, MiB or GiB) instead',
  ],
  [
    'a duration with a long unit',
    atTop('"shutdownTimeout": ▸"2 minutes",'),
    '"2 minutes" is not a duration; write "2m" (a number with ms, s, m, h or d) instead',
  ],
  [
    'a duration of nothing',
    listener('{ "address": ":80", "upstream": "app", "timeouts": { "idle": ▸"0s" } }'),
    '"idle" cannot be "0s"; write a duration from "1ms" to "24d" instead',
  ],
  [
    'a duration beyond any timer',
    listener('{ "address": ":80", "upstream": "app", "timeouts": { "tunnelIdle": ▸"90d" } }'),
    '"tunnelIdle" cannot be "90d"; write a duration from "1ms" to "24d" instead',
  ],
  [
    'a size with the wrong unit',
    listener('{ "address": ":80", "upstream": "app", "limits": { "head": ▸"16KB" } }'),
    '"16KB" is not a size; write "16KiB" (bytes as a number, or with KiB, MiB or GiB) instead',
  ],
  [
    'a size that is too small',
    listener('{ "address": ":80", "upstream": "app", "limits": { "head": ▸100 } }'),
    '"head" cannot be 100; write a size from "1KiB" to "1MiB" instead',
  ],
  [
    'a size that is true',
    listener('{ "address": ":80", "upstream": "app", "limits": { "body": ▸true } }'),
    'true is not a size; write "16KiB" (bytes as a number, or with KiB, MiB or GiB) instead',
  ],
  [
    'a listener address without port',
    listener('{ "address": ▸"127.0.0.1", "upstream": "app" }'),
    '"127.0.0.1" has no port; write "127.0.0.1:8080" instead',
  ],
  ['a server address without port', upstream('', '[▸"localhost"]'), '"localhost" has no port; write "localhost:3000" instead'],
  [
    'a server of another kind',
    upstream('', '["a:1", ▸7]'),
    '"servers[1]" cannot be 7; write an address such as "127.0.0.1:3000" or { "address": "127.0.0.1:3000" } instead',
  ],
  [
    'a name with a space',
    '{ "listeners": { ▸"my web": { "address": ":80", "upstream": "app" } }, "upstreams": { "app": { "servers": ["a:1"] } } }',
    '"my web" cannot be a name; write letters, digits, ".", "_" and "-" (at most 64, beginning with a letter or digit) instead',
  ],
  [
    'a cookie name with a space',
    upstream('"sticky": { "policy": "cookie", "name": ▸"my route" }'),
    '"my route" cannot be a cookie\'s name; write one like "route" instead',
  ],
  [
    'a bad network',
    listener('{ "address": ":80", "upstream": "app", "trustedProxies": [▸"10.0.0.0/33"] }'),
    '"10.0.0.0/33" has a bad prefix length; write a number from 0 to 32 after the slash',
  ],
  [
    'PROXY protocol from nobody',
    listener('{ "address": ":80", "upstream": "app", "proxyProtocol": { "from": ▸[] } }'),
    '"from" is empty; write the networks of your load balancer, such as ["10.0.0.0/8"], instead',
  ],
  [
    'an upgrade to h2c',
    routes('{ "upstream": "app", "upgrade": [▸"h2c"] }'),
    '"h2c" is never passed on, because it would lead past the routes; write "websocket" instead',
  ],
  [
    'a redirect status that redirects nothing',
    routes('{ "redirect": { "to": "/", "status": ▸200 } }'),
    '"status" cannot be 200; write 301, 302, 303, 307 or 308 instead',
  ],
  ['a refusal that is none', routes('{ "deny": ▸false }'), '"deny" cannot be false; write true, "close" or { "status": 403 } instead'],
  [
    'an access log format near a known one',
    atTop('"accessLog": { "format": ▸"combind" },'),
    '"format" cannot be "combind"; write "combined" instead',
  ],
  [
    'an access log format without Values',
    atTop('"accessLog": { "format": ▸"-" },'),
    '"format" cannot be "-"; write "combined", "json" or a text with Values such as "${client.ip} ${response.status}" instead',
  ],
  [
    'an access log that is neither off nor an object',
    atTop('"accessLog": ▸"logs/x",'),
    '"accessLog" cannot be "logs/x"; write "off" or an object such as { "to": "logs/access.log" } instead',
  ],
  ['a path that is empty', atTop('"errorLog": { "to": ▸"" },'), '"to" is empty; write "logs/error.log" instead'],
];

for (const [name, text, message] of cases) {
  test(`${name} is a problem at its place`, () => assertProblems(text, [message]));
}
