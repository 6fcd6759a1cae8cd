// Directives about the program as a whole.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { outcomeOf } from './translated.js';

describe('worker_shutdown_timeout is how long the end may take, of Limpet and of a server that is taken out', () => {
  for (const [directive, timeout] of [
    ['', undefined],
    ['worker_shutdown_timeout 10s;', '10000ms'],
    ['worker_shutdown_timeout 250ms;', '250ms'],
    ['worker_shutdown_timeout 0;', undefined],
  ] as const) {
    test(directive === '' ? 'without it' : directive, () => {
      const { document, problems } = outcomeOf(`${directive} events { } http { server { return 200; } }`);
      assert.deepEqual(problems, []);
      assert.deepEqual([document!['shutdownTimeout'], document!['drainTimeout']], [timeout, timeout]);
    });
  }

  test('nonsense is refused', () => {
    const { problems } = outcomeOf('worker_shutdown_timeout soon; events { } http { server { return 200; } }');
    assert.match(problems.join('\n'), /"worker_shutdown_timeout" directive has invalid value "soon"/);
  });
});

test('each side of a stream ends its half by itself: proxy_half_close is accepted either way', () => {
  for (const value of ['on', 'off']) {
    const { problems } = outcomeOf(
      `events { } stream { server { listen 127.0.0.1:1; proxy_pass 127.0.0.1:2; proxy_half_close ${value}; } }`,
    );
    assert.deepEqual(problems, []);
  }
});
