// The table in which the path decides: exact, longest beginning, patterns between them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ClosestPathSpec, ClosestPathTable, compileClosestPathKey } from '../../src/route/closest-path-table.js';
import { CompileError } from '../../src/route/compile-error.js';
import { compileRoute } from '../../src/route/route.js';
import { exchangeWith } from './exchange-fixture.js';

function chosen(specs: readonly ClosestPathSpec[], path: string): string | null {
  const table = new ClosestPathTable<string>(
    specs.map((spec) => ({ key: compileClosestPathKey(spec), route: compileRoute({}, JSON.stringify(spec.path ?? spec.pathPattern)) })),
  );
  const found = table.find(exchangeWith({ path }));
  return found === null ? null : JSON.parse(found.destination);
}

describe('the closest path', () => {
  const locations = [
    { path: '/*' },
    { path: '/documents/*' },
    { path: '/images/*', final: true },
    { pathPattern: '\\.(gif|jpg)$', ignoreCase: true },
    { pathPattern: '^/documents/.*\\.html$' },
    { path: '/' },
  ];

  for (const [path, expected] of [
    ['/', '/'],
    ['/index.html', '/*'],
    ['/documents/a.txt', '/documents/*'],
    ['/documents/a.html', '^/documents/.*\\.html$'],
    ['/images/1.gif', '/images/*'],
    ['/documents/1.JPG', '\\.(gif|jpg)$'],
    ['/documents', '/*'],
  ] as const) {
    it(`of ${path} is ${expected}`, () => assert.equal(chosen(locations, path), expected));
  }

  it('is none where no beginning and no pattern matches', () =>
    assert.equal(chosen([{ path: '/a*' }, { pathPattern: '^/b' }], '/c'), null));

  it('sees through encodings', () => assert.equal(chosen([{ path: '/*' }, { path: '/private/*' }], '/%70rivate/x'), '/private/*'));

  it('needs exactly one path a route', () => {
    for (const spec of [{}, { path: '/a', pathPattern: 'b' }, { path: ['/a', '/b'] }, { path: 'a' }, { pathPattern: '(' }])
      assert.throws(() => compileClosestPathKey(spec), CompileError);
  });
});
