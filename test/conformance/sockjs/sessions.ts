// SockJS protocol checks: session URLs, the framing of a session, and how sessions close.
import assert from 'node:assert/strict';
import { expectAnswer } from './expectations.js';
import type { SockJsCheck, SockJsTarget } from './sockjs-target.js';

const stillOpen = 'c[2010,"Another connection still open"]\n';
const goAway = 'c[3000,"Go away!"]\n';
/** What a session answers when the connection that was reading it broke off: begun anew, or interrupted. */
const afterAbort = ['o\n', 'c[1002,"Connection interrupted"]\n'];

/** Sends a poll that nobody answers yet, and waits until the server has it. */
async function startPoll(target: SockJsTarget, path: string): Promise<() => void> {
  const before = target.server.requestCount;
  const client = await target.open('POST', path);
  await target.server.until((server) => server.requestCount > before);
  return () => client.destroy();
}

/** A stream of the session, read as far as its frames: what browsers want before them is passed over. */
async function startStream(target: SockJsTarget, session: string): ReturnType<SockJsTarget['stream']> {
  const stream = await target.stream('POST', `${session}/xhr_streaming`);
  await stream.read();
  return stream;
}

export const sessionChecks: readonly SockJsCheck[] = [
  {
    name: 'any server and session name opens a session',
    async run(target) {
      const unique = Math.random().toString(36).slice(2);
      for (const session of ['/a/a', '/_/_', '/1/', '/abcdefgh_i-j%20/abcdefg_i-j%20']) {
        expectAnswer(await target.post(`/echo${session}${unique}/xhr`), 200, 'o\n');
      }
    },
  },
  {
    name: 'empty names, dots and too many parts are not found',
    async run(target) {
      for (const suffix of ['//', '/a./a', '/a/a.', '/./.', '/', '///']) {
        assert.equal((await target.get(`/echo${suffix}/xhr`)).status, 404, suffix);
        assert.equal((await target.post(`/echo${suffix}/xhr`)).status, 404, suffix);
      }
    },
  },
  {
    name: 'the session name alone says which session it is',
    async run(target) {
      const session = target.newSession('/echo');
      expectAnswer(await target.post(`${session}/xhr`), 200, 'o\n');
      expectAnswer(await target.post(`${session}/xhr_send`, { body: '["a"]' }), 204, '');
      expectAnswer(await target.post(`${session.replace('/000/', '/999/')}/xhr`), 200, 'a["a"]\n');
    },
  },
  {
    name: 'a session opens, echoes, and takes one reader at a time',
    async run(target) {
      const session = target.newSession('/echo');
      expectAnswer(await target.post(`${session}/xhr`), 200, 'o\n');
      expectAnswer(await target.post(`${session}/xhr_send`, { body: '["a"]' }), 204, '');
      expectAnswer(await target.post(`${session}/xhr`), 200, 'a["a"]\n');
      assert.equal((await target.post('/echo/000/bad_session/xhr_send', { body: '["a"]' })).status, 404);
      const abort = await startPoll(target, `${session}/xhr`);
      expectAnswer(await target.post(`${session}/xhr`), 200, stillOpen);
      abort();
    },
  },
  {
    name: 'a closed session repeats its close frame',
    async run(target) {
      const session = target.newSession('/close');
      expectAnswer(await target.post(`${session}/xhr`), 200, 'o\n');
      expectAnswer(await target.post(`${session}/xhr`), 200, goAway);
      expectAnswer(await target.post(`${session}/xhr`), 200, goAway);
    },
  },
  {
    name: 'a stream ends after the close frame, and so does the next one',
    async run(target) {
      const session = target.newSession('/close');
      const first = await startStream(target, session);
      assert.equal(await first.read(), 'o\n');
      assert.equal(await first.read(), goAway);
      const second = await startStream(target, session);
      assert.equal(await second.read(), goAway);
      assert.equal(await first.read(), '');
      assert.equal(await second.read(), '');
      first.close();
      second.close();
    },
  },
  {
    name: 'a second stream on an open session is closed',
    async run(target) {
      const session = target.newSession('/echo');
      const first = await startStream(target, session);
      assert.equal(await first.read(), 'o\n');
      const second = await startStream(target, session);
      assert.equal(await second.read(), stillOpen);
      assert.equal(await second.read(), '');
      first.close();
      second.close();
    },
  },
  {
    name: 'a stream that the client breaks off frees its session',
    async run(target) {
      const session = target.newSession('/echo');
      const first = await startStream(target, session);
      assert.equal(await first.read(), 'o\n');
      const second = await startStream(target, session);
      assert.equal(await second.read(), stillOpen);
      assert.equal(await second.read(), '');
      const abortsBefore = target.server.abortCount;
      first.close();
      await target.server.until((server) => server.abortCount > abortsBefore);
      const third = await startStream(target, session);
      const answer = await third.read();
      assert.ok(afterAbort.includes(answer), answer);
      second.close();
      third.close();
    },
  },
  {
    name: 'a poll that the client breaks off frees its session',
    async run(target) {
      const session = target.newSession('/echo');
      expectAnswer(await target.post(`${session}/xhr`), 200, 'o\n');
      const abort = await startPoll(target, `${session}/xhr`);
      expectAnswer(await target.post(`${session}/xhr`), 200, stillOpen);
      const abortsBefore = target.server.abortCount;
      abort();
      await target.server.until((server) => server.abortCount > abortsBefore);
      const answer = (await target.post(`${session}/xhr`)).body;
      assert.ok(afterAbort.includes(answer), answer);
    },
  },
];
