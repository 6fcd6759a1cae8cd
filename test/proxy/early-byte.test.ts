// A client that has sent something of its next request and then goes: it is noticed, and its exchange ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RawClient } from '../fixtures/raw-client.js';
import { waitFor } from '../fixtures/wait-for.js';
import { withOrigin } from './origin.js';
import { get, simpleConfig, withWorker } from './stage.js';

const goes: Record<string, (client: RawClient) => void> = {
  'is reset': (client) => client.reset(),
  'ends its side': (client) => client.end(),
};

const early: Record<string, string> = {
  'one byte': 'G',
  'a whole request': get('/next'),
  // More than is held while reading goes on would be another matter: nobody reads then.
  'half a head': `GET /next HTTP/1.1\r\nX: ${'x'.repeat(4_000)}`,
};

for (const [how, go] of Object.entries(goes)) {
  for (const [what, bytes] of Object.entries(early)) {
    test(`a client that has sent ${what} too early and ${how} is noticed while it waits`, () =>
      withOrigin({}, (origin) =>
        withWorker(simpleConfig([origin.address]), async (stage) => {
          const client = await stage.connect();
          client.send(get('/') + bytes);
          await waitFor('the request', () => origin.requests.length === 1);
          go(client);
          await waitFor('the server to be let go of', () => origin.open.size === 0, 5_000);
          assert.equal(await stage.faultOf(1), 'client-gone');
          assert.equal(origin.requests.length, 1);
          assert.equal(stage.worker.counters.activeExchanges, 0);
        }),
      ));
  }
}

test('the same where the byte comes alone, after the request', () =>
  withOrigin({}, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const client = await stage.connect();
      client.send(get('/'));
      await waitFor('the request', () => origin.requests.length === 1);
      client.send('G');
      client.reset();
      await waitFor('the server to be let go of', () => origin.open.size === 0, 5_000);
      assert.equal(await stage.faultOf(1), 'client-gone');
    }),
  ));
