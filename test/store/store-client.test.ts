// The store in its two forms, and what a worker does whose owner is slow, late or gone.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EmbeddedStore, type StoreMember } from '../../src/store/embedded-store.js';
import { createLocalStore } from '../../src/store/local-store.js';
import type { StoreReply, StoreRequest } from '../../src/store/messages.js';
import type { SessionTable } from '../../src/store/store.js';
import { StoreClient } from '../../src/store/store-client.js';
import { Asker, storeContract, tableOptions } from '../contract/store.contract.js';
import { type CountingStoreUnderTest, storeCountsContract } from '../contract/store-counts.contract.js';

const patienceMs = 1_000;

/** Messages between one worker and the owner: they keep their order, and take as long as the test wants. */
class Channel {
  readonly client: StoreClient;
  private readonly member: StoreMember;
  private readonly toOwner: StoreRequest[] = [];
  private readonly toWorker: StoreReply[] = [];
  private isCut = false;

  constructor(owner: EmbeddedStore, clock: () => number) {
    // Copied as a message between processes is: an object that both sides held would hide a mistake.
    this.client = new StoreClient((request) => this.toOwner.push(structuredClone(request)), { clock, patienceMs });
    this.member = owner.join((reply) => this.toWorker.push(structuredClone(reply)));
  }

  /** One message each way. True if there was one. */
  deliver(): boolean {
    const request = this.toOwner.shift();
    if (request !== undefined && !this.isCut) this.member.take(request);
    const reply = this.toWorker.shift();
    if (reply !== undefined && !this.isCut) this.client.take(reply);
    return request !== undefined || reply !== undefined;
  }

  cut(): void {
    this.isCut = true;
    this.member.leave();
  }
}

class ChannelledStore implements CountingStoreUnderTest {
  private nowMs = 0;
  private readonly clock = (): number => this.nowMs;
  private readonly owner = new EmbeddedStore(this.clock);
  readonly channels: Channel[];

  constructor(count: number) {
    this.channels = Array.from({ length: count }, () => new Channel(this.owner, this.clock));
  }

  get workers(): StoreClient[] {
    return this.channels.map(({ client }) => client);
  }

  settle(): void {
    while (this.channels.map((channel) => channel.deliver()).includes(true));
  }

  wait(ms: number): void {
    this.nowMs += ms;
  }

  round(): void {
    for (const { client } of this.channels) client.round();
    this.settle();
    this.owner.round();
  }

  replaceWorker(index: number): StoreClient {
    this.channels[index]!.cut();
    this.channels[index] = new Channel(this.owner, this.clock);
    return this.channels[index].client;
  }
}

for (const count of [2, 3]) {
  storeContract(`messages, ${count} workers`, () => new ChannelledStore(count));
  storeCountsContract(`messages, ${count} workers`, () => new ChannelledStore(count));
}

storeContract('in one process', () => {
  let nowMs = 0;
  return {
    workers: [createLocalStore(() => nowMs)],
    settle: () => {},
    wait: (ms) => {
      nowMs += ms;
    },
    replaceWorker: () => assert.fail('one process has nobody to replace its worker'),
  };
});

test('two owners that mirror each other hold the same sessions, and neither hears its own news again', () => {
  const clock = (): number => 0;
  const [old, young] = [new EmbeddedStore(clock, 'secret'), new EmbeddedStore(clock, 'secret')];
  const clients = [createLocalStore(clock, old), createLocalStore(clock, young)] as const;
  const [there, here] = clients.map((client) => client.sessions('t', tableOptions)) as [SessionTable, SessionTable];
  const told: string[] = [];
  const inYoung = young.mirror((change) => {
    told.push(`to the old one: ${change.kind}`);
    inOld.take(change);
  });
  const inOld = old.mirror((change) => {
    told.push(`to the young one: ${change.kind}`);
    inYoung.take(change);
  });
  const holder = (table: SessionTable, key: string): string | null => {
    let server: string | null = null;
    table.lookUp(key, { onStoreAnswer: (answer) => void ({ server } = answer) });
    return server;
  };
  const nobody = { onStoreAnswer: () => {} };
  there.bind('k', 'a', false, nobody);
  assert.equal(holder(here, 'k'), 'a');
  here.confirm('k');
  there.rebind('k', 'a', 'b', nobody);
  assert.equal(holder(here, 'k'), 'b');
  here.bind('l', 'c', true, nobody);
  assert.equal(holder(there, 'l'), 'c');
  // Of a table that the other one does not have.
  clients[0].sessions('unknown', tableOptions).bind('k', 'a', true, nobody);
  assert.deepEqual(told, [
    'to the young one: bind',
    'to the old one: confirm',
    'to the young one: rebind',
    'to the old one: bind',
    'to the young one: bind',
  ]);
  inYoung.leave();
  here.bind('m', 'a', true, nobody);
  assert.equal(holder(there, 'm'), null);
});

