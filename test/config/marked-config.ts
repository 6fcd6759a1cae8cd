// Configurations in which the place of the expected problem is marked, so that the test shows what the user sees.
import assert from 'node:assert/strict';
import { parseConfig } from '../../src/config/load.js';

const mark = '▸';

/** Fails unless `marked` has problems at its marks and nowhere else, in the order of `messages`. */
export function assertProblems(marked: string, messages: readonly string[], file = 'proxy.config.json'): void {
  const expected: string[] = [];
  let text = '';
  for (const [index, part] of marked.split(mark).entries()) {
    if (index > 0) {
      const lines = text.split('\n');
      expected.push(`${lines.length}:${(lines.at(-1) ?? '').length + 1}: ${messages[index - 1]}`);
    }
    text += part;
  }
  assert.equal(expected.length, messages.length, 'each message needs its mark');
  const { problems = [] } = parseConfig(text, file);
  assert.deepEqual(
    problems.map(({ line, column, message }) => `${line}:${column}: ${message}`),
    expected,
  );
}

/** A sound configuration with more keys at the top. */
export function atTop(keys: string): string {
  return `{\n  ${keys}\n  "listeners": { "web": { "address": ":80", "upstream": "app" } },\n  "upstreams": { "app": { "servers": ["a:1"] } }\n}`;
}

/** A sound configuration but for what its one listener holds. */
export function listener(keys: string, before = ''): string {
  return `{\n  "listeners": {\n    ${before} "web": ${before === '' ? '' : ' '}${keys}\n  },\n  "upstreams": { "app": { "servers": ["a:1"] } }\n}`;
}

/** A sound configuration but for its routes. */
export function routes(...written: string[]): string {
  return listener(`{ "address": ":80", "routes": [\n      ${written.join(',\n      ')}\n    ] }`);
}

/** A sound configuration but for what its one upstream holds beside its servers. */
export function upstream(keys: string, servers = '["a:1"]'): string {
  return `{\n  "listeners": { "web": { "address": ":80", "upstream": "app" } },\n  "upstreams": {\n    "app": { "servers": ${servers}${keys === '' ? '' : `, ${keys}`} }\n  }\n}`;
}
