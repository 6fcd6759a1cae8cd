// A defect of Limpet's own, brought out by whatever a peer has sent: it is logged and ends that one connection.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpService } from '../../src/proxy/http-service.js';
import type { Rule } from '../../src/route/rule.js';
import { waitFor } from '../fixtures/wait-for.js';
import { withOrigin } from './origin.js';
import { get, ok, Stage, simpleConfig } from './stage.js';

type Service = { requestRules: Rule[]; responseRules: Rule[]; log: HttpService['log'] };
type Services = { runtime: { entries: Map<string, { current: { service: Service } }> } };

const throwing = (): never => {
  throw new Error('a defect');
};

/** Runs with a stage whose service was spoiled; its log of defects is left to the action. */
async function withDefect(spoil: (service: Service) => void, action: (stage: Stage) => Promise<void>): Promise<void> {
  await withOrigin({ onRequest: ({ connection }) => connection.write(ok('served')) }, async (origin) => {
    const stage = new Stage(simpleConfig([origin.address]));
    await stage.listen();
    const [entry] = (stage.worker as unknown as Services).runtime.entries.values();
    spoil(entry!.current.service);
    try {
      await action(stage);
    } finally {
      await stage.close();
    }
  });
}

const onBadPath: Rule = { condition: { literals: [], test: ({ path }) => path === '/bad' }, step: { run: throwing } };

for (const [where, spoil] of [
  ['request', (service: Service) => void service.requestRules.push(onBadPath)],
  ['response', (service: Service) => void service.responseRules.push(onBadPath)],
] as const) {
  test(`a throw in a ${where} rule ends its connection, and no other notices`, () =>
    withDefect(spoil, async (stage) => {
      const [other, bad] = [await stage.connect(), await stage.connect()];
      other.send(get('/good'));
      assert.equal((await other.readResponse()).body, 'served');
      for (let times = 0; times < 3; times++) {
        const client = times === 0 ? bad : await stage.connect();
        client.send(get('/bad'));
        assert.equal(await client.untilEnd(), '');
        await waitFor('the defect to be logged', () => stage.defects.length === times + 1);
      }
      other.send(get('/good'));
      assert.equal((await other.readResponse()).body, 'served');
      assert.match(String(stage.defects[0]!.fields['detail']), /a defect/);
    }));
}

test('a throw when a connection to a server comes about ends that exchange alone', () => {
  const onConnected: Rule = {
    condition: { literals: [], test: ({ path }) => path === '/bad' },
    // The head is written when the connection is there: what is read then throws then.
    step: {
      run: (x) => {
        Object.defineProperty(x.request, 'writeFields', { value: throwing, configurable: true });
        return 0;
      },
    },
  };
  return withDefect(
    (service) => void service.requestRules.push(onConnected),
    async (stage) => {
      const client = await stage.connect();
      client.send(get('/bad'));
      await waitFor('the defect to be logged', () => stage.defects.length === 1);
      assert.equal((await client.readResponse()).status, 502);
      assert.equal(stage.worker.counters.activeExchanges, 0);
    },
  );
});
