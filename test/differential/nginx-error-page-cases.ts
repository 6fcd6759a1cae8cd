// error_page and what belongs to it, as small files of nginx's language: see nginx-cases.ts.
import { type NginxCase, site } from './nginx-case.js';

const sorry = 'location /sorry { return 200 "sorry $uri $args $request_method $request_uri"; }';
/** Nothing is worded by the programs themselves here. */
const asWritten = { ownWords: () => false };

export const nginxErrorPageCases: readonly NginxCase[] = [
  {
    name: 'error_page: the status stays that of the error',
    http: site(`error_page 403 404 /sorry?x=1; location /no { deny all; proxy_pass http://A; } location /gone { return 404; } ${sorry}`),
    asks: ['/no', '/gone?y=2', { method: 'HEAD', target: '/no' }, { method: 'POST', target: '/no', body: 'abc' }],
    ...asWritten,
  },
  {
    name: 'error_page: the page comes from a server',
    http: site('error_page 403 /page/sorry; location /no { return 403; } location /page/ { proxy_pass http://A; }'),
    asks: ['/no', { method: 'HEAD', target: '/no' }, { target: '/no', fields: 'X-Own: 1\r\n' }],
  },
  {
    name: 'error_page: the page redirects, or has a status of its own',
    http: site(`error_page 403 /moved; error_page 404 /missing; error_page 405 /status/503; error_page 410 /status/204;
      location /moved { return 302 /there; } location /missing { return 410; } location /status/ { proxy_pass http://A; }
      location /403 { return 403; } location /404 { return 404; } location /405 { return 405; } location /410 { return 410; }`),
    asks: ['/403', '/404', '/405'],
  },
  {
    name: 'error_page =200, =404 and = alone',
    http: site(`error_page 403 =200 /sorry; error_page 404 = /status/201; error_page 405 =503 /sorry; error_page 410 =302 /sorry;
      location /status/ { proxy_pass http://A; }
      location /403 { return 403; } location /404 { return 404; } location /405 { return 405; } location /410 { return 410; } ${sorry}`),
    asks: ['/403', '/404', '/405', '/410'],
    ...asWritten,
  },
  {
    name: 'error_page with a URL',
    http: site(`error_page 403 http://else.test$uri; error_page 404 =301 https://else.test/; error_page 405 =404 $scheme://else.test/x;
      location /403 { return 403; } location /404 { return 404; } location /405 { return 405; }`),
    asks: ['/403', '/404', '/405', { method: 'POST', target: '/403', body: 'abc' }],
  },
  {
    name: 'error_page with a named location: a server that is dead',
    http: site(`location / { proxy_pass http://127.0.0.1:1; error_page 502 = @other; proxy_set_header X-First 1; proxy_set_header Accept "";
        proxy_set_header Host first.test; }
      location @other { proxy_pass http://A; proxy_set_header X-Second 2; }`),
    asks: ['/a?b=c', { method: 'POST', target: '/p', body: 'abc' }, { target: '/', fields: 'Accept: text/plain\r\n' }],
  },
  {
    name: 'error_page with a named location: the path that proxy_pass has changed is not changed there',
    http: site(`location /app/ { proxy_pass http://127.0.0.1:1/; error_page 502 @other; }
      location @other { proxy_pass http://A; }`),
    asks: ['/app/x?y=1'],
  },
  {
    name: 'error_page with a named location that rewrites',
    http: site(`location /app/ { return 404; error_page 404 = @other; } location @other { rewrite ^/app/(.*)$ /$1 last; }
      location / { return 200 "$uri $request_uri"; }`),
    asks: ['/app/x'],
    ...asWritten,
  },
  {
    name: 'error_page with a named location that is not there',
    http: site('error_page 404 @nobody; location / { return 404; }'),
    asks: ['/'],
  },
  {
    name: 'error_page: the same named location in two servers',
    http: `${site('error_page 403 = @x; location / { return 403; } location @x { return 200 first; }')}
server { listen 127.0.0.1:PORT; server_name other.test; error_page 403 = @x; location / { return 403; } location @x { return 200 second; } }`,
    asks: ['/', { target: '/', host: 'other.test' }],
  },
  {
    name: 'error_page of an inner block replaces the outer ones',
    http: site(
      `error_page 403 =200 /outer; location /a { return 403; } location /b { return 403; error_page 404 =200 /inner; }
      location /c/ { error_page 403 =200 /inner; return 200 c; location /c/d/ { return 403; } }
      location /outer { return 200 outer; } location /inner { return 200 inner; }`,
      'error_page 403 /never;',
    ),
    asks: ['/a', '/b', '/c/d/', '/'],
  },
  {
    name: 'error_page: no location takes the request',
    http: site('error_page 404 =200 /sorry; location = /only { return 200 only; } location = /sorry { return 200 "sorry $request_uri"; }'),
    asks: ['/only', '/nobody?x'],
  },
  {
    name: 'error_page: of several for one status the first counts',
    http: site(`error_page 403 404 =200 /one; error_page 404 =200 /two; location / { return 404; }
      location = /one { return 200 one; } location = /two { return 200 two; }`),
    asks: ['/'],
  },
  {
    name: 'error_page: a page that fails has none, unless recursive_error_pages',
    http: site(`error_page 403 /a; error_page 404 =200 /sorry; location /no { return 403; } location /a { return 404; } ${sorry}
      location /again/ { return 403; recursive_error_pages on; }`),
    asks: ['/no', '/again/'],
  },
  {
    name: 'error_page at the server: its rewrite rules are asked again',
    http: site(`error_page 403 =200 /sorry; if ($arg_no) { return 403; } location / { return 200 root; } ${sorry}`),
    asks: ['/', '/?no=1'],
  },
  {
    name: 'return with a text is no error',
    http: site(`error_page 404 =200 /sorry; location /text { return 404 text; } location /empty { return 404 ""; } ${sorry}`),
    asks: ['/text', '/empty'],
  },
  {
    name: 'error_page: a body that is too large',
    http: site(
      `client_max_body_size 4; error_page 413 /page; location / { proxy_pass http://A; } location /page { return 200 "$request_method page"; }`,
    ),
    asks: [
      { method: 'POST', target: '/', body: 'abcd' },
      { method: 'POST', target: '/', body: 'abcde' },
    ],
  },
  {
    name: 'error_page: answers of servers pass',
    http: site(`error_page 404 500 =200 /sorry; location / { proxy_pass http://A; } ${sorry}`),
    asks: ['/status/404', '/status/500'],
  },
  {
    name: 'proxy_intercept_errors',
    http: site(`proxy_intercept_errors on; error_page 404 500 =200 /sorry; error_page 502 = @other; location / { proxy_pass http://A; } ${sorry}
      location /off/ { proxy_intercept_errors off; proxy_pass http://A; } location @other { proxy_pass http://B; }`),
    asks: [
      '/status/404',
      '/status/500',
      '/status/503',
      '/off/status/404',
      '/status/502',
      { method: 'POST', target: '/status/404', body: 'x' },
    ],
  },
  {
    name: 'proxy_intercept_errors: a page that would be replaced itself',
    http: site('proxy_intercept_errors on; error_page 404 /status/404; error_page 403 /status/404; location / { proxy_pass http://A; }'),
    asks: ['/status/404', '/status/403'],
  },
  {
    name: 'add_header is that of the location in which the answer is made',
    http: site(`error_page 403 404 /sorry; location /no { return 403; add_header X-No 1 always; } location /x { return 404; }
      location /sorry { return 200 sorry; add_header X-Sorry 1; add_header X-Always 1 always; }`),
    asks: ['/no', '/x'],
    ...asWritten,
  },
  {
    name: 'internal',
    http: site(`error_page 403 404 /sorry; rewrite ^/in$ /inside; location /no { return 403; } location /last { rewrite ^ /inside last; }
      location /sorry { internal; return 200 sorry; } location /inside { internal; return 200 inside; }`),
    asks: ['/no', '/sorry', '/in', '/last', '/inside', '/other'],
    ...asWritten,
  },
  {
    name: 'internal: a named location is so anyway',
    http: site('error_page 403 = @sorry; location /no { return 403; } location @sorry { internal; return 200 "sorry $uri"; }'),
    asks: ['/no'],
    ...asWritten,
  },
];
