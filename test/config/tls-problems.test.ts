// What is wrong with the TLS of a listener: files, versions, ciphers, curves.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseConfig } from '../../src/config/load.js';
import { ensureDevelopmentCertificate } from '../../src/tls/development-certificate.js';
import { assertProblems } from './marked-config.js';

const folder = mkdtempSync(join(tmpdir(), 'limpet-tls-problems-'));
const file = join(folder, 'proxy.config.json');

before(async () => {
  await ensureDevelopmentCertificate(folder);
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  writeFileSync(join(folder, 'other.key'), ec.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(join(folder, 'rsa.key'), rsa.export({ type: 'pkcs1', format: 'pem' }));
  writeFileSync(join(folder, 'encrypted.key'), ec.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }));
  writeFileSync(join(folder, 'broken.crt'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  writeFileSync(join(folder, 'text.txt'), 'hello');
  mkdirSync(join(folder, 'folder'));
});

after(() => rmSync(folder, { recursive: true }));

function tls(certificate: string, more = ''): string {
  const listener = `{ "address": ":443", "upstream": "app", "tls": { "certificates": [{ ${certificate} }]${more} } }`;
  return `{\n  "listeners": { "web": ${listener} },\n  "upstreams": { "app": { "servers": ["a:1"] } }\n}`;
}

const pair = '"cert": "dev.crt", "key": "dev.key"';
const notOfThePair = 'the key does not belong to the certificate "dev.crt"; write the key that it was made with instead';
const wherePathsStart = '(relative paths start at the folder of this configuration)';

const cases: [string, string, string[]][] = [
  ['no problem', tls(pair), []],
  [
    'files that are missing',
    tls('"cert": ▸"no.crt", "key": ▸"no.key"'),
    [
      `there is no file ${folder}/no.crt; write the path of one ${wherePathsStart}`,
      `there is no file ${folder}/no.key; write the path of one ${wherePathsStart}`,
    ],
  ],
  ['a folder', tls('"cert": ▸"folder", "key": "dev.key"'), [`${folder}/folder is a folder; write the path of a file instead`]],
  ['a key of another certificate', tls('"cert": "dev.crt", "key": ▸"other.key"'), [notOfThePair]],
  ['an RSA key for an EC certificate', tls('"cert": "dev.crt", "key": ▸"rsa.key"'), [notOfThePair]],
  [
    'an encrypted key',
    tls('"cert": "dev.crt", "key": ▸"encrypted.key"'),
    ['"encrypted.key" is an encrypted key, and nobody is there to type its passphrase; write a file with the key decrypted instead'],
  ],
  [
    'a certificate and a key changed about',
    tls('"cert": ▸"dev.key", "key": ▸"dev.crt"'),
    [
      '"dev.key" holds no certificate in PEM; write a file with "-----BEGIN CERTIFICATE-----" instead',
      '"dev.crt" holds no private key in PEM; write a file with "-----BEGIN PRIVATE KEY-----" instead',
    ],
  ],
  ['a broken certificate', tls('"cert": ▸"broken.crt", "key": "dev.key"'), ['"broken.crt" cannot be used; write a file in PEM instead']],
  [
    'a text',
    tls('"cert": ▸"text.txt", "key": "dev.key"'),
    ['"text.txt" holds no certificate in PEM; write a file with "-----BEGIN CERTIFICATE-----" instead'],
  ],
  [
    'a key that is not named',
    tls('"cert": "dev.crt"').replace('{ "cert"', '▸{ "cert"'),
    ['"key" is missing; write "key": "certs/site.key"'],
  ],
  [
    'an unknown version',
    tls(pair, ', "minVersion": ▸"TLS1.2"'),
    ['"minVersion" cannot be "TLS1.2"; write "TLSv1.2", "TLSv1", "TLSv1.1" or "TLSv1.3" instead'],
  ],
  [
    'an oldest version that is newer than the newest',
    tls(pair, ', "minVersion": ▸"TLSv1.3", "maxVersion": "TLSv1.2"'),
    ['the oldest version, TLSv1.3, is newer than the newest, TLSv1.2; write "TLSv1.2" or older instead'],
  ],
  [
    'a newest version that is older than the default oldest',
    tls(pair, ', "maxVersion": ▸"TLSv1.1"'),
    ['the oldest version, TLSv1.2, is newer than the newest, TLSv1.1; write "TLSv1.2" or newer instead'],
  ],
  [
    'a cipher that OpenSSL does not have',
    tls(pair, ', "ciphers": "HIGH:▸ECDHE-RSA-AES128-GCM-SHA25:!aNULL"'),
    ['OpenSSL has no cipher "ECDHE-RSA-AES128-GCM-SHA25"; write "ECDHE-RSA-AES128-GCM-SHA256" instead'],
  ],
  [
    'a suite that OpenSSL does not have',
    tls(pair, ', "ciphers": "TLS_AES_128_GCM_SHA256:▸TLS_AES_128_GCM_SHA255"'),
    ['OpenSSL has no cipher "TLS_AES_128_GCM_SHA255"; write "TLS_AES_128_GCM_SHA256" instead'],
  ],
  [
    'a list that excludes all its ciphers',
    tls(pair, ', "ciphers": ▸"AES128-SHA:!AES128-SHA"'),
    ['OpenSSL finds no cipher that this list leaves; write at least one that is not excluded instead'],
  ],
  [
    'a curve that OpenSSL does not have',
    tls(pair, ', "curves": "X25519:▸P-257"'),
    ['OpenSSL has no curve "P-257"; write one such as "X25519" or "P-256" instead'],
  ],
  [
    'no certificate',
    tls(pair).replace(`[{ ${pair} }]`, '▸[]'),
    ['"certificates" is empty; write at least one { "cert": …, "key": … } instead'],
  ],
];

for (const [name, text, messages] of cases) {
  test(`${name}: found at the place`, () => assertProblems(text, messages, file));
}

test('files are taken from the folder of the configuration, and what is in them is kept', () => {
  const { config, files } = parseConfig(tls(pair), file);
  const [cert, key] = [join(folder, 'dev.crt'), join(folder, 'dev.key')];
  const [certPem, keyPem] = [readFileSync(cert, 'latin1'), readFileSync(key, 'latin1')];
  assert.deepEqual(config?.listeners['web'].tls?.certificates, [{ cert, key, certPem, keyPem }]);
  assert.deepEqual(files, [cert, key]);
});

test('files that are missing are named all the same', () => {
  const { files } = parseConfig(tls('"cert": "dev.crt", "key": "missing.key"'), file);
  assert.deepEqual(files, [join(folder, 'dev.crt'), join(folder, 'missing.key')]);
});
