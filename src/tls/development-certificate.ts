// A certificate for trying Limpet out on one's own machine, self-signed, made when it is missing. For the demo and tests only: no
// browser trusts it. It needs the development dependency `selfsigned`, and no openssl.
import { X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CertificatePaths {
  readonly cert: string;
  readonly key: string;
}

const dayMs = 24 * 60 * 60 * 1000;
/** Apple's and Chromium's limit for certificates that they are told to trust is 398 days. */
const validDays = 365;
const renewalDays = 30;

/**
 * Paths of `dev.crt` and `dev.key` in `directory`, for localhost, 127.0.0.1 and ::1; ECDSA P-256. Makes them when one is missing,
 * unreadable, or within 30 days of its end. Only the owner may read the key.
 */
export async function ensureDevelopmentCertificate(directory: string): Promise<CertificatePaths> {
  const paths = { cert: join(directory, 'dev.crt'), key: join(directory, 'dev.key') };
  if (isGoodFor(paths, renewalDays * dayMs)) return paths;
  const { generate } = await import('selfsigned');
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    // A day early: clocks of containers and virtual machines lag.
    notBeforeDate: new Date(Date.now() - dayMs),
    notAfterDate: new Date(Date.now() + validDays * dayMs),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  mkdirSync(directory, { recursive: true });
  replaceFile(paths.key, made.private, 0o600);
  replaceFile(paths.cert, made.cert, 0o644);
  return paths;
}

function isGoodFor(paths: CertificatePaths, remainingMs: number): boolean {
  if (!existsSync(paths.key) || !existsSync(paths.cert)) return false;
  try {
    return Date.parse(new X509Certificate(readFileSync(paths.cert)).validTo) - Date.now() > remainingMs;
  } catch {
    return false;
  }
}

/** The mode holds from the first byte on, whatever the umask and whatever was there before. */
function replaceFile(path: string, text: string, mode: number): void {
  const temporary = `${path}.${process.pid}.new`;
  writeFileSync(temporary, text, { mode });
  chmodSync(temporary, mode);
  renameSync(temporary, path);
}
