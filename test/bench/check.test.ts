// The harness finds peers that answer wrongly before it measures them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { CELLS, type Cell } from '../../bench/cells.js';
import { type CheckResult, checkAnswers } from '../../bench/check.js';
import { bodyOf } from '../../bench/upstream.js';

const sticky = cellNamed('http-100b');
const bare = cellNamed('bare-100b');

test('a peer that sets the cookie once and keeps the client at its server passes', async () => {
  const checked = await check(sticky, (request, response) => {
    response.setHeader('X-Upstream', 'a');
    if (request.headers.cookie === undefined) response.setHeader('Set-Cookie', 'route=a; Path=/');
    response.end(bodyOf(100));
  });
  assert.deepEqual(checked, { cookie: 'route=a' });
});

test('a peer without stickiness passes where the cell has none', async () => {
  assert.deepEqual(await check(bare, (_request, response) => response.end(bodyOf(100))), {});
});

test('a wrong status is found', async () => {
  const answer: RequestListener = (_request, response) => response.writeHead(404).end(bodyOf(100));
  await assert.rejects(check(bare, answer), /answers 404/);
});

test('a body of another length is found', async () => {
  await assert.rejects(
    check(bare, (_request, response) => response.end(bodyOf(99))),
    /99 bytes instead of 100/,
  );
});

test('a body of other bytes is found', async () => {
  await assert.rejects(
    check(bare, (_request, response) => response.end(Buffer.alloc(100, 'x'))),
    /other bytes/,
  );
});

test('a peer that sets no cookie is found', async () => {
  await assert.rejects(
    check(sticky, (_request, response) => response.end(bodyOf(100))),
    /sets no cookie/,
  );
});

test('a peer that moves a bound client is found', async () => {
  let turn = 0;
  const answer: RequestListener = (request, response) => {
    response.setHeader('X-Upstream', turn++ % 2 === 0 ? 'a' : 'b');
    if (request.headers.cookie === undefined) response.setHeader('Set-Cookie', 'route=a');
    response.end(bodyOf(100));
  };
  await assert.rejects(check(sticky, answer), /bound to server a came to b/);
});

test('a peer that sets the cookie again and again is found', async () => {
  const answer: RequestListener = (_request, response) => {
    response.setHeader('X-Upstream', 'a').setHeader('Set-Cookie', 'route=a').end(bodyOf(100));
  };
  await assert.rejects(check(sticky, answer), /sets the cookie again/);
});

function cellNamed(name: string): Cell {
  const cell = CELLS.find((each) => each.name === name);
  assert.ok(cell);
  return cell;
}

async function check(cell: Cell, answer: RequestListener): Promise<CheckResult> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await checkAnswers(cell, (server.address() as AddressInfo).port, '');
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}
