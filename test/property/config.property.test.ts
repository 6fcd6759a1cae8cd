// Loading never throws, whatever is in the file, and always gives either a configuration or problems inside the text.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseConfig } from '../../src/config/load.js';

// The compiled test lies one folder deeper than its source.
const candidates = ['../../proxy.config.json', '../../../proxy.config.json'].map((path) => new URL(path, import.meta.url));
const example = readFileSync(candidates.find((url) => existsSync(url)) as URL, 'utf8');

function assertAnswer(text: string): void {
  const { config, problems } = parseConfig(text, 'proxy.config.json');
  if (config !== undefined) return;
  assert.ok(problems.length > 0, 'neither a configuration nor a problem');
  const lines = text.split('\n');
  for (const { line, column, message } of problems) {
    assert.ok(line >= 1 && line <= lines.length, `line ${line} of ${lines.length}: ${message}`);
    assert.ok(column >= 1 && column <= lines[line - 1].length + 1, `column ${column} of line ${line}: ${message}`);
    assert.ok(message.length > 0 && !/undefined|\[object|Invalid input/.test(message), message);
  }
}

test('random text', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), assertAnswer), { numRuns: 500 });
});

test('random JSON', () => {
  fc.assert(
    fc.property(fc.json(), (text) => assertAnswer(text)),
    { numRuns: 500 },
  );
});

test('the example with a piece cut out or replaced', () => {
  const pieces = fc.constantFrom(
    '',
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    ':',
    '\\',
    '//',
    '/*',
    'null',
    '0',
    '-1',
    '1e999',
    '"x"',
    '{}',
    '[]',
    '${',
    '\0',
    'é',
    '"__proto__": {},',
  );
  fc.assert(
    fc.property(fc.nat(example.length), fc.nat(40), pieces, (start, length, piece) => {
      assertAnswer(example.slice(0, start) + piece + example.slice(start + length));
    }),
    { numRuns: 500 },
  );
});

test('the example with any one of its values replaced by anything', () => {
  const values = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom<unknown>('${', '1s', '1KiB', ':80', 'unix:', 'chat', 'raw', '*', '/', ''),
  );
  const sound = withoutComments(example);
  const places = placesIn(sound);
  fc.assert(
    fc.property(fc.nat(places.length - 1), values, (index, value) => {
      const copy = structuredClone(sound);
      const [parent, key] = places[index];
      let target = copy as Record<string, unknown>;
      for (const step of parent) target = target[step] as Record<string, unknown>;
      target[key] = value;
      assertAnswer(JSON.stringify(copy, null, 2));
    }),
    { numRuns: 1000 },
  );
});

function withoutComments(text: string): unknown {
  return JSON.parse(text.replace(/^\s*\/\/.*$/gm, '').replace(/\s\/\/ .*$/gm, ''));
}

/** Path of the parent, and the key, of every value. */
function placesIn(value: unknown, path: string[] = []): [string[], string][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]): [string[], string][] => [[path, key], ...placesIn(member, [...path, key])]);
}
