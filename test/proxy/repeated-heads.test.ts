// Connections know their last head again when it comes: what was made of it for one client, or under another config, must not
// be there for the next.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { waitFor } from '../fixtures/wait-for.js';
import { cutAt, cuts } from '../property/wire-arbitraries.js';
import { idleClients } from './flow.js';
import { withOrigin } from './origin.js';
import { get, ok, simpleConfig, withWorker } from './stage.js';

test('a response that comes again carries nothing that was added to it for another client', () =>
  withOrigin({ onRequest: ({ connection }) => connection.write(ok('same')) }, (origin) =>
    withWorker(
      simpleConfig([origin.address], {
        listener: { response: { set: { 'X-Asked': '${header.x-name}' } } },
        upstream: { sticky: { policy: 'cookie', name: 'route' } },
      }),
      async (stage) => {
        let cookie = '';
        for (const name of ['first', 'second', 'third']) {
          const stranger = await stage.connect();
          stranger.send(get('/', `X-Name: ${name}\r\n`));
          const given = await stranger.readResponse();
          assert.equal(given.fields.get('x-asked'), name);
          cookie = given.fields.get('set-cookie')!.split(';')[0]!;

          const bound = await stage.connect();
          for (let i = 0; i < 3; i++) {
            bound.send(get('/', `Cookie: ${cookie}\r\n`));
            const { fields } = await bound.readResponse();
            assert.deepEqual([fields.get('set-cookie'), fields.get('x-asked') ?? ''], [undefined, '']);
          }
        }
        assert.equal(origin.accepted, 1, 'the server was spoken to over several connections: the test says little');
      },
    ),
  ));

test('the same head with another body, and the same answer to another method', () =>
  withOrigin(
    {
      onRequest: ({ connection, body, method }) => connection.write(method === 'HEAD' ? ok('same').slice(0, -4) : ok(body.padEnd(4, '.'))),
    },
    (origin) =>
      withWorker(
        simpleConfig([origin.address], { listener: { routes: [{ upstream: 'app', toServer: { buffer: '1KiB' } }] } }),
        async (stage) => {
          const client = await stage.connect();
          const other = await stage.connect();
          for (const body of ['a', 'abcd', '', 'ab']) {
            const chunk = body === '' ? '' : `${body.length.toString(16)}\r\n${body}\r\n`;
            client.send(`POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`);
            assert.equal((await client.readResponse()).body, body.padEnd(4, '.'));
            assert.equal(origin.requests.at(-1)!.fields.get('content-length'), String(body.length));
            // The other client's, so that the first one's next head is the same as its last.
            other.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n');
            assert.equal((await other.readResponse('HEAD')).fields.get('content-length'), '4');
          }
          assert.equal(origin.accepted, 1, 'the server was spoken to over several connections: the test says little');
        },
      ),
  ));

test('the access log sees a response as it went out, however long its head', () => {
  const long = 'l'.repeat(3000);
  const folder = mkdtempSync(join(tmpdir(), 'limpet-log-'));
  const file = join(folder, 'access.log');
  return withOrigin({ onRequest: ({ connection }) => connection.write(ok('', `X-Long: ${long}\r\nX-Gone: 1\r\n`)) }, (origin) =>
    withWorker(
      {
        accessLog: {
          format: '${response.header.x-long} ${response.header.x-added} [${response.header.x-gone}]',
          to: file,
          flushInterval: '10ms',
        },
        ...simpleConfig([origin.address], { listener: { response: { set: { 'X-Added': 'added' }, remove: ['X-Gone'] } } }),
      },
      async (stage) => {
        const client = await stage.connect();
        for (let i = 0; i < 2; i++) {
          client.send(get('/'));
          await client.readResponse();
        }
        const read = () => (existsSync(file) ? readFileSync(file, 'utf8') : '');
        await waitFor('two lines', () => read().split('\n').length === 3);
        assert.equal(read().replaceAll(long, 'long'), 'long added [-]\n'.repeat(2));
      },
    ),
  ).finally(() => rmSync(folder, { recursive: true, force: true }));
});

test('a request that comes again is read by the config of the day', () =>
  withOrigin({ onRequest: ({ connection }) => connection.write(ok('taken')) }, (origin) => {
    const config = (fields: number, name: string) =>
      simpleConfig([origin.address], { listener: { limits: { fields }, request: { set: { 'X-Config': name } } } });
    return withWorker(config(10, 'first'), async (stage) => {
      const client = await stage.connect();
      const ask = async (): Promise<number> => {
        client.send(get('/', 'A: 1\r\nB: 2\r\nC: 3\r\n'));
        const { status } = await client.readResponse();
        return status;
      };
      assert.deepEqual([await ask(), await ask()], [200, 200]);
      await stage.change(config(10, 'second'));
      assert.equal(await ask(), 200);
      assert.deepEqual(
        origin.requests.map(({ fields }) => fields.get('x-config')),
        ['first', 'first', 'second'],
      );
      await stage.change(config(3, 'third'));
      assert.equal(await ask(), 431);
    });
  }));

test('requests that come again are the same wherever the network cuts them', () =>
  withOrigin({ onRequest: ({ connection, body }) => connection.write(ok(`<${body}>`)) }, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const once = ['', 'Content-Length: 3\r\n', '']
        .map((line) => `POST /${line.length} HTTP/1.1\r\nHost: a\r\n${line}\r\n${line === '' ? '' : 'abc'}`)
        .join('');
      await fc.assert(
        fc.asyncProperty(cuts, async (cuts) => {
          const before = origin.requests.length;
          const client = await stage.connect();
          for (const piece of cutAt(once.repeat(4), cuts)) {
            client.send(piece);
            await new Promise(setImmediate);
          }
          for (let i = 0; i < 12; i++) assert.equal((await client.readResponse()).body, i % 3 === 1 ? '<abc>' : '<>');
          const heads = origin.requests.slice(before).map(({ head }) => head);
          assert.equal(new Set(heads).size, 2, `heads differ: ${JSON.stringify(heads)}`);
        }),
        { numRuns: 60 },
      );
      await waitFor('idle clients', () => idleClients(stage) > 0);
    }),
  ));
