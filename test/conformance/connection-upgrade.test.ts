// What the wire rules mean for a connection that asks to speak another protocol: nothing that comes too early is lost,
// and nothing is taken for a request that was meant for the protocol.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type LimpetProcess, startLimpet } from '../e2e/limpet-process.js';
import { RawClient } from '../fixtures/raw-client.js';
import { type ScriptedServer, startScriptedServer } from '../fixtures/scripted-server.js';

const switching = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const plainAnswer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

function upgrade(target: string, protocol = 'websocket', fields = ''): string {
  return `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n${fields}\r\n`;
}

describe('a connection that asks for an upgrade', () => {
  let server: ScriptedServer;
  let limpet: LimpetProcess;
  /** What came from Limpet behind the head of /waits, and whether the 101 had been sent by then. */
  const early: { text: string; isAfterSwitch: boolean }[] = [];
  let switchNow: () => void = () => {};

  before(async () => {
    server = await startScriptedServer((connection, head, rest) => {
      const target = head.split(' ')[1];
      if (target === '/waits') {
        let isSwitched = false;
        if (rest.length > 0) early.push({ text: rest.toString('latin1'), isAfterSwitch: false });
        connection.on('data', (data: Buffer) => {
          early.push({ text: data.toString('latin1'), isAfterSwitch: isSwitched });
          connection.write('seen');
        });
        switchNow = () => {
          isSwitched = true;
          connection.write(switching);
        };
      } else if (target === '/speaks-first') connection.end(`${switching}welcome`);
      else if (target === '/unasked') connection.end(switching);
      else if (target === '/refuses') connection.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno');
      else connection.write(plainAnswer);
    });
    limpet = await startLimpet({
      listeners: {
        web: {
          address: '127.0.0.1:0',
          routes: [{ match: { path: '/other/*' }, upgrade: ['websocket', 'mqtt'], upstream: 'app' }, { upstream: 'app' }],
        },
      },
      // One exchange per connection: the scripted server reads no second one.
      upstreams: { app: { servers: [server.address], connectionPool: { maxIdle: 0 }, health: { passive: 'off' } } },
    });
  });

  after(async () => {
    await server?.close();
    await limpet?.stop();
  });

  async function withClient(action: (client: RawClient) => Promise<void>): Promise<void> {
    const client = await RawClient.connect(limpet.port('web'));
    try {
      await action(client);
    } finally {
      client.destroy();
    }
  }

  function headFor(target: string): string {
    const found = server.heads.filter((head) => head.split(' ')[1] === target);
    assert.equal(found.length, 1, target);
    return found[0]!.toLowerCase();
  }

  test('what is sent before the 101 is held until the 101', () =>
    withClient(async (client) => {
      client.send(`${upgrade('/waits')}early`);
      // A whole exchange on another connection: by then the bytes would have come, had they not been held.
      await withClient(async (other) => {
        other.send('GET /plain HTTP/1.1\r\nHost: a\r\n\r\n');
        assert.equal((await other.readResponse()).status, 200);
      });
      switchNow();
      assert.equal((await client.readHead()).status, 101);
      assert.equal(await client.readBytes(4), 'seen');
      assert.deepEqual(early, [{ text: 'early', isAfterSwitch: true }]);
    }));

  test('what comes with the 101 is not lost', () =>
    withClient(async (client) => {
      client.send(upgrade('/speaks-first'));
      assert.equal((await client.readHead()).status, 101);
      assert.equal(await client.untilEnd(), 'welcome');
    }));

  test('a refused upgrade is answered and the connection ends, whatever stands behind the request', () =>
    withClient(async (client) => {
      client.send(`${upgrade('/refuses')}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`);
      const response = await client.readResponse();
      assert.equal(response.status, 403);
      assert.equal(response.body, 'no');
      assert.equal(await client.untilEnd(), '');
      assert.ok(!server.heads.some((head) => head.includes('/smuggled')));
    }));

  test('a 101 that nobody asked for is a 502', () =>
    withClient(async (client) => {
      client.send('GET /unasked HTTP/1.1\r\nHost: a\r\n\r\n');
      assert.equal((await client.readResponse()).status, 502);
    }));

  test('an upgrade to h2c does not go on', () =>
    withClient(async (client) => {
      client.send(upgrade('/cleartext', 'h2c', 'HTTP2-Settings: AAMAAABk\r\n'));
      assert.equal((await client.readResponse()).status, 200);
      assert.doesNotMatch(headFor('/cleartext'), /upgrade|http2-settings|h2c/);
    }));

  test('an upgrade that the route does not name does not go on', () =>
    withClient(async (client) => {
      client.send(upgrade('/mqtt', 'mqtt'));
      assert.equal((await client.readResponse()).status, 200);
      assert.doesNotMatch(headFor('/mqtt'), /upgrade/);
    }));

  test('an upgrade that the route names goes on', () =>
    withClient(async (client) => {
      client.send(upgrade('/other/mqtt', 'mqtt'));
      assert.equal((await client.readResponse()).status, 200);
      assert.match(headFor('/other/mqtt'), /\r\nconnection: upgrade\r\nupgrade: mqtt\r\n/);
    }));
});
