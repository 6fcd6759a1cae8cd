// The real HAProxy and our front end are given the same files: what it refuses we refuse, and what it takes we take,
// or say that it is not supported.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { translateHaproxy } from '../../src/config/haproxy/translate.js';
import { pathOf, skipWithout } from './real-servers.js';

const folder = mkdtempSync(join(tmpdir(), 'limpet-haproxy-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const defaults = 'defaults\n mode http\n timeout client 1s\n timeout server 1s\n timeout connect 1s\n';
const listen = (...lines: string[]) => `${defaults}listen web\n bind 127.0.0.1:8080\n${lines.map((line) => ` ${line}\n`).join('')}`;
const server = 'server a 127.0.0.1:3000';

/**
 * Each with what Limpet says: "takes" it, "rejects" it as HAProxy does, "refuses" what HAProxy takes, or "guards" of it, with
 * --lenient too, what would be open if it were left out.
 */
const cases: [name: string, text: string, verdict: 'takes' | 'rejects' | 'refuses' | 'guards'][] = [
  ['a listen section', listen(server), 'takes'],
  ['an unknown keyword', listen('sever a 127.0.0.1:3000'), 'rejects'],
  ['an unknown section', 'fronted web\n', 'rejects'],
  ['a quote that is open', listen('http-request set-header A "b'), 'rejects'],
  ['an escape with x', listen('http-request set-header A \\x41'), 'takes'],
  ['a bad escape with x', listen('http-request set-header A \\xzz'), 'rejects'],
  ['a server in a frontend', `${defaults}frontend f\n bind :8080\n ${server}\n`, 'rejects'],
  ['a server in defaults', `${defaults} ${server}\n`, 'rejects'],
  ['an acl in nameless defaults', `${defaults} acl a path /\n`, 'rejects'],
  ['an acl in named defaults', `defaults d\n acl a path /\n${listen(server)}`, 'takes'],
  ['a redirect in defaults', `${defaults} redirect location /\n`, 'rejects'],
  ['balance in a frontend', `${defaults}frontend f\n bind :8080\n balance roundrobin\n`, 'takes'],
  ['a mode that is none', listen('mode htp', server), 'rejects'],
  ['a time without a unit', listen('timeout client 5000', server), 'takes'],
  ['a time with a fraction', listen('timeout client 1.5s', server), 'rejects'],
  ['a timeout that is none', listen('timeout clent 5s', server), 'rejects'],
  ['an option that is none', listen('option forwardedfor', server), 'rejects'],
  ['no option', listen('no option redispatch', server), 'takes'],
  ['forwardfor with all', listen('option forwardfor except 10.0.0.0/8 header X-A if-none', server), 'takes'],
  ['forwardfor with more', listen('option forwardfor sometimes', server), 'rejects'],
  ['balance by least connections', listen('balance leastconn', server), 'takes'],
  ['balance by nothing known', listen('balance best', server), 'rejects'],
  ['balance at random of three', listen('balance random(3)', server), 'takes'],
  ['balance by a field', listen('balance hdr(host)', server), 'takes'],
  ['a weight of 256', listen(`${server} weight 256`), 'takes'],
  ['a weight of 257', listen(`${server} weight 257`), 'rejects'],
  ['a weight that is no number', listen(`${server} weight big`), 'refuses'],
  ['a setting of a server that is none', listen(`${server} chek`), 'rejects'],
  ['a server without an address', listen('server a'), 'rejects'],
  ['two servers of one name', listen(server, 'server a 127.0.0.1:3001'), 'rejects'],
  ['a server with TLS', listen(`${server} ssl verify none`), 'guards'],
  ['a cookie that is inserted', listen('cookie A insert indirect nocache', `${server} cookie a`), 'takes'],
  ['a cookie with two modes', listen('cookie A insert prefix', server), 'rejects'],
  ['a cookie in front', listen('cookie A prefix', `${server} cookie a`), 'takes'],
  ['indirect with prefix', listen('cookie A prefix indirect', server), 'takes'],
  ['indirect with rewrite', listen('cookie A rewrite indirect', server), 'rejects'],
  ['a cookie option that is none', listen('cookie A insert often', server), 'rejects'],
  ['a cookie with attributes', listen('cookie A insert attr "SameSite=Lax" httponly secure', server), 'takes'],
  ['a cookie that lives', listen('cookie A insert maxlife 1h', server), 'refuses'],
  ['a rule with an acl', listen('acl a path_beg /a', 'http-request deny if a', server), 'takes'],
  ['a rule with an acl that is none', listen('http-request deny if a', server), 'rejects'],
  ['a rule with a condition', listen('http-request deny if { path -i /a } || { src 10.0.0.0/8 } !{ method GET }', server), 'takes'],
  ['a condition on a length', listen('http-request deny if { hdr_len(x) gt 9 } { path -m len 5:7 }', server), 'takes'],
  ['a condition on a length below 0', listen('http-request deny if { hdr_len(x) lt 0 }', server), 'guards'],
  ['a range the wrong way round', listen('http-request deny if { hdr_len(x) 9:8 }', server), 'rejects'],
  ['a map of each of several', listen('http-request deny if { hdr(x),map(/dev/null) a }', server), 'guards'],
  ['a map of the last of several', listen('http-request deny if { hdr(x,-1),map(/dev/null) a }', server), 'takes'],
  ['a count with a converter', listen('http-request deny if { hdr_cnt(x),lower 1 }', server), 'guards'],
  ['a condition that is open', listen('http-request deny if { path /a', server), 'rejects'],
  ['a sample that is none', listen('acl a pth /a', server), 'rejects'],
  ['a sample that Limpet lacks', listen('acl a nbsrv(web) ge 1', server), 'refuses'],
  ['an address that is none', listen('acl a src 10.0.0.0/99', server), 'rejects'],
  ['a number that is none', listen('acl a dst_port many', server), 'rejects'],
  ['an action that is none', listen('http-request dney', server), 'rejects'],
  ['an action that Limpet lacks', listen('http-request set-nice 5', server), 'refuses'],
  ['a tarpit', listen('http-request tarpit if TRUE', server), 'guards'],
  ['a login', `${listen('http-request auth unless { http_auth(u) }', server)}userlist u\n user a insecure-password b\n`, 'guards'],
  ['a deny whose condition Limpet lacks', listen('http-request deny if { rand(2) 1 }', server), 'guards'],
  ['a deny with an acl that Limpet lacks', listen('acl a fe_conn gt 5', 'http-request deny if a or METH_TRACE', server), 'guards'],
  ['an allow with an acl that Limpet lacks', listen('http-request allow if { rand(2) 1 }', 'http-request deny', server), 'refuses'],
  ['a redirect whose condition Limpet lacks', listen('redirect location / if { rand(2) 1 }', server), 'guards'],
  ['a response that is denied on a condition that Limpet lacks', listen('http-response deny if { res.comp }', server), 'guards'],
  ['a field that is removed by its beginning', listen('http-request del-header X- -m beg', server), 'guards'],
  ['a connection that is rejected', listen('tcp-request connection reject if { src 10.0.0.0/8 }', server), 'takes'],
  ['a connection that is rejected for what Limpet lacks', listen('tcp-request connection reject if { fc_rtt gt 9 }', server), 'guards'],
  ['a connection that is accepted for what Limpet lacks', listen('tcp-request connection accept if { fc_rtt gt 9 }', server), 'refuses'],
  ['a session that is rejected for its TLS', listen('tcp-request session reject if !{ ssl_fc }', server), 'guards'],
  ['content that is rejected', listen('tcp-request content reject if { req.len gt 100 }', server), 'guards'],
  ['content that is waited for', listen('tcp-request inspect-delay 5s', server), 'refuses'],
  ['an action of connections that is none', listen('tcp-request connection refuse', server), 'rejects'],
  ['deny with a status', listen('http-request deny deny_status 429', server), 'takes'],
  ['deny with a status without a page', listen('http-request deny deny_status 418', server), 'rejects'],
  ['return with a body', listen('http-request return status 200 content-type text/plain string ok', server), 'takes'],
  ['return with a body without a type', listen('http-request return status 200 string ok', server), 'rejects'],
  ['a redirect', listen('redirect scheme https code 301 if !{ ssl_fc }', server), 'takes'],
  ['a redirect with a bad code', listen('redirect location / code 310', server), 'rejects'],
  ['a redirect to nowhere', listen('redirect code 301', server), 'rejects'],
  ['a variable', listen('http-request set-var(txn.a) path,lower', server), 'takes'],
  ['a variable without a scope', listen('http-request set-var(a) path', server), 'rejects'],
  ['a backend that is missing', `${defaults}frontend f\n bind :8080\n default_backend b\n`, 'rejects'],
  ['two frontends of one name', `${listen(server)}listen web\n bind :8081\n`, 'rejects'],
  ['another mode behind', `${defaults}frontend f\n bind :8080\n default_backend b\nbackend b\n mode tcp\n ${server}\n`, 'rejects'],
  ['defaults that are missing', `${defaults}listen web from d\n bind :8080\n`, 'rejects'],
  ['a port range', `${defaults}listen web\n bind :8080-8082\n ${server}\n`, 'takes'],
  ['a port that is none', `${defaults}listen web\n bind :80800\n ${server}\n`, 'rejects'],
  ['a bind without a port', `${defaults}listen web\n bind 127.0.0.1\n ${server}\n`, 'rejects'],
  ['a bind option that is none', `${defaults}listen web\n bind :8080 accept-prxy\n ${server}\n`, 'rejects'],
  ['TLS without a certificate', `${defaults}listen web\n bind :8080 ssl\n ${server}\n`, 'rejects'],
  ['conditions of lines', `.if version_atleast(2.4) && !defined(NOWHERE)\n${listen(server)}.else\nnonsense\n.endif\n`, 'takes'],
  ['a condition without an end', `.if 1\n${listen(server)}`, 'rejects'],
  ['a predicate that is none', `.if version_least(2.4)\n.endif\n${listen(server)}`, 'rejects'],
  ['an errorfile that is missing', listen('errorfile 503 /nowhere/503.http', server), 'rejects'],
  ['an errorfile for no page', listen('errorfile 299 /nowhere/299.http', server), 'rejects'],
  ['a statistics page', listen('stats enable', server), 'refuses'],
  ['a log format', listen('log stdout format raw local0', 'log-format "%ci %HM %HU %ST"', server), 'takes'],
  ['retries that are no number', listen('retries often', server), 'refuses'],
  ['a log without a facility', listen('log stdout', server), 'rejects'],
  ['a log with a facility that is none', listen('log stdout nowhere', server), 'rejects'],
  ['a variable of a log that is none', listen('http-request set-header A %zz', server), 'rejects'],
  ['an empty condition', listen('http-request deny if { }', server), 'rejects'],
  ['a check', listen('option httpchk GET /health', `${server} check inter 2s`), 'takes'],
];

for (const [index, [name, text, verdict]] of cases.entries()) {
  test(`${name}: Limpet ${verdict} it`, { skip: skipWithout('haproxy') }, () => {
    const file = join(folder, `${index}.cfg`);
    writeFileSync(file, text);
    const real = spawnSync(pathOf('haproxy'), ['-c', '-f', file], { encoding: 'utf8' });
    const own = translateHaproxy(text, file, { lenient: false });
    const lenient = translateHaproxy(text, file, { lenient: true });
    const said = `${real.stderr}\n${own.problems.map((problem) => `${problem.line}: ${problem.message}`).join('\n')}`;
    assert.equal(real.status === 1 ? 'rejects' : 'takes', verdict === 'rejects' ? 'rejects' : 'takes', said);
    assert.equal(own.problems.length > 0, verdict !== 'takes', said);
    assert.equal(lenient.problems.length > 0, verdict === 'rejects' || verdict === 'guards', said);
  });
}
