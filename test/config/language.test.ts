// In which language a file is written, by its name or by what it says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { languageOf } from '../../src/config/language.js';

const haproxy = `
global
    stats socket "/run/haproxy.sock" level admin
defaults
    mode http
    http-check send meth GET
backend app
    server s1 \${SERVER}:80
    http-request set-header X-A %[src]
    server s2 127.0.0.1:80
frontend web
    bind "fd@\${web}"
    http-request set-header X-B "%{+Q}o %ci"
`;

for (const [file, text, language] of [
  ['proxy.config.json', 'http {', 'json'],
  ['nginx.conf', '', 'nginx'],
  ['site.conf', 'global', 'nginx'],
  ['haproxy.cfg', 'http {', 'haproxy'],
  ['haproxy.conf', '', 'haproxy'],
  ['proxy', ' // mine\n{ "listeners": {} }', 'json'],
  ['proxy', '{ "listeners": {} }', 'json'],
  ['proxy', 'user www;\nevents { }\nhttp { server { listen 80; } }', 'nginx'],
  ['proxy', 'events\n{\n}\nhttp\n{\n}', 'nginx'],
  ['proxy', 'upstream app { server 127.0.0.1:1; }', 'nginx'],
  ['proxy', 'worker_processes 1;\nstream{ }', 'nginx'],
  ['proxy', haproxy, 'haproxy'],
  ['proxy', 'listen web\n  bind :80\n  server a ${A}\n', 'haproxy'],
  ['proxy', 'defaults\n  mode http\n', 'haproxy'],
  ['proxy', '', 'json'],
] as const) {
  test(`${file}: ${JSON.stringify(text.slice(0, 40))} is ${language}`, () => assert.equal(languageOf(file, text), language));
}
