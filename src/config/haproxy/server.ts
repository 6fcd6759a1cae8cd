// server and default-server: members of an upstream.
import { nearestName } from '../../core/nearest-name.js';
import { serverAddress } from './address.js';
import type { KnownStatement } from './keyword.js';
import type { ProxySection } from './proxy-section.js';
import { anything, customId, notNegative, oneOf, positive, type Shape, time } from './shapes.js';
import type { PlacedWord } from './statements.js';

/** Settings that change nothing here, and what the word behind each looks like; null: none follows. */
const noted: Readonly<Record<string, Shape | null>> = {
  addr: notNegative,
  port: anything,
  inter: time,
  fastinter: time,
  downinter: time,
  rise: positive,
  fall: positive,
  'check-alpn': anything,
  'check-proto': oneOf('h1', 'h2', 'fcgi', 'none'),
  'check-send-proxy': null,
  'no-check-send-proxy': null,
  'check-sni': anything,
  'check-ssl': null,
  'no-check-ssl': null,
  'check-via-socks4': null,
  'agent-addr': notNegative,
  'agent-check': null,
  'no-agent-check': null,
  'agent-inter': time,
  'agent-port': positive,
  'agent-send': anything,
  'error-limit': positive,
  id: customId,
  'init-addr': /^(?:(?:libc|last|none|[\d.]+|[\da-fA-F:]*:[\da-fA-F:.]*)(?:,|$))+$/,
  'log-proto': oneOf('legacy', 'octet-count'),
  'max-reuse': anything,
  maxqueue: anything,
  minconn: anything,
  'no-ssl': null,
  'no-ssl-reuse': null,
  'no-tfo': null,
  observe: oneOf('none', 'layer4', 'layer7'),
  'on-error': oneOf('fastinter', 'fail-check', 'sudden-death', 'mark-down'),
  'on-marked-down': oneOf('shutdown-sessions'),
  'on-marked-up': oneOf('shutdown-backup-sessions'),
  'pool-low-conn': anything,
  'pool-max-conn': anything,
  'pool-purge-delay': time,
  'resolve-net': /^[\d.:a-fA-F]*[\d:][\d.:a-fA-F]*(?:\/\d+)?(?:,[\d.:a-fA-F]+(?:\/\d+)?)*$/,
  'resolve-opts': /^(?:(?:allow-dup-ip|ignore-weight|prevent-dup-ip)(?:,|$))+$/,
  'resolve-prefer': oneOf('ipv4', 'ipv6'),
  resolvers: anything,
  slowstart: time,
  stick: null,
  'tcp-ut': time,
  tfo: null,
  track: anything,
  verify: oneOf('none', 'required'),
  verifyhost: anything,
  ws: oneOf('auto', 'h1', 'h2'),
};

const refused: Readonly<Record<string, [words: number, why: string]>> = {
  ssl: [0, 'servers are spoken to in plain'],
  alpn: [1, 'servers are spoken to in plain'],
  'ca-file': [1, 'servers are spoken to in plain'],
  crt: [1, 'servers are spoken to in plain'],
  'crl-file': [1, 'servers are spoken to in plain'],
  sni: [1, 'servers are spoken to in plain'],
  ciphers: [1, 'servers are spoken to in plain'],
  ciphersuites: [1, 'servers are spoken to in plain'],
  npn: [1, 'servers are spoken to in plain'],
  'ssl-min-ver': [1, 'servers are spoken to in plain'],
  'ssl-max-ver': [1, 'servers are spoken to in plain'],
  'ssl-reuse': [0, 'servers are spoken to in plain'],
  'allow-0rtt': [0, 'servers are spoken to in plain'],
  proto: [1, 'servers are spoken to in HTTP/1.1'],
  namespace: [1, 'there are no namespaces'],
  'non-stick': [0, 'there are no tables'],
  'proxy-v2-options': [1, 'the header has no options'],
  redir: [1, 'write a redirect instead'],
  'send-proxy-v2-ssl': [0, 'write "send-proxy-v2" instead'],
  'send-proxy-v2-ssl-cn': [0, 'write "send-proxy-v2" instead'],
  socks4: [1, 'servers are reached directly'],
  source: [1, 'the system chooses the address'],
  usesrc: [1, 'the system chooses the address'],
};

