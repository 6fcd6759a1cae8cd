// What of a head is copied as it came and what is written anew: start lines and Content-Length above all, because a copy
// of either that no longer says what was decided would give the next reader another message.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BodyKind } from '../../src/wire/framing.js';
import { writeRequestHead, writeResponseHead } from '../../src/wire/http1-head-writer.js';
import { Http1RequestHead } from '../../src/wire/http1-request-head.js';
import { Http1ResponseHead } from '../../src/wire/http1-response-head.js';
import { profiles } from '../../src/wire/profile.js';

const limits = { maxHeadBytes: 64 * 1024, maxFields: 100, maxTargetBytes: 8192 };

function request(text: string, profile = profiles.strict): Http1RequestHead {
  const head = new Http1RequestHead();
  assert.equal(head.parse(text, profile, limits), null);
  return head;
}

function response(text: string, method = 'GET', profile = profiles.strict): Http1ResponseHead {
  const head = new Http1ResponseHead();
  assert.equal(head.parse(text, method, profile, limits.maxFields), null);
  return head;
}

function write(head: Http1RequestHead, version = 11): string {
  return writeRequestHead(head, 'server.example', '', '', { version, keepsAlive: true });
}

test('a request that nobody edits goes on as it came, without what was meant for its hop', () => {
  const head = request('POST /a HTTP/1.1\r\nhost: b\r\ncontent-length: 12\r\nConnection: keep-alive\r\nX: 1\r\n\r\n');
  assert.equal(write(head), 'POST /a HTTP/1.1\r\nhost: b\r\ncontent-length: 12\r\nX: 1\r\n\r\n');
});

test('a start line is written anew when it no longer says what is asked', () => {
  const head = request('GET /a HTTP/1.1\r\nHost: b\r\n\r\n');
  head.target = '/c';
  assert.equal(write(head), 'GET /c HTTP/1.1\r\nHost: b\r\n\r\n');
  head.target = '/a';
  head.method = 'PUT';
  assert.equal(write(head), 'PUT /a HTTP/1.1\r\nHost: b\r\n\r\n');
  head.method = 'GET';
  assert.equal(write(head, 10), 'GET /a HTTP/1.0\r\nHost: b\r\n\r\n');
});

const anew: [string, string, keyof typeof profiles][] = [
  ['an empty line before it', '\r\nGET /a HTTP/1.1\r\nHost: b\r\n\r\n', 'strict'],
  ['a bare line feed behind it', 'GET /a HTTP/1.1\nHost: b\r\n\r\n', 'haproxy'],
  ['an older version', 'GET /a HTTP/1.0\r\nHost: b\r\n\r\n', 'strict'],
  ['a later version', 'GET /a HTTP/1.2\r\nHost: b\r\n\r\n', 'strict'],
];

for (const [what, text, profile] of anew) {
  test(`a request line with ${what} is written in the one form`, () => {
    assert.equal(write(request(text, profiles[profile])), 'GET /a HTTP/1.1\r\nHost: b\r\n\r\n');
  });
}

test('a head that was reused remembers nothing of the line before', () => {
  const head = request('GET /a HTTP/1.1\r\nHost: b\r\nContent-Length: 1\r\n\r\n');
  assert.equal(head.parse('GET /a HTTP/1.0\r\nHost: b\r\n\r\n', profiles.strict, limits), null);
  assert.equal(write(head), 'GET /a HTTP/1.1\r\nHost: b\r\n\r\n');
});

const lengths: [string, string, keyof typeof profiles][] = [
  ['zeros before it', 'Content-Length: 005\r\n', 'strict'],
  ['blanks before it', 'Content-Length:  5\r\n', 'strict'],
  ['a tab before it', 'Content-Length:\t5\r\n', 'strict'],
  ['no blank before it', 'Content-Length:5\r\n', 'strict'],
  ['blanks behind it', 'Content-Length: 5 \r\n', 'strict'],
  ['a twin', 'Content-Length: 5\r\nContent-Length: 5\r\n', 'strict'],
  ['a bare line feed behind it', 'Content-Length: 5\n', 'haproxy'],
];

for (const [what, lines, profile] of lengths) {
  test(`a Content-Length with ${what} is written once and plainly`, () => {
    const head = request(`PUT /a HTTP/1.1\r\nHost: b\r\n${lines}\r\n`, profiles[profile]);
    assert.equal(write(head), 'PUT /a HTTP/1.1\r\nHost: b\r\nContent-Length: 5\r\n\r\n');
    const answer = response(`HTTP/1.1 200 OK\r\n${lines}X: 1\r\n\r\n`, 'GET', profiles[profile]);
    assert.equal(writeResponseHead(answer, BodyKind.length, 11, true), 'HTTP/1.1 200 OK\r\nX: 1\r\nContent-Length: 5\r\n\r\n');
  });
}

test('a Content-Length that an edit has taken away comes back, for the body goes on', () => {
  const head = request('PUT /a HTTP/1.1\r\nHost: b\r\nContent-Length: 5\r\n\r\n');
  head.remove('content-length');
  assert.equal(write(head), 'PUT /a HTTP/1.1\r\nHost: b\r\nContent-Length: 5\r\n\r\n');
  const answer = response('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: 1\r\n\r\n');
  answer.remove('content-length');
  assert.equal(writeResponseHead(answer, BodyKind.length, 11, true), 'HTTP/1.1 200 OK\r\nX: 1\r\nContent-Length: 5\r\n\r\n');
});

test('a Content-Length beside chunked never goes on, whatever the body becomes', () => {
  const head = request('PUT /a HTTP/1.1\r\nHost: b\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n', profiles.haproxy);
  assert.equal(write(head), 'PUT /a HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n');
  head.framing.kind = BodyKind.length;
  head.framing.contentLength = 7;
  assert.equal(write(head), 'PUT /a HTTP/1.1\r\nHost: b\r\nContent-Length: 7\r\n\r\n');
});

test('a status line is copied only where it says what goes out', () => {
  const head = response('HTTP/1.1 404 Not here\r\nContent-Length: 0\r\n\r\n');
  assert.equal(writeResponseHead(head, BodyKind.length, 11, true), 'HTTP/1.1 404 Not here\r\nContent-Length: 0\r\n\r\n');
  head.status = 410;
  head.reason = 'Gone';
  assert.equal(writeResponseHead(head, BodyKind.length, 11, true), 'HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n');
  const old = response('HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n');
  assert.equal(writeResponseHead(old, BodyKind.length, 11, true), 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n');
  const bare = response('HTTP/1.1 200\r\nContent-Length: 3\r\n\r\n');
  assert.equal(writeResponseHead(bare, BodyKind.length, 11, true), 'HTTP/1.1 200 \r\nContent-Length: 3\r\n\r\n');
});

test('an answer to HEAD keeps the Content-Length that it came with', () => {
  const head = response('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 'HEAD');
  assert.equal(writeResponseHead(head, BodyKind.none, 11, true), 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n');
});
