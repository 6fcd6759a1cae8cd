// A client that asks and asks and takes no answer: what it can make the process queue has an end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RawClient } from '../fixtures/raw-client.js';
import { waitFor } from '../fixtures/wait-for.js';
import { idleClients, queuedForClients, takenByKernel, untilStalled } from './flow.js';
import { withOrigin } from './origin.js';
import { get, ok, type Stage, simpleConfig, withWorker } from './stage.js';

const count = 2_000;
const targets = Array.from({ length: count }, (_, index) => `/${index}`);
const asked = targets.map((target) => get(target)).join('');
const padding = 'x'.repeat(14_000);
/** What the process may hold of the answers; what the kernel's buffers take is not its own. */
const mayWait = 300 * 1024;

/** Both kinds of answers, each with the target at the start of its body; together far more than the kernel takes. */
const kinds: Record<string, (action: (stage: Stage) => Promise<void>, timeouts?: Record<string, string>) => Promise<void>> = {
  'a server': (action, timeouts = {}) =>
    withOrigin({ onRequest: ({ connection, target }) => connection.write(ok(`${target} ${padding}`)) }, (origin) =>
      withWorker(simpleConfig([origin.address], { listener: { timeouts } }), action),
    ),
  'Limpet itself': (action, timeouts = {}) => {
    const routes = [{ respond: { status: 200, body: `\${path} ${padding}` } }];
    return withWorker({ listeners: { web: { address: '127.0.0.1:0', routes, timeouts } }, upstreams: {} }, action);
  },
};

/** Asks for everything and reads nothing. */
async function askWithoutReading(stage: Stage): Promise<RawClient> {
  const client = await stage.connect();
  client.socket.removeAllListeners('data').pause();
  client.send(asked);
  return client;
}

for (const [who, withAnswers] of Object.entries(kinds)) {
  test(
    `answers of ${who}: few exchanges are begun and few bytes queued; who reads later gets each answer, in order`,
    {
      timeout: 60_000,
    },
    () =>
      withAnswers(async (stage) => {
        const client = await askWithoutReading(stage);
        await untilStalled(() => takenByKernel(stage));
        const begun = (await stage.logged(1)).length;
        assert.ok(begun < count * 0.9, `${begun} exchanges were begun`);
        assert.ok(queuedForClients(stage) <= mayWait, `${queuedForClients(stage)} bytes wait`);

        const pieces: Buffer[] = [];
        let received = 0;
        client.socket.on('data', (data: Buffer) => {
          pieces.push(data);
          received += data.length;
        });
        client.socket.resume();
        await waitFor('all exchanges', async () => (await stage.logged(1)).length === count, 30_000);
        await waitFor('all bodies', () => received >= count * padding.length);
        await untilStalled(() => received);
        const bodies = [
          ...Buffer.concat(pieces)
            .toString('latin1')
            .matchAll(/\r\n\r\n(\/\d+) (x*)/g),
        ];
        assert.deepEqual(
          bodies.map(([, target]) => target),
          targets,
        );
        assert.ok(bodies.every(([, , rest]) => rest === padding));
      }),
  );

  test(`answers of ${who}: a client that takes none of them is cut after timeouts.send`, { timeout: 30_000 }, () =>
    withAnswers(
      async (stage) => {
        await askWithoutReading(stage);
        await waitFor('the first answers', () => takenByKernel(stage) > 0);
        await waitFor('the client to be cut', () => Number.isNaN(idleClients(stage)), 15_000);
        assert.ok((await stage.logged(1)).length < count * 0.9);
      },
      { send: '150ms' },
    ),
  );
}
