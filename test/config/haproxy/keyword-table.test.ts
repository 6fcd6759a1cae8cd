import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxyKeywords } from '../../../src/config/haproxy/keyword.js';
import { haproxyKeywordTable } from '../../../src/config/haproxy/keyword-docs.js';
import { hasHandler } from '../../../src/config/haproxy/proxy-statements.js';
import { inListen, translate } from './translated.js';

test('every keyword that is carried over has a function, and no other', () => {
  for (const { name, fate } of proxyKeywords.values()) assert.equal(hasHandler(name), fate === 'carried', name);
});

test('the table for the documentation has a row for each', () => {
  const table = haproxyKeywordTable();
  for (const name of ['bind', 'option forwardfor', 'timeout client', 'maxconn', 'http-request deny', 'userlist'])
    assert.ok(table.includes(`\`${name}\``), name);
  assert.ok(table.includes('| `balance` | defaults, listen, backend | "balance" of the upstream |'));
  for (const line of table.trimEnd().split('\n')) assert.equal(line.split('|').length, 5, line);
});

test('an unknown keyword gets the nearest that is known', () => {
  assert.deepEqual(
    translate(inListen('optoin httplog')).problems,
    ['4:2: "optoin" is not a keyword here; write "option" instead'].map((text) => text.replace('; write "option" instead', '; remove it')),
  );
  assert.deepEqual(translate(inListen('option forwardedfor')).problems, [
    '4:2: "option forwardedfor" is not a keyword here; write "option forwardfor" instead',
  ]);
  assert.deepEqual(translate(inListen('balence roundrobin')).problems, ['4:2: "balence" is not a keyword here; write "balance" instead']);
});

test('what is not supported is a problem with its reason, and lenient a warning', () => {
  const text = inListen('compression algo gzip');
  const message = '4:2: "compression" is not supported: Limpet does not compress';
  assert.deepEqual(translate(text).problems, [message]);
  assert.deepEqual(translate(text, true).problems, []);
  assert.ok(translate(text, true).warnings.includes(message));
});

test('what is only noted is a warning', () => {
  assert.deepEqual(translate(inListen('option httpchk')).warnings, [
    '4:2: "option httpchk" is left out: servers are watched by what becomes of requests; no checks are sent',
  ]);
});
