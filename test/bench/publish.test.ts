// What is published says nothing of where things lie on the machine that measured.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutPaths, withReport } from '../../bench/publish.js';

test('paths of a run, of Node and of this folder are cut to what they mean', () => {
  const report = [
    '`npm run bench -- --only tls --node /opt/node-24/bin/node`',
    '$ /opt/node-24/bin/node /home/someone/limpet/dist/src/cli/main.js run /tmp/limpet-bench-AbC/tls.limpet.4000/proxy.config.json',
    '"to": "/tmp/limpet-bench-AbC/tls.limpet.4000/access.log"',
    'pid /tmp/limpet-bench-AbC/tls.nginx.4001/nginx.pid;',
    'proxy_pass http://127.0.0.1:4002/chat;',
  ];
  assert.deepEqual(withoutPaths(report.join('\n')).split('\n'), [
    '`npm run bench -- --only tls --node node`',
    '$ node dist/src/cli/main.js run proxy.config.json',
    '"to": "access.log"',
    'pid nginx.pid;',
    'proxy_pass http://127.0.0.1:4002/chat;',
  ]);
});

test('a page without the marks is refused', () => {
  assert.throws(() => withReport('# Performance\n', 'figures'), /the page needs the two lines/);
});
