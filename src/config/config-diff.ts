// What is different between two configs, as events for the log: by name, and never with values, among which there are
// secrets.
import { isDeepStrictEqual } from 'node:util';
import { formatAddress } from '../net/address.js';
import type { Config, ListenerConfig, ServerConfig, UpstreamConfig } from './config.js';

/** One line of the log, such as `server removed upstream=app server=b`. */
export interface ConfigChange {
  readonly message: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Empty exactly if the two say the same, the contents of certificates included. */
export function configChanges(before: Config, after: Config): ConfigChange[] {
  const { listeners: _, upstreams: __, ...settingsBefore } = before;
  const { listeners: ___, upstreams: ____, ...settingsAfter } = after;
  const settings = changedKeys(settingsBefore, settingsAfter).map((key) => ({ message: 'setting changed', fields: { key } }));
  return [
    ...settings,
    ...named('listener', before.listeners, after.listeners, addressOf, listenerChanges),
    ...named('upstream', before.upstreams, after.upstreams, () => ({}), upstreamChanges),
  ];
}

/** The whole of what comes and goes; `changes` tells of what is in both and not the same. */
function named<T>(
  what: string,
  before: Readonly<Record<string, T>>,
  after: Readonly<Record<string, T>>,
  describe: (thing: T) => Record<string, string>,
  changes: (name: string, before: T, after: T) => ConfigChange[],
): ConfigChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => {
    const [old, now] = [before[name], after[name]];
    if (old === undefined) return [{ message: `${what} added`, fields: { name, ...describe(now as T) } }];
    if (now === undefined) return [{ message: `${what} removed`, fields: { name, ...describe(old) } }];
    return changes(name, old, now);
  });
}

function addressOf({ address }: ListenerConfig): Record<string, string> {
  return { address: formatAddress(address) };
}

function listenerChanges(name: string, before: ListenerConfig, after: ListenerConfig): ConfigChange[] {
  const keys = changedKeys(withoutContents(before), withoutContents(after));
  const renewed = (after.tls?.certificates ?? []).filter(({ cert, certPem, keyPem }) =>
    before.tls?.certificates.some((old) => old.cert === cert && (old.certPem !== certPem || old.keyPem !== keyPem)),
  );
  return [
    ...changed('listener', { name }, keys),
    ...renewed.map(({ cert }) => ({ message: 'certificate changed', fields: { listener: name, file: cert } })),
  ];
}

/** With the files of certificates by their names only. */
function withoutContents(listener: ListenerConfig): ListenerConfig {
  const { tls } = listener;
  if (tls === null) return listener;
  return { ...listener, tls: { ...tls, certificates: tls.certificates.map((files) => ({ ...files, certPem: '', keyPem: '' })) } };
}

function upstreamChanges(name: string, before: UpstreamConfig, after: UpstreamConfig): ConfigChange[] {
  const keys = changedKeys({ ...before, servers: null }, { ...after, servers: null });
  return [...changed('upstream', { name }, keys), ...serverChanges(name, before.servers, after.servers)];
}

function serverChanges(upstream: string, before: readonly ServerConfig[], after: readonly ServerConfig[]): ConfigChange[] {
  const inUpstream = named(
    'server',
    byName(before),
    byName(after),
    ({ address }) => ({ address: formatAddress(address) }),
    (name, old, now) => changed('server', { name }, changedKeys(old, now)),
  );
  const changes = inUpstream.map(({ message, fields }) => ({ message, fields: { upstream, ...fields } }));
  const isReordered = changes.length === 0 && !isDeepStrictEqual(before, after);
  return isReordered ? [{ message: 'servers reordered', fields: { upstream } }] : changes;
}

function byName(servers: readonly ServerConfig[]): Record<string, ServerConfig> {
  return Object.fromEntries(servers.map((server) => [server.name, server]));
}

function changed(what: string, fields: Record<string, string>, keys: readonly string[]): ConfigChange[] {
  return keys.length === 0 ? [] : [{ message: `${what} changed`, fields: { ...fields, keys: keys.join(',') } }];
}

function changedKeys<T extends object>(before: T, after: T): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof T & string>;
  return [...keys].filter((key) => !isDeepStrictEqual(before[key], after[key]));
}
