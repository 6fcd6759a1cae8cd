// A server certificate with its key, checked, and the names that it is for. It reads no files and creates no contexts.

import type { KeyObject } from 'node:crypto';
import { createPrivateKey, X509Certificate } from 'node:crypto';

export interface CertificateSource {
  /** PEM: the server's certificate first, then those that lead to its root. */
  readonly cert: string;
  /** PEM, not encrypted. */
  readonly key: string;
  /** Where they came from, for messages: usually the two paths. */
  readonly certLabel: string;
  readonly keyLabel: string;
}

export interface Certificate {
  readonly cert: string;
  readonly key: string;
  /** Host names of the subjectAltName in lower case, "*.example" among them; the subject's common name if it has none. */
  readonly names: readonly string[];
  /** 'rsa', 'ec', 'ed25519', … */
  readonly keyType: string;
  /** Milliseconds since the epoch after which clients refuse it. */
  readonly expiresMs: number;
}

/** Throws an Error with one line that says which file is wrong and how. */
export function readCertificate(source: CertificateSource): Certificate {
  const x509 = parseX509(source);
  const key = parseKey(source);
  // OpenSSL takes an RSA key beside an EC certificate without a word, and then fails every handshake.
  if (!x509.checkPrivateKey(key)) {
    throw new Error(
      `the key ${source.keyLabel} does not belong to the first certificate in ${source.certLabel}; the server's own certificate has to come first`,
    );
  }
  const keyType = key.asymmetricKeyType ?? '';
  return { cert: source.cert, key: source.key, names: namesOf(x509), keyType, expiresMs: Date.parse(x509.validTo) };
}

function parseX509(source: CertificateSource): X509Certificate {
  try {
    return new X509Certificate(source.cert);
  } catch (error) {
    throw new Error(`${source.certLabel} does not begin with a certificate in PEM form (${(error as Error).message})`);
  }
}

function parseKey(source: CertificateSource): KeyObject {
  try {
    return createPrivateKey(source.key);
  } catch (error) {
    if (source.key.includes('ENCRYPTED')) {
      throw new Error(`the key ${source.keyLabel} is encrypted; Limpet takes keys without a passphrase only`);
    }
    throw new Error(`${source.keyLabel} is not a private key in PEM form (${(error as Error).message})`);
  }
}

function namesOf(x509: X509Certificate): string[] {
  const names: string[] = [];
  for (const entry of (x509.subjectAltName ?? '').split(', ')) {
    // Names with characters that do not belong into one are quoted by Node; no client asks for them.
    if (entry.startsWith('DNS:') && !entry.startsWith('DNS:"')) names.push(entry.slice(4).toLowerCase());
  }
  if (names.length > 0) return names;
  const commonName = /^CN=(.+)$/m.exec(x509.subject);
  return commonName === null ? [] : [commonName[1].toLowerCase()];
}
