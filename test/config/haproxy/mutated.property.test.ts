// Whatever becomes of a configuration, nothing but placed problems comes out, and soon. LIMPET_MUTATIONS says how many
// are tried.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { translateHaproxy } from '../../../src/config/haproxy/translate.js';

const seed = [
  'global\n maxconn 1000\n log stdout format raw local0\n ssl-default-bind-options ssl-min-ver TLSv1.2\n nbthread 2\n',
  '.if version_atleast(2.4) && !defined(X)\n defaults base\n mode http\n timeout client 5s\n timeout server "5s"\n.elif 0\n.else\n.endif\n',
  "defaults from base\n option forwardfor except 127.0.0.1 if-none\n log global\n log-format '%ci %[src] %{+Q}o %%'\n errorfile 503 /nowhere\n",
  'frontend www\n bind *:8080,:::8081 accept-proxy name x\n acl a path_beg -i /a /b\n acl a hdr(host) -m reg ^x$\n http-request deny deny_status 429 if a !{ src 10.0.0.0/8 } || TRUE\n',
  ' http-request set-header X-A "%[hdr(host),lower] ${HOME}" unless { ssl_fc }\n redirect scheme https code 301 if !{ ssl_fc }\n http-request set-var(txn.a) path,field(1,/)\n',
  ' http-request replace-path ^/a(.*)$ /b\\1\n http-response set-header X-B b if { status 200:299 }\n use_backend app if a\n default_backend app\n',
  'backend app\n balance random(3)\n cookie S insert indirect nocache attr SameSite=Lax\n default-server check weight 10\n server a 127.0.0.1:3000 cookie a maxconn 5\n server b [::1]:3001 backup disabled\n',
  'listen t\n mode tcp\n bind /tmp/x.sock mode 600\n server z unix@/tmp/y.sock send-proxy-v2\n',
];

const pieces = [
  '"',
  "'",
  '\\',
  '${',
  '}',
  '{',
  '%[',
  ']',
  '(',
  ')',
  '#',
  '\n',
  ' ',
  '!',
  '||',
  '.if',
  'if',
  'no ',
  '-m reg',
  '-f /',
  '\0',
  '\u{1f600}',
  '99999999999999999999',
  '-1',
  '__proto__',
  'constructor',
];

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
    switch (below(5)) {
      case 0:
        mutated = mutated.slice(0, at) + mutated.slice(end);
        break;
      case 1:
        mutated = mutated.slice(0, at) + pieces[below(pieces.length)] + mutated.slice(at);
        break;
      case 2:
        mutated = mutated.slice(0, at) + mutated.slice(at, end).repeat(2) + mutated.slice(end);
        break;
      case 3: {
        const words = mutated.split(' ');
        words[below(words.length)] = words[below(words.length)]!;
        mutated = words.join(' ');
        break;
      }
      default:
        mutated = mutated.slice(0, at) + String.fromCharCode(below(256)) + mutated.slice(at + 1);
    }
  }
  return mutated;
}

test('mutated configurations come to placed problems and to nothing else', () => {
  const count = Number(process.env['LIMPET_MUTATIONS'] ?? 3000);
  const endMs = process.env['LIMPET_MUTATIONS'] === undefined ? performance.now() + 10_000 : Infinity;
  const text = seed.join('');
  const lines = text.split('\n').length;
  for (let index = 0; index < count && performance.now() < endMs; index++) {
    const below = numbersFrom(index);
    const mutated = mutate(below(2) === 0 ? text : seed[below(seed.length)]!, below);
    const begunMs = performance.now();
    try {
      const { problems, warnings } = translateHaproxy(mutated, 'x.cfg', { lenient: index % 2 === 0 });
      for (const { file, line, column, message } of [...problems, ...warnings]) {
        assert.equal(file, 'x.cfg');
        assert.ok(line >= 1 && line <= lines * 130 && column >= 1 && message.length > 0 && message.length < 20_000, message);
      }
    } catch (error) {
      throw new Error(`mutation ${index}: ${JSON.stringify(mutated)}`, { cause: error });
    }
    assert.ok(performance.now() - begunMs < 2000, `mutation ${index} takes too long`);
  }
});
