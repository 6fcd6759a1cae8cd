// Upstreams and servers with options that a test names only where they matter to it.
import { adminState, Server, type ServerOptions, type ServerWatcher } from '../../src/upstream/server.js';
import type { StickyCookieOptions } from '../../src/upstream/sticky/cookie.js';
import { Upstream, type UpstreamOptions } from '../../src/upstream/upstream.js';

export const nobody: ServerWatcher = { serverChanged: () => {}, healthFound: () => {} };

export function serverOptions(name: string, some: Partial<ServerOptions> = {}): ServerOptions {
  return {
    name,
    address: { kind: 'tcp', host: '127.0.0.1', port: 3000 },
    addressText: '127.0.0.1:3000',
    weight: 1,
    isBackup: false,
    maxConnections: 0,
    admin: adminState.ready,
    ...some,
  };
}

/** Servers that belong to no upstream, named a, b, c … in the order of their weights. */
export function serversOfWeights(...weights: number[]): Server[] {
  return weights.map((weight, i) => new Server(serverOptions(String.fromCharCode(97 + i), { weight }), i, null, nobody));
}

export function stickyCookieOptions(some: Partial<StickyCookieOptions> = {}): StickyCookieOptions {
  return {
    policy: 'cookie',
    name: 'route',
    secret: '',
    path: '/',
    domain: '',
    secure: 'auto',
    httpOnly: true,
    sameSite: null,
    partitioned: false,
    maxAgeMs: null,
    isStrict: false,
    values: new Map(),
    isIndirect: false,
    marksPrivate: true,
    preserves: null,
    attributes: [],
    ...some,
  };
}

export function upstreamOf(servers: readonly ServerOptions[], some: Partial<UpstreamOptions> = {}): Upstream {
  return new Upstream({
    name: 'meteor',
    servers,
    balance: 'round-robin',
    sticky: null,
    passiveHealth: { failures: 3, windowMs: 10_000, downForMs: 10_000 },
    retries: { attempts: 3, boundAttempts: 3, pauseMs: 100, replayBytes: 65_536, methods: new Set(['GET', 'HEAD']), on: new Set() },
    onServerChange: null,
    onHealthFound: null,
    ...some,
  });
}
