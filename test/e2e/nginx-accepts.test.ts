// The real nginx and our front end are given the same files: what it refuses we refuse, and what it takes we take, or
// say that it is not supported.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseConfig } from '../../src/config/load.js';
import { pathOf, skipWithout } from './real-servers.js';

const folder = mkdtempSync(join(tmpdir(), 'limpet-nginx-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** What nginx would otherwise open where only root may. */
const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
const main = (text: string) => `pid ${folder}/nginx.pid; ${text}`;
const http = (inside: string) => main(`events { } http { access_log off; ${paths} ${inside} }`);
const server = (inside: string, more = '') => http(`${more} server { listen 127.0.0.1:8080; ${inside} }`);
const location = (inside: string, more = '') => server(`location / { ${inside} }`, more);
const upstream = (inside: string) => location('proxy_pass http://app;', `upstream app { ${inside} }`);
const one = 'server 127.0.0.1:3000;';
const pass = 'proxy_pass http://127.0.0.1:3000;';

/** Each with what Limpet says: "takes" it, "rejects" it as nginx does, or "refuses" what nginx takes. */
const cases: [name: string, text: string, verdict: 'takes' | 'rejects' | 'refuses'][] = [
  ['a proxy', location(pass), 'takes'],
  ['no events', main(`http { ${paths} server { listen 127.0.0.1:8080; return 204; } }`), 'rejects'],
  ['an unknown directive', location('proxy_pas http://127.0.0.1:3000;'), 'rejects'],
  ['a missing semicolon', location('return 204'), 'rejects'],
  ['a block that is open', main('events {'), 'rejects'],
  ['a brace too many', `${location(pass)} }`, 'rejects'],
  ['a quote that is open', location('return 200 "a;'), 'rejects'],
  ['a word right behind a quote', location('return 200 "a"b;'), 'rejects'],
  ['a brace in quotes', location('return 200 "{ }";'), 'takes'],
  ['a comment at the end', `${location(pass)} # }`, 'takes'],
  ['a variable in braces', location(`proxy_set_header A "\${host}x"; ${pass}`), 'takes'],
  ['an unknown variable', location(`proxy_set_header A $nowhere; ${pass}`), 'rejects'],
  ['a server in main', main('events { } server { listen 127.0.0.1:8080; }'), 'rejects'],
  ['proxy_pass in a server', server(pass), 'rejects'],
  ['listen in a location', location('listen 127.0.0.1:8081;'), 'rejects'],
  ['two events', `${location(pass)} events { }`, 'rejects'],
  ['proxy_pass twice', location(`${pass} ${pass}`), 'rejects'],
  ['proxy_pass without a scheme', location('proxy_pass 127.0.0.1:3000;'), 'rejects'],
  ['proxy_pass without arguments', location('proxy_pass;'), 'rejects'],
  ['proxy_pass with a path', location('proxy_pass http://127.0.0.1:3000/a/;'), 'takes'],
  ['proxy_pass with a path in a pattern', server('location ~ ^/a { proxy_pass http://127.0.0.1:3000/a/; }'), 'rejects'],
  ['a location twice', server('location /a { return 204; } location /a { return 204; }'), 'rejects'],
  ['a location with a modifier that is none', server('location ~~ /a { return 204; }'), 'rejects'],
  ['an exact location', server('location = /a { return 204; }'), 'takes'],
  ['a nested location', server(`location /a/ { location /a/b { return 204; } ${pass} }`), 'takes'],
  ['a nested location that is outside', server(`location /a/ { location /b { return 204; } ${pass} }`), 'rejects'],
  ['a location in an exact one', server(`location = /a { location /a/b { return 204; } ${pass} }`), 'rejects'],
  ['a pattern that is none', server('location ~ "(" { return 204; }'), 'rejects'],
  ['a time without a unit', location(`proxy_read_timeout 60; ${pass}`), 'takes'],
  ['a time of two units', location(`proxy_read_timeout 1m30s; ${pass}`), 'takes'],
  ['a time that is none', location(`proxy_read_timeout soon; ${pass}`), 'rejects'],
  ['a size', location(`client_max_body_size 8m; ${pass}`), 'takes'],
  ['a size that is none', location(`client_max_body_size 8x; ${pass}`), 'rejects'],
  ['a version that is none', location(`proxy_http_version 3; ${pass}`), 'rejects'],
  ['a status that is none', location('return abc;'), 'rejects'],
  ['a redirect', location('return 301 https://$host$request_uri;'), 'takes'],
  ['a rewrite', location(`rewrite ^/a/(.*)$ /b/$1 break; ${pass}`), 'takes'],
  ['a rewrite with a flag that is none', location(`rewrite ^/a /b stop; ${pass}`), 'rejects'],
  ['an if', location(`if ($request_method = POST) { return 405; } ${pass}`), 'takes'],
  ['an if without parentheses', location(`if $request_method { return 405; } ${pass}`), 'rejects'],
  ['a header for some statuses', location(`add_header A b; ${pass}`), 'takes'],
  ['a header with a word that is none', location(`add_header A b alway; ${pass}`), 'rejects'],
  ['allow and deny', location(`allow 127.0.0.0/8; deny all; ${pass}`), 'takes'],
  ['an allowed address that is none', location(`allow 127.0.0.300; ${pass}`), 'rejects'],
  ['set without a dollar', location(`set a b; ${pass}`), 'rejects'],
  ['a map', location(`proxy_set_header A $a; ${pass}`, 'map $host $a { default x; b y; }'), 'takes'],
  ['a map without a dollar', location(pass, 'map $host a { default x; }'), 'rejects'],
  ['an upstream', upstream(one), 'takes'],
  ['an upstream without servers', upstream(''), 'rejects'],
  ['an upstream twice', location('proxy_pass http://app;', `upstream app { ${one} } upstream app { ${one} }`), 'rejects'],
  ['options of a server', upstream('server 127.0.0.1:3000 weight=2 max_fails=3 fail_timeout=5s;'), 'takes'],
  ['a weight of nothing', upstream('server 127.0.0.1:3000 weight=0;'), 'rejects'],
  ['an option that is none', upstream('server 127.0.0.1:3000 wieght=2;'), 'rejects'],
  ['least_conn', upstream(`least_conn; ${one}`), 'takes'],
  ['least_conn with an argument', upstream(`least_conn a; ${one}`), 'rejects'],
  ['keepalive', upstream(`${one} keepalive 16;`), 'takes'],
  ['keepalive that is no number', upstream(`${one} keepalive some;`), 'rejects'],
  ['a backup with ip_hash', upstream(`ip_hash; ${one} server 127.0.0.1:3001 backup;`), 'rejects'],
  ['a port that is none', http('server { listen 127.0.0.1:80800; return 204; }'), 'rejects'],
  ['a listen option that is none', http('server { listen 127.0.0.1:8080 sll; return 204; }'), 'rejects'],
  ['listen twice in a server', server('listen 127.0.0.1:8080; return 204;'), 'rejects'],
  ['two defaults', http('server { listen 127.0.0.1:8080 default_server; } server { listen 127.0.0.1:8080 default_server; }'), 'rejects'],
  ['a server with a certificate that is missing', http('server { listen 127.0.0.1:8443 ssl; return 204; }'), 'rejects'],
  ['a cache that is off', location(`proxy_cache off; proxy_cache_bypass $http_upgrade; ${pass}`), 'takes'],
  ['copies of answers', location(`proxy_store on; ${pass}`), 'refuses'],
  ['error pages', location(`error_page 404 = @other; ${pass} } location @other { return 204;`), 'takes'],
  ['a named location inside another', location('location @in { return 204; } return 200;'), 'rejects'],
  ['compression', location(`gzip on; ${pass}`), 'refuses'],
  ['an include that is missing', location(`include ${folder}/nowhere.conf; ${pass}`), 'rejects'],
  ['an include of nothing', location(`include ${folder}/nowhere-*.conf; ${pass}`), 'takes'],
  ['an include of nonsense', http(`include ${folder}/nonsense.conf;`), 'rejects'],
];

for (const [index, [name, text, verdict]] of cases.entries()) {
  test(`${name}: Limpet ${verdict} it`, { skip: skipWithout('nginx') }, () => {
    writeFileSync(join(folder, 'nonsense.conf'), 'nonsense;');
    const file = join(folder, `${index}.conf`);
    writeFileSync(file, text);
    const real = spawnSync(pathOf('nginx'), ['-t', '-p', folder, '-e', 'stderr', '-c', file], { encoding: 'utf8' });
    const own = parseConfig(text, file).problems ?? [];
    const lenient = parseConfig(text, file, { lenient: true }).problems ?? [];
    const said = `${real.stderr}\n${own.map((problem) => `${problem.line}: ${problem.message}`).join('\n')}`;
    assert.equal(real.status === 0 ? 'takes' : 'rejects', verdict === 'rejects' ? 'rejects' : 'takes', said);
    assert.equal(own.length > 0, verdict !== 'takes', said);
    assert.equal(lenient.length > 0, verdict === 'rejects', said);
  });
}
