// Whatever becomes of a configuration, nothing but placed problems comes out, and soon. LIMPET_MUTATIONS says how many
// are tried.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { translateNginx } from '../../../src/config/nginx/translate.js';

const seed = [
  'user www-data;\nworker_processes auto;\nerror_log stderr info;\nevents { worker_connections 64; }\n',
  "http {\n log_format a '$remote_addr \"$request\" $status';\n access_log stdout a;\n map $http_upgrade $c { default upgrade; '' close; ~^w(.*) $1; }\n",
  ' upstream app { least_conn; sticky; server 127.0.0.1:3000 weight=2 max_fails=1 fail_timeout=10s; server unix:/x backup; keepalive 8; }\n',
  ' server { listen 127.0.0.1:8080 default_server; listen [::1]:8081; server_name a.test *.b.test ~^(?<n>.+)\\.c$;\n',
  '  location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $c; }\n',
  '  location ^~ /a/ { proxy_pass http://127.0.0.1:3001/b/; proxy_read_timeout 1m30s; proxy_redirect default; }\n',
  '  location ~* "\\.(gif|jpg){1,2}$" { rewrite ^/x/(.*)$ /y/$1 break; proxy_pass http://app; add_header A "b ${host}" always; }\n',
  '  if ($request_method = POST) { return 405; }\n  error_page 502 503 =200 /x;\n  location = /x { return 200 "x"; }\n  allow 10.0.0.0/8; deny all;\n }\n}\n',
  'stream { server { listen 127.0.0.1:9000; proxy_pass 127.0.0.1:9001; proxy_timeout 5m; } }\n',
];

const pieces = ['"', "'", '\\', '${', '$', '}', '{', '(', '[', '#', '\n', ';', ' ', '~', '\0', '\u{1f600}', '99999999999999999999', '-1'];
const words = [
  '__proto__',
  'constructor',
  'include mutated-nowhere-*.conf;',
  'if (',
  'location ',
  'server {',
  'return 301 ',
  'set $a ',
  'unix:',
];
const all = [...pieces, ...words];

/** Numbers from 0 up to below `limit`, the same for the same seed. */
function numbersFrom(start: number): (limit: number) => number {
  let state = start >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function mutate(text: string, below: (limit: number) => number): string {
  let mutated = text;
  for (let count = 1 + below(6); count > 0; count--) {
    const at = below(mutated.length + 1);
    const end = Math.min(mutated.length, at + below(20));
    const kind = below(4);
    if (kind === 0) mutated = mutated.slice(0, at) + mutated.slice(end);
    else if (kind === 1) mutated = mutated.slice(0, at) + all[below(all.length)] + mutated.slice(at);
    else if (kind === 2) mutated = mutated.slice(0, end) + mutated.slice(at);
    else mutated = mutated.slice(0, at) + String.fromCharCode(below(256)) + mutated.slice(at + 1);
  }
  return mutated;
}

function assertPlaced(text: string, lenient: boolean): void {
  const lines = text.split('\n').length;
  const { problems, warnings } = translateNginx(text, 'mutated.conf', { lenient });
  for (const { file, line, column, message } of [...problems, ...warnings]) {
    assert.equal(file, 'mutated.conf');
    assert.ok(line >= 1 && line <= lines && column >= 1 && message.length > 0 && message.length < 20_000, message);
  }
}

test('mutated configurations come to placed problems and to nothing else', () => {
  const count = Number(process.env['LIMPET_MUTATIONS'] ?? 3000);
  const endMs = process.env['LIMPET_MUTATIONS'] === undefined ? performance.now() + 10_000 : Infinity;
  const text = seed.join('');
  for (let index = 0; index < count && performance.now() < endMs; index++) {
    // Neighbouring seeds would begin with much the same numbers.
    const mutated = mutate(text, numbersFrom(Math.imul(index + 1, 2654435761)));
    const begunMs = performance.now();
    try {
      assertPlaced(mutated, index % 2 === 0);
    } catch (error) {
      throw new Error(`mutation ${index}: ${JSON.stringify(mutated)}`, { cause: error });
    }
    assert.ok(performance.now() - begunMs < 2000, `mutation ${index} takes too long`);
  }
});

test('the configuration that is mutated has no problems but those of its own', () => {
  const { problems } = translateNginx(seed.join(''), 'mutated.conf', { lenient: true });
  assert.deepEqual(problems, []);
});
