// The list of everything that can be compared. A new peer is one file under peers/ and one line here.

import { join } from 'node:path';
import { caddyPeer } from './peers/caddy.js';
import { floorPeer, nodeFloorPeer } from './peers/floor.js';
import { h2oPeer } from './peers/h2o.js';
import { haproxyPeer } from './peers/haproxy.js';
import { hitchPeer } from './peers/hitch.js';
import { libraryPeer } from './peers/library.js';
import { limpetPeer } from './peers/limpet.js';
import { nginxPeer } from './peers/nginx.js';
import type { Peer } from './peers/peer.js';
import { stunnelPeer } from './peers/stunnel.js';
import type { RunResult } from './results.js';

const USUAL_NAMES = ['limpet', 'limpet-baseline', 'nginx', 'haproxy'];
/** What only questions about Limpet itself ask for. */
const NOT_IN_FULL = ['limpet-2-workers', 'floor-node'];

/** Where peers are found: the project's folder, the Node for those written for it, and another build's main.js as one more peer. */
export interface PeerPlaces {
  readonly root: string;
  readonly node: string;
  readonly baselineMain?: string;
}

/** All peers, in the order in which they take turns. */
export function allPeers({ root, node, baselineMain }: PeerPlaces): Peer[] {
  const main = join(root, 'dist/src/cli/main.js');
  return [
    limpetPeer('limpet', main),
    ...(baselineMain === undefined ? [] : [limpetPeer('limpet-baseline', baselineMain)]),
    limpetPeer('limpet-2-workers', main, 2),
    nginxPeer('nginx', 'default'),
    nginxPeer('nginx-large-buffers', 'large'),
    haproxyPeer('haproxy', 'default'),
    haproxyPeer('haproxy-large-buffers', 'large'),
    caddyPeer(),
    h2oPeer(),
    hitchPeer(),
    stunnelPeer(),
    libraryPeer('http-proxy', root, node),
    libraryPeer('http-proxy-3', root, node, 22),
    libraryPeer('httpxy', root, node),
    floorPeer(join(root, 'bench/peers/floor-relay.c')),
    nodeFloorPeer(node),
  ];
}

/** The peers with these names; none named: the usual ones, or with `isFull` all; `all`: all. Throws on a name that no peer has. */
export function selectPeers(names: readonly string[], peers: readonly Peer[], isFull = false): Peer[] {
  for (const name of names) {
    if (name !== 'all' && !peers.some((peer) => peer.name === name)) {
      throw new Error(`no peer is called ${name}; there are ${peers.map((peer) => peer.name).join(', ')}`);
    }
  }
  if (names.includes('all')) return [...peers];
  if (names.length > 0) return peers.filter((peer) => names.includes(peer.name));
  return peers.filter((peer) => (isFull ? !NOT_IN_FULL.includes(peer.name) : USUAL_NAMES.includes(peer.name)));
}

/** Those that are installed. They and their versions go into `run`, and those that are not, with how to get them. */
export function keepInstalled(peers: readonly Peer[], run: Pick<RunResult, 'peers' | 'skipped'>): Peer[] {
  return peers.filter((peer) => {
    const version = peer.version();
    if (version === undefined) run.skipped.push({ peer: peer.name, reason: `not installed: ${peer.install}` });
    else run.peers.push({ name: peer.name, version });
    return version !== undefined;
  });
}
