// Small files of nginx's language, one or two directives each, with requests.
import { type NginxCase, proxied, site } from './nginx-case.js';

export const nginxCases: readonly NginxCase[] = [
  {
    name: 'proxy_pass alone: HTTP/1.0, Host of the server, a connection each time',
    http: proxied(''),
    asks: ['/', '/a%20b?c=d%26', { method: 'POST', target: '/p', body: 'abc' }, { method: 'HEAD', target: '/' }],
  },
  {
    name: 'proxy_pass, chunked request',
    http: proxied(''),
    asks: [{ method: 'POST', target: '/p', fields: 'Transfer-Encoding: chunked\r\n', body: '' }].map((ask) => ({
      ...ask,
      fields: 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n',
    })),
  },
  { name: 'proxy_http_version 1.1', http: proxied('proxy_http_version 1.1;'), asks: ['/', { method: 'POST', target: '/', body: 'x' }] },
  {
    name: 'proxy_set_header Host $host',
    http: proxied('proxy_set_header Host $host;'),
    asks: ['/', { target: '/', host: 'Site.TEST:81' }],
  },
  {
    name: 'proxy_set_header Host $http_host',
    http: proxied('proxy_set_header Host $http_host;'),
    asks: [{ target: '/', host: 'Site.test:81' }],
  },
  {
    name: 'proxy_set_header with client address and scheme',
    http: proxied('proxy_set_header X-Real-IP $remote_addr; proxy_set_header X-Proto $scheme;'),
    asks: ['/'],
  },
  {
    name: '$proxy_add_x_forwarded_for',
    http: proxied('proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;'),
    asks: ['/', { target: '/', fields: 'X-Forwarded-For: 192.0.2.1\r\n' }],
  },
  {
    name: 'forwarded fields pass as they came',
    http: proxied(''),
    asks: [
      { target: '/', fields: 'X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\nX-Real-IP: 192.0.2.2\r\nForwarded: for=x\r\n' },
    ],
  },
  {
    name: 'proxy_set_header with nothing removes',
    http: proxied('proxy_set_header Accept-Encoding "";'),
    asks: [{ target: '/', fields: 'Accept-Encoding: gzip\r\n' }],
  },
  {
    name: 'proxy_set_header of an outer block is inherited',
    http: site('location / { proxy_pass http://A; }', 'proxy_set_header X-Outer 1;'),
    asks: ['/'],
  },
  {
    name: 'proxy_set_header of an inner block replaces the outer ones',
    http: site(
      'proxy_set_header X-Server 2; location / { proxy_pass http://A; proxy_set_header X-Inner 3; }',
      'proxy_set_header X-Outer 1;',
    ),
    asks: ['/'],
  },
  { name: 'fields with an underscore are dropped', http: proxied(''), asks: [{ target: '/', fields: 'X_User: 1\r\nX-User: 2\r\n' }] },
  {
    name: 'proxy_pass with a URI',
    http: site('location /app/ { proxy_pass http://A/; }'),
    asks: ['/app/', '/app/x/y?z=1', '/app/a%20b', '/app/%2e%2e', '/other'].slice(0, 3),
  },
  { name: 'proxy_pass with a longer URI', http: site('location /app/ { proxy_pass http://A/base/; }'), asks: ['/app/x?y', '/app/'] },
  {
    name: 'proxy_pass with a URI without slash',
    http: site('location /app { proxy_pass http://A/b; }'),
    asks: ['/app', '/app/x', '/apple'],
  },
  {
    name: 'proxy_pass with $request_uri',
    http: site('location /app/ { proxy_pass http://A$request_uri; }'),
    asks: ['/app/x?y=%20', '/app/'],
  },
  { name: 'an exact location with a URI', http: site('location = /one { proxy_pass http://A/two; }'), asks: ['/one?x=1'] },
  {
    name: 'prefixes: the longest wins',
    http: site('location / { return 200 root; } location /a/ { return 200 a; } location /a/b/ { return 200 ab; }'),
    asks: ['/', '/a', '/a/', '/a/x', '/a/b/', '/a/b/c'],
  },
  {
    name: 'exact before prefix',
    http: site('location / { return 200 root; } location = / { return 200 exact; }'),
    asks: ['/', '/x', '/?q'],
  },
  {
    name: 'patterns before prefixes',
    http: site('location / { return 200 root; } location /img/ { return 200 img; } location ~ \\.bin$ { return 200 bin; }'),
    asks: ['/img/x', '/img/x.bin', '/x.bin', '/x.BIN', '/x.bin?a'],
  },
  {
    name: 'patterns without case',
    http: site('location / { return 200 root; } location ~* \\.(bin|dat)$ { return 200 image; }'),
    asks: ['/x.BIN', '/x.dat', '/x.png'],
  },
  {
    name: '^~ keeps patterns out',
    http: site('location / { return 200 root; } location ^~ /img/ { return 200 img; } location ~ \\.bin$ { return 200 bin; }'),
    asks: ['/img/x.bin', '/x.bin', '/img/x'],
  },
  {
    name: 'the first pattern wins',
    http: site('location ~ ^/a { return 200 first; } location ~ ^/ab { return 200 second; } location / { return 200 root; }'),
    asks: ['/abc', '/b'],
  },
  {
    name: 'captures of a location',
    http: site('location ~ ^/u/(\\w+)/(?<id>\\d+)$ { return 200 "$1 $id"; } location / { return 200 root; }'),
    asks: ['/u/bob/17', '/u/bob/x'],
  },
  {
    name: 'nested locations',
    http: site('location /a/ { location /a/b/ { return 200 inner; } return 200 outer; } location / { return 200 root; }'),
    asks: ['/a/x', '/a/b/x', '/'],
  },
  {
    name: 'paths are matched decoded and normalised',
    http: site('location / { return 200 root; } location /secret/ { return 403; }'),
    asks: ['/%73ecret/x', '/a/../secret/x', '//secret/x', '/secretly'],
  },
  {
    name: 'return with a text',
    http: site('location / { return 200 "hello $host\\n"; }'),
    asks: ['/', { target: '/', host: 'OTHER.test' }],
  },
  {
    name: 'return with a status alone',
    http: site('location / { return 404; } location /gone { return 410; } location /none { return 204; }'),
    asks: ['/', '/gone', '/none'],
  },
  {
    name: 'return 444: closed without an answer',
    http: site(`location / { return 444; } location /if { if ($arg_a) { return 444; } proxy_pass http://A; }
      location /page { error_page 404 = @closed; return 404; } location @closed { return 444; }`),
    asks: ['/', { method: 'POST', target: '/', body: 'abc' }, '/if', '/if?a=1', '/page', { method: 'HEAD', target: '/' }],
  },
  { name: 'return with a URL', http: site('location / { return http://elsewhere.test$request_uri; }'), asks: ['/a?b=c'] },
  { name: 'return 301 to a URL', http: site('location / { return 301 https://$host$request_uri; }'), asks: ['/a?b=c'] },
  {
    name: 'return 302 to a path is made absolute',
    http: site('location / { return 302 /new; }'),
    asks: ['/', { target: '/', host: 'site.test:1234' }],
  },
  { name: 'return 307 and 308', http: site('location /a { return 307 /x; } location /b { return 308 /y; }'), asks: ['/a', '/b'] },
  { name: 'return at the server', http: site('return 200 all;'), asks: ['/', '/x'] },
  { name: 'default_type of a returned text', http: site('default_type application/json; location / { return 200 "{}"; }'), asks: ['/'] },
  {
    name: 'the type of a returned text: by the end of the path',
    http: site('location / { return 200 x; } location = /exact.html { return 200 x; } location /d { default_type a/b; return 200 x; }'),
    asks: ['/', '/a.html', '/a.HTML', '/a.txt', '/.html', '/a.html/b', '/a.html.', '/exact.html', '/d.jpg', '/d.x', '/%61.html'],
  },
  {
    name: 'the type of a returned text, by types',
    http: site(
      `location / { return 200 x; } location /in/ { types { text/inner inn; } return 200 x; } location = /e.one { return 200 x; }
      location /none { types { } default_type a/b; return 200 x; } location /r { rewrite ^ /z.two break; return 200 x; }
      location /if { if ($arg_a) { return 200 if; } return 200 x; }`,
      'types { text/one one ONCE; text/two two; } types { text/three three; }',
    ),
    asks: ['/a.one', '/a.once', '/a.three', '/a.html', '/in/a.inn', '/in/a.one', '/e.one', '/none.one', '/r.one', '/if.two?a=1', '/if.two'],
  },
  {
    name: 'types are no templates',
    http: site('default_type "a/$host"; location / { types { "text/$uri" one; "text/${uri}" two; } return 200 x; }'),
    asks: ['/a.one', '/a.two', '/a'],
  },
  {
    name: 'rewrite last',
    http: site('location /old/ { rewrite ^/old/(.*)$ /new/$1 last; return 500; } location /new/ { return 200 "new $uri $args"; }'),
    asks: ['/old/x', '/old/x?a=b'],
  },
  {
    name: 'rewrite without a flag looks at the locations again behind the last of the steps',
    http: site(`location /old/ { rewrite ^/old/(.*)$ /new/$1; set $seen "was $1"; proxy_pass http://A; }
      location /new/ { return 200 "new $uri $args $seen"; }
      location /twice/ { rewrite ^/twice/(.*)$ /half/$1; rewrite ^/half/(.*)$ /new/$1; return 410; }
      location /here/ { rewrite ^/here/(.*)$ /new/$1; break; proxy_pass http://A; }
      location /if/ { if ($arg_x) { rewrite ^/if/(.*)$ /new/$1; } proxy_pass http://A; }
      location /round/ { rewrite ^/round/(.*)$ /round/$1x; proxy_pass http://A; }`),
    asks: ['/old/a?b=1', '/twice/a', '/here/a', '/if/a?x=1', '/if/a', '/round/a'],
  },
  {
    name: 'rewrite break',
    http: site('location /old/ { rewrite ^/old/(.*)$ /new/$1 break; proxy_pass http://A; }'),
    asks: ['/old/x?a=b', '/old/a%20b'],
  },
  {
    name: 'rewrite with arguments',
    http: site('location / { rewrite ^/(.*)$ /s?q=$1 break; proxy_pass http://A; }'),
    asks: ['/x', '/x?a=b', '/a%26b', '/a%23b', '/a%20b'],
  },
  {
    name: 'rewrite that drops the arguments',
    http: site('location / { rewrite ^/(.*)$ /s/$1? break; proxy_pass http://A; }'),
    asks: ['/x?a=b'],
  },
  {
    name: 'rewrite at the server',
    http: site('rewrite ^/a$ /b; location / { return 200 root; } location /b { return 200 "b $request_uri"; }'),
    asks: ['/a', '/c'],
  },
  {
    name: 'rewrite redirect and permanent',
    http: site('rewrite ^/r/(.*)$ /to/$1 redirect; rewrite ^/p/(.*)$ http://else.test/$1 permanent; location / { return 200 root; }'),
    asks: ['/r/x?a=1', '/p/y', '/z'],
  },
  { name: 'rewrite that goes round', http: site('location / { rewrite ^ /x last; }'), asks: ['/'] },
  { name: 'set and its use', http: site('set $a one; location / { set $b "$a two"; return 200 $b; }'), asks: ['/'] },
  {
    name: 'if on a method',
    http: site('location / { if ($request_method = POST) { return 405; } return 200 ok; }'),
    asks: ['/', { method: 'POST', target: '/', body: 'x' }],
  },
  {
    name: 'if on a field, with a pattern',
    http: site('location / { if ($http_user_agent ~* "bot|crawl") { return 403; } return 200 ok; }'),
    asks: ['/', { target: '/', fields: 'User-Agent: MyBot\r\n' }],
  },
  {
    name: 'if with != and !~',
    http: site('location / { if ($host != site.test) { return 421; } if ($uri !~ ^/a) { return 404; } return 200 ok; }'),
    asks: ['/a', '/b', { target: '/a', host: 'x' }],
  },
  {
    name: 'if on an argument that is there',
    http: site('location / { if ($arg_debug) { return 200 "debug $arg_debug"; } return 200 plain; }'),
    asks: ['/', '/?debug=1', '/?debug=0', '/?debug='],
  },
  {
    name: 'if on a cookie',
    http: site('location / { if ($cookie_v = "2") { return 200 two; } return 200 one; }'),
    asks: ['/', { target: '/', fields: 'Cookie: a=1; v=2\r\n' }],
  },
  {
    name: 'if with set and rewrite',
    http: site('location / { if ($arg_x = 1) { set $y yes; rewrite ^ /changed break; } return 200 "$y $uri"; }'),
    asks: ['/'].slice(1),
  },
  {
    name: 'if with add_header: the last that holds says which, and takes the place of those outside',
    http: site(`location / { add_header X-Out 1; proxy_pass http://A; proxy_set_header X-Sent 1;
      if ($arg_a) { add_header X-Fa "a $arg_a"; } if ($arg_b) { add_header X-Fb b; } if ($arg_c) { set $c 1; } }`),
    asks: ['/', '/?a=1', '/?b=1', '/?a=1&b=1', '/?a=1&c=1', '/?c=1'],
  },
  {
    name: 'if with proxy_pass',
    http: site(`location / { if ($arg_a) { proxy_pass http://B; } if ($arg_b) { set $x $arg_b; add_header X-Set $x; } proxy_pass http://A;
      proxy_set_header X-Sent 1; proxy_set_header Host $host; }`),
    asks: ['/', '/?a=1', '/?b=2', '/?a=1&b=2'],
  },
  {
    name: 'if with proxy_pass, in a location with a URI and others inside',
    http: site(`location /app/ { location /app/in/ { return 200 in; } if ($arg_a) { proxy_pass http://B; } proxy_pass http://A/a/; }`),
    asks: ['/app/x', '/app/x?a=1', '/app/in/'],
  },
  {
    name: 'if with add_header and return, as for CORS',
    http: site(`location / { add_header X-All 1 always; proxy_pass http://A;
      if ($request_method = OPTIONS) { add_header Access-Control-Allow-Origin *; add_header X-Max 1728000; return 204; }
      if ($request_method = POST) { add_header Access-Control-Allow-Origin * always; }
      if ($arg_no) { return 403; } if ($arg_to) { rewrite ^/(.*)$ /to/$1? redirect; } }`),
    asks: [
      '/',
      { method: 'OPTIONS', target: '/' },
      { method: 'POST', target: '/', body: 'x' },
      { method: 'POST', target: '/?no=1', body: 'x' },
      '/x?to=1',
      { method: 'POST', target: '/x?to=1', body: 'x' },
      { method: 'POST', target: '/status/404', body: 'x' },
    ],
  },
  {
    name: 'if with add_header before what the location returns, and after break',
    http: site(`location / { if ($arg_a) { add_header X-Fa 1; break; } if ($arg_b) { add_header X-Fb 1; } return 200 "told $uri"; }
      location /p { if ($arg_a) { add_header X-Fa 1; break; } if ($arg_b) { add_header X-Fb 1; } proxy_pass http://A; }
      location /r { if ($arg_a) { add_header X-Fa 1; rewrite ^ /p?b=1 last; } return 200 r; }`),
    asks: ['/', '/?a=1', '/?b=1', '/p?a=1&b=1', '/p?b=1', '/r', '/r?a=1'].filter((target) => target !== '/?a=1'),
  },
  {
    name: 'if with error_page',
    http: site(`location / { if ($arg_a) { error_page 404 =200 /sorry; } return 404; } location = /sorry { return 200 "sorry"; }`),
    asks: ['/', '/?a=1'],
  },
  {
    name: 'no server may be asked: all down, or found dead before',
    http: site(
      `location /down { proxy_pass http://down; } location /dead { proxy_pass http://dead; }
      location /page { error_page 502 =200 /sorry; proxy_pass http://down; } location /sorry { return 200 sorry; }`,
      'upstream down { server A down; server B down; } upstream dead { server 127.0.0.1:1; server 127.0.0.1:2; }',
    ),
    asks: ['/down', '/dead', '/dead', '/page'],
  },
  {
    name: 'map',
    http: site('location / { return 200 $kind; }', 'map $arg_k $kind { default none; a alpha; B beta; ~^n(\\d+)$ "number $1"; }'),
    asks: ['/', '/?k=a', '/?k=A', '/?k=b', '/?k=n12'],
  },
  {
    name: 'map by host',
    http: site('location / { return 200 $kind; }', 'map $host $kind { hostnames; default none; .site.test site; *.org org; www.* www; }'),
    asks: [
      '/',
      { target: '/', host: 'a.site.test' },
      { target: '/', host: 'x.org' },
      { target: '/', host: 'www.net' },
      { target: '/', host: 'net' },
    ],
  },
  {
    name: 'map chooses the upstream',
    http: site(
      'location / { proxy_pass http://$backend; }',
      'upstream first { server A; } upstream second { server B; } map $cookie_route $backend { default first; b second; }',
    ),
    asks: ['/', { target: '/', fields: 'Cookie: route=b\r\n' }],
    ignore: [],
  },
  {
    name: 'TRACE, and a host with a dot at its end',
    http: site('location / { return 200 $host; } location /p { proxy_pass http://A; proxy_set_header X-Host $host; }'),
    asks: [
      { target: '/', method: 'TRACE' },
      { target: '/p', method: 'TRACE' },
      { target: '/', host: 'Site.test.' },
      { target: '/', host: 'site.test.:81' },
      { target: '/p', host: 'site.test.' },
    ],
    // Which nginx leaves out: RFC 9110 §15.5.6 has it in every 405.
    ignore: ['allow'],
  },
  {
    name: 'a location without its slash',
    http: site(
      `location / { proxy_pass http://A; } location /a/ { proxy_pass http://A; } location /b/ { return 200 b; } location /c/ { proxy_pass http://A; }
      location = /c { return 200 c; } location /d/ { proxy_pass http://A; } location /d { return 200 d; } location = /e/ { proxy_pass http://A; }
      location ^~ /f/ { proxy_pass http://A; } location ~ ^/(f|g)$ { return 200 pattern; } location /g/ { proxy_pass http://A/x/; }
      location /h/ { location /h/i/ { proxy_pass http://A; } return 200 h; } location /j/ { if ($arg_a) { proxy_pass http://A; } return 200 j; }
      location /a-b { return 200 a-b; } location /k/ { internal; proxy_pass http://A; } location = /l/ { proxy_pass http://A; add_header X-Exact 1; }
      location /l/ { proxy_pass http://A; }`,
    ),
    asks: [
      '/a',
      '/a?b=c',
      '/a/',
      '/a/x',
      '/a-b',
      '/b',
      '/c',
      '/d',
      '/e',
      '/e/',
      '/f',
      '/g',
      '/h',
      '/h/i',
      '/h/i/',
      '/j',
      '/j?a=1',
      '/A',
      '/a%2F',
      '/k',
      '/k/',
      '/l',
      '/l/',
      '/l/x',
    ],
  },
  {
    name: 'a location without its slash, and fields that are added',
    http: site('add_header X-One 1; location /a/ { proxy_pass http://A; add_header X-Two 1; }'),
    asks: ['/a', '/a/'],
  },
  {
    name: 'the Upgrade map',
    http: proxied(
      'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;',
      "map $http_upgrade $connection_upgrade { default upgrade; '' close; }",
    ),
    asks: [
      '/',
      ...['tcp', 'SPDY/3.1', 'websocket'].map((protocol) => ({ target: '/', fields: `Connection: Upgrade\r\nUpgrade: ${protocol}\r\n` })),
    ],
    // A protocol's name means the same in any case.
    heed: ['upgrade'],
    shown: (value, name) => (name === 'upgrade' ? value.toLowerCase() : value),
  },
  {
    name: 'add_header',
    http: proxied('add_header X-One "1 $host"; add_header X-Two 2;'),
    asks: ['/', '/status/404', '/status/500', '/status/201', '/redirect?/x'],
  },
  { name: 'add_header always', http: proxied('add_header X-One 1 always;'), asks: ['/', '/status/404', '/status/503'] },
  {
    name: 'add_header of an inner block replaces the outer ones',
    http: site('add_header X-Outer 1; location / { proxy_pass http://A; } location /in/ { proxy_pass http://A; add_header X-Inner 2; }'),
    asks: ['/', '/in/'],
  },
  { name: 'fields of the server that are hidden', http: proxied(''), asks: ['/fields'] },
  { name: 'proxy_hide_header', http: proxied('proxy_hide_header X-Powered-By; proxy_hide_header Set-Cookie;'), asks: ['/fields'] },
  { name: 'proxy_pass_header', http: proxied('proxy_pass_header X-Accel-Buffering;'), asks: ['/fields'] },
  { name: 'proxy_redirect by default', http: proxied(''), asks: ['/redirect?http://A/x', '/redirect?/x', '/redirect?http://other.test/x'] },
  {
    name: 'proxy_redirect by default, with a URI',
    http: site('location /app/ { proxy_pass http://A/base/; }'),
    asks: ['/app/redirect?http://A/base/x', '/app/redirect?http://A/x'],
  },
  { name: 'proxy_redirect off', http: proxied('proxy_redirect off;'), asks: ['/redirect?http://A/x'] },
  {
    name: 'proxy_redirect with texts',
    http: proxied('proxy_redirect http://inside.test/ https://$host/;'),
    asks: ['/redirect?http://inside.test/x', '/redirect?http://else.test/x'],
  },
  {
    name: 'proxy_redirect with a pattern',
    http: proxied('proxy_redirect ~^http://[^/]+/(.*)$ /to/$1;'),
    asks: ['/redirect?http://inside.test/x?y=1'],
  },
  { name: 'proxy_cookie_path', http: proxied('proxy_cookie_path /app/ /x/$arg_to/; proxy_cookie_path / /y/;'), asks: ['/fields?to=z'] },
  {
    name: 'proxy_cookie_domain beside proxy_cookie_path',
    http: proxied('proxy_cookie_domain in.test $host; proxy_cookie_domain test no; proxy_cookie_path /app /;'),
    asks: ['/fields'],
  },
  {
    name: 'proxy_cookie_path and proxy_cookie_domain with patterns: the value is replaced whole by the first that is found',
    http: proxied(`proxy_cookie_path ~^/nothing /never; proxy_cookie_path ~/(z)$ /was-$1; proxy_cookie_path ~*^/app/(?<rest>.*)$ /x/$rest;
      proxy_cookie_domain ~^other$ no; proxy_cookie_domain ~in\\.(test) $1.out;`),
    asks: ['/fields'],
  },
  {
    name: 'proxy_cookie_domain: a dot in front stays',
    http: proxied('proxy_cookie_domain .in.test longer.out.test;'),
    asks: ['/fields'],
  },
  {
    name: "expires: a time, before now, at once, epoch and max, for the statuses of add_header; a server's own are replaced",
    http: site(`expires 1h; location / { proxy_pass http://A; } location /past { expires -1; return 200 x; } location /now { expires 0; return 200 x; }
      location /epoch { expires epoch; return 200 x; } location /max { expires max; return 200 x; } location /off { expires off; return 200 x; }
      location /long { expires "1M 2d"; return 200 x; } location /plus { expires +1d; return 301 /x; }
      location /more { expires 1h; add_header Cache-Control public; return 200 x; }
      location /if { if ($arg_a) { expires 1d; } proxy_pass http://A; }`),
    asks: ['/', '/fields', '/status/404', '/past', '/now', '/epoch', '/max', '/off', '/long', '/plus', '/more', '/if?a=1', '/if'],
    heed: ['cache-control'],
    // To the minute: the requests are not sent in the same second.
    shown: (value, name) =>
      name === 'expires' && !/ (1970|2037) /.test(value) ? `${Math.round((Date.parse(value) - Date.now()) / 60_000)} min` : value,
  },
  {
    name: 'charset: texts that say nothing of it',
    http: site(`charset utf-8; location / { default_type text/html; return 200 x; } location /js { default_type Application/JavaScript; return 200 x; }
      location /json { default_type application/json; return 200 x; } location /said { default_type "text/html; charset=koi8-r"; return 200 x; }
      location /more { default_type "text/html; q=1"; return 200 x; } location /off { charset off; return 200 x; }
      location /other { charset KOI8-R; return 200 x; } location /type { proxy_pass http://A; }
      location /if { if ($arg_a) { charset ascii; return 200 x; } return 200 x; }`),
    asks: [
      '/',
      '/js',
      '/json',
      '/said',
      '/more',
      '/off',
      '/other',
      '/type/text/html',
      '/type/text/css',
      '/type/text/xml?coded',
      '/type/Text/HTML',
      '/if',
      '/if?a=1',
    ],
  },
  {
    name: 'proxy_cookie_path off',
    http: site('location / { proxy_pass http://A; proxy_cookie_path off; }', 'proxy_cookie_path /app/ /x/;'),
    asks: ['/fields'],
  },
  {
    name: 'what a map has found by name',
    http: site(
      'location / { proxy_pass http://$backend; proxy_set_header X-Tenant $tenant; }',
      'upstream first { server A; } upstream second { server B; } map $host $backend { default first; ~^(?<tenant>[a-z]+)\\.many\\.test$ second; }',
    ),
    asks: ['/', { target: '/', host: 'me.many.test' }],
  },
  { name: 'statuses pass', http: proxied(''), asks: ['/status/201', '/status/204', '/status/304', '/status/404', '/status/500'] },
  {
    name: 'allow and deny',
    http: site('location / { allow 127.0.0.1; deny all; return 200 in; proxy_pass http://A; }').replace(' return 200 in;', ''),
    asks: ['/'],
  },
  { name: 'deny one', http: proxied('deny 127.0.0.1; allow all;'), asks: ['/'] },
  { name: 'deny all but', http: proxied('allow 192.0.2.0/24; deny all;'), asks: ['/'] },
  {
    name: 'allow and deny are inherited',
    http: site('deny all; location / { proxy_pass http://A; } location /open { allow all; proxy_pass http://A; }'),
    asks: ['/', '/open'],
  },
  {
    name: 'client_max_body_size',
    http: proxied('client_max_body_size 4;'),
    asks: [
      { method: 'POST', target: '/', body: 'abcd' },
      { method: 'POST', target: '/', body: 'abcde' },
    ],
  },
  {
    name: 'server_name: exact, wildcard, pattern, default',
    http: `${site('location / { return 200 site; }')}
server { listen 127.0.0.1:PORT; server_name *.site.test; location / { return 200 wild; } }
server { listen 127.0.0.1:PORT; server_name www.*; location / { return 200 www; } }
server { listen 127.0.0.1:PORT; server_name ~^api\\d+\\.; location / { return 200 api; } }
server { listen 127.0.0.1:PORT default_server; server_name _; location / { return 200 default; } }`,
    asks: ['site.test', 'a.site.test', 'www.x.test', 'api1.x.test', 'nobody.test', 'SITE.test', 'www.site.test', 'site.test.'].map(
      (host) => ({ target: '/', host }),
    ),
  },
  {
    name: 'server_name: the first server is the default',
    http: `${site('location / { return 200 first; }')}
server { listen 127.0.0.1:PORT; server_name other.test; location / { return 200 other; } }`,
    asks: ['site.test', 'other.test', 'nobody.test'].map((host) => ({ target: '/', host })),
  },
  {
    name: 'server_name with a dot in front',
    http: `${site('location / { return 200 first; }')}
server { listen 127.0.0.1:PORT; server_name .dot.test; location / { return 200 dot; } }`,
    asks: ['dot.test', 'a.dot.test', 'adot.test'].map((host) => ({ target: '/', host })),
  },
  {
    name: 'an upstream by turns',
    http: proxied('', '').replace('http://A', 'http://app').replace('server {', 'upstream app { server A; server B; }\nserver {'),
    asks: ['/', '/', '/', '/'],
  },
  {
    name: 'an upstream with weights',
    http: proxied('').replace('http://A', 'http://app').replace('server {', 'upstream app { server A weight=3; server B; }\nserver {'),
    asks: ['/', '/', '/', '/', '/', '/', '/', '/'],
  },
  ...['', ' consistent'].flatMap((consistent) =>
    (
      [
        ['', 'server A; server B;'],
        [' with weights', 'server A weight=2; server B weight=5;'],
        [' with a dead server', 'server A; server 127.0.0.1:1 weight=2; server B;'],
        [' with a server that is down', 'server A; server 127.0.0.1:2 down weight=3; server B;'],
      ] as const
    ).map(([what, servers]) => ({
      name: `hash${consistent}${what}`,
      http: site('location / { proxy_pass http://app; }', `upstream app { hash $request_uri${consistent}; ${servers} }`),
      asks: Array.from({ length: 40 }, (_, i) => `/${(i * 7919).toString(36)}?${i}`),
    })),
  ),
  {
    name: 'hash of nothing: by turns',
    http: site('location / { proxy_pass http://app; }', 'upstream app { hash $arg_a consistent; server A; server B weight=2; }'),
    asks: ['/', '/', '/', '/?a=1', '/?a=1'],
  },
  {
    name: 'a server that is down',
    http: proxied('').replace('http://A', 'http://app').replace('server {', 'upstream app { server A down; server B; }\nserver {'),
    asks: ['/', '/'],
  },
  {
    name: 'a backup is not asked while others are there',
    http: proxied('').replace('http://A', 'http://app').replace('server {', 'upstream app { server A backup; server B; }\nserver {'),
    asks: ['/', '/'],
  },
  {
    name: 'a dead server is passed over',
    http: proxied('').replace('http://A', 'http://app').replace('server {', 'upstream app { server 127.0.0.1:1; server B; }\nserver {'),
    asks: ['/', '/', '/'],
  },
  {
    name: 'dead servers that fail at different times',
    http: site(
      'location / { proxy_pass http://app; }',
      'upstream app { server 127.0.0.1:1 max_fails=2; server 127.0.0.1:2 max_fails=0; server A; server 127.0.0.1:3 max_fails=1 fail_timeout=5s; }',
    ),
    asks: ['/', '/', '/', '/', '/', '/'],
  },
  ...['', 'proxy_next_upstream timeout;', 'proxy_next_upstream error invalid_header non_idempotent;', 'proxy_next_upstream off;'].map(
    (next) => ({
      name: `servers that fail when they have the request: ${next || 'by default'}`,
      http: site(
        `proxy_read_timeout 300ms; ${next} location / { proxy_pass http://app; }`,
        'upstream app { server A max_fails=0; server B max_fails=0; }',
      ),
      asks: ['closed', 'cut', 'junk', 'silent'].flatMap((how) => [
        // One of the two is asked first, and then the other one.
        { target: `/fail/a/${how}` },
        { target: `/fail/a/${how}` },
        { target: `/fail/a/${how}`, method: 'PUT', body: 'body' },
        { target: `/fail/a/${how}`, method: 'PUT', body: 'body' },
        { target: `/fail/a/${how}`, method: 'POST', body: 'body' },
        { target: `/fail/a/${how}`, method: 'POST', body: 'body' },
      ]),
    }),
  ),
  { name: 'all servers are dead', http: proxied('').replace('http://A', 'http://127.0.0.1:1'), asks: ['/'] },
  {
    name: 'HTTP/1.0 clients',
    http: proxied(''),
    asks: [
      { target: '/', version: '1.0' },
      { target: '/', version: '1.0', host: '' },
    ],
  },
  {
    name: 'bad requests',
    http: proxied(''),
    asks: [
      { target: '/', host: '' },
      { target: '/', fields: 'Host: b\r\n' },
      { target: '/', fields: 'Bad Name: 1\r\n' },
      { target: '/', fields: 'Content-Length: 1\r\nContent-Length: 2\r\n' },
    ],
  },
  {
    name: 'variables of a request',
    http: site(
      'location / { return 200 "$request_method|$uri|$args|$is_args|$request_uri|$server_protocol|$scheme|$remote_addr|$server_name|$arg_a"; }',
    ),
    asks: ['/a%20b?a=1&b=2', '/?', '/'],
  },
];
