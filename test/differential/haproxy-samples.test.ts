// Where samples may be fetched: what HAProxy's own table says, and what it says to each list of rules with each of them.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { everywhere, knownSamples } from '../../src/config/haproxy/known-samples.js';
import { skipWithout } from '../e2e/real-servers.js';
import { realSamples, type Verdicts, verdictsOn } from './haproxy-verdict.js';

/** Which column of HAProxy's table each place is. */
const columns = { connection: 0, session: 1, frontend: 3, backend: 7, server: 9, response: 12, log: 18, check: 19 } as const;

/** Of every kind that the table has, samples that have Values. */
const samples = [
  'src',
  'var(txn.a)',
  'ssl_fc_sni',
  'method',
  'path',
  'hdr(x-a)',
  'req.hdr(x-a)',
  'hdr_val(x-a)',
  'be_name',
  'srv_name',
  'status',
  'res.hdr(x-a)',
];

const front = (line: string) => `frontend f\n bind 127.0.0.1:1\n ${line}\n default_backend b\nbackend b\n server s 127.0.0.1:1\n`;
const back = (line: string) => `frontend f\n bind 127.0.0.1:1\n default_backend b\nbackend b\n server s 127.0.0.1:1\n ${line}\n`;
const listen = (line: string) => `listen b\n bind 127.0.0.1:1\n server s 127.0.0.1:1\n ${line}\n`;
const namedForFront = (line: string) =>
  `defaults d from base
 ${line}
frontend f from d
 bind 127.0.0.1:1
 default_backend b
defaults e from base
backend b
 server s 127.0.0.1:1
`;
const named = (line: string) =>
  `defaults d from base
 ${line}
backend b from d
 server s 127.0.0.1:1
defaults e from base
frontend f
 bind 127.0.0.1:1
 default_backend b
`;

/** Where a sample may stand: `%` is the sample. */
const values: Readonly<Record<string, string>> = {
  'http-request in a frontend': front('http-request set-header x-b "%[%]"'),
  'http-request in a backend': back('http-request set-header x-b "%[%]"'),
  'http-request in a listen': listen('http-request set-header x-b "%[%]"'),
  'http-request in defaults': named('http-request set-header x-b "%[%]"'),
  'http-request in defaults of a frontend': namedForFront('http-request set-header x-b "%[%]"'),
  'http-request set-var': front('http-request set-var(txn.b) %'),
  'http-request set-var-fmt': front('http-request set-var-fmt(txn.b) "%[%]"'),
  'http-request set-path': front('http-request set-path "/%[%]"'),
  'http-request set-query': front('http-request set-query "%[%]"'),
  'http-request replace-path': front('http-request replace-path a "/%[%]"'),
  'http-request replace-header': front('http-request replace-header x-b a "%[%]"'),
  'http-request return': front('http-request return content-type text/plain lf-string "%[%]"'),
  'http-request deny': front('http-request deny hdr x-b "%[%]"'),
  'http-request redirect': back('http-request redirect location "/%[%]"'),
  'http-response in a frontend': front('http-response set-header x-b "%[%]"'),
  'http-response in a backend': back('http-response add-header x-b "%[%]"'),
  'http-response set-var': back('http-response set-var(txn.b) %'),
  'http-response replace-value': front('http-response replace-value x-b a "%[%]"'),
  'http-response return': front('http-response return content-type text/plain lf-string "%[%]"'),
  'http-response deny': front('http-response deny hdr x-b "%[%]"'),
  'http-response redirect': front('http-response redirect location "/%[%]"'),
  'http-after-response': back('http-after-response set-header x-b "%[%]"'),
  use_backend: front('use_backend "%[%]"'),
  'redirect, which takes no samples': front('redirect location "/%[%]" if { path /a }'),
  'http-error': front('http-error status 503 content-type text/plain lf-string "%[%]"'),
};

const conditions: Readonly<Record<string, string>> = {
  'http-request in a frontend': front('http-request deny if { % -m found }'),
  'http-request in a backend': back('http-request deny if { % -m found }'),
  'http-request in a listen': listen('http-request deny if { % -m found }'),
  'http-request in defaults': named('http-request deny if { % -m found }'),
  'http-request in defaults of a frontend': namedForFront('http-request deny if { % -m found }'),
  'http-response': back('http-response deny if { % -m found }'),
  'http-after-response': front('http-after-response del-header x-b unless { % -m found }'),
  redirect: front('redirect location / if { % -m found }'),
  use_backend: front('use_backend b if { % -m found }'),
  'tcp-request connection': front('tcp-request connection reject if { % -m found }'),
};

/** What HAProxy takes and Limpet does not, which is said. */
const refused =
  /not supported|"ssl_fc" is supported|connections are taken or refused before TLS|of a connection, addresses, ports and TLS are known/;

describe('where samples are fetched, by HAProxy and by Limpet', { skip: skipWithout('haproxy') }, () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'limpet-haproxy-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const ask = (text: string, sample: string): Verdicts =>
    verdictsOn(
      `defaults base\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n${text.replace(/%(?!\[)/g, sample)}`,
      folder,
    );

  test("the table is HAProxy's", () => {
    const real = [...realSamples()].map(([name, places]) => [name, everywhere.filter((place) => places[columns[place]] === 'Y').join(' ')]);
    const own = [...knownSamples].map(([name, places]) => [name, everywhere.filter((place) => places.has(place)).join(' ')]);
    assert.deepEqual(own.sort(), real.sort());
  });

  for (const [name, text] of Object.entries(values)) {
    test(`in the value of ${name}`, () => {
      for (const sample of samples) {
        const { real, own } = ask(text, sample);
        assert.equal(own !== null && !refused.test(own), real !== null, `${sample}: HAProxy: ${real}; Limpet: ${own}`);
      }
    });
  }

  test('in a log-format', () => {
    for (const sample of samples) {
      const { real, own } = ask(listen('log stdout format raw local0\n log-format "%[%]"'), sample);
      assert.equal(own !== null && !refused.test(own), real !== null, `${sample}: HAProxy: ${real}; Limpet: ${own}`);
    }
  });

  for (const [name, text] of Object.entries(conditions)) {
    test(`in a condition of ${name}, which never matches then`, () => {
      for (const sample of samples) {
        const { real, own, realWarns, ownWarns } = ask(text, sample);
        assert.equal(real, null, sample);
        if (own === null) assert.equal(ownWarns, realWarns, sample);
        else assert.match(own, refused, sample);
      }
    });
  }
});
