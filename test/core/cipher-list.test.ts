// Lists of ciphers that nginx and HAProxy hand to OpenSSL unread.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { knownCiphers } from '../../src/core/cipher-list.js';

describe('what OpenSSL does not have is left out, the rest stays', () => {
  for (const [list, known, unknown] of [
    ['ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256', []],
    ['HIGH:!aNULL:!MD5', 'HIGH:!aNULL:!MD5', []],
    ['ECDHE-RSA-AES128-GCM-SHA256:DES-CBC3-SHA:!DSS', 'ECDHE-RSA-AES128-GCM-SHA256:!DSS', ['DES-CBC3-SHA']],
    ['EECDH+AESGCM NOSUCH, EDH+AESGCM;RC4 @STRENGTH', 'EECDH+AESGCM:EDH+AESGCM:@STRENGTH', ['NOSUCH', 'RC4']],
    ['NOSUCH', 'NOSUCH', null],
    ['NOSUCH:!aNULL', 'NOSUCH:!aNULL', null],
    ['TLS_AES_128_GCM_SHA256:NOSUCH', 'TLS_AES_128_GCM_SHA256', ['NOSUCH']],
    ['', '', null],
  ] as const) {
    test(list, () => {
      const { list: found, note } = knownCiphers(list);
      assert.equal(found, known);
      assert.deepEqual(note === null ? [] : [...note.matchAll(/"([^"]+)"/g)].map(([, name]) => name), unknown ?? []);
    });
  }
});
