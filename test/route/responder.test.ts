import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faults } from '../../src/core/errors.js';
import { CompileError } from '../../src/route/compile-error.js';
import { compileDeny, compileRedirect, compileRespond } from '../../src/route/configured-responder.js';
import { faultResponder } from '../../src/route/responder.js';
import { exchangeWith, FakeExchange } from './exchange-fixture.js';

const x = new FakeExchange();
const plain = ['Content-Type', 'text/plain; charset=utf-8'];

test('a fixed answer', () => {
  const responder = compileRespond({ status: 200, body: 'hello\n', headers: { 'X-A': 'b', 'content-type': 'text/css' } });
  assert.deepEqual(responder.respond(x), {
    status: 200,
    fields: [
      ['X-A', 'b'],
      ['content-type', 'text/css'],
    ],
    body: 'hello\n',
  });
  assert.equal(responder.fault, null);
});

test('a fixed answer is made once', () => {
  const responder = compileRespond({ status: 404 });
  assert.equal(responder.respond(x), responder.respond(new FakeExchange()));
});

test('a computed answer', () => {
  const responder = compileRespond({ body: 'you are ${client.ip}', headers: { 'X-Host': '${host}', 'X-Tls': '${tls.protocol}' } });
  assert.deepEqual(responder.respond(x), { status: 200, fields: [['X-Host', 'www.example'], plain], body: 'you are 192.0.2.7' });
});

test('an error without a body tells its status; others are empty', () => {
  assert.deepEqual(compileRespond({ status: 404 }).respond(x), { status: 404, fields: [plain], body: '404 Not Found\n' });
  assert.deepEqual(compileRespond({ status: 404, body: '' }).respond(x), { status: 404, fields: [], body: '' });
  assert.deepEqual(compileRespond({ status: 204 }).respond(x), { status: 204, fields: [], body: '' });
});

test('text that is not ASCII goes as UTF-8', () => {
  assert.equal(compileRespond({ body: 'é' }).respond(x).body, '\u00c3\u00a9');
});

test('a redirect keeps path and query', () => {
  const answer = compileRedirect({ to: 'https://${host}${target}', status: 308 }).respond(x);
  assert.deepEqual(answer, { status: 308, fields: [['Location', 'https://www.example/chat/room?x=1']], body: '' });
});

test('a redirect is 302 by default, and made once when it is constant', () => {
  const responder = compileRedirect({ to: '/caf\u00e9 bar' });
  assert.deepEqual(responder.respond(x), { status: 302, fields: [['Location', '/caf%C3%A9%20bar']], body: '' });
  assert.equal(responder.respond(x), responder.respond(x));
});

test('no Value can break out of a Location', () => {
  const evil = exchangeWith({ serverName: '\r\nSet-Cookie: a=b "\u00e9\u010a' });
  assert.deepEqual(compileRedirect({ to: '/${server.name}' }).respond(evil).fields, [['Location', '/Set-Cookie:%20a=b%20%22%E9']]);
});

test('deny answers 403 or another status, and says that it is a refusal', () => {
  const responder = compileDeny(true);
  assert.equal(responder.fault, faults.denied);
  assert.equal(responder.respond(x).status, 403);
  assert.equal(responder.respond(x).body, '403 Forbidden\n');
  assert.equal(compileDeny({}).respond(x).status, 403);
  assert.equal(compileDeny({ status: 404 }).respond(x).body, '404 Not Found\n');
});

test('every fault that can be sent has an answer that caches do not keep', () => {
  for (const fault of Object.values(faults)) {
    if (fault.status === 0) {
      assert.throws(() => faultResponder(fault), RangeError);
      continue;
    }
    const answer = faultResponder(fault).respond(x);
    assert.equal(answer.status, fault.status);
    assert.ok(answer.fields.some(([name, value]) => name === 'Cache-Control' && value === 'no-store'));
    assert.ok(String(answer.body).startsWith(`${fault.status} `));
  }
});

const mistakes: [what: string, compile: () => unknown, places: string][] = [
  ['a status that is no final one', () => compileRespond({ status: 101 }), 'status'],
  ['a status that is no integer', () => compileRespond({ status: 200.5 }), 'status'],
  ['a body where none may be', () => compileRespond({ status: 204, body: 'x' }), 'body'],
  [
    'a bad Value, a bad name and a framing field',
    () => compileRespond({ body: '${x', headers: { 'a b': '', 'Content-Length': '1', c: '${x' } }),
    'body headers/a b headers/Content-Length headers/c',
  ],
  ['a redirect to nowhere', () => compileRedirect({ to: ' ' }), 'to'],
  ['a redirect that is none', () => compileRedirect({ to: '/', status: 200 }), 'status'],
  ['a denial that is success', () => compileDeny({ status: 200 }), 'status'],
  ['deny: false', () => compileDeny(false), ''],
];

for (const [what, compile, places] of mistakes) {
  test(`${what} is refused`, () => {
    assert.throws(compile, (error) => {
      assert.ok(error instanceof CompileError);
      assert.equal(error.problems.map((problem) => problem.at.join('/')).join(' '), places);
      return true;
    });
  });
}
