// What the demo starts for a configuration: chat servers where its HTTP listeners lead, line servers where its
// TCP listeners lead, at the addresses that the configuration names. It starts nothing itself.

import type { Config } from '../config/config.js';
import type { ListenAddress, TcpAddress } from '../net/address.js';
import { formatAddress } from '../net/address.js';
import type { Entrance } from './messages.js';

/** A server that the demo is to start. `address` is host and port as the configuration writes them. */
export interface PlannedServer {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly address: string;
}

/** A listener that Limpet will open, and where on this machine it is reached. */
export interface PlannedListener {
  readonly entrance: Entrance;
  readonly bindHost: string;
  readonly connectHost: string;
  readonly port: number;
}

export interface DemoPlan {
  readonly listeners: readonly PlannedListener[];
  readonly chatServers: readonly PlannedServer[];
  readonly echoServers: readonly PlannedServer[];
  /** The name of the sticky cookie that the page shows. */
  readonly cookieName: string;
}

/** The configuration is valid, but nothing that the demo can show. The message is one line for a person. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
}

/** @throws DemoError */
export function planDemo(config: Config): DemoPlan {
  const chatUpstreams = new Set<string>();
  const echoUpstreams = new Set<string>();
  const listeners: PlannedListener[] = [];
  for (const [name, listener] of Object.entries(config.listeners)) {
    listeners.push(planListener(name, listener.address, listener.mode === 'tcp' ? 'tcp' : listener.tls ? 'https' : 'http'));
    const named = listener.mode === 'tcp' ? echoUpstreams : chatUpstreams;
    for (const { destination } of listener.routes) if (destination.kind === 'upstream') named.add(destination.upstream);
  }
  const sticky = [...chatUpstreams].map((name) => config.upstreams[name].sticky).find((policy) => policy?.policy === 'cookie');
  const chatServers = planServers(config, chatUpstreams);
  if (chatServers.length < 2 || !sticky) {
    throw new DemoError('the demo needs an http listener that leads to an upstream with a sticky cookie and at least two servers');
  }
  return { listeners, chatServers, echoServers: planServers(config, echoUpstreams), cookieName: sticky.name };
}

function planListener(name: string, address: ListenAddress, kind: Entrance['kind']): PlannedListener {
  const { host, port } = tcpOnly(address, `listener ${name}`);
  if (port === 0) throw new DemoError(`listener ${name}: the demo needs a port that is known beforehand, not 0`);
  const isEveryInterface = host === '' || host === '0.0.0.0' || host === '::';
  const connectHost = isEveryInterface ? '127.0.0.1' : host;
  const authority = formatAddress({ kind: 'tcp', host: connectHost, port });
  const target = kind === 'tcp' ? authority : `${kind}://${authority}`;
  return { entrance: { listener: name, kind, target }, bindHost: host, connectHost, port };
}

function planServers(config: Config, upstreams: Set<string>): PlannedServer[] {
  const planned = new Map<string, PlannedServer>();
  for (const upstream of upstreams) {
    for (const { name, address } of config.upstreams[upstream].servers) {
      const { host, port } = tcpOnly(address, `server ${name}`);
      const text = formatAddress(address);
      planned.set(text, { name, host, port, address: text });
    }
  }
  return [...planned.values()];
}

function tcpOnly(address: ListenAddress, what: string): TcpAddress {
  if (address.kind === 'tcp') return address;
  throw new DemoError(`${what}: the demo runs on host:port addresses only, not on ${formatAddress(address)}`);
}
