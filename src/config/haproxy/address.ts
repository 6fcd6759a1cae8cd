// Addresses as HAProxy writes them, in the form of the document. Throws SampleError for what is none.
import { resolve } from 'node:path';
import { SampleError } from './sample-error.js';

const family = /^(ipv4|ipv6|unix|abns|fd|udp|udp4|udp6|stdout|ring|quic4|quic6|sockpair|tcp|tcp4|tcp6)@/;

/** One address of a bind line: several where it gives a range of ports. */
export function listenAddresses(text: string): string[] {
  const { kind, rest } = withoutFamily(text);
  if (kind === 'fd') return [`fd:${rest}`];
  if (kind === 'unix' || rest.startsWith('/')) return [`unix:${resolve(rest)}`];
  const { host, ports } = split(rest);
  if (ports === '') throw new SampleError(`"${text}" has no port; write one behind a colon`, true);
  const [first, last = first] = ports.split('-').map(Number);
  if (!/^\d+(-\d+)?$/.test(ports) || first! < 1 || last! > 65_535 || last! < first!)
    throw new SampleError(`"${ports}" is not a port; write a number from 1 to 65535`, true);
  if (last! - first! >= 1024) throw new SampleError('a range of more than 1024 ports is not supported; write fewer');
  const shown = host === '' || host === '*' ? (kind.endsWith('6') ? '[::]' : '0.0.0.0') : host.includes(':') ? `[${host}]` : host;
  return Array.from({ length: last! - first! + 1 }, (_, index) => `${shown}:${first! + index}`);
}

export function serverAddress(text: string): string {
  const { kind, rest } = withoutFamily(text);
  if (kind === 'unix' || rest.startsWith('/')) return `unix:${resolve(rest)}`;
  const { host, ports } = split(rest);
  if (host === '' || host === '*' || host === '0.0.0.0')
    throw new SampleError(`"${text}" sends each client to the address that it asked for, which is not supported; write the server's`);
  if (ports === '' || /^[+-]/.test(ports))
    throw new SampleError(`"${text}" takes the port that the client asked for, which is not supported; write the server's`);
  if (!/^\d+$/.test(ports) || Number(ports) < 1 || Number(ports) > 65_535)
    throw new SampleError(`"${ports}" is not a port; write a number from 1 to 65535`, true);
  return `${host.includes(':') ? `[${host}]` : host}:${ports}`;
}

function withoutFamily(text: string): { kind: string; rest: string } {
  const match = family.exec(text);
  const kind = match === null ? '' : match[1]!;
  if (/^(abns|udp|stdout|ring|quic|sockpair)/.test(kind))
    throw new SampleError(`addresses with "${kind}@" are not supported; write an address with a port, or a path`);
  return { kind, rest: match === null ? text : text.slice(match[0].length) };
}

function split(text: string): { host: string; ports: string } {
  const colon = text.lastIndexOf(':');
  if (colon < 0) return { host: text, ports: '' };
  return { host: text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), ports: text.slice(colon + 1) };
}
