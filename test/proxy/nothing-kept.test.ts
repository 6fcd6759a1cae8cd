// An exchange that is over is kept for the next request, with nothing of what clients and servers have sent.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exchange } from '../../src/proxy/exchange.js';
import type { RawClient } from '../fixtures/raw-client.js';
import { waitFor } from '../fixtures/wait-for.js';
import { idleClients, servedConnections } from './flow.js';
import { type OriginRequest, withOrigin } from './origin.js';
import { get, ok, type Stage, simpleConfig, withWorker } from './stage.js';

/** In every part of the request and its answer where any text may stand. */
const mark = 'mark-of-this-exchange';
/** Where only an address may. */
const address = '2001:db8:1111:2222:3333:4444:5555:6666';
const lines = `Host: ${mark}.test\r\nX-Note: ${mark}\r\nCookie: a=${mark}\r\nX-Forwarded-Host: ${mark}.test\r\nX-Forwarded-For: ${address}\r\n`;
const body = `54\r\n${mark.repeat(4)}\r\n0\r\nX-Trailer: ${mark}\r\n\r\n`;
const asked = `POST /${mark}?${mark} HTTP/1.1\r\n${lines}Transfer-Encoding: chunked\r\n\r\n${body}`;

/** The exchange that is under way at the only connection. Nobody else is shown it. */
function exchangeOf(stage: Stage): Exchange {
  const [connection] = servedConnections(stage);
  return (connection as unknown as { exchange: Exchange }).exchange;
}

/** Paths from `root` to text or bytes with the mark or the address. What an exchange only points to, connections and the config, is not its own. */
function marksIn(root: object, name = 'exchange'): string[] {
  const found: string[] = [];
  const seen = new Set<object>();
  const look = (value: unknown, path: string): void => {
    if ((typeof value === 'string' || Buffer.isBuffer(value)) && (value.includes(mark) || value.includes(address))) found.push(path);
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || seen.has(value)) return;
    seen.add(value);
    if (value instanceof Map || value instanceof Set) look([...value], path);
    else for (const [key, part] of Object.entries(value)) if (!notItsOwn.has(key)) look(part, `${path}.${key}`);
  };
  look(root, name);
  return found;
}
const notItsOwn = new Set([
  'service',
  'stream',
  'end',
  'connection',
  'pool',
  'route',
  'table',
  'againTable',
  'link',
  'server',
  'counted',
  'deadlineNext',
  'deadlinePrevious',
]);

const config = (address: string) =>
  simpleConfig([address], {
    listener: {
      trustedProxies: ['127.0.0.1'],
      request: { set: { 'X-Copy': '${header.x-note}' } },
      routes: [{ match: { method: mark }, deny: true }, { upstream: 'app' }],
      errorPages: [{ status: [403], target: '/page' }],
    },
    upstream: { retries: { methods: ['POST'], replay: '64KiB' }, response: { set: { 'X-Answer-Copy': '${header.x-note}' } } },
  });

/** Runs when a marked request is at the server and unanswered. */
function withMarkedExchange(
  action: (under: { stage: Stage; client: RawClient; waiting: OriginRequest[]; exchange: Exchange }) => Promise<void>,
  request = asked,
): Promise<void> {
  const waiting: OriginRequest[] = [];
  return withOrigin({ onRequest: (request) => void waiting.push(request) }, (origin) =>
    withWorker(config(origin.address), async (stage) => {
      const client = await stage.connect();
      client.send(request);
      await waitFor('the request', () => waiting.length === 1);
      const exchange = exchangeOf(stage);
      assert.ok(marksIn(exchange).length >= 3, `it is not seen under way: ${marksIn(exchange)}`);
      await action({ stage, client, waiting, exchange });
    }),
  );
}

test('after an answer nothing of the request and the answer is left', () =>
  withMarkedExchange(async ({ stage, client, waiting, exchange }) => {
    const clientHead = exchange.request;
    const { head: serverHead } = (exchange as unknown as { connection: { head: object } }).connection;
    waiting[0]!.connection.write(ok(mark, `X-Answer: ${mark}\r\n`));
    assert.equal((await client.readResponse()).body, mark);
    await waitFor('the end', () => idleClients(stage) === 1);
    assert.deepEqual(marksIn(exchange), []);
    // Connections know their last message again when it comes, and keep of it what came, not what was made of it for somebody.
    assert.deepEqual(marksIn(clientHead, 'request'), ['request.text', 'request.target', 'request.lineTarget', 'request.authority']);
    assert.deepEqual(marksIn(serverHead, 'response'), ['response.text']);

    client.send(get('/next'));
    await waitFor('the next request', () => waiting.length === 2);
    assert.equal(exchangeOf(stage), exchange, 'it is not used again');
    waiting[1]!.connection.write(ok('next'));
    assert.equal((await client.readResponse()).body, 'next');
  }));

test('after a client that has gone nothing of its request is left', () =>
  withMarkedExchange(async ({ stage, client, exchange }) => {
    client.reset();
    assert.equal(await stage.faultOf(1), 'client-gone');
    assert.deepEqual(marksIn(exchange), []);
  }));

test('after a page in place of a refusal nothing of the request is left, its method neither', () =>
  withMarkedExchange(async ({ stage, client, waiting, exchange }) => {
    assert.equal(waiting[0]!.target, '/page');
    waiting[0]!.connection.write(ok(mark));
    assert.equal((await client.readResponse()).body, mark);
    await waitFor('the end', () => idleClients(stage) === 1);
    assert.deepEqual(marksIn(exchange), []);
  }, `${mark} /${mark} HTTP/1.1\r\n${lines}\r\n`));
