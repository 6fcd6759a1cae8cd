// When the time of a tunnel is over: it goes on as long as each such time sees less in its queues than the one before.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '../../src/core/errors.js';
import type { ByteReader, ByteSocket } from '../../src/net/byte-socket.js';
import { Tunnel } from '../../src/proxy/tunnel.js';

/** As much of a connection as a tunnel uses, with a queue that the test fills. */
class StandIn {
  queuedBytes = 0;
  bytesWritten = 1_000_000;
  hasEnded = false;
  isClosed = false;
  isDestroyed = false;
  readonly armed: number[] = [];
  reader: ByteReader | null = null;
  arm(durationMs: number): void {
    this.armed.push(durationMs);
  }
  disarm(): void {}
  resume(): void {}
  writeBytes(): boolean {
    return true;
  }
  destroy(): void {
    this.isDestroyed = true;
  }
}

function coupled(): { client: StandIn; server: StandIn; tunnel: Tunnel; isCut: () => boolean } {
  const [client, server] = [new StandIn(), new StandIn()];
  const bytes = [client, server] as unknown as [ByteSocket, ByteSocket];
  const tunnel = new Tunnel(...bytes, { tunnelIdleMs: 1_000, halfClosedMs: 200 }, (_fault: Fault | null) => undefined);
  return { client, server, tunnel, isCut: () => client.isDestroyed && server.isDestroyed };
}

for (const side of ['client', 'server'] as const) {
  test(`what waits for the ${side} becomes less: the tunnel goes on, with the same time again`, () => {
    const parts = coupled();
    parts[side === 'client' ? 'server' : 'client'].hasEnded = true;
    for (const queuedBytes of [1_000, 999, 500, 1]) {
      parts[side].queuedBytes = queuedBytes;
      parts.tunnel.expire();
      assert.equal(parts.isCut(), false);
      assert.equal(parts.client.armed.at(-1), 200);
    }
    parts.tunnel.expire();
    assert.equal(parts.isCut(), true);
  });
}

test('nothing waits: the tunnel is cut at once', () => {
  const { tunnel, isCut } = coupled();
  tunnel.expire();
  assert.equal(isCut(), true);
});

test('more waits than before: nobody takes it, and the tunnel is cut', () => {
  const { client, tunnel, isCut } = coupled();
  client.queuedBytes = 1_000;
  tunnel.expire();
  assert.equal(isCut(), false);
  client.queuedBytes = 2_000;
  tunnel.expire();
  assert.equal(isCut(), true);
});

test('what comes anew counts anew: a reader that takes of it is not late because less was waiting before', () => {
  const { client, server, tunnel, isCut } = coupled();
  client.queuedBytes = 50;
  tunnel.expire();
  server.reader!.onBytes(Buffer.alloc(0), 0, 0);
  client.bytesWritten += 250;
  client.queuedBytes = 200;
  tunnel.expire();
  assert.equal(isCut(), false);
});
