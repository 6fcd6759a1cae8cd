// The certificate for trying things out.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { generate } from 'selfsigned';
import { readCertificate } from '../../src/tls/certificate.js';
import { ensureDevelopmentCertificate } from '../../src/tls/development-certificate.js';

const directory = mkdtempSync(join(tmpdir(), 'certs-'));
after(() => rmSync(directory, { recursive: true }));

test('it is made when missing, for this machine, and the key is private', async () => {
  const paths = await ensureDevelopmentCertificate(join(directory, 'made'));
  const x509 = new X509Certificate(readFileSync(paths.cert));
  assert.equal(x509.checkHost('localhost'), 'localhost');
  assert.equal(x509.checkIP('127.0.0.1'), '127.0.0.1');
  assert.equal(x509.checkIP('::1'), '::1');
  assert.equal(x509.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  assert.equal(x509.ca, false);
  assert.equal(statSync(paths.key).mode & 0o777, 0o600);
  readCertificate({ cert: readFileSync(paths.cert, 'utf8'), key: readFileSync(paths.key, 'utf8'), certLabel: 'c', keyLabel: 'k' });
});

test('it is kept while good, and made anew when missing, broken or near its end', async () => {
  const folder = join(directory, 'kept');
  const paths = await ensureDevelopmentCertificate(folder);
  const read = (): string => readFileSync(paths.cert, 'utf8');
  const first = read();
  await ensureDevelopmentCertificate(folder);
  assert.equal(read(), first);

  rmSync(paths.key);
  await ensureDevelopmentCertificate(folder);
  const second = read();
  assert.notEqual(second, first);

  const day = 24 * 60 * 60 * 1000;
  const ending = await generate([], { keyType: 'ec', algorithm: 'sha256', notAfterDate: new Date(Date.now() + 29 * day) });
  for (const bad of ['broken', ending.cert]) {
    writeFileSync(paths.cert, bad);
    chmodSync(paths.key, 0o644);
    await ensureDevelopmentCertificate(folder);
    assert.notEqual(read(), bad);
    assert.equal(statSync(paths.key).mode & 0o777, 0o600);
  }
});
