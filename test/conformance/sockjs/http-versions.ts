// SockJS protocol checks: that bodies are framed as HTTP/1.0 and HTTP/1.1 clients can read them.
import assert from 'node:assert/strict';
import type { RawClient } from '../../fixtures/raw-client.js';
import type { SockJsCheck } from './sockjs-target.js';

const greeting = 'Welcome to SockJS!\n';
const keepAlive = { Connection: 'Keep-Alive' };

async function expectEnd(client: RawClient): Promise<void> {
  assert.equal(await client.untilEnd(), '');
}

export const httpVersionChecks: readonly SockJsCheck[] = [
  {
    name: 'an HTTP/1.0 client gets a length or the end of the connection, and keeps it if it may',
    async run(target) {
      const client = await target.open('GET', '/echo', { version: '1.0', headers: keepAlive });
      const { status, fields } = await client.readHead();
      assert.equal(status, 200);
      assert.equal(fields.get('transfer-encoding'), undefined);
      const connection = fields.get('connection')?.toLowerCase() ?? '';
      if (fields.get('content-length') === undefined) {
        assert.equal(connection, 'close');
        assert.equal(await client.untilEnd(), greeting);
      } else {
        assert.equal(fields.get('content-length'), '19');
        assert.equal(await client.readBytes(19), greeting);
        if (connection === 'close' || connection === '') await expectEnd(client);
        else {
          assert.equal(connection, 'keep-alive');
          target.send(client, 'GET', '/echo', { version: '1.0', headers: keepAlive });
          assert.equal((await client.readHead()).status, 200);
        }
      }
      client.destroy();
    },
  },
  {
    name: 'an HTTP/1.0 client gets a stream without framing, until the end of the connection',
    async run(target) {
      const path = `${target.newSession('/close')}/xhr_streaming`;
      const client = await target.open('POST', path, { version: '1.0', headers: keepAlive });
      const { status, fields } = await client.readHead();
      assert.equal(status, 200);
      assert.equal(fields.get('transfer-encoding'), undefined);
      assert.equal(fields.get('content-length'), undefined);
      assert.equal(await client.readBytes(2049), `${'h'.repeat(2048)}\n`);
      assert.equal(await client.readBytes(2), 'o\n');
      assert.equal(await client.readBytes(19), 'c[3000,"Go away!"]\n');
      await expectEnd(client);
      client.destroy();
    },
  },
  {
    name: 'an HTTP/1.1 client keeps its connection',
    async run(target) {
      const client = await target.open('GET', '/echo', { headers: keepAlive });
      const first = await client.readResponse();
      assert.equal(first.status, 200);
      assert.equal(first.version, '1.1');
      assert.ok(['keep-alive', ''].includes(first.fields.get('connection')?.toLowerCase() ?? ''));
      assert.equal(first.body, greeting);
      const length = first.fields.get('content-length');
      if (length === undefined) assert.equal(first.fields.get('transfer-encoding')?.toLowerCase(), 'chunked');
      else {
        assert.equal(length, '19');
        assert.equal(first.fields.get('transfer-encoding'), undefined);
      }
      target.send(client, 'GET', '/echo', { headers: keepAlive });
      assert.equal((await client.readResponse()).status, 200);
      client.destroy();
    },
  },
  {
    name: 'an HTTP/1.1 client gets a stream in chunks',
    async run(target) {
      const stream = await target.stream('POST', `${target.newSession('/close')}/xhr_streaming`, { headers: keepAlive });
      assert.equal(stream.head.status, 200);
      assert.equal(stream.head.fields.get('content-length'), undefined);
      assert.match(await stream.read(), /^h/);
      assert.equal(await stream.read(), 'o\n');
      assert.equal(await stream.read(), 'c[3000,"Go away!"]\n');
      assert.equal(await stream.read(), '');
      stream.close();
    },
  },
];
