// Every configuration that the pages show can be loaded: whole ones as they stand, parts within what they leave out.
// Blocks in json or jsonc are configurations; logs and answers are shown as text.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { parse } from 'jsonc-parser';
import { parseConfig } from '../../src/config/load.js';
import type { Problem } from '../../src/config/problem.js';
import { ensureDevelopmentCertificate } from '../../src/tls/development-certificate.js';
import { type FencedBlock, fencedBlocks, pagePaths } from './pages.js';

let folder = '';
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'limpet-docs-'));
  await ensureDevelopmentCertificate(join(folder, 'dev'));
});
after(() => rmSync(folder, { recursive: true }));

const blocks = pagePaths.flatMap(fencedBlocks).filter(({ language }) => language === 'json' || language === 'jsonc');

test('there are examples to test', () => assert.ok(blocks.length > 10));

for (const block of blocks) {
  test(`the example at ${block.page}:${block.line} is sound`, () => {
    const outcomes = candidates(block).map((text) => problemsOf(text));
    assert.ok(
      outcomes.some((problems) => problems.length === 0),
      outcomes.map((problems) => problems.map(({ line, column, message }) => `${line}:${column}: ${message}`).join('\n')).join('\n\n'),
    );
  });
}

/** The whole configurations that a block can stand for: itself, or one in which it is at the top, or in a listener, a route or an upstream. */
function candidates({ text }: FencedBlock): string[] {
  const part = text.trim().startsWith('{') ? text.trim().slice(1, -1) : text;
  const fields = /,\s*$/.test(part) ? part : `${part}\n,`;
  const names = new Set(Array.from(text.matchAll(/"upstream": "([^"]+)"/g), (match) => match[1]).concat('app'));
  const upstreams = `"upstreams": { ${[...names].map((name) => `"${name}": { "servers": ["127.0.0.1:3000"] }`).join(', ')} }`;
  const address = '"address": "127.0.0.1:8080"';
  const webTo = (upstream: string) => `"listeners": { "web": { ${address}, "upstream": "${upstream}" } }`;
  const ownUpstream = /"upstreams": \{\s*"([^"]+)"/.exec(text)?.[1];
  if (text.includes('"listeners": {')) return [`{ ${fields} ${ownUpstream === undefined ? upstreams : ''} }`];
  if (ownUpstream !== undefined) return [`{ ${fields} ${webTo(ownUpstream)} }`];
  return [
    `{ ${fields} ${webTo('app')}, ${upstreams} }`,
    `{ "listeners": { "web": { ${fields} ${address} } }, ${upstreams} }`,
    `{ "listeners": { "web": { ${fields} ${address}, "upstream": "app" } }, ${upstreams} }`,
    `{ "listeners": { "web": { ${address}, "routes": [{ ${fields} }] } }, ${upstreams} }`,
    `{ "listeners": { "web": { ${address}, "routes": [{ ${fields} "upstream": "app" }] } }, ${upstreams} }`,
    `{ ${webTo('app')}, "upstreams": { "app": { ${fields} } } }`,
    `{ ${webTo('app')}, "upstreams": { "app": { ${fields} "servers": ["127.0.0.1:3000"] } } }`,
  ];
}

/** Loads it in a folder where the certificates that it names exist. */
function problemsOf(text: string): readonly Problem[] {
  let local = text;
  for (const [, key, path] of text.matchAll(/"(cert|key)": "([^"]+)"/g)) {
    const place = resolve(folder, `./${path}`);
    mkdirSync(dirname(place), { recursive: true });
    copyFileSync(join(folder, 'dev', key === 'cert' ? 'dev.crt' : 'dev.key'), place);
    local = local.replaceAll(`"${path}"`, `"${place}"`);
  }
  assert.notEqual(parse(local), undefined);
  return parseConfig(local, join(folder, 'proxy.config.json')).problems ?? [];
}