const carried: Readonly<Record<string, number>> = {
  weight: 1,
  maxconn: 1,
  cookie: 1,
  check: 0,
  'no-check': 0,
  backup: 0,
  'no-backup': 0,
  disabled: 0,
  enabled: 0,
  'send-proxy': 0,
  'no-send-proxy': 0,
  'send-proxy-v2': 0,
  'no-send-proxy-v2': 0,
};

/** What the settings of a server and those of its defaults come to. */
interface ServerSettings {
  weight: number;
  isBackup: boolean;
  isDisabled: boolean;
  isChecked: boolean;
  cookie: string;
  maxConnections: number;
  proxyProtocol: 'v1' | 'v2' | null;
  asksAgent: boolean;
  hasAgentPort: boolean;
  checksInTls: boolean;
  /** What "verify" says; "" where it stands nowhere. */
  verify: string;
  /** Whether there is a file of authorities to verify a certificate with. */
  hasAuthorities: boolean;
  track: PlacedWord | null;
  resolvers: PlacedWord | null;
  id: PlacedWord | null;
}

/** A server line with what it comes to. */
export interface Member {
  readonly name: string;
  readonly at: PlacedWord;
  readonly settings: ServerSettings;
}

/** default-server: kept as words, and applied before each server's own. */
export function addServerDefaults(statement: KnownStatement, proxy: ProxySection): void {
  readSettings(statement.args, proxy, newSettings(), true);
  proxy.serverDefaults.push(...statement.args);
}

export function addServer(statement: KnownStatement, proxy: ProxySection): void {
  const [name, address, ...words] = statement.args;
  const settings = newSettings();
  readSettings(proxy.serverDefaults, proxy, settings, false);
  // Of defaults HAProxy does not take it.
  settings.id = null;
  readSettings(words, proxy, settings, true);
  proxy.members.push({ name: name!.text, at: name!, settings });
  const { report } = proxy;
  let written: string;
  try {
    written = serverAddress(address!.text);
  } catch (error) {
    report.take(error, address!);
    return;
  }
  const twin = proxy.servers.find((server) => server.value['name'] === name!.text);
  if (twin !== undefined) {
    report.reject(name!, `there is a server "${name!.text}" in this section already, in line ${twin.at.line}; write another name`);
    return;
  }
  if (settings.proxyProtocol !== proxy.proxyProtocol && proxy.servers.length > 0) {
    report.refuse(statement, 'all servers of a section get the PROXY protocol header or none does; write the same for each');
    return;
  }
  proxy.proxyProtocol = settings.proxyProtocol;
  proxy.isChecked ||= settings.isChecked;
  const admin = settings.isDisabled ? 'maintenance' : settings.weight === 0 ? 'drain' : null;
  proxy.servers.push({
    at: name!,
    value: {
      name: name!.text,
      address: written,
      ...(settings.weight > 1 && { weight: settings.weight }),
      ...(settings.isBackup && { backup: true }),
      ...(settings.maxConnections > 0 && { maxConnections: settings.maxConnections }),
      ...(admin !== null && { admin }),
      ...(settings.cookie !== '' && { cookie: settings.cookie }),
    },
  });
}

function newSettings(): ServerSettings {
  return {
    weight: 1,
    isBackup: false,
    isDisabled: false,
    isChecked: false,
    cookie: '',
    maxConnections: 0,
    proxyProtocol: null,
    asksAgent: false,
    hasAgentPort: false,
    checksInTls: false,
    verify: '',
    hasAuthorities: false,
    track: null,
    resolvers: null,
    id: null,
  };
}

