// The certificate of the TLS cells: ECDSA on P-256, for 127.0.0.1, made anew for each run.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface CertificateFiles {
  readonly certPath: string;
  readonly keyPath: string;
  /** Certificate and key in one file. */
  readonly pemPath: string;
  /** The certificate itself, for clients that check it. */
  readonly cert: string;
}

export async function writeCertificate(folder: string): Promise<CertificateFiles> {
  const pems = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  const files = { certPath: join(folder, 'bench.crt'), keyPath: join(folder, 'bench.key'), pemPath: join(folder, 'bench.pem') };
  writeFileSync(files.certPath, pems.cert);
  writeFileSync(files.keyPath, pems.private, { mode: 0o600 });
  writeFileSync(files.pemPath, `${pems.cert}\n${pems.private}`, { mode: 0o600 });
  return { ...files, cert: pems.cert };
}
