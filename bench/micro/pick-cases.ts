// Choosing a server for an exchange that is bound to none.

import type { ExchangeView } from '../../src/route/exchange-view.js';
import type { BalanceOptions } from '../../src/upstream/balance/create-balancer.js';
import { Selection, select } from '../../src/upstream/selection.js';
import { adminState } from '../../src/upstream/server.js';
import { Upstream } from '../../src/upstream/upstream.js';
import type { MicroCase } from './measure.js';

const balancers: readonly BalanceOptions[] = [
  'round-robin',
  'static-round-robin',
  'least-connections',
  'random',
  'source',
  'first',
  ...(['slots', 'rehash', 'ring'] as const).map((over) => ({
    by: 'hash' as const,
    // The only text that is known of a connection; without one these would take turns.
    key: '${client.ip}',
    reader: { read: ({ client }: ExchangeView) => client.ip },
    over,
    hash: 'sdbm' as const,
    mix: false,
  })),
];

/** Of many clients: by a hash, one alone would always meet the same server. */
const connections = Array.from({ length: 64 }, (_, i) => ({ client: { ip: `192.0.2.${i}`, port: 1024 }, request: null }));

export const pickCases: MicroCase[] = balancers.flatMap((balance) => [2, 100, 1000].map((count) => pickCase(balance, count)));

function pickCase(balance: BalanceOptions, count: number): MicroCase {
  const servers = Array.from({ length: count }, (_, i) => ({
    name: `s${i}`,
    address: { kind: 'tcp', host: '127.0.0.1', port: 3000 + i } as const,
    addressText: `127.0.0.1:${3000 + i}`,
    weight: 1,
    isBackup: false,
    maxConnections: 0,
    admin: adminState.ready,
  }));
  const upstream = new Upstream({
    name: 'app',
    servers,
    balance,
    sticky: null,
    passiveHealth: { failures: 3, windowMs: 10_000, downForMs: 10_000 },
    retries: { attempts: 3, boundAttempts: 3, pauseMs: 100, replayBytes: 0, methods: new Set(['GET']), on: new Set() },
    onServerChange: null,
    onHealthFound: null,
  });
  const selection = new Selection();
  return {
    name: `pick: ${nameOf(balance)}, ${count} servers`,
    run: (times) => {
      let indexes = 0;
      for (let i = 0; i < times; i++) {
        select(upstream, connections[i % connections.length]!, [], selection);
        indexes += selection.server?.index ?? 0;
      }
      return indexes;
    },
  };
}

function nameOf(balance: BalanceOptions): string {
  if (typeof balance === 'string') return balance;
  return balance.by === 'hash' ? `hash over ${balance.over}` : balance.by;
}
