// Exchanges and connections that wait for the store: before they go to a server, and with a head that the client must not
// see before the session in it is known everywhere. The store answers when the test says so.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EmbeddedStore } from '../../src/store/embedded-store.js';
import type { StoreReply } from '../../src/store/messages.js';
import { StoreClient } from '../../src/store/store-client.js';
import type { RawClient } from '../fixtures/raw-client.js';
import { waitFor } from '../fixtures/wait-for.js';
import { type Origin, type OriginOptions, withOrigin } from './origin.js';
import { get, ok, post, type Stage, simpleConfig, withWorker } from './stage.js';

/** A store whose answers wait for {@link answer}. */
class HeldStore {
  readonly client: StoreClient;
  private readonly replies: StoreReply[] = [];
  private isFree = true;

  constructor(patienceMs = 60_000) {
    const member = new EmbeddedStore().join((reply) => {
      if (this.isFree) this.client.take(reply);
      else this.replies.push(reply);
    });
    this.client = new StoreClient((request) => member.take(request), { clock: () => performance.now(), patienceMs });
  }

  hold(): void {
    this.isFree = false;
  }

  async asked(count = 1): Promise<void> {
    await waitFor('the store to be asked', () => this.replies.length >= count);
  }

  answer(): void {
    this.isFree = true;
    for (const reply of this.replies.splice(0)) this.client.take(reply);
  }
}

const sticky = { policy: 'app-cookie', name: 'SID' };
const setCookie = 'Set-Cookie: SID=S1; Path=/\r\n';

interface Scene {
  readonly stage: Stage;
  readonly origin: Origin;
  readonly store: HeldStore;
}

async function withScene(
  options: OriginOptions,
  action: (scene: Scene) => Promise<void>,
  store = new HeldStore(),
  upstream: Record<string, unknown> = { sticky },
): Promise<void> {
  await withOrigin(options, (origin) =>
    withWorker(
      simpleConfig([origin.address], { upstream }),
      async (stage) => {
        await action({ stage, origin, store });
        assert.equal(store.client.questions.count, 0);
      },
      store.client,
    ),
  );
}

/** Nothing has come to the client although everything before it has happened. */
async function assertSilent(client: RawClient, { stage, store }: Scene): Promise<void> {
  await store.asked();
  // Whatever was on its way to this client has had its turn when another one is served.
  const other = await stage.connect();
  other.send('GET /plain HTTP/1.1\r\nHost: limpet.test\r\n\r\n');
  assert.equal((await other.readResponse()).status, 200);
  assert.equal(client.received, '');
}

/** Answers /plain as it is, and everything else with `answer`. */
function answering(answer: string | readonly string[]): OriginOptions {
  return {
    onRequest: ({ connection, target }) => {
      if (target === '/plain') connection.write(ok('plain'));
      else for (const piece of [answer].flat()) connection.write(piece);
    },
  };
}

