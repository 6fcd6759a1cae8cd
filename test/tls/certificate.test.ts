// Certificates and their keys, checked when they are read.
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { test } from 'node:test';
import { readCertificate } from '../../src/tls/certificate.js';
import { certificateFor } from '../fixtures/certificates.js';

test('names, key type and end are read', async () => {
  const certificate = await certificateFor('ec', 'App.example', '*.app.example');
  assert.deepEqual(certificate.names, ['app.example', '*.app.example']);
  assert.equal(certificate.keyType, 'ec');
  assert.ok(certificate.expiresMs > Date.now());
  assert.equal((await certificateFor('rsa', 'rsa.example')).keyType, 'rsa');
});

test('what is wrong is said with the file', async () => {
  const { cert, key } = await certificateFor('ec', 'app.example');
  const other = await certificateFor('rsa', 'rsa.example');
  const encrypted = createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString();
  const labels = { certLabel: 'a.crt', keyLabel: 'a.key' };
  assert.throws(
    () => readCertificate({ cert, key: other.key, ...labels }),
    /the key a\.key does not belong to the first certificate in a\.crt/,
  );
  assert.throws(() => readCertificate({ cert: `${other.cert}\n${cert}`, key, ...labels }), /does not belong to the first certificate/);
  assert.throws(() => readCertificate({ cert: 'nothing', key, ...labels }), /a\.crt does not begin with a certificate in PEM form/);
  assert.throws(() => readCertificate({ cert, key: 'nothing', ...labels }), /a\.key is not a private key in PEM form/);
  assert.throws(() => readCertificate({ cert, key: encrypted, ...labels }), /the key a\.key is encrypted/);
});