/** `isReported`: what is only noted is said; defaults have been said where they stand. */
function readSettings(words: readonly PlacedWord[], proxy: ProxySection, settings: ServerSettings, isReported: boolean): void {
  const { report } = proxy;
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const { text } = word;
    const count = wordsOf(text);
    if (count === null) {
      const nearest = nearestName(text, [...Object.keys(carried), ...Object.keys(noted), ...Object.keys(refused)]);
      report.reject(word, `"${text}" is not a setting of a server${nearest === null ? '; remove it' : `; write "${nearest}" instead`}`);
      return;
    }
    const value = words[at + 1];
    if (count === 1 && (value === undefined || value.text === '')) {
      report.reject(word, `"${text}" needs a value; write it after it`);
      return;
    }
    at += count;
    const shape = Object.hasOwn(noted, text) ? noted[text]! : null;
    if (shape !== null && !shape.test(value!.text)) {
      report.reject(value!, `"${value!.text}" is not what follows "${text}"; write what HAProxy's manual says, or remove both`);
      return;
    }
    remember(text, value, settings);
    if (Object.hasOwn(refused, text)) {
      const message = `"${text}" is not supported: ${refused[text]![1]}`;
      // What is meant to be secret is not sent in plain.
      if (text === 'ssl') report.refuseGuard(word, message);
      else report.refuse(word, message);
    } else if (Object.hasOwn(noted, text)) {
      if (isReported) report.note(word, `"${text}" is left out: servers are watched by what becomes of requests`);
    } else applySetting(text, value, settings, proxy);
  }
}

/** How many words follow the setting; null: there is none of this name. */
function wordsOf(setting: string): number | null {
  if (Object.hasOwn(noted, setting)) return noted[setting] === null ? 0 : 1;
  if (Object.hasOwn(refused, setting)) return refused[setting]![0];
  return Object.hasOwn(carried, setting) ? carried[setting]! : null;
}

/** Of settings that nothing comes of, those that fit others or do not. */
function remember(name: string, value: PlacedWord | undefined, settings: ServerSettings): void {
  switch (name) {
    case 'agent-check':
    case 'no-agent-check':
      settings.asksAgent = name === 'agent-check';
      return;
    case 'agent-port':
      settings.hasAgentPort = true;
      return;
    case 'check-ssl':
    case 'no-check-ssl':
      settings.checksInTls = name === 'check-ssl';
      return;
    case 'verify':
      settings.verify = value!.text;
      return;
    case 'ca-file':
      settings.hasAuthorities = true;
      return;
    case 'track':
    case 'resolvers':
    case 'id':
      settings[name] = value!;
  }
}

function applySetting(name: string, value: PlacedWord | undefined, settings: ServerSettings, proxy: ProxySection): void {
  switch (name) {
    case 'weight':
      settings.weight = numberOf(value!, 256, proxy, 1);
      return;
    case 'maxconn':
      settings.maxConnections = numberOf(value!, 2 ** 31, proxy, 0);
      return;
    case 'cookie':
      settings.cookie = value!.text;
      return;
    case 'check':
    case 'no-check':
      settings.isChecked = name === 'check';
      return;
    case 'backup':
    case 'no-backup':
      settings.isBackup = name === 'backup';
      return;
    case 'disabled':
    case 'enabled':
      settings.isDisabled = name === 'disabled';
      return;
    case 'send-proxy':
    case 'send-proxy-v2':
      settings.proxyProtocol = name === 'send-proxy' ? 'v1' : 'v2';
      return;
    default:
      settings.proxyProtocol = null;
  }
}

function numberOf(word: PlacedWord, most: number, proxy: ProxySection, instead: number): number {
  const isNumber = /^\d{1,15}$/.test(word.text);
  if (isNumber && Number(word.text) <= most) return Number(word.text);
  const message = `"${word.text}" is not a number from 0 to ${most}; write one`;
  // HAProxy reads what is no number as far as it goes.
  if (isNumber) proxy.report.reject(word, message);
  else proxy.report.refuse(word, message);
  return instead;
}
