// The list of everything that can be compared. A new peer is one file under peers/ and one line here.

import { haproxyPeer } from './peers/haproxy.js';
import { httpProxyPeer } from './peers/http-proxy.js';
import { limpetPeer } from './peers/limpet.js';
import { nginxPeer } from './peers/nginx.js';
import type { Peer } from './peers/peer.js';

const DEFAULT_NAMES = ['limpet', 'nginx', 'haproxy', 'http-proxy'];

/** All peers, in the order in which they take turns. `baselineMain` adds another build of Limpet. */
export function allPeers(limpetMain: string, baselineMain?: string): Peer[] {
  return [
    limpetPeer('limpet', limpetMain),
    ...(baselineMain === undefined ? [] : [limpetPeer('limpet-baseline', baselineMain)]),
    limpetPeer('limpet-2-workers', limpetMain, 2),
    nginxPeer('nginx', 'default'),
    nginxPeer('nginx-large-buffers', 'large'),
    haproxyPeer('haproxy', 'default'),
    haproxyPeer('haproxy-large-buffers', 'large'),
    httpProxyPeer(),
  ];
}

/** The peers with these names; none named: the usual ones and a baseline; `all`: all. Throws on a name that no peer has. */
export function selectPeers(names: readonly string[], peers: readonly Peer[]): Peer[] {
  for (const name of names) {
    if (name !== 'all' && !peers.some((peer) => peer.name === name)) {
      throw new Error(`no peer is called ${name}; there are ${peers.map((peer) => peer.name).join(', ')}`);
    }
  }
  if (names.includes('all')) return [...peers];
  const wanted = names.length === 0 ? [...DEFAULT_NAMES, 'limpet-baseline'] : names;
  return peers.filter((peer) => wanted.includes(peer.name));
}
