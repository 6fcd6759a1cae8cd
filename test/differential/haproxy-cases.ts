// Small files of HAProxy's language, one or two keywords each, with requests. PORT is the proxy's, A and B are servers.
import type { Ask, CompareOptions } from './compare.js';

export interface HaproxyCase extends CompareOptions {
  readonly name: string;
  /** What follows "defaults". */
  readonly text: string;
  readonly asks: readonly Ask[];
  /** Further files in FOLDER, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A frontend with these lines, and two backends. */
const front = (...lines: string[]): string => `frontend web
  bind 127.0.0.1:PORT
${lines.map((line) => `  ${line}\n`).join('')}  default_backend a
backend a
  server a A
backend b
  server b B`;
/** The same in tcp mode. */
const tcp = (...lines: string[]): string => front(...lines).replace(/^(frontend|backend) .*$/gm, '$&\n  mode tcp');
/** A backend with these lines before its servers. */
const back = (lines: readonly string[], servers: readonly string[] = ['server a A', 'server b B']): string => `frontend web
  bind 127.0.0.1:PORT
  default_backend app
backend app
${[...lines, ...servers].map((line) => `  ${line}\n`).join('')}`;

const withCookie = (cookie: string): Ask => ({ target: '/', fields: `Cookie: ${cookie}\r\n` });

export const haproxyCases: readonly HaproxyCase[] = [
  {
    name: 'a frontend and a backend',
    text: front(),
    asks: ['/', '/a%20b?c=d%26', { method: 'POST', target: '/p', body: 'abc' }, { method: 'HEAD', target: '/' }],
  },
  { name: 'listen', text: 'listen all\n  bind 127.0.0.1:PORT\n  server a A', asks: ['/', '/x'] },
  { name: 'statuses pass', text: front(), asks: ['/status/201', '/status/404', '/status/500'] },
  { name: 'fields of a server pass', text: front(), asks: ['/fields'], ignore: [] },
  {
    name: 'forwarded fields pass as they came',
    text: front(),
    asks: [{ target: '/', fields: 'X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n' }],
  },
  { name: 'option forwardfor', text: front('option forwardfor'), asks: ['/'] },
  {
    name: 'option forwardfor if-none',
    text: front('option forwardfor if-none'),
    asks: ['/', { target: '/', fields: 'X-Forwarded-For: 192.0.2.1\r\n' }],
  },
  { name: 'option forwardfor header', text: front('option forwardfor header X-Client'), asks: ['/'] },
  {
    name: 'http-request set-header',
    text: front('http-request set-header X-Real-IP %[src]', 'http-request set-header X-Host %[req.hdr(host)]'),
    asks: ['/', { target: '/', fields: 'X-Real-IP: 1\r\n' }],
  },
  {
    name: 'http-request add-header and del-header',
    text: front('http-request add-header X-Added one', 'http-request del-header X-Gone'),
    asks: [{ target: '/', fields: 'X-Added: zero\r\nX-Gone: 1\r\n' }],
  },
  {
    name: 'http-request set-header with path and method',
    text: front('http-request set-header X-What "%[method] %[path]"'),
    asks: ['/a/b?c', { method: 'POST', target: '/', body: 'x' }],
  },
  {
    name: 'conditions that ask for what is not known there never match',
    text: front(
      'http-request set-header X-Status yes if !{ status 200 }',
      'http-request set-header X-Field yes if { res.hdr(x-a) -m found } or { path /a }',
      'http-response set-header X-Path yes if { path -m found }',
      'http-response set-header X-No-Path yes if !{ path -m found }',
      'http-response set-header X-Host yes if { hdr(host) -m found }',
      'http-response set-header X-Version yes if HTTP_1.1 or HTTP_URL_SLASH',
      'http-response set-header X-Method yes if METH_GET',
    ),
    asks: ['/', '/a', { method: 'POST', target: '/a', body: 'abc' }],
  },
  {
    name: 'hdr() is of the message that a rule is about',
    text: front('http-response set-header X-Type "%[hdr(content-type)]"', 'http-request set-header X-Host "%[hdr(host)]"'),
    asks: ['/', '/fields'],
    ignore: [],
  },
  {
    name: 'predefined acls of versions',
    text: front('http-request set-header X-Version yes if HTTP_1.1 !HTTP_1.0 !HTTP_2.0 HTTP', 'http-request deny if HTTP_1.0'),
    asks: ['/'],
  },
  {
    name: 'a redirect statement leads to a text',
    text: front('redirect location /%[path]?${HOME} if { path /r }', 'redirect prefix /%[src] if { path /p }'),
    asks: ['/r', '/p?a=b'],
  },
  {
    name: 'rules of defaults with a name, and acls that are theirs alone',
    text: 'defaults d\n  mode http\n  timeout connect 5s\n  timeout client 10s\n  acl x path /a\n  http-request set-header X-D yes if x\nfrontend web from d\n  bind 127.0.0.1:PORT\n  acl x path /b\n  http-request set-header X-W yes if x\n  default_backend a\ndefaults\n  mode http\n  timeout connect 5s\n  timeout server 10s\nbackend a\n  server a A',
    asks: ['/a', '/b', '/c'],
  },
  {
    name: 'counts of fields and cookies',
    text: front(
      'http-request set-header X-None yes if { hdr_cnt(x-a) 0 }',
      'http-request set-header X-One yes if { req.hdr_cnt(x-a) 1 }',
      'http-request set-header X-Two yes if { hdr_cnt(x-a) ge 2 }',
      'http-request set-header X-Some yes if { hdr_cnt(x-a) 1:2 5 }',
      'http-request set-header X-Few yes if { hdr_cnt(x-a) lt 3 }',
      'http-request set-header X-Whole yes if { req.fhdr_cnt(x-a) gt 1 }',
      'http-request set-header X-Cookies yes if { cook_cnt(a) 2 }',
      'http-response set-header X-Types yes if { res.hdr_cnt(content-type) 1 } !{ res.hdr_cnt(x-none) gt 0 }',
    ),
    asks: [
      '/',
      { target: '/', fields: 'X-A: a\r\nCookie: a=1; b=2\r\n' },
      { target: '/', fields: 'X-A: a, b\r\nCookie: a=1; a=2\r\n' },
      { target: '/', fields: 'X-A: a,,b\r\nX-A: "c,d", e\r\nCookie: a=1\r\nCookie: a=3\r\n' },
      { target: '/', fields: 'X-A: \r\nCookie: a=; a=1; a=2\r\n' },
      { target: '/', fields: 'X-A: ,\r\nX-A: \r\n' },
    ],
  },
  {
    name: 'http-errors and errorfiles',
    text: `http-errors pages
  errorfile 403 FOLDER/403.http
  errorfile 503 FOLDER/503.http
http-errors others
  errorfile 404 FOLDER/403.http
${front(
  'errorfile 503 FOLDER/403.http',
  'errorfiles pages 503',
  'errorfiles others',
  'http-request deny if { path /no }',
  'http-request deny errorfiles pages if { path /pages }',
  'http-request return status 404 errorfiles others if { path /others }',
  'use_backend none if { path_beg /none }',
)}
backend none
backend all
  errorfiles pages`,
    asks: ['/', '/no', '/pages', '/others', '/none'],
    ignore: [],
    files: {
      '403.http': 'HTTP/1.0 403 No\r\nContent-Type: text/plain\r\nX-Page: 403\r\n\r\nnot here\n',
      '503.http': 'HTTP/1.0 503 Sorry\r\nContent-Type: text/plain\r\n\r\nlater\n',
    },
  },
  {
    name: 'http-after-response comes behind the cookie of a server',
    text: back(
      [
        'cookie S insert indirect',
        'http-after-response replace-header Set-Cookie "S=(\\w+).*" "S=\\1; SameSite=None"',
        'http-after-response set-header X-Set yes if { res.hdr(set-cookie) -m found }',
        'http-response set-header X-Early yes if { res.hdr(set-cookie) -m found }',
      ],
      ['server a A cookie a'],
    ),
    asks: ['/', withCookie('S=a'), '/status/404'],
    ignore: [],
  },
  {
    name: 'http-after-response of a backend and of a frontend',
    text: back(
      ['http-after-response add-header X-Order b', 'http-after-response allow if { status 404 }', 'http-response add-header X-Order rb'],
      ['server a A'],
    ).replace(
      '  default_backend app',
      '  http-after-response add-header X-Order f\n  http-response add-header X-Order rf\n  http-request deny if { path /no }\n  default_backend app',
    ),
    asks: ['/', '/status/404', '/no'],
  },
  { name: 'http-request deny', text: front('http-request deny if { path /no }'), asks: ['/', '/no', '/no/x'] },
  {
    name: 'http-request deny with a status',
    text: front('http-request deny deny_status 429 if { path_beg /no }'),
    asks: ['/', '/nothing'],
  },
  {
    name: 'http-request redirect location',
    text: front('http-request redirect location https://else.test/ code 301 if { path /r }'),
    asks: ['/', '/r'],
  },
  {
    name: 'http-request redirect prefix',
    text: front('http-request redirect prefix https://else.test if { path_beg /r }'),
    asks: ['/r/x?y=1'],
  },
  { name: 'redirect scheme', text: front('redirect scheme https if { path_beg /s }'), asks: ['/s/x?y=1'] },
  {
    name: 'http-request return',
    text: front('http-request return status 200 content-type text/plain string hello if { path /hi }'),
    asks: ['/', '/hi'],
  },
  { name: 'http-request set-path', text: front('http-request set-path /base%[path]'), asks: ['/x?y=1'] },
  { name: 'http-request replace-path', text: front('http-request replace-path /old/(.*) /new/\\1'), asks: ['/old/x?y=1', '/other'] },
  { name: 'http-response set-header', text: front('http-response set-header X-Out one'), asks: ['/', '/status/404'] },
  { name: 'http-response del-header', text: front('http-response del-header X-Powered-By'), asks: ['/fields'] },
  { name: 'http-response add-header', text: front('http-response add-header X-Out %[status]'), asks: ['/', '/status/404'] },
  {
    name: 'http-request reject: closed without an answer',
    text: front('http-request reject if { path /no }', 'http-request reject unless { method GET HEAD }'),
    asks: ['/', '/no', { method: 'HEAD', target: '/no' }, { method: 'POST', target: '/', body: 'abc' }, { method: 'HEAD', target: '/' }],
  },
  {
    name: 'http-request reject in a backend',
    text: back(['http-request reject if { path /no }']),
    asks: ['/', '/no'],
  },
  { name: 'http-response deny', text: front('http-response deny if { status 404 }'), asks: ['/', '/status/404', '/status/500'] },
  {
    name: 'http-response deny with a status',
    text: front('http-response deny deny_status 403 if { res.hdr(x-powered-by) -m found }'),
    asks: ['/', '/fields', { method: 'HEAD', target: '/fields' }, { method: 'POST', target: '/fields', body: 'abc' }],
  },
  {
    name: 'http-response return',
    text: front('http-response return status 503 content-type text/plain string sorry hdr X-Why later if { status 500:599 }'),
    asks: ['/', '/status/500', '/status/404'],
    ownWords: () => false,
  },
  {
    name: 'http-response redirect',
    text: front('http-response redirect location /login?%[status] code 303 if { status 401 }'),
    asks: ['/', '/status/401'],
  },
  {
    name: 'http-response rules are for servers, http-after-response rules for all',
    text: front(
      'http-request deny if { path /no }',
      'http-request return status 200 content-type text/plain string hi if { path /hi }',
      'http-response set-header X-Of server',
      'http-response deny if { status 404 }',
      'http-after-response set-header X-After %[status]',
      'http-after-response add-header X-After2 one if { status 200 }',
      'http-after-response del-header X-Powered-By',
    ),
    asks: ['/', '/no', '/hi', '/status/404', '/fields'],
  },
  {
    name: 'http-response allow ends nothing else',
    text: front(
      'http-response allow if { status 200 }',
      'http-response set-header X-Of server',
      'http-after-response set-header X-After 1',
    ),
    asks: ['/', '/status/404'],
  },
  {
    name: 'http-response allow in a backend and in its frontend',
    text: `frontend web
  bind 127.0.0.1:PORT
  http-response set-header X-Front 1
  http-after-response set-header X-Seen %[res.hdr(x-front)]-%[res.hdr(x-back)]
  default_backend app
backend app
  http-response set-header X-Back 1
  http-response allow if { status 200 }
  http-response set-header X-Late 1
  http-after-response set-header X-Back-After %[res.hdr(x-front)]
  server a A`,
    asks: ['/', '/status/404'],
  },
  {
    name: 'http-after-response of a backend without servers',
    text: `frontend web
  bind 127.0.0.1:PORT
  default_backend none
backend none
  http-response set-header X-Of server
  http-after-response set-header X-After 1`,
    asks: ['/'],
  },
  {
    name: 'http-request replace-header',
    text: front('http-request replace-header X-In ^a(.*)c$ [\\1]', 'http-request replace-header User-Agent curl other'),
    asks: [
      { target: '/', fields: 'X-In: abc\r\nX-In: xyz\r\nX-In: a,c\r\n' },
      { target: '/', fields: 'User-Agent: my curl/8\r\n' },
    ],
  },
  {
    name: 'http-request replace-header Host',
    text: front('http-request replace-header Host ^site\\.(.*) other.\\1', 'use_backend b if { hdr(host) other.test }'),
    asks: ['/', { target: '/', host: 'mine.test' }],
  },
  {
    name: 'http-request replace-value',
    text: front('http-request replace-value X-In (.)b(.) \\2%[method]\\1', 'http-request replace-value X-Q x y'),
    asks: [
      { target: '/', fields: 'X-In: abc, def,  1b2x ,q\r\nX-In: zbz\r\n' },
      { target: '/', fields: 'X-Q: "a,x,b", x\r\n' },
    ],
  },
  {
    name: 'http-response replace-header and replace-value',
    text: front('http-response replace-header Set-Cookie (.*)Path=/app/ \\1Path=/', 'http-response replace-value X-Powered-By ech. EC'),
    asks: ['/fields', '/'],
  },
  {
    name: 'http-request replace-path with what is encoded',
    text: front('http-request replace-path /a(.*) /b\\1 if { method GET }'),
    asks: ['/a%20b?x=1', '/x/a/b', '/c', { method: 'POST', target: '/a', body: 'x' }],
  },
  {
    name: 'http-request replace-pathq and replace-uri',
    text: front('http-request replace-pathq ^/a(.*)[?]v=(.) /v\\2/a\\1', 'http-request replace-uri ^/old/(.*) /new/\\1'),
    asks: ['/a/b?v=1', '/a/b', '/old/x?y=1', '/older'],
  },
  {
    name: 'http-request set-query and set-pathq',
    text: front('http-request set-query a=b&%[query] if { path /q }', 'http-request set-pathq /p?c=d if { path /p }'),
    asks: ['/q?x=1', '/q', '/p?x=1'],
  },
  { name: 'http-request set-uri', text: front('http-request set-uri /base%[path]?%[query]'), asks: ['/x?y=1'] },
  {
    name: 'acl by a number',
    text: front(
      'use_backend b if { req.hdr_val(x-n) gt 5 }',
      'use_backend b if { req.hdr_val(x-n) lt 2 }',
      'use_backend b if { req.hdr_val(x-n) 3:4 }',
    ),
    asks: ['/', ...[1, 2, 3, 4, 5, 6].map((n) => ({ target: '/', fields: `X-N: ${n}\r\n` }))],
  },
  {
    name: 'regsub',
    text: front('http-request set-header X-Out %[req.hdr(x-in),regsub(a+,b)]-%[req.hdr(x-in),regsub(A,c,gi)]-%[query]'),
    asks: [{ target: '/?q=1', fields: 'X-In: xaaya\r\n' }],
  },
  {
    name: 'tcp mode: use_backend by source, port and TLS',
    text: tcp(
      'use_backend b if { src 192.0.2.0/24 }',
      'use_backend b if { ssl_fc }',
      'use_backend b if { src 127.0.0.0/8 } { dst_port gt 1 }',
    ),
    asks: ['/'],
  },
  {
    name: 'tcp mode: use_backend, and the default',
    text: tcp('use_backend b unless { src 127.0.0.1 }', 'use_backend b if { dst 127.0.0.2 }'),
    asks: ['/'],
  },
  {
    name: 'tcp mode: nobody takes it',
    text: `frontend web
  mode tcp
  bind 127.0.0.1:PORT
  use_backend b if { src_port 1 }
backend b
  mode tcp
  server b B`,
    asks: ['/'],
  },
  {
    name: 'tcp mode: a backend without servers',
    text: `${tcp('use_backend none if { src 127.0.0.1 }')}\nbackend none\n  mode tcp`,
    asks: ['/'],
  },
  { name: 'tcp-request connection reject in tcp mode', text: tcp('tcp-request connection reject if { src 127.0.0.0/8 }'), asks: ['/'] },
  {
    name: 'tcp-request connection: the first that holds decides',
    text: front('tcp-request connection accept if { src 127.0.0.1 }', 'tcp-request connection reject'),
    asks: ['/'],
  },
  {
    name: 'tcp-request connection reject',
    text: front('tcp-request connection reject if { src 10.0.0.0/8 } or { src 127.0.0.1 }'),
    asks: ['/'],
  },
  { name: 'tcp-request session reject', text: front('tcp-request session reject unless { src 10.0.0.0/8 }'), asks: ['/'] },
  {
    name: 'use_backend by a name that is computed',
    text: front('use_backend %[req.hdr(x-to),lower] if { req.hdr(x-to) -m found }', 'use_backend b if { path_beg /b }'),
    asks: ['/', '/b', ...['b', 'B', 'a', 'none'].map((to) => ({ target: '/b', fields: `X-To: ${to}\r\n` }))],
  },
  {
    name: 'a computed name, and no default',
    text: `frontend web
  bind 127.0.0.1:PORT
  use_backend to_%[path,field(2,/)]
  use_backend to_b if { path /other }
backend to_a
  server a A
backend to_b
  http-request set-header X-Back b
  http-after-response set-header X-After b
  server b B`,
    asks: ['/a', '/b', '/c', '/other', '/'],
  },
  {
    name: 'map files',
    files: {
      'hosts.map': '# hosts\nother.test b\nSITE.test b\nsite.test a\nsite.test b\n',
      'paths.map': '/b b\n/b/a   a\n/x ${nothing}\n',
      'ends.map': '.png b\n.x.png a\n',
    },
    text: front(
      'use_backend %[req.hdr(host),lower,map(FOLDER/hosts.map,a)] if { req.hdr(x-by) host }',
      'use_backend %[path,map_beg(FOLDER/paths.map)] if { req.hdr(x-by) path }',
      'use_backend b if { path,map_end(FOLDER/ends.map) b }',
      'http-request set-header X-Sub %[path,map_sub(FOLDER/paths.map,none)]',
      'http-request set-header X-Exact %[req.hdr(host),map_str(FOLDER/hosts.map,none)]',
      'http-request set-header X-Reg %[path,map_reg(FOLDER/paths.map,no)]',
      'http-request set-header X-Dir %[path,map_dir(FOLDER/paths.map,no),upper]',
    ),
    asks: [
      '/',
      ...['other.test', 'OTHER.test', 'site.test', 'nobody.test'].map((host) => ({ target: '/', host, fields: 'X-By: host\r\n' })),
      ...['/b', '/b/a/c', '/bb', '/a', '/y/b/a', '/y/x'].map((target) => ({ target, fields: 'X-By: path\r\n' })),
      '/i.png',
      '/i.x.png',
      { target: '/', host: 'SITE.test' },
    ],
  },
  {
    name: 'acl by a member of a list, in any line',
    text: front(
      'use_backend b if { hdr(x-list) b }',
      'use_backend b if { hdr_beg(x-list) -i q }',
      'use_backend b if { hdr_reg(x-list) ^r.$ }',
      'use_backend b if { req.hdr_val(x-list) gt 7 }',
      'use_backend b if { hdr_dom(x-list) .site. }',
    ),
    asks: ['a', 'b', 'a, b', 'a,b ,c', 'ab', '"a,b"', 'x, Quite', 'rs', 'rst, rr', '3, 9', '3', 'a.site.b', 'asite.b'].flatMap((value) => [
      { target: '/', fields: `X-List: ${value}\r\n` },
      { target: '/', fields: `X-List: none\r\nX-List: ${value}\r\n` },
    ]),
  },
  {
    name: 'converters are applied to each member of a list, in any line',
    text: front(
      'http-request deny deny_status 401 if { req.hdr(x-list),lower -m str secret }',
      'http-request deny deny_status 404 if { hdr(x-list),upper,field(2,:) -m str B }',
      'http-request deny deny_status 405 if { hdr(x-list),word(2,-) -i -m beg q }',
      'http-request deny deny_status 410 if { hdr(x-list),regsub(z+,y,g) xyx }',
      'http-request deny deny_status 425 if { hdr(x-list,-1),lower last }',
      'http-request deny deny_status 429 if { req.fhdr(x-list),lower -m beg whole, }',
      'http-request deny deny_status 413 unless { hdr(x-list),lower -m found }',
      'http-response deny deny_status 500 if { res.hdr(x-powered-by),lower -m found }',
    ),
    asks: [
      '/',
      '/fields',
      ...[
        'SECRET',
        'a, Secret',
        'Secret, a',
        'x:b',
        'a:c, x:b:d',
        '--a--Quite',
        'a-b, a-q, c',
        'xzzx',
        'LAST',
        'last, a',
        'Whole, a',
        '',
        ':',
      ].flatMap((value) => [
        { target: '/', fields: `X-List: ${value}\r\n` },
        { target: '/', fields: `X-List: none\r\nX-List: ${value}\r\n` },
        { target: '/', fields: `X-List: ${value}\r\nX-List: none\r\n` },
      ]),
    ],
  },
  {
    name: 'cookies and arguments of one name are all tried',
    text: front(
      'http-request deny deny_status 401 if { cook(k) bad }',
      'http-request deny deny_status 404 if { req.cook(k),lower -m beg worse }',
      'http-request deny deny_status 405 if { urlp(k) bad }',
      'http-request deny deny_status 410 if { url_param(k),lower -m sub worse }',
      'http-request deny deny_status 429 if { urlp(e) -m found }',
      'http-request deny deny_status 413 if { cook(e) -m found }',
    ),
    asks: [
      ...['k=bad', 'k=ok; k=bad', 'k=; k=bad', 'k=bad; k=ok', 'k=WORSEN', 'k=a; l=b; k=Worse', 'kk=bad', 'e=', 'e'].map(withCookie),
      { target: '/', fields: 'Cookie: k=ok\r\nCookie: k=bad\r\n' },
      ...['?k=bad', '?k=ok&k=bad', '?k=&k=bad', '?k=bad&k=ok', '?k=ok&k=NoWorse', '?kk=bad', '?e=', '?e', '?e&e=1', '?x=k=bad'].map(
        (query) => `/${query}`,
      ),
    ],
  },
  {
    name: 'acl by the ends of list members, in any line',
    text: front(
      'http-request deny deny_status 401 if { hdr_beg(x-list) beg }',
      'http-request deny deny_status 404 if { hdr_end(x-list) end }',
      'http-request deny deny_status 405 if { hdr_sub(x-list) mid }',
      'http-request deny deny_status 410 if { hdr_dom(x-list) dom }',
      'http-request deny deny_status 425 if { hdr_reg(x-list) ^re+g$ }',
      'http-request deny deny_status 429 if { hdr_dir(x-list) dir }',
      'http-request deny deny_status 413 if { hdr_beg(x-list),lower low } || { hdr_beg(x-list),lower -m beg other }',
    ),
    asks: [
      'beg',
      'a, begin',
      'a, b end',
      'end, a',
      'amidb',
      'a, x.dom.y',
      'a, xdom',
      'reeg',
      'reg, a',
      'areg',
      'a/dir/b',
      'LOWER, a',
      'a, LOW',
      'a, OTHERS',
    ].flatMap((value) => [
      { target: '/', fields: `X-List: ${value}\r\n` },
      { target: '/', fields: `X-List: none\r\nX-List: ${value}\r\n` },
      { target: '/', fields: `X-List: ${value}\r\nX-List: none\r\n` },
    ]),
  },
  {
    name: 'acl by the length of list members, in any line',
    text: front(
      'http-request deny deny_status 401 if { hdr_len(x-list) 4 }',
      'http-request deny deny_status 404 if { hdr_len(x-list) gt 8 }',
      'http-request deny deny_status 405 if { hdr(x-list),word(1,-) -m len 6:7 }',
      'http-request deny deny_status 410 if { hdr_len(x-list) lt 1 }',
      'http-request deny deny_status 429 if { path_len 5 } || { path -m len 7 8:9 }',
    ),
    asks: [
      '/1234',
      '/1234?x',
      '/1234567',
      '/%41b',
      ...['four', 'one, four', 'four, one', 'ninenine9', 'eight888', 'seven77, a', 'sixsix-b', 'a,', 'a, ,b', ''].flatMap((value) => [
        { target: '/', fields: `X-List: ${value}\r\n` },
        { target: '/', fields: `X-List: x\r\nX-List: ${value}\r\n` },
        { target: '/', fields: `X-List: ${value}\r\nX-List: x\r\n` },
      ]),
    ],
  },
  {
    name: 'acl by a whole field, in any line',
    text: front('use_backend b if { req.fhdr(x-list) b }', 'use_backend b if { req.fhdr(x-list) -m beg c, }'),
    asks: ['b', 'a, b', 'c, d', 'd, c'].flatMap((value) => [
      { target: '/', fields: `X-List: ${value}\r\n` },
      { target: '/', fields: `X-List: none\r\nX-List: ${value}\r\n` },
    ]),
  },
  {
    name: 'a field that denies, in any line',
    text: front('http-request deny if { hdr(x-role) -m found } !{ hdr(x-role) user }'),
    asks: ['/', ...['user', 'admin', 'admin\r\nX-Role: user', ''].map((role) => ({ target: '/', fields: `X-Role: ${role}\r\n` }))],
  },
  {
    name: 'a field as a text is its last member',
    text: front('http-request set-header X-Out <%[req.hdr(x-in)]>', 'http-response set-header X-Out <%[res.hdr(set-cookie)]>'),
    asks: ['/fields', { target: '/', fields: 'X-In: a, b\r\n' }, { target: '/', fields: 'X-In: a, b\r\nX-In: c,d \r\n' }],
  },
  {
    name: 'field() at a colon',
    text: front('http-request set-header X-Name %[req.hdr(host),field(1,:)]'),
    asks: [{ target: '/', host: 'site.test:8080' }],
  },
  {
    name: 'errorfile: its status, fields and body',
    files: {
      '503.http':
        'HTTP/1.0 503 Service Unavailable\r\nX-Page: down\r\nContent-Type: text/html\r\nRetry-After: 9\r\nConnection: close\r\n\r\n<h1>down ${x}</h1>\n\nend\n',
      '403.http': 'HTTP/1.1 404 Not Found\r\nX-Page: gone\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\ngone\n',
    },
    text: `frontend web
  bind 127.0.0.1:PORT
  errorfile 403 FOLDER/403.http
  http-request deny if { path /no }
  http-request deny deny_status 429 if { path /slow }
  use_backend dead if { path /dead }
  default_backend app
backend dead
  errorfile 503 FOLDER/503.http
  retries 1
  server d 127.0.0.1:1
backend app
  http-request deny if { path /inside }
  server a A`,
    asks: ['/', '/no', '/dead', '/inside', '/slow', { method: 'HEAD', target: '/dead' }],
    ownWords: () => false,
  },
  {
    name: 'http-error',
    text: front(
      'http-error status 403 content-type text/plain string no hdr X-Page one',
      'http-error status 429 content-type text/plain lf-string "slow: %[path]"',
      'http-request deny if { path /no }',
      'http-request deny deny_status 429 if { path /slow }',
    ),
    asks: ['/', '/no', '/slow'],
    ownWords: () => false,
  },
  { name: 'use_backend by path', text: front('use_backend b if { path_beg /b }'), asks: ['/', '/b', '/bb'] },
  {
    name: 'use_backend by host',
    text: front('acl other hdr(host) -i other.test', 'use_backend b if other'),
    asks: ['/', { target: '/', host: 'other.test' }, { target: '/', host: 'OTHER.test' }],
  },
  {
    name: 'use_backend by the end of the host',
    text: front('use_backend b if { hdr_end(host) -i .other.test }'),
    asks: [
      { target: '/', host: 'a.other.test' },
      { target: '/', host: 'other.test' },
    ],
  },
  {
    name: 'the first use_backend wins',
    text: front('use_backend b if { path_beg /b }', 'use_backend a if { path_beg /bb }'),
    asks: ['/bb'],
  },
  {
    name: 'acl by method',
    text: front('acl posted method POST', 'use_backend b if posted'),
    asks: ['/', { method: 'POST', target: '/', body: 'x' }],
  },
  {
    name: 'acl by method GET takes HEAD',
    text: front('acl got method GET', 'use_backend b if got'),
    asks: ['/', { method: 'DELETE', target: '/' }],
  },
  { name: 'acl by source', text: front('acl local src 127.0.0.0/8', 'use_backend b if local'), asks: ['/'] },
  { name: 'acl by another source', text: front('acl far src 192.0.2.0/24', 'use_backend b if far'), asks: ['/'] },
  { name: 'acl by pattern', text: front('use_backend b if { path_reg ^/v[0-9]+/ }'), asks: ['/v1/x', '/vx/x'] },
  {
    name: 'acl by end and by part of the path',
    text: front('use_backend b if { path_end .php }', 'use_backend b if { path_sub admin }'),
    asks: ['/x.php', '/x.php5', '/an/admin/x'],
  },
  { name: 'acl by folder', text: front('use_backend b if { path_dir img }'), asks: ['/a/img/x', '/image/x', '/img'] },
  {
    name: 'acl by cookie',
    text: front('use_backend b if { req.cook(kind) beta }'),
    asks: ['/', withCookie('kind=beta'), withCookie('kind=betas')],
  },
  { name: 'acl by argument', text: front('use_backend b if { url_param(v) 2 }'), asks: ['/?v=2', '/?v=1', '/?w=2'] },
  {
    name: 'acl by a field that is there',
    text: front('use_backend b if { req.hdr(X-Beta) -m found }'),
    asks: ['/', { target: '/', fields: 'X-Beta: 0\r\n' }],
  },
  {
    name: 'acl by a field, by its beginning',
    text: front('use_backend b if { hdr_beg(user-agent) -i curl }'),
    asks: ['/', { target: '/', fields: 'User-Agent: Curl/8\r\n' }],
  },
  {
    name: 'acls: one name twice is one or the other',
    text: front('acl special path /one', 'acl special path /two', 'use_backend b if special'),
    asks: ['/one', '/two', '/three'],
  },
  {
    name: 'conditions: and, or, not',
    text: front('acl post method POST', 'acl api path_beg /api', 'use_backend b if api !post || { path /x }'),
    asks: ['/api', { method: 'POST', target: '/api', body: 'x' }, '/x', '/y'],
  },
  { name: 'conditions: unless', text: front('use_backend b unless { path_beg /a }'), asks: ['/a', '/b'] },
  {
    name: 'ssl_fc on a plain connection',
    text: front('http-request set-header X-Proto https if { ssl_fc }', 'http-request set-header X-Proto http if !{ ssl_fc }'),
    asks: ['/'],
  },
  {
    name: 'set-var and var()',
    text: front('http-request set-var(txn.who) req.hdr(x-who)', 'http-request set-header X-Said %[var(txn.who)]'),
    asks: [{ target: '/', fields: 'X-Who: me\r\n' }],
  },
  {
    name: 'converters',
    text: front('http-request set-header X-Low %[req.hdr(x-in),lower]', 'http-request set-header X-Up %[req.hdr(x-in),upper]'),
    asks: [{ target: '/', fields: 'X-In: MiXed\r\n' }],
  },
  { name: 'defaults are inherited', text: `${front()}`.replace('frontend web', 'frontend web\n  option forwardfor'), asks: ['/'] },
  { name: 'balance roundrobin', text: back(['balance roundrobin']), asks: ['/', '/', '/', '/'] },
  { name: 'balance static-rr', text: back(['balance static-rr']), asks: ['/', '/', '/', '/'] },
  ...[
    '',
    'hash-type map-based sdbm',
    'hash-type map-based djb2',
    'hash-type map-based crc32',
    'hash-type map-based djb2 avalanche',
    'hash-type map-based sdbm avalanche',
  ].map(
    (type): HaproxyCase => ({
      name: `balance hdr() ${type}`,
      text: back(['balance hdr(x-key)', type], ['server a A weight 2', 'server b B weight 3']),
      asks: ['a', 'b', 'ab', 'abc', 'b7', 'xyz', 'somebody@example', '0123456789', '\xe4\xf6'].map((key) => ({
        target: '/',
        fields: `X-Key: ${key}\r\n`,
      })),
    }),
  ),
  {
    name: 'balance uri',
    text: back(['balance uri']),
    asks: ['/', '/a', '/b', '/a?x=1', '/a?x=2', '/long/path/to/something', '/c', '/d%20e'],
  },
  { name: 'balance uri whole', text: back(['balance uri whole']), asks: ['/a', '/a?x=1', '/a?x=2', '/a?x=3', '/a?x=4', '/a?'] },
  {
    name: 'balance url_param',
    text: back(['balance url_param id']),
    asks: ['/?id=1', '/?id=2', '/?x=1&id=3', '/?id=4', '/?id=user', '/?id=u%20r'],
  },
  { name: 'balance source', text: back(['balance source'], ['server a A weight 1', 'server b B weight 5']), asks: ['/', '/'] },
  {
    name: 'balance static-rr with weights that have a divisor',
    text: back(['balance static-rr'], ['server a A weight 200', 'server b B weight 100']),
    asks: Array.from({ length: 7 }, () => '/'),
  },
  {
    name: 'balance static-rr with weights',
    text: back(['balance static-rr'], ['server a A weight 3', 'server b B weight 7']),
    asks: Array.from({ length: 23 }, () => '/'),
  },
  { name: 'balance first', text: back(['balance first'], ['server a A maxconn 10', 'server b B maxconn 10']), asks: ['/', '/'] },
  { name: 'a backup is not asked while others are there', text: back([], ['server a A backup', 'server b B']), asks: ['/', '/'] },
  { name: 'a disabled server', text: back([], ['server a A disabled', 'server b B']), asks: ['/', '/'] },
  { name: 'all servers are dead', text: back(['retries 1'], ['server a 127.0.0.1:1']), asks: ['/'] },
  {
    name: 'cookie insert indirect nocache',
    text: back(['cookie SRV insert indirect nocache'], ['server a A cookie s1', 'server b B cookie s2']),
    asks: [withCookie('SRV=s1'), withCookie('SRV=s2'), withCookie('x=1; SRV=s2; y=2')],
  },
  {
    name: 'cookie insert: the cookie goes to the server',
    text: back(['cookie SRV insert'], ['server a A cookie s1', 'server b B cookie s2']),
    asks: [withCookie('SRV=s1'), withCookie('SRV=s2')],
    ignore: ['set-cookie'],
  },
  {
    name: 'cookie prefix',
    text: back(['cookie SESS prefix'], ['server a A cookie s1', 'server b B cookie s2']),
    asks: [withCookie('SESS=s2~abc'), withCookie('SESS=s1~abc; b=1')],
  },
  { name: 'errorfile-less refusals', text: front('http-request deny'), asks: ['/'] },
  {
    name: 'a request that nobody takes',
    text: 'frontend web\n  bind 127.0.0.1:PORT\n  use_backend b if { path /b }\nbackend b\n  server b B',
    asks: ['/', '/b'],
  },
  { name: 'http-server-close', text: front('option http-server-close'), asks: ['/', { method: 'POST', target: '/', body: 'x' }] },
  { name: 'clients that say nothing of themselves', text: front(), asks: [{ target: '/', fields: 'Accept: */*\r\n' }] },
  {
    name: 'bad requests',
    text: front(),
    asks: [
      { target: '/', fields: 'Bad Name: 1\r\n' },
      { target: '/', fields: 'Content-Length: 1\r\nContent-Length: 2\r\n' },
    ],
  },
  {
    name: 'a frontend condition beside backend rules',
    text: `frontend web
  bind 127.0.0.1:PORT
  http-request set-header X-Front 1
  default_backend app
backend app
  http-request set-header X-Back 2
  http-response set-header X-Answer 3
  server a A`,
    asks: ['/'],
  },
  {
    name: 'the backend of a frontend that has chosen none yet',
    text: `defaults own
  mode http
  timeout connect 5s
  timeout client 10s
  http-request set-header X-Backend "%[be_name] %b"
frontend web from own
  bind 127.0.0.1:PORT
  default_backend app
defaults
  mode http
  timeout connect 5s
  timeout server 10s
backend app
  http-request set-header X-Then "%[be_name] %b"
  http-response set-header X-Last %[be_name]
  server a A`,
    asks: ['/'],
  },
  {
    name: 'the backend of a listen section',
    text: 'listen all\n  bind 127.0.0.1:PORT\n  http-request set-header X-Backend "%[be_name] %b"\n  server a A',
    asks: ['/'],
  },
  {
    name: 'two frontends, one backend',
    text: `frontend web
  bind 127.0.0.1:PORT
  http-request set-header X-Way one
  default_backend app
backend app
  server a A`,
    asks: ['/'],
  },
];
