// What ssl_* directives become.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeOf } from './translated.js';

test("a list of the years in which 3DES was in everybody's is no problem, and the note has its line", () => {
  const { document, problems, warnings } = outcomeOf(`events { }
http {
  ssl_ciphers "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-DES-CBC3-SHA:DES-CBC3-SHA:!DSS";
  server { listen 127.0.0.1:1 ssl; ssl_certificate a.crt; ssl_certificate_key a.key; return 200; }
}`);
  assert.deepEqual(problems, []);
  assert.deepEqual(warnings, ['3: OpenSSL has no cipher "ECDHE-RSA-DES-CBC3-SHA", "DES-CBC3-SHA", and leaves out what it does not have']);
  const { 'http-1': listener } = document!['listeners'] as Record<string, { tls: { ciphers: string } }>;
  assert.equal(listener!.tls.ciphers, 'ECDHE-ECDSA-AES128-GCM-SHA256:!DSS');
});
