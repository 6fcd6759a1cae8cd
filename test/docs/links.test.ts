// Links between the pages lead somewhere, and every page of docs/ can be found from its index.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { anchors, localLinks, pagePaths, root } from './pages.js';

for (const page of pagePaths) {
  test(`links of ${page} lead to files and headings that exist`, () => {
    const broken = localLinks(page).filter(
      ({ path, anchor }) => !existsSync(join(root, path)) || (anchor !== '' && path.endsWith('.md') && !anchors(path).has(anchor)),
    );
    assert.deepEqual(
      broken.map(({ written }) => written),
      [],
    );
  });
}

test('docs/index.md leads to every page of docs/', () => {
  const linked = new Set(localLinks('docs/index.md').map(({ path }) => path));
  const pages = pagePaths.filter((path) => path.startsWith('docs/') && path !== 'docs/index.md');
  assert.deepEqual(
    pages.filter((path) => !linked.has(path)),
    [],
  );
});
