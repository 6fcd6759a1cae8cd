// X-Forwarded-*: what servers are told of the client, and whose word about it counts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withOrigin } from './origin.js';
import { get, ok, simpleConfig, withWorker } from './stage.js';

const claims =
  'X-Forwarded-For: 203.0.113.7, 10.1.2.3\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: public.test\r\nX-Forwarded-Port: 443\r\nForwarded: for=6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\n';
const names = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port'];

/** What the server was told, and what the log says of the client, after a request with `fields`. */
async function told(
  listener: Record<string, unknown>,
  fields: string,
): Promise<{ fields: (string | undefined)[]; client: unknown; head: string }> {
  let result: Awaited<ReturnType<typeof told>> | null = null;
  await withOrigin({ onRequest: ({ connection }) => connection.write(ok('')) }, (origin) =>
    withWorker(simpleConfig([origin.address], { listener }), async (stage) => {
      const client = await stage.connect();
      client.send(get('/', fields));
      await client.readResponse();
      const request = origin.requests[0]!;
      const port = String(stage.port());
      const values = names.map((name) => request.fields.get(name)?.replace(port, 'PORT'));
      result = { fields: values, client: (await stage.logged(1))[0]!['client'], head: request.head };
    }),
  );
  return result!;
}

const itself = ['127.0.0.1', 'http', 'limpet.test', 'PORT'];

test('servers are told of the client', async () => {
  assert.deepEqual((await told({}, '')).fields, itself);
});

test('what a client claims that nobody trusts is replaced', async () => {
  const { fields, client, head } = await told({}, claims);
  assert.deepEqual(fields, itself);
  assert.equal(client, '127.0.0.1');
  assert.doesNotMatch(head, /6\.6\.6\.6|203\.0\.113\.7/);
});

test('what a trusted proxy says is believed and continued, up to the first that is not trusted', async () => {
  const { fields, client } = await told({ trustedProxies: ['127.0.0.1/32', '10.0.0.0/8'] }, claims);
  assert.deepEqual(fields.slice(1, 3), ['https', 'public.test']);
  assert.match(fields[0]!, /^203\.0\.113\.7, 10\.1\.2\.3, 127\.0\.0\.1$/);
  assert.equal(client, '203.0.113.7');
});

test('a proxy that is not in the list stays the client', async () => {
  const { fields, client } = await told({ trustedProxies: ['10.0.0.0/8'] }, claims);
  assert.deepEqual(fields, itself);
  assert.equal(client, '127.0.0.1');
});

test('a trusted proxy that says nothing is the client', async () => {
  const { fields, client } = await told({ trustedProxies: ['127.0.0.1/32'] }, '');
  assert.deepEqual(fields, itself);
  assert.equal(client, '127.0.0.1');
});

test('nothing is written where the listener says so, and claims are dropped all the same', async () => {
  const { fields } = await told({ forwarded: false }, claims);
  assert.deepEqual(fields, [undefined, undefined, undefined, undefined]);
});

test('an edit has the last word, and the other fields are written as ever', async () => {
  const { fields } = await told({ request: { set: { 'X-Forwarded-Proto': 'https' } } }, claims);
  assert.deepEqual(fields, ['127.0.0.1', 'https', 'limpet.test', 'PORT']);
});
