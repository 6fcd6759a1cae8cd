// Maps: exact texts, host names, patterns, the default.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CompileError } from '../../src/route/compile-error.js';
import { compileMap, type MapSpec } from '../../src/route/value-map.js';
import { exchangeWith } from './exchange-fixture.js';

const read = (spec: MapSpec, parts: Parameters<typeof exchangeWith>[0] = {}) => compileMap(spec).read(exchangeWith(parts));

describe('a map', () => {
  const upgrade: MapSpec = { value: '${header.upgrade}', entries: { '': 'close' }, default: 'upgrade' };

  it('reads an entry, or its default', () => {
    assert.equal(read(upgrade), 'close');
    assert.equal(compileMap(upgrade).read(exchangeWith({}, [['Upgrade', 'websocket']])), 'upgrade');
  });

  it('compares without case, and tries patterns in order', () => {
    const map: MapSpec = {
      value: '${path}',
      entries: { '/Chat/Room': 'exact' },
      patterns: [
        { pattern: '^/(\\w+)/', to: '${capture.1}' },
        { pattern: '.', to: 'never' },
      ],
      default: 'none',
    };
    assert.equal(read(map), 'exact');
    assert.equal(read(map, { path: '/other/x' }), 'other');
    assert.equal(read({ ...map, patterns: [{ pattern: 'CHAT', to: 'a', ignoreCase: true }] }, { path: '/a/chat' }), 'a');
  });

  it('compares with case where that is asked for', () => {
    const map: MapSpec = { value: '${path}', matchCase: true, entries: { '/A': 'upper', '/a': 'lower' }, default: 'none' };
    assert.deepEqual(
      ['/A', '/a', '/b'].map((path) => read(map, { path })),
      ['upper', 'lower', 'none'],
    );
  });

  it('takes the longest host where entries are hosts', () => {
    const map: MapSpec = {
      value: '${host}',
      hosts: true,
      entries: { '*.example': '1', '*.www.example': '2', 'mail.*': '3' },
      default: '0',
    };
    assert.equal(read(map, { host: 'a.www.example' }), '2');
    assert.equal(read(map, { host: 'a.b.example' }), '1');
    assert.equal(read(map, { host: 'mail.net' }), '3');
    assert.equal(read(map, { host: 'example' }), '0');
    assert.equal(read({ ...map, hosts: false }, { host: 'a.b.example' }), '0');
  });

  it('looks up a host of thousands of labels as fast as any', () => {
    const map: MapSpec = { value: '${host}', hosts: true, entries: { '*.example': '1', 'mail.*': '2' }, default: '0' };
    const startMs = performance.now();
    for (let i = 0; i < 20; i++) assert.equal(read(map, { host: 'a.'.repeat(8000) }), '0');
    // One lookup for each of its dots would take a second each.
    assert.ok(performance.now() - startMs < 2000);
  });

  it('is refused with every problem', () => {
    assert.throws(
      () => compileMap({ value: '${x}', entries: { a: '${y}' }, patterns: [{ pattern: '(', to: '' }] }),
      (error: unknown) => {
        assert.ok(error instanceof CompileError);
        assert.equal(error.problems.length, 3);
        return true;
      },
    );
  });
});
