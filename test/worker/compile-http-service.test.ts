import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../src/config/load.js';
import { DescriptorBudget } from '../../src/net/descriptor-budget.js';
import { compileHttpService } from '../../src/worker/compile-http-service.js';

const page = (body: string) => [{ status: [404], respond: { body } }];

test('error pages that routes inherit are compiled once', () => {
  const text = JSON.stringify({
    listeners: {
      web: {
        address: ':80',
        errorPages: page('outer'),
        routes: [
          { name: 'plain', match: { path: '/a' }, deny: true },
          {
            name: 'own',
            match: { path: '/b' },
            errorPages: page('inner'),
            routes: [{ name: 'inside', match: { path: '/b/*' }, deny: true }],
          },
        ],
      },
    },
  });
  const { config, problems } = parseConfig(text, 'proxy.config.json');
  assert.ok(config !== undefined, JSON.stringify(problems));
  const service = compileHttpService(
    'web',
    config.listeners['web'],
    { upstreams: new Map(), maps: new Map() },
    new DescriptorBudget(0),
    () => {},
  );
  const pagesOf = (name: string) => service.namedRoutes.get(name)?.destination.errorPages;
  assert.equal(pagesOf('plain'), service.errorPages);
  assert.equal(pagesOf('inside'), pagesOf('own'));
  assert.notEqual(pagesOf('own'), service.errorPages);
  assert.notEqual(service.errorPages.find(404), null);
});
