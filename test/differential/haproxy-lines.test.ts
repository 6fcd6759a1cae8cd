// Lines that HAProxy takes, and what may be wrong with them: what HAProxy refuses is refused by Limpet. Each line is tried
// with one fault of each kind that fits, or with all of them where LIMPET_FAULTS=all.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { skipWithout } from '../e2e/real-servers.js';
import { haproxyJointCases } from './haproxy-joint-cases.js';
import { allLines, fileWith, type Line } from './haproxy-lines.js';
import { verdictsOn } from './haproxy-verdict.js';

const page = 'HTTP/1.0 503 Service Unavailable\r\nContent-Type: text/html\r\n\r\nsorry\r\n';

/** The files that come of a line with something wrong. */
function faults({ text, home }: Line): string[] {
  const words = text.split(' ');
  const ends = words.map((_, index) => words.slice(0, index + 1).join(' ')).slice(0, -1);
  const changed = (instead: string) => words.slice(1).map((_, index) => words.with(index + 1, instead).join(' '));
  // One that there is not, one of requests, one of responses, and a converter that there is not.
  const samples = ['wrong', 'path', 'res.hdr(a)', 'src,wrong'].map((sample) => text.replaceAll(/\bsrc\b/g, sample));
  return [
    ...[
      ...ends,
      `${text} extra`,
      `${text} if`,
      ...changed('wrong'),
      ...changed('-1'),
      ...changed('""'),
      ...samples.filter((line) => line !== text),
      `no ${text}`,
      `default ${text}`,
    ].map((line) => fileWith(line, home)),
    ...(['G', 'D', 'F', 'B', 'L'] as const).map((section) => fileWith(text, section)),
    ...(['F', 'B', 'L'] as const).map((section) => fileWith(text, section, 'tcp')),
    fileWith(`${text}\n ${text}`, home),
  ];
}

/** What is said of an address in a backend, which is passed over; and what depends on names, on files, or on threads. */
const excepted = [
  /^backend 'b' : MUX protocol/,
  /invalid address: '(?:wrong|-1)'|parsing agent-addr failed/,
  /valid range is|It supports numbers from|Remaining unassigned threads|thread-group number must/,
  /Couldn't open the ca-file|unknown provider|unable to allocate ssl context|unable to load DH|issuers-chain-path/,
];

describe('faults in lines, by HAProxy and by Limpet', { skip: skipWithout('haproxy') }, () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'limpet-haproxy-'));
    writeFileSync(join(folder, 'page.http'), page);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const ask = (text: string) => verdictsOn(text.replaceAll('FOLDER', folder), folder);
  const isAll = process.env['LIMPET_FAULTS'] === 'all';
  const lines = allLines();

  test('what HAProxy refuses is refused', () => {
    const taken: string[] = [];
    for (const [index, line] of lines.entries()) {
      const files = faults(line);
      // A different one for each line, so that all kinds have their turn.
      for (const file of isAll ? files : [files[(index * 7) % files.length]!]) {
        const { real, own } = ask(file);
        if (real === null || excepted.some((pattern) => pattern.test(real))) continue;
        if (own === null) taken.push(`${real}\n${file}`);
      }
    }
    assert.deepEqual(taken, []);
  });

  test('lines are judged together', () => {
    const wrong: string[] = [];
    for (const file of haproxyJointCases) {
      const { real, own } = ask(file);
      if ((real === null) !== (own === null)) wrong.push(`HAProxy: ${real}\nLimpet: ${own}\n${file}`);
    }
    assert.deepEqual(wrong, []);
  });

  test('and the lines themselves are taken by both', () => {
    const proxies = lines.filter(({ home, text }) => home !== 'G' && !/send-proxy/.test(text));
    for (const { text, home } of proxies.filter((_, index) => isAll || index % 2 === 0)) {
      const { real, own } = ask(fileWith(text, home));
      assert.deepEqual({ real, own }, { real: null, own: null }, text);
    }
  });
});
