// Large read buffers are few: a connection between two exchanges keeps none while they are scarce.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areLeasesScarce, leasesLent, returnLease, takeLease } from '../../src/net/buffer-leases.js';
import { waitFor } from '../fixtures/wait-for.js';
import { idleClients } from './flow.js';
import { withOrigin } from './origin.js';
import { get, ok, post, simpleConfig, withWorker } from './stage.js';

/** Large enough for its reader to ask for a large buffer, small enough to come in one piece: its last read is a large one. */
const body = 'x'.repeat(40_000);
const clients = 8;

async function whileScarce(action: (taken: number) => Promise<void>): Promise<void> {
  const taken: Buffer[] = [];
  while (!areLeasesScarce()) taken.push(takeLease()!);
  try {
    await action(taken.length);
  } finally {
    for (const lease of taken) returnLease(lease);
  }
}

test('connections to servers that wait in the pool keep no lease of the answer before', () =>
  withOrigin({ onRequest: ({ connection }) => connection.write(ok(body)) }, (origin) =>
    withWorker(simpleConfig([origin.address]), (stage) =>
      whileScarce(async (taken) => {
        for (let round = 0; round < 2; round++) {
          const asking = await Promise.all(Array.from({ length: clients }, () => stage.connect()));
          for (const client of asking) client.send(get('/'));
          for (const client of asking) assert.equal((await client.readResponse()).body, body);
          await waitFor('idle clients', () => idleClients(stage) === asking.length * (round + 1));
          assert.ok(stage.worker.counters.serverConnections > 1, 'they did not ask at the same time');
          assert.equal(leasesLent(), taken);
        }
      }),
    ),
  ));

test('bodies pass whole while there are no leases at all', () =>
  withOrigin({ onRequest: ({ connection, body: sent }) => connection.write(ok(sent)) }, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const taken: Buffer[] = [];
      for (let lease = takeLease(); lease !== null; lease = takeLease()) taken.push(lease);
      try {
        const long = 'abcdefghij'.repeat(100_000);
        const client = await stage.connect();
        client.send(post('/', long));
        assert.equal((await client.readResponse()).body, long);
      } finally {
        for (const lease of taken) returnLease(lease);
      }
    }),
  ));
