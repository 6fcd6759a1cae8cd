// What is wrong with the TLS of listeners: certificates and keys that cannot be read or do not belong together,
// versions, ciphers and curves that cannot be used. It asks OpenSSL, and keeps nothing.
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import { getCiphers } from 'node:tls';
import { addsCiphers, isTaken } from '../core/cipher-list.js';
import { nearestName } from '../core/nearest-name.js';
import type { CertificateFiles } from './certificate-files.js';
import { type RawObject, rawList, rawObject, rawObjects, rawText } from './raw.js';
import type { Path, Source } from './source.js';

export function checkTls(source: Source, folder: string, files: CertificateFiles): void {
  for (const [name, listener] of rawObjects(rawObject(source.value)['listeners'])) {
    const tls = rawObject(listener['tls']);
    const path = ['listeners', name, 'tls'];
    for (const [index, certificate] of rawList(tls['certificates']).entries()) {
      checkPair(source, [...path, 'certificates', index], rawObject(certificate), folder, files);
    }
    checkVersions(source, path, tls);
    checkCiphers(source, [...path, 'ciphers'], rawText(tls['ciphers']));
    checkCurves(source, [...path, 'curves'], rawText(tls['curves']));
  }
}

function checkPair(source: Source, path: Path, pair: RawObject, folder: string, files: CertificateFiles): void {
  const certificate = readWith(source, [...path, 'cert'], pair['cert'], folder, files, readCertificate);
  const key = readWith(source, [...path, 'key'], pair['key'], folder, files, readKey);
  if (certificate === null || key === null || certificate.checkPrivateKey(key)) return;
  source.addAtValue(
    [...path, 'key'],
    `the key does not belong to the certificate ${show(pair['cert'])}; write the key that it was made with instead`,
  );
}

/** What `read` makes of the file, or null, the problem then being recorded. */
function readWith<T>(
  source: Source,
  path: Path,
  written: unknown,
  folder: string,
  files: CertificateFiles,
  read: (contents: string) => T,
): T | null {
  const file = rawText(written);
  if (file === null || file === '') return null;
  const absolute = resolve(folder, file);
  let contents: string;
  try {
    contents = files.read(absolute);
  } catch (error) {
    source.addAtValue(path, explainUnreadable(error as NodeJS.ErrnoException, absolute));
    return null;
  }
  try {
    return read(contents);
  } catch (error) {
    source.addAtValue(path, `"${file}" ${error instanceof FileRefusal ? error.message : 'cannot be used; write a file in PEM instead'}`);
    return null;
  }
}

class FileRefusal extends Error {}

function explainUnreadable(error: NodeJS.ErrnoException, file: string): string {
  if (error.code === 'ENOENT')
    return `there is no file ${file}; write the path of one (relative paths start at the folder of this configuration)`;
  if (error.code === 'EACCES') return `${file} may not be read by this user; give it the right to read, or write another file instead`;
  if (error.code === 'EISDIR') return `${file} is a folder; write the path of a file instead`;
  return `${file} cannot be read (${error.code ?? error.message}); write the path of another file instead`;
}

function readCertificate(contents: string): X509Certificate {
  if (!contents.includes('-----BEGIN CERTIFICATE-----'))
    throw new FileRefusal('holds no certificate in PEM; write a file with "-----BEGIN CERTIFICATE-----" instead');
  return new X509Certificate(contents);
}

function readKey(contents: string): KeyObject {
  if (!/-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/.test(contents) && !contents.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----')) {
    throw new FileRefusal('holds no private key in PEM; write a file with "-----BEGIN PRIVATE KEY-----" instead');
  }
  if (contents.includes('ENCRYPTED'))
    throw new FileRefusal('is an encrypted key, and nobody is there to type its passphrase; write a file with the key decrypted instead');
  return createPrivateKey(contents);
}

const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

function checkVersions(source: Source, path: Path, tls: RawObject): void {
  const oldest = versions.indexOf(rawText(tls['minVersion'] ?? 'TLSv1.2') ?? '');
  const newest = versions.indexOf(rawText(tls['maxVersion'] ?? 'TLSv1.3') ?? '');
  if (oldest < 0 || newest < 0 || oldest <= newest) return;
  const isMinWritten = tls['minVersion'] !== undefined;
  const [key, remedy] = isMinWritten ? ['minVersion', `"${versions[newest]}" or older`] : ['maxVersion', `"${versions[oldest]}" or newer`];
  const message = `the oldest version, ${versions[oldest]}, is newer than the newest, ${versions[newest]}; write ${remedy} instead`;
  source.addAtValue([...path, key], message);
}

/** Each name by itself, because OpenSSL silently leaves out those that it does not know. */
function checkCiphers(source: Source, path: Path, list: string | null): void {
  if (list === null || list === '') return;
  let offset = 0;
  for (const name of list.split(':')) {
    if (addsCiphers(name) && !isTaken({ ciphers: name })) {
      const nearest = nearestName(
        name,
        getCiphers().map((cipher) => cipher.toUpperCase()),
      );
      source.addAtValue(
        path,
        `OpenSSL has no cipher "${name}"; write ${nearest === null ? 'one that `openssl ciphers` lists' : `"${nearest}"`} instead`,
        offset,
      );
      return;
    }
    offset += name.length + 1;
  }
  if (!isTaken({ ciphers: list }))
    source.addAtValue(path, 'OpenSSL finds no cipher that this list leaves; write at least one that is not excluded instead');
}

function checkCurves(source: Source, path: Path, list: string | null): void {
  if (list === null || list === '') return;
  let offset = 0;
  for (const name of list.split(':')) {
    if (!isTaken({ ecdhCurve: name })) {
      source.addAtValue(path, `OpenSSL has no curve "${name}"; write one such as "X25519" or "P-256" instead`, offset);
      return;
    }
    offset += name.length + 1;
  }
}

function show(written: unknown): string {
  return `"${rawText(written) ?? ''}"`;
}
