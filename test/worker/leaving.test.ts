// What a change of the config has left over is ended when its time is over, unless it is back by then.
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { Fault } from '../../src/core/errors.js';
import type { Listener } from '../../src/listener/listener.js';
import type { Server } from '../../src/upstream/server.js';
import { Leaving } from '../../src/worker/leaving.js';
import { serversOfWeights } from '../upstream/stand-in-upstream.js';

/** Stands in for a listener: it only notes what is cut. */
class CutNotes {
  isEmpty = false;
  readonly cuts: string[] = [];

  cutAll(fault: Fault): void {
    this.cuts.push(`all: ${fault.code}`);
  }

  cutAt(servers: ReadonlySet<Server>, fault: Fault): void {
    if (servers.size > 0) this.cuts.push(`${[...servers].map(({ name }) => name)}: ${fault.code}`);
  }
}

function withLeaving(action: (leaving: Leaving, running: CutNotes, tick: (ms: number) => void) => void): void {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const running = new CutNotes();
    action(new Leaving(() => [running as unknown as Listener]), running, (ms) => mock.timers.tick(ms));
  } finally {
    mock.timers.reset();
  }
}

const listener = (notes: CutNotes): Listener => notes as unknown as Listener;

test('listeners and servers are cut at their deadline, once more a moment later, and are then forgotten', () =>
  withLeaving((leaving, running, tick) => {
    const [a, b] = serversOfWeights(1, 1) as [Server, Server];
    const removed = new CutNotes();
    leaving.add([listener(removed)], [{ upstream: 'app', server: a }], 5_000);
    leaving.add([], [{ upstream: 'app', server: b }], 9_000);
    tick(4_999);
    assert.deepEqual([removed.cuts, running.cuts], [[], []]);
    assert.deepEqual(leaving.serversOf('app'), [a, b]);
    tick(1);
    assert.deepEqual(running.cuts, ['a: taken-out']);
    assert.deepEqual(removed.cuts, ['all: taken-out', 'a: taken-out']);
    tick(1_000);
    assert.deepEqual(running.cuts, ['a: taken-out', 'a: taken-out']);
    assert.deepEqual([leaving.listeners, leaving.servers], [[], [b]]);
    tick(3_000);
    assert.deepEqual(running.cuts.slice(2), ['b: taken-out']);
  }));

test('a server that is back is left alone', () =>
  withLeaving((leaving, running, tick) => {
    const [a, b] = serversOfWeights(1, 1) as [Server, Server];
    leaving.add(
      [],
      [
        { upstream: 'app', server: a },
        { upstream: 'app', server: b },
      ],
      5_000,
    );
    leaving.takeBack(new Set([a]));
    assert.deepEqual(leaving.serversOf('app'), [b]);
    tick(5_000);
    assert.deepEqual(running.cuts, ['b: taken-out']);
  }));

test('what has nothing under way any more is forgotten with the next change', () =>
  withLeaving((leaving, _, tick) => {
    const [a, b] = serversOfWeights(1, 1) as [Server, Server];
    const removed = new CutNotes();
    b.tunnels = 1;
    leaving.add([listener(removed)], [{ upstream: 'app', server: a }], 5_000);
    leaving.add([], [{ upstream: 'app', server: b }], 5_000);
    removed.isEmpty = true;
    leaving.add([], [], 5_000);
    assert.deepEqual([leaving.listeners, leaving.servers], [[], [b]]);
    tick(5_000);
    assert.deepEqual(removed.cuts, []);
  }));
