// The certificates of the TLS cells: ECDSA on P-256 and RSA-2048, for 127.0.0.1, made anew for each run.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate, type SelfsignedOptions } from 'selfsigned';

export interface CertificateFiles {
  readonly certPath: string;
  readonly keyPath: string;
  /** Certificate and key in one file. */
  readonly pemPath: string;
  /** The certificate itself, for clients that check it. */
  readonly cert: string;
}

export interface Certificates {
  readonly ecdsa: CertificateFiles;
  readonly rsa: CertificateFiles;
}

export async function writeCertificates(folder: string): Promise<Certificates> {
  return {
    ecdsa: await writeCertificate(folder, 'ecdsa', { keyType: 'ec', curve: 'P-256' }),
    rsa: await writeCertificate(folder, 'rsa', { keyType: 'rsa', keySize: 2048 }),
  };
}

async function writeCertificate(folder: string, name: string, key: SelfsignedOptions): Promise<CertificateFiles> {
  // A name as well: without any, Hitch 1.7 crashes when a client names a host.
  const pems = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    ...key,
    algorithm: 'sha256',
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: '127.0.0.1' },
          { type: 2, value: 'localhost' },
        ],
      },
    ],
  });
  const [certPath, keyPath, pemPath] = ['crt', 'key', 'pem'].map((kind) => join(folder, `${name}.${kind}`));
  writeFileSync(certPath, pems.cert);
  writeFileSync(keyPath, pems.private, { mode: 0o600 });
  writeFileSync(pemPath, `${pems.private}\n${pems.cert}`, { mode: 0o600 });
  return { certPath, keyPath, pemPath, cert: pems.cert };
}
