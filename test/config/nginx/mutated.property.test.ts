// Files with something wrong in them: whatever it is, the front end gives placed problems and never throws, in bounded time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../../src/config/load.js';
import { nginxCases } from '../../differential/nginx-cases.js';

const texts = nginxCases.map(
  ({ http }) => `events { }\nhttp {\n${http.replaceAll('PORT', '8080').replace(/\b[AB]\b(?=[;\s/$]|$)/g, '127.0.0.1:3000')}\n}\n`,
);
const scraps = [
  '{',
  '}',
  ';',
  '"',
  "'",
  '\\',
  '$',
  '${',
  '#',
  '~',
  '\n',
  ' ',
  '\0',
  'é',
  'server ',
  'location / { ',
  'if ($a) { ',
  'return 200 ',
  'proxy_pass http://',
  '9'.repeat(20),
  'x'.repeat(300),
  '(',
  '[',
  '*',
  '@',
];

/** A small generator, so that a failure can be repeated from its seed. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function mutated(seed: number): string {
  const random = generator(seed);
  let text = texts[random(texts.length)]!;
  for (let count = 1 + random(4); count > 0; count--) {
    const at = random(text.length);
    const end = Math.min(text.length, at + random(12));
    const kind = random(4);
    if (kind === 0) text = text.slice(0, at) + text.slice(end);
    else if (kind === 1) text = text.slice(0, at) + scraps[random(scraps.length)]! + text.slice(at);
    else if (kind === 2) text = text.slice(0, end) + text.slice(at);
    else text = text.slice(0, at) + String.fromCharCode(random(256)) + text.slice(at + 1);
  }
  return text;
}

test('mutated files give placed problems or a configuration', { timeout: 900_000 }, () => {
  const wanted = process.env['LIMPET_MUTATIONS'];
  const count = Number(wanted ?? 3000);
  const endMs = wanted === undefined ? performance.now() + 10_000 : Number.POSITIVE_INFINITY;
  let refused = 0;
  for (let seed = 1; seed <= count && performance.now() < endMs; seed++) {
    const text = mutated(seed);
    const before = process.cpuUsage();
    const { problems } = parseConfig(text, '/nowhere/nginx.conf');
    // The processor's time, since others may be using it.
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 2_000_000, `seed ${seed} took too long`);
    if (problems === undefined) continue;
    refused++;
    assert.ok(problems.length > 0, `seed ${seed}`);
    for (const { file, line, message } of problems) {
      assert.equal(file, '/nowhere/nginx.conf', `seed ${seed}`);
      assert.ok(line >= 1 && line <= text.split('\n').length + 1, `seed ${seed}: line ${line}`);
      assert.ok(message.length > 10, `seed ${seed}`);
    }
  }
  assert.ok(refused > 0);
});
