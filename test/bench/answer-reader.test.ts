// Answers come in pieces of any size; what is wrong with one is found wherever it is cut.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerReader } from '../../bench/soak/answer-reader.js';

const body = Buffer.from('0123456789');
const withLength = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789';
const inChunks = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n0123\r\n6;x=y\r\n456789\r\n0\r\nA: b\r\n\r\n';

for (const [name, text] of Object.entries({ withLength, inChunks })) {
  test(`an answer ${name} is right in pieces of every size`, () => {
    for (let size = 1; size <= text.length; size++) {
      const reader = read(text, size);
      assert.deepEqual([reader.isDone, reader.fault, reader.closes], [true, undefined, false], `in pieces of ${size}`);
    }
  });

  test(`an answer ${name} that is cut is not done`, () => {
    assert.ok(!read(text.slice(0, -1), 7).isDone);
  });

  test(`another byte in an answer ${name} is found`, () => {
    assert.equal(read(text.replace('7', 'x'), 5).fault, 'wrong bytes');
  });

  test(`bytes behind an answer ${name} are found`, () => {
    assert.equal(read(`${text}H`, 1000).fault, 'more bytes than the answer');
  });
}

test('another status, another length and a broken chunk are told', () => {
  assert.equal(read('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n', 9).fault, 'status 502');
  assert.equal(read('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n01', 9).fault, '2 bytes instead of 10');
  assert.equal(read(`${withLength.replace('10', '11')}a`, 9).fault, 'wrong bytes');
  assert.equal(read(inChunks.replace('4\r\n', '3\r\n'), 9).fault, 'a chunk of another length');
  assert.equal(read(inChunks.replace('6;x=y', 'six'), 9).fault, 'no chunk where one is due');
});

test('an answer after which the connection closes says so', () => {
  assert.ok(read(withLength.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'), 9).closes);
});

function read(text: string, size: number): AnswerReader {
  const reader = new AnswerReader(body);
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += size) reader.take(bytes.subarray(at, at + size));
  return reader;
}
