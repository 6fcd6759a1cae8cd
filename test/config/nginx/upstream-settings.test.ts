// What nginx has in locations and servers and the document in upstreams: places that differ do not share one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeOf, translated } from './translated.js';

type Upstreams = Record<string, { retries: { attempts: number; on: string[] }; proxyProtocol?: string }>;
type Listeners = Record<string, { upstream: string }>;

const back = 'proxy_pass http://back;';
const block = 'upstream back { server 127.0.0.1:1; server 127.0.0.1:2; }';
const site = (inside: string) => `server { listen 127.0.0.1:80; ${inside} }`;

function retriesOf(http: string): unknown {
  const { document, problems } = translated(http);
  assert.deepEqual(problems, []);
  const upstreams = Object.entries(document!['upstreams'] as Upstreams);
  return Object.fromEntries(upstreams.map(([name, { retries }]) => [name, `${retries.attempts} ${retries.on.join(' ')}`]));
}

test('locations that ask for the same share an upstream', () => {
  const locations = `location /a { ${back} } location /b { ${back} proxy_next_upstream error timeout; }`;
  assert.deepEqual(retriesOf(`${block} ${site(locations)}`), { back: '2 closed timeout' });
});

test('a location that asks for something else has one of its own', () => {
  const locations = `location /a { ${back} proxy_next_upstream off; } location /b { ${back} } location /c { ${back} proxy_next_upstream off; }`;
  assert.deepEqual(retriesOf(`${block} ${site(locations)}`), { back: '1 ', 'back-2': '2 closed timeout' });
});

test('the order of words, words that come twice, and more tries than servers mean nothing', () => {
  const locations = `location /a { ${back} } location /b { ${back} proxy_next_upstream timeout error error; proxy_next_upstream_tries 9; }`;
  assert.deepEqual(retriesOf(`${block} ${site(locations)}`), { back: '2 closed timeout' });
});

test('that limits and failures are counted for each by itself is said', () => {
  const { warnings } = translated(`${block}\n${site(`location /a { ${back} }\nlocation /b { ${back} proxy_next_upstream off; }`)}`);
  assert.deepEqual(warnings, [
    '5: servers of "back" are asked otherwise elsewhere: max_conns and max_fails are counted for each by itself',
  ]);
});

test('upstreams of http and stream have names of their own', () => {
  const { document, problems } = outcomeOf(`events { }
http { upstream stream-db { server 127.0.0.1:1; } server { listen 127.0.0.1:2; location / { proxy_pass http://stream-db; } } }
stream { upstream db { server 127.0.0.1:3; } server { listen 127.0.0.1:4; proxy_pass db; } }`);
  assert.deepEqual(problems, []);
  assert.deepEqual(Object.keys(document!['upstreams'] as Upstreams), ['stream-db', 'stream-db-2']);
});

test('an upstream that nobody asks is there all the same', () => {
  assert.deepEqual(retriesOf(`${block} ${site('return 200;')}`), { back: '2 closed timeout' });
});

test('where sessions stick to an upstream it is asked in one way', () => {
  const locations = `location /a { ${back} proxy_next_upstream off; } location /b { ${back} }`;
  const { problems } = translated(`${block.replace('server', 'sticky cookie srv_id; server')}\n${site(locations)}`);
  assert.deepEqual(problems, [
    '4: an upstream that sticks is asked in one way everywhere; write the same "proxy_next_upstream" in each place',
  ]);
});

test('two servers of a stream before one server, with and without the PROXY protocol', () => {
  const { document, problems } = outcomeOf(`events { }
stream {
  proxy_protocol on;
  server { listen 127.0.0.1:1; proxy_pass 127.0.0.1:9; }
  server { listen 127.0.0.1:2; proxy_pass 127.0.0.1:9; proxy_protocol off; }
  server { listen 127.0.0.1:3; proxy_pass 127.0.0.1:9; }
}`);
  assert.deepEqual(problems, []);
  const upstreams = document!['upstreams'] as Upstreams;
  assert.deepEqual(
    Object.values(document!['listeners'] as Listeners).map(({ upstream }) => upstreams[upstream]!.proxyProtocol),
    ['v1', undefined, 'v1'],
  );
});
