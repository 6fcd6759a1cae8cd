// Choosing a server for an exchange that is bound to none.

import { Selection, select } from '../../src/upstream/selection.js';
import { adminState } from '../../src/upstream/server.js';
import { Upstream } from '../../src/upstream/upstream.js';
import type { MicroCase } from './measure.js';

export const pickCases: MicroCase[] = [
  pickCase('round-robin', 2),
  pickCase('round-robin', 100),
  pickCase('least-connections', 2),
  pickCase('least-connections', 100),
];

function pickCase(balance: 'round-robin' | 'least-connections', count: number): MicroCase {
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
    retries: { attempts: 3, boundAttempts: 3, pauseMs: 100, replayBytes: 0, methods: new Set(['GET']) },
    onServerChange: null,
    onHealthFound: null,
  });
  const selection = new Selection();
  const connection = { client: { ip: '192.0.2.1', port: 1024 }, request: null };
  return {
    name: `pick: ${balance}, ${count} servers`,
    run: (times) => {
      let indexes = 0;
      for (let i = 0; i < times; i++) {
        select(upstream, connection, [], selection);
        indexes += selection.server?.index ?? 0;
      }
      return indexes;
    },
  };
}
