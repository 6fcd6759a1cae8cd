// docs/logs.md explains every field of the access log, in each of its formats.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { combinedFormat, jsonFormat } from '../../src/observe/access-log-format.js';
import { AccessRecord } from '../../src/observe/access-record.js';
import { accessLogNames } from '../../src/route/access-log-template.js';
import { readPage } from './pages.js';

const page = readPage('docs/logs.md');
const explained = (text: string): boolean => new RegExp(`^\\|.*\`${text.replaceAll('.', '\\.')}\`.*\\|$`, 'm').test(page);

test('every key of the JSON format stands in a table', () => {
  const keys = Object.keys(JSON.parse(jsonFormat()(new AccessRecord(), null)) as object);
  assert.deepEqual(
    keys.filter((key) => !explained(key)),
    [],
  );
});

test('every key=value of the combined format stands in a table', () => {
  const keys = Array.from(combinedFormat()(new AccessRecord(), null).matchAll(/ (\w+)=/g), (match) => match[1]);
  assert.ok(keys.length > 5);
  assert.deepEqual(
    keys.filter((key) => !explained(`${key}=`)),
    [],
  );
});

test('every name that only templates of the access log have stands in a table', () => {
  assert.deepEqual(
    [...accessLogNames.keys()].filter((name) => !explained(name)),
    [],
  );
});
