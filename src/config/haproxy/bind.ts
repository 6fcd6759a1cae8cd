// bind: each of its addresses becomes a listener, with its TLS, PROXY protocol and limits.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { listenAddresses } from './address.js';
import type { KnownStatement } from './keyword.js';
import type { Bind, ProxySection } from './proxy-section.js';
import { SampleError } from './sample-error.js';
import { anything, idOf, notNegative, oneOf, type Shape, time } from './shapes.js';
import type { PlacedWord } from './statements.js';
import { applyTlsOption, takesTlsOption } from './tls-options.js';

const range = /^(?:all|odd|even|\d+(?:-\d*)?)(?:\/(?:all|odd|even|\d+(?:-\d*)?))?$/;

/** Options that change nothing here, and what the word behind each looks like; null: none follows. */
const notedOptions: Readonly<Record<string, Shape | null>> = {
  backlog: notNegative,
  'defer-accept': null,
  // Where nothing may stand behind the digits.
  id: { test: (words) => /^[+-]?\d+$/.test(words) && idOf(words) > 0 },
  mss: /^[+-]?0*[1-9]/,
  nice: anything,
  process: range,
  thread: range,
  shards: /^(?:\+?0*[1-9]|by-thread$)/,
  'tcp-ut': time,
  tfo: null,
  level: oneOf('user', 'operator', 'admin'),
  'expose-fd': oneOf('listeners'),
  'severity-output': oneOf('none', 'number', 'string'),
  v6only: null,
  'no-ca-names': null,
  'tls-ticket-keys': anything,
  'ca-ignore-err': anything,
  'crt-ignore-err': anything,
  ecdhe: anything,
  npn: anything,
  'allow-0rtt': null,
  'ca-verify-file': anything,
};

/** Options that Limpet has nothing for. */
const refusedOptions: Readonly<Record<string, number>> = {
  'accept-netscaler-cip': 1,
  gid: 1,
  group: 1,
  uid: 1,
  user: 1,
  interface: 1,
  namespace: 1,
  transparent: 0,
  'ca-file': 1,
  'ca-sign-file': 1,
  'ca-sign-pass': 1,
  'crl-file': 1,
  'crt-list': 1,
  'generate-certificates': 0,
  'strict-sni': 0,
  v4v6: 0,
};

/** Options that keep clients out. */
const guards: readonly string[] = ['verify', 'ca-file', 'crl-file', 'strict-sni'];

interface Draft {
  name: string;
  usesTls: boolean;
  readonly certificates: { cert: string; key: string }[];
  readonly ids: PlacedWord[];
  readonly tls: Record<string, unknown>;
  readonly value: Record<string, unknown>;
}

export function addBind(statement: KnownStatement, proxy: ProxySection): void {
  const [addresses, ...options] = statement.args;
  const draft: Draft = { name: '', usesTls: false, certificates: [], ids: [], tls: { ...proxy.global.tls }, value: {} };
  let isUsable = true;
  const attempt = (word: PlacedWord, work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (proxy.report.take(error, word, guards.includes(word.text))) isUsable = false;
    }
  };
  for (let at = 0; at < options.length; ) {
    const word = options[at]!;
    attempt(word, () => takeOption(word, options[at + 1], draft, proxy));
    at += 1 + wordsOf(word.text);
  }
  if (draft.usesTls && draft.certificates.length === 0)
    attempt(addresses!, () => {
      throw new SampleError('"ssl" needs a certificate; write "crt" and its file', true);
    });
  if (draft.usesTls) draft.value['tls'] = { certificates: draft.certificates, ...draft.tls };
  const others = proxy.binds.length;
  for (const text of addresses!.text.split(',')) {
    attempt(addresses!, () => {
      for (const address of listenAddresses(text))
        if (isUsable) proxy.binds.push({ address, at: addresses!, name: draft.name, value: valueFor(address, draft.value) } satisfies Bind);
    });
  }
  proxy.bindIds.push(draft.ids);
  const [id] = draft.ids;
  if (id !== undefined && proxy.binds.length > others + 1)
    proxy.report.reject(id, 'an "id" is for one address; write a line for each of them');
}

