// SockJS protocol checks: the WebSocket transport, the raw WebSocket, and requests that only resemble one.
import assert from 'node:assert/strict';
import { expectNotAllowed } from './expectations.js';
import type { SockJsCheck } from './sockjs-target.js';
import { WebSocketPeer } from './web-socket-peer.js';

/** The challenge of the draft before RFC 6455: the nonce follows the head, and the answer follows our 101. */
const draft76 = {
  key1: '4 @1  46546xW%0l 1 5',
  key2: '12998 5 Y3 1  .P00',
  nonce: 'aaaaaaaa',
  answer: '\xca4\x00\xd8\xa5\x08G\x97,\xd5qZ\xba\xbfC{',
};

export const webSocketChecks: readonly SockJsCheck[] = [
  {
    name: 'a plain GET of the WebSocket URL is refused',
    async run(target) {
      assert.equal((await target.get('/echo/0/0/websocket')).status, 400);
    },
  },
  {
    name: 'Upgrade without Connection: Upgrade is refused',
    async run(target) {
      const response = await target.get('/echo/0/0/websocket', { headers: { Upgrade: 'WebSocket', Connection: 'close' } });
      assert.equal(response.status, 400);
    },
  },
  {
    name: 'a WebSocket handshake must be a GET',
    async run(target) {
      expectNotAllowed(await target.post('/echo/0/0/websocket', { headers: { Upgrade: 'WebSocket', Connection: 'Upgrade' } }));
      expectNotAllowed(await target.post('/echo/0/0/websocket'));
    },
  },
  {
    name: 'a WebSocket session echoes',
    async run(target) {
      const peer = await WebSocketPeer.connect(target, `${target.newSession('/echo')}/websocket`);
      assert.equal(await peer.receive(), 'o');
      peer.send('["a"]');
      assert.equal(await peer.receive(), 'a["a"]');
      peer.close();
    },
  },
  {
    name: 'a WebSocket session that the server closes ends',
    async run(target) {
      const peer = await WebSocketPeer.connect(target, `${target.newSession('/close')}/websocket`);
      assert.equal(await peer.receive(), 'o');
      assert.equal(await peer.receive(), 'c[3000,"Go away!"]');
      await peer.untilClosed();
    },
  },
  {
    name: 'the 101 carries what RFC 6455 demands and no length',
    async run(target) {
      const client = await target.open('GET', `${target.newSession('/echo')}/websocket`, {
        headers: {
          Upgrade: 'websocket',
          Connection: 'Upgrade',
          'Sec-WebSocket-Version': '13',
          'Sec-WebSocket-Origin': 'http://asd',
          'Sec-WebSocket-Key': 'x3JJHMbDL1EzLkh9GBhXDw==',
        },
      });
      const { status, fields } = await client.readHead();
      assert.equal(status, 101);
      assert.equal(fields.get('sec-websocket-accept'), 'HSmrc0sMlYUkAGmm5OPpG2HaGWk=');
      assert.equal(fields.get('connection')?.toLowerCase(), 'upgrade');
      assert.equal(fields.get('upgrade')?.toLowerCase(), 'websocket');
      assert.equal(fields.get('content-length'), undefined);
      client.destroy();
    },
  },
  {
    name: 'empty WebSocket messages are ignored',
    async run(target) {
      const peer = await WebSocketPeer.connect(target, `${target.newSession('/echo')}/websocket`);
      assert.equal(await peer.receive(), 'o');
      peer.send('');
      peer.send('[]');
      peer.send('["a"]');
      assert.equal(await peer.receive(), 'a["a"]');
      peer.close();
    },
  },
  {
    name: 'two WebSockets may use one session name, at once and one after the other',
    async run(target) {
      const path = `${target.newSession('/echo')}/websocket`;
      const first = await WebSocketPeer.connect(target, path);
      assert.equal(await first.receive(), 'o');
      const second = await WebSocketPeer.connect(target, path);
      assert.equal(await second.receive(), 'o');
      first.send('["a"]');
      assert.equal(await first.receive(), 'a["a"]');
      second.send('["b"]');
      assert.equal(await second.receive(), 'a["b"]');
      first.close();
      second.close();
      const third = await WebSocketPeer.connect(target, path);
      assert.equal(await third.receive(), 'o');
      third.send('["a"]');
      assert.equal(await third.receive(), 'a["a"]');
      third.close();
    },
  },
  {
    name: 'the 101 of the old draft comes before the nonce is sent, and its answer after',
    async run(target) {
      const path = `${target.newSession('/echo')}/websocket`;
      const origin = `http://${target.authority}`;
      const client = await target.open('GET', path, {
        headers: {
          Connection: 'Upgrade',
          Upgrade: 'WebSocket',
          Origin: origin,
          'Sec-WebSocket-Key1': draft76.key1,
          'Sec-WebSocket-Key2': draft76.key2,
        },
      });
      const { status, fields } = await client.readHead();
      assert.equal(status, 101);
      assert.equal(fields.get('connection')?.toLowerCase(), 'upgrade');
      assert.equal(fields.get('upgrade')?.toLowerCase(), 'websocket');
      assert.equal(fields.get('sec-websocket-location'), `ws://${target.authority}${path}`);
      assert.equal(fields.get('sec-websocket-origin'), origin);
      assert.equal(fields.get('content-length'), undefined);
      client.send(draft76.nonce);
      assert.equal(await client.readBytes(draft76.answer.length), draft76.answer);
      client.destroy();
    },
  },
  {
    name: 'broken JSON ends the WebSocket',
    async run(target) {
      const peer = await WebSocketPeer.connect(target, `${target.newSession('/echo')}/websocket`);
      assert.equal(await peer.receive(), 'o');
      peer.send('["a');
      await peer.untilClosed();
    },
  },
  {
    name: 'the raw WebSocket echoes any character',
    async run(target) {
      const peer = await WebSocketPeer.connect(target, '/echo/websocket');
      peer.send('Hello world!\uffff');
      assert.equal(await peer.receive(), 'Hello world!\uffff');
      peer.close();
    },
  },
  {
    name: 'the raw WebSocket closes with a reason',
    async run(target) {
      const peer = await WebSocketPeer.connect(target, '/close/websocket');
      assert.equal((await peer.untilClosed()).reason, 'Go away!');
    },
  },
];
