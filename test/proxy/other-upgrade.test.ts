// A 101 for another protocol than the one that was asked for: nobody knows what the bytes behind it would be.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '../fixtures/wait-for.js';
import { withOrigin } from './origin.js';
import { get, ok, simpleConfig, withWorker } from './stage.js';

const upgrade = get('/chat', 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\n');

function switchingTo(field: string): string {
  return `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n${field}\r\nhello`;
}

for (const other of ['h2c', 'websocket2', 'websocket, h2c', 'TLS/1.0']) {
  test(`a 101 to ${other} is a 502, and the server let go of`, () =>
    withOrigin({ onHead: ({ connection }) => connection.write(switchingTo(`Upgrade: ${other}\r\n`)) }, (origin) =>
      withWorker(simpleConfig([origin.address]), async (stage) => {
        const client = await stage.connect();
        client.send(upgrade);
        const response = await client.readResponse();
        assert.equal(response.status, 502);
        assert.doesNotMatch(response.body, /hello/);
        assert.equal(await stage.faultOf(1), 'unasked-upgrade');
        assert.equal(stage.worker.counters.tunnels, 0);
        await waitFor('the server to be let go of', () => origin.open.size === 0);
      }),
    ));
}

for (const field of ['Upgrade: WebSocket\r\n', '']) {
  test(`a 101 with ${field === '' ? 'no Upgrade' : 'the protocol in other letters'} is the one that was asked for`, () =>
    withOrigin({ onHead: ({ connection }) => connection.write(switchingTo(field)) }, (origin) =>
      withWorker(simpleConfig([origin.address]), async (stage) => {
        const client = await stage.connect();
        client.send(upgrade);
        const head = await client.readHead();
        assert.deepEqual([head.status, head.fields.get('upgrade')?.toLowerCase()], [101, 'websocket']);
        assert.equal(await client.readBytes(5), 'hello');
        client.destroy();
      }),
    ));
}

const anyProtocol = { listener: { routes: [{ upstream: 'app', upgrade: ['*'] }] } };

for (const [asked, chosen] of [
  ['tcp', 'tcp'],
  ['SPDY/3.1', 'SPDY/3.1'],
  ['one/1, two', 'two'],
  ['one/1,two', 'one/1'],
] as const) {
  test(`"*": ${asked} is asked for, and ${chosen} switched to`, () =>
    withOrigin({ onHead: ({ connection }) => connection.write(switchingTo(`Upgrade: ${chosen}\r\n`)) }, (origin) =>
      withWorker(simpleConfig([origin.address], anyProtocol), async (stage) => {
        const client = await stage.connect();
        client.send(upgrade.replace('websocket', asked));
        const head = await client.readHead();
        assert.deepEqual([head.status, head.fields.get('upgrade')?.toLowerCase()], [101, chosen.toLowerCase()]);
        assert.equal(await client.readBytes(5), 'hello');
        client.destroy();
      }),
    ));
}

for (const asked of ['h2c', 'H2C', 'tcp, h2c', 'h2c,tcp', 'tcp,h2c/1', 'h2c-16', 'h2c;q=1', '"h2c"', 'h2', 'HTTP/2.0']) {
  test(`"*" does not pass ${asked} on`, () =>
    withOrigin({ onRequest: ({ connection, fields }) => connection.write(ok(fields.get('upgrade') ?? 'none')) }, (origin) =>
      withWorker(simpleConfig([origin.address], anyProtocol), async (stage) => {
        const client = await stage.connect();
        client.send(upgrade.replace('websocket', asked));
        assert.equal((await client.readResponse()).body, 'none');
      }),
    ));
}