test('the options of a table that is known stay until others are set', () => {
  const owner = new EmbeddedStore(() => 0, 'secret');
  const client = createLocalStore(() => 0, owner);
  const table = client.sessions('t', { maxSessions: 100, idleMs: 1_000 });
  for (let i = 0; i < 50; i++) table.bind(`k${i}`, 'a', true, { onStoreAnswer: () => {} });
  const held = (): number => owner.sessions().reduce((sum, { batch }) => sum + batch.records.length / 5, 0);
  const again = client.sessions('t', { maxSessions: 8, idleMs: 1_000 });
  assert.equal(held(), 50);
  again.setOptions({ maxSessions: 8, idleMs: 1_000 });
  assert.equal(held(), 7);
});

test('a worker that is alone needs no store for limits and figures', () => {
  const store = createLocalStore();
  assert.equal(store.quota('q', 3), null);
  assert.equal(
    store.column('c', () => 1),
    null,
  );
});

describe('a worker of a store', () => {
  function start(): { store: ChannelledStore; client: StoreClient; table: SessionTable; other: SessionTable } {
    const store = new ChannelledStore(2);
    const [client, second] = store.workers as [StoreClient, StoreClient];
    const started = { store, client, table: client.sessions('t', tableOptions), other: second.sessions('t', tableOptions) };
    store.settle();
    return started;
  }

  /** A confirmed session that this worker has cached. */
  function cache(store: ChannelledStore, table: SessionTable, key: string): void {
    table.bind(key, 'a', true, new Asker());
    store.settle();
  }

  test('answers what it has cached within the question', () => {
    const { store, table } = start();
    cache(store, table, 'k');
    const asker = new Asker();
    table.lookUp('k', asker);
    assert.equal(asker.server, 'a');
  });

  test('does not cache what is pending: that may go at any time', () => {
    const { store, table } = start();
    table.bind('k', 'a', false, new Asker());
    store.settle();
    const asker = new Asker();
    table.lookUp('k', asker);
    assert.equal(asker.answers.length, 0);
    store.settle();
    assert.equal(asker.server, 'a');
  });

  test('an owner that is too slow leaves it uncertain, once, and its late answer harms nobody', () => {
    const { store, client, table } = start();
    const asker = new Asker();
    table.lookUp('k', asker);
    store.wait(patienceMs - 1);
    client.questions.giveUpOld();
    assert.equal(asker.answers.length, 0);
    store.wait(1);
    client.questions.giveUpOld();
    assert.deepEqual(asker.answers, [{ server: null, isConfirmed: false, isCertain: false }]);
    store.settle();
    assert.equal(asker.answers.length, 1);
    assert.equal(client.questions.count, 0);
  });

  test('a binding whose acknowledgement was too late holds all the same', () => {
    const { store, client, table, other } = start();
    table.bind('k', 'a', false, new Asker());
    store.wait(patienceMs);
    client.questions.giveUpOld();
    store.settle();
    const asker = new Asker();
    other.lookUp('k', asker);
    store.settle();
    assert.equal(asker.server, 'a');
  });

  test('without its owner it answers from its cache, and is uncertain of everything else', () => {
    const { store, client, table } = start();
    cache(store, table, 'k');
    const waiting = new Asker();
    table.lookUp('unknown', waiting);
    client.ownerIsGone();
    assert.equal(waiting.answers[0]!.isCertain, false);
    const [known, unknown, bound] = [new Asker(), new Asker(), new Asker()];
    table.lookUp('k', known);
    table.lookUp('unknown', unknown);
    table.bind('new', 'a', false, bound);
    assert.equal(known.server, 'a');
    assert.equal(unknown.answers[0]!.isCertain, false);
    assert.equal(bound.answers[0]!.isCertain, false);
  });

  test('an answer that crosses with a re-binding elsewhere is not kept', () => {
    const { store, table, other } = start();
    other.bind('k', 'a', true, new Asker());
    store.settle();
    const first = new Asker();
    table.lookUp('k', first);
    other.rebind('k', 'a', 'b', new Asker());
    store.settle();
    const second = new Asker();
    table.lookUp('k', second);
    store.settle();
    assert.equal(second.server, 'b');
  });

  test('an owner that is asked more than it can answer is asked no more', () => {
    const { store, client, table } = start();
    const askers = Array.from({ length: 20_001 }, () => new Asker());
    for (const [i, asker] of askers.entries()) table.lookUp(`k${i}`, asker);
    assert.equal(askers[20_000]!.answers[0]!.isCertain, false);
    assert.equal(askers[19_999]!.answers.length, 0);
    store.settle();
    assert.equal(client.questions.count, 0);
    assert.ok(askers.every(({ answers }) => answers.length === 1));
  });

  test('an asker that is forgotten inside the answer to another stays untold', () => {
    const { store, table } = start();
    const second = new Asker();
    table.lookUp('first', { onStoreAnswer: () => table.forget(second) });
    table.lookUp('second', second);
    store.settle();
    assert.equal(second.answers.length, 0);
  });
});