/** The permissions of a file mean nothing where there is none. */
function valueFor(address: string, { socketMode, ...value }: Record<string, unknown>): Record<string, unknown> {
  return socketMode !== undefined && address.startsWith('unix:') ? { ...value, socketMode } : value;
}

/** How many words follow the option. */
function wordsOf(option: string): number {
  if (Object.hasOwn(notedOptions, option)) return notedOptions[option] === null ? 0 : 1;
  if (Object.hasOwn(refusedOptions, option)) return refusedOptions[option]!;
  if (takesTlsOption(option)) return takesTlsOption(option)!.words;
  return ['crt', 'name', 'mode', 'maxconn', 'alpn', 'proto', 'verify'].includes(option) ? 1 : 0;
}

function takeOption(word: PlacedWord, next: PlacedWord | undefined, draft: Draft, proxy: ProxySection): void {
  const { text: option } = word;
  if (wordsOf(option) === 1 && (next === undefined || next.text === ''))
    throw new SampleError(`"${option}" needs a value; write it after it`, true);
  const value = next?.text ?? '';
  if (Object.hasOwn(notedOptions, option)) {
    if (notedOptions[option]?.test(value) === false)
      throw new SampleError(`"${value}" is not what follows "${option}"; write what HAProxy's manual says, or remove both`, true);
    if (option === 'id') draft.ids.push(next!);
    proxy.report.note(word, `"${option}" is left out: the system and Limpet set it themselves`);
    return;
  }
  if (Object.hasOwn(refusedOptions, option)) throw new SampleError(`"${option}" is not supported: Limpet's listeners have nothing like it`);
  if (takesTlsOption(option)) {
    applyTlsOption(option, value, draft.tls, (message) => proxy.report.note(word, message));
    return;
  }
  switch (option) {
    case 'ssl':
      draft.usesTls = true;
      return;
    case 'crt':
      draft.certificates.push(...certificatesAt(resolve(proxy.global.certificateFolder, value), value, proxy));
      return;
    case 'accept-proxy':
      draft.value['proxyProtocol'] = { from: ['0.0.0.0/0', '::/0', 'unix'] };
      return;
    case 'name':
      draft.name = value;
      return;
    case 'mode':
      if (!/^-?[0-7]+$/.test(value)) throw new SampleError(`"${value}" is not a mode; write octal digits, such as 660`, true);
      draft.value['socketMode'] = value.padStart(3, '0');
      return;
    case 'maxconn':
      if (value.startsWith('-')) throw new SampleError(`"${value}" is less than 0; write a number of connections`, true);
      draft.value['maxConnections'] = Math.max(1, Number.parseInt(value, 10) || 1);
      return;
    case 'alpn':
    case 'proto':
      if (option === 'proto' && !/^(?:h1|h2|quic|none)$/.test(value))
        throw new SampleError(`"${value}" is not a protocol; write "h1", or remove it`, true);
      if (option === 'proto') proxy.bindProtocols.push(next!);
      if (/h2/.test(value)) proxy.report.note(word, 'HTTP/2 is not spoken with clients yet: they get HTTP/1.1');
      return;
    case 'verify':
      if (value !== 'none') throw new SampleError('certificates of clients are not asked for; write "verify none"');
      return;
  }
  throw new SampleError(`"${option}" is not an option of "bind"; remove it`, true);
}

/** A file with a certificate and its key, or a folder of such. */
function certificatesAt(path: string, written: string, proxy: ProxySection): { cert: string; key: string }[] {
  try {
    if (!statSync(path).isDirectory()) return [certificateIn(path)];
    const names = readdirSync(path).sort();
    const found = names
      .filter((name) => !/^\.|\.(key|issuer|ocsp|sctl|dsa|rsa|ecdsa)$/.test(name))
      .map((name) => certificateIn(join(path, name)));
    if (found.length > 0) return found;
  } catch {}
  proxy.report.files.push(path);
  throw new SampleError(`"${written}" cannot be read; give the path of a file with a certificate and its key`, true);
}

/** The key stands in the same file, or beside it in one whose name ends in ".key". */
function certificateIn(path: string): { cert: string; key: string } {
  return { cert: path, key: readFileSync(path, 'latin1').includes('PRIVATE KEY-----') ? path : `${path}.key` };
}
