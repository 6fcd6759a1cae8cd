// docs/errors.md explains every fault, and none that does not exist.
// UPDATE_DOCS=1 node --test dist/test/docs/error-catalogue.test.js writes its tables anew.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { faults } from '../../src/core/errors.js';
import { errorCatalogue } from './error-catalogue.js';
import { readPage, root } from './pages.js';

const page = 'docs/errors.md';
const region = /(?<=<!-- catalogue:begin[^>]*-->\n)[\s\S]*?(?=<!-- catalogue:end -->)/;

if (process.env['UPDATE_DOCS'] === '1') {
  const updated = readPage(page).replace(region, () => `\n${errorCatalogue()}\n`);
  writeFileSync(join(root, page), updated);
}

test('docs/errors.md has the tables that the catalogue makes (else: UPDATE_DOCS=1, see this file)', () => {
  assert.equal(region.exec(readPage(page))?.[0].trim(), errorCatalogue().trim());
});

test('no two faults share a code, and every meaning is a sentence that fits into a table', () => {
  const all = Object.values(faults);
  assert.equal(new Set(all.map(({ code }) => code)).size, all.length);
  for (const { meaning } of all) assert.match(meaning, /^[A-Z][^|\n]*\.$/);
});

test('what docs/errors.md advises on are codes of the catalogue', () => {
  const advice = readPage(page).replace(region, '');
  const codes = new Set<string>(Object.values(faults).map(({ code }) => code));
  const advised = Array.from(advice.matchAll(/^\*\*`([a-z-]+)`/gm), (match) => match[1]);
  assert.ok(advised.length > 5);
  assert.deepEqual(
    advised.filter((code) => !codes.has(code)),
    [],
  );
});