describe('a response head that waits', () => {
  const many = 'x'.repeat(300_000);
  const answers: [what: string, answer: string, body: string][] = [
    ['with a body', ok('hello', setCookie), 'hello'],
    ['with a chunked body', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n${setCookie}\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`, 'abcde'],
    ['with an empty body', ok('', setCookie), ''],
    ['without a body', `HTTP/1.1 204 No Content\r\n${setCookie}\r\n`, ''],
    ['with a long body', ok(many, setCookie), many],
    ['with a long chunked body', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n${setCookie}\r\n493e0\r\n${many}\r\n0\r\n\r\n`, many],
  ];
  for (const [what, answer, body] of answers) {
    test(`${what}: nothing of it goes out before the answer, everything after it, and the connections live on`, async () => {
      await withScene(answering(answer), async (scene) => {
        const { stage, origin, store } = scene;
        const client = await stage.connect();
        store.hold();
        client.send(get('/'));
        await assertSilent(client, scene);
        store.answer();
        const response = await client.readResponse();
        assert.equal(response.body, body);
        assert.equal(response.fields.get('set-cookie'), 'SID=S1; Path=/');
        const accepted = origin.accepted;
        client.send(get('/plain'));
        assert.equal((await client.readResponse()).body, 'plain');
        assert.equal(origin.accepted, accepted);
      });
    });
  }

  test('chunks keep their boundaries', async () => {
    const answer = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n${setCookie}\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`;
    await withScene(answering(answer), async ({ stage, store }) => {
      const client = await stage.connect();
      store.hold();
      client.send(get('/'));
      await store.asked();
      store.answer();
      assert.deepEqual((await client.readResponse()).chunks, ['abc', 'de']);
    });
  });

  test('a body that ends with its connection', async () => {
    const options: OriginOptions = { onRequest: ({ connection }) => connection.end(`HTTP/1.1 200 OK\r\n${setCookie}\r\nhello`) };
    await withScene(options, async ({ stage, origin, store }) => {
      const client = await stage.connect();
      store.hold();
      client.send(get('/'));
      await store.asked();
      await waitFor('the server to have ended', () => [...origin.open].every((connection) => connection.writableFinished));
      store.answer();
      assert.equal((await client.readResponse()).body, 'hello');
    });
  });

  test('an upload goes on meanwhile', async () => {
    let received = 0;
    const options: OriginOptions = {
      onHead: ({ connection }) => void connection.write(ok('early', setCookie)),
      onAccept: (connection) => connection.on('data', (data: Buffer) => void (received += data.length)),
    };
    await withScene(options, async ({ stage, store }) => {
      const client = await stage.connect();
      store.hold();
      client.send('POST / HTTP/1.1\r\nHost: limpet.test\r\nContent-Length: 100000\r\n\r\n');
      await store.asked();
      client.send('x'.repeat(100_000));
      await waitFor('the upload', () => received > 100_000);
      assert.equal(client.received, '');
      store.answer();
      assert.equal((await client.readResponse()).body, 'early');
    });
  });

  test('a switch of protocols, with bytes behind it', async () => {
    const switching = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${setCookie}\r\nfirst`;
    const options: OriginOptions = {
      onHead: ({ connection }) => {
        connection.removeAllListeners('data').on('data', (data: Buffer) => connection.write(data));
        connection.write(switching);
      },
    };
    await withScene(options, async ({ stage, store }) => {
      const client = await stage.connect();
      store.hold();
      client.send(get('/', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'));
      await store.asked();
      client.send('early');
      assert.equal(client.received, '');
      store.answer();
      const head = await client.readHead();
      assert.deepEqual([head.status, head.fields.get('set-cookie')], [101, 'SID=S1; Path=/']);
      assert.equal(await client.readBytes(10), 'firstearly');
      client.send('more');
      assert.equal(await client.readBytes(4), 'more');
    });
  });

  test('its client leaves: nobody waits any more, and the server is let go', async () => {
    await withScene(answering(ok('hello', setCookie)), async ({ stage, origin, store }) => {
      const client = await stage.connect();
      store.hold();
      client.send(get('/'));
      await store.asked();
      client.destroy();
      assert.equal(await stage.faultOf(1), 'client-gone');
      await waitFor('the server to be let go', () => origin.open.size === 0);
      assert.equal(store.client.questions.count, 0);
      store.answer();
    });
  });

  test('its server is reset: the client gets nothing that could pass for an answer', async () => {
    const options: OriginOptions = {
      onRequest: ({ connection }) => connection.write(`HTTP/1.1 200 OK\r\nContent-Length: 10\r\n${setCookie}\r\nhalf`),
    };
    await withScene(options, async ({ stage, origin, store }) => {
      const client = await stage.connect();
      store.hold();
      client.send(get('/'));
      await store.asked();
      for (const connection of origin.open) connection.resetAndDestroy();
      store.answer();
      await client.untilEnd();
      assert.equal(await stage.faultOf(1), 'response-cut');
      assert.ok(client.received === '' || client.received.endsWith('\r\n\r\nhalf'), client.received);
    });
  });

  test('the store does not answer: the client is not kept waiting for ever', async () => {
    await withScene(
      answering(ok('hello', setCookie)),
      async ({ stage, store }) => {
        const client = await stage.connect();
        store.hold();
        client.send(get('/'));
        assert.equal((await client.readResponse()).body, 'hello');
      },
      new HeldStore(50),
    );
  });
});

describe('an exchange that waits for its server', () => {
  const withSession = 'Cookie: SID=S1\r\n';

  test('is sent nowhere before the answer, and then with its whole body', async () => {
    const options: OriginOptions = { onRequest: ({ connection, body }) => connection.write(ok(`got ${body}`)) };
    await withScene(options, async ({ stage, origin, store }) => {
      const client = await stage.connect();
      store.hold();
      client.send(post('/', 'all of it', withSession));
      await store.asked();
      assert.equal(origin.accepted, 0);
      store.answer();
      assert.equal((await client.readResponse()).body, 'got all of it');
    });
  });

  test('those pipelined behind it wait their turn', async () => {
    const options: OriginOptions = { onRequest: ({ connection, target }) => connection.write(ok(target)) };
    await withScene(options, async ({ stage, store }) => {
      const client = await stage.connect();
      store.hold();
      client.send(get('/1', withSession) + get('/2', withSession) + get('/3'));
      await store.asked();
      store.answer();
      for (const target of ['/1', '/2', '/3']) assert.equal((await client.readResponse()).body, target);
    });
  });

  test('its client leaves: it is forgotten, and no server is asked', async () => {
    await withScene(answering(ok('hello')), async ({ stage, origin, store }) => {
      const client = await stage.connect();
      store.hold();
      client.send(get('/', withSession));
      await store.asked();
      client.destroy();
      assert.equal(await stage.faultOf(1), 'client-gone');
      store.answer();
      const next = await stage.connect();
      next.send(get('/plain'));
      assert.equal((await next.readResponse()).status, 200);
      assert.deepEqual(
        origin.requests.map(({ target }) => target),
        ['/plain'],
      );
    });
  });

  test('the store does not answer: it is balanced, and bound to nobody', async () => {
    await withScene(
      answering(ok('hello')),
      async ({ stage, store }) => {
        const client = await stage.connect();
        store.hold();
        client.send(get('/', withSession));
        assert.equal((await client.readResponse()).body, 'hello');
        const [line] = await stage.logged(1);
        assert.deepEqual([line!['sticky'], line!['fault']], [null, null]);
      },
      new HeldStore(50),
    );
  });

  test('the binding of a new client comes before the first byte to its server', async () => {
    await withScene(
      answering(ok('hello')),
      async ({ stage, origin, store }) => {
        const client = await stage.connect();
        store.hold();
        client.send(get('/'));
        await store.asked();
        assert.equal(origin.accepted, 0);
        store.answer();
        assert.equal((await client.readResponse()).body, 'hello');
        const [line] = await stage.logged(1);
        assert.equal(line!['sticky'], 'new');
      },
      new HeldStore(),
      { sticky: { policy: 'source' } },
    );
  });
});

describe('a TCP connection that waits for its server', () => {
  const config = (address: string) => ({
    listeners: { raw: { address: '127.0.0.1:0', mode: 'tcp', upstream: 'app' } },
    upstreams: { app: { servers: [address], sticky: { policy: 'source' } } },
  });

  test('keeps what its client sends meanwhile', async () => {
    const store = new HeldStore();
    await withOrigin({ onAccept: (connection) => void connection.pipe(connection) }, (origin) =>
      withWorker(
        config(origin.address),
        async (stage) => {
          store.hold();
          const client = await stage.connect('raw');
          client.send('before');
          await store.asked();
          assert.equal(origin.accepted, 0);
          store.answer();
          assert.equal(await client.readBytes(6), 'before');
          const again = await stage.connect('raw');
          again.send('again');
          assert.equal(await again.readBytes(5), 'again');
          client.destroy();
          again.destroy();
          assert.deepEqual((await stage.logged(2)).map(({ sticky: how }) => how).toSorted(), ['bound', 'new']);
        },
        store.client,
      ),
    );
  });

  test('is forgotten when its client leaves', async () => {
    const store = new HeldStore();
    await withOrigin({}, (origin) =>
      withWorker(
        config(origin.address),
        async (stage) => {
          store.hold();
          const client = await stage.connect('raw');
          await store.asked();
          client.reset();
          await stage.logged(1);
          assert.equal(store.client.questions.count, 0);
          store.answer();
          assert.equal(origin.accepted, 0);
        },
        store.client,
      ),
    );
  });
});
