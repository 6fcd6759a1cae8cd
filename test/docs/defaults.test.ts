// The tables of docs/http.md say the defaults that hold.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration } from '../../src/config/duration.js';
import { parseConfig } from '../../src/config/load.js';
import { parseSize } from '../../src/config/size.js';
import { readPage } from './pages.js';

const { config } = parseConfig(
  '{ "listeners": { "web": { "address": ":0", "upstream": "app" } }, "upstreams": { "app": { "servers": ["a:1"] } } }',
  'proxy.config.json',
);
const { limits, timeouts } = config!.listeners['web'];
const page = readPage('docs/http.md');

function documented(section: string): Record<string, string> {
  return Object.fromEntries(
    Array.from(page.matchAll(new RegExp(`^\\| \`${section}\\.(\\w+)\` \\| \`([^\`]+)\` \\|`, 'gm')), (match) => [match[1], match[2]]),
  );
}

test('docs/http.md lists every deadline with its default', () => {
  const written = Object.entries(documented('timeouts')).map(([key, text]) => [key, parseDuration(text)]);
  assert.deepEqual(Object.fromEntries(written), timeouts);
});

test('docs/http.md lists every limit with its default', () => {
  const written = Object.entries(documented('limits')).map(([key, text]) => [key, /^\d+$/.test(text) ? Number(text) : parseSize(text)]);
  assert.deepEqual(Object.fromEntries(written), limits);
});
