// What a block has from the blocks around it, as small files of nginx's language: see nginx-cases.ts.
import { type NginxCase, site } from './nginx-case.js';

/** /a/ has `outer`; inside it /a/own/ has `inner` as well, and /a/none/ nothing. All lead to A. */
const nested = (outer: string, inner: string, around = ''): string =>
  site(
    `location /a/ { ${outer} proxy_pass http://A; location /a/own/ { ${inner} proxy_pass http://A; } location /a/none/ { proxy_pass http://A; } }
     location /b/ { proxy_pass http://A; }`,
    around,
  );
const places = ['/a/', '/a/own/', '/a/none/', '/b/'];

export const nginxInheritanceCases: readonly NginxCase[] = [
  {
    name: 'inherited: add_header, the whole list of the nearest block',
    http: nested('add_header X-Two 2; add_header X-Also 2;', 'add_header X-Three 3;', 'add_header X-One 1;'),
    asks: places,
  },
  {
    name: 'inherited: add_header in an "if"',
    http: nested('add_header X-Two 2; if ($arg_a) { add_header X-If 4; }', 'if ($arg_a) { proxy_pass http://A; }'),
    asks: places.flatMap((path) => [path, `${path}?a=1`]),
  },
  {
    name: 'inherited: proxy_set_header, the whole list of the nearest block',
    http: nested('proxy_set_header X-Two 2; proxy_set_header Accept "";', 'proxy_set_header X-Three 3;', 'proxy_set_header X-One 1;'),
    asks: places.map((target) => ({ target, fields: 'Accept: text/plain\r\n' })),
  },
  {
    name: 'inherited: error_page, for other statuses as well',
    http: site(
      `error_page 403 /page/server; location /page/ { return 200 $uri; } location /b/ { return 403; }
       location /a/ { error_page 404 /page/outer; return 404; location /a/403 { return 403; } location /a/404 { return 404; }
         location /a/own/ { error_page 403 /page/inner; return 403; location /a/own/403 { return 403; } location /a/own/404 { return 404; } } }`,
      'error_page 404 /page/http;',
    ),
    asks: ['/b/', '/a/', '/a/own/', '/a/403', '/a/404', '/a/own/403', '/a/own/404'],
  },
  {
    name: 'inherited: allow and deny are one list',
    http: site(
      `location /a/ { deny 10.0.0.0/8; proxy_pass http://A; location /a/own/ { allow 10.0.0.1; proxy_pass http://A; }
         location /a/none/ { proxy_pass http://A; } location /a/no/ { deny all; proxy_pass http://A; location /a/no/yes/ { allow all; proxy_pass http://A; } } }
       location /b/ { proxy_pass http://A; } location /c/ { allow 127.0.0.1; proxy_pass http://A; }`,
      'deny all;',
    ),
    asks: [...places, '/a/no/', '/a/no/yes/', '/c/'],
  },
  {
    name: 'inherited: proxy_hide_header and proxy_pass_header each by itself',
    http: nested('proxy_hide_header X-Powered-By; proxy_pass_header X-Accel-Buffering;', 'proxy_hide_header Set-Cookie;'),
    asks: places.map((path) => `${path}fields`),
  },
  {
    name: 'inherited: proxy_cookie_path and proxy_cookie_domain each by itself',
    http: nested('proxy_cookie_path /app/ /outer/; proxy_cookie_domain in.test outer.test;', 'proxy_cookie_path /app/z /inner;'),
    asks: places.map((path) => `${path}fields`),
  },
  {
    name: 'inherited: proxy_redirect, and "off" ends it',
    http: nested('proxy_redirect http://else.test/ /outer/;', 'proxy_redirect off;'),
    asks: places.flatMap((path) => [`${path}redirect?http://else.test/x`, `${path}redirect?http://A/x`]),
  },
  {
    name: 'inherited: proxy_intercept_errors with error_page of an outer block',
    http: nested('proxy_intercept_errors on;', 'proxy_intercept_errors off;', 'error_page 404 =200 /b/page;'),
    asks: places.map((path) => `${path}status/404`),
  },
  {
    name: 'inherited: internal',
    http: site(`location /in/ { internal; proxy_pass http://A; location /in/a { proxy_pass http://A; } location ~ /in/b$ { return 200 b; } }
      location /to/ { rewrite ^/to(/.*)$ /in$1 last; return 500; }`),
    asks: ['/in/', '/in/a', '/in/b', '/to/', '/to/a', '/to/b'],
  },
  {
    name: 'not inherited: return, rewrite and set',
    http: site(`location /a/ { set $x outer; rewrite ^ /changed break; proxy_pass http://A; location /a/own/ { proxy_set_header X-X "x$x"; proxy_pass http://A; } }
      location /r/ { return 201 r; location /r/own/ { proxy_pass http://A; } }`),
    asks: ['/a/', '/a/own/', '/r/', '/r/own/'],
  },
  {
    name: 'inherited: types, all blocks of the nearest, and default_type',
    http: site(
      `location /a/ { types { text/x-one one; } types { text/x-two two; } return 200 t; location /a/own/ { types { text/x-three three; } return 200 t; }
         location /a/default/ { default_type text/x-own; return 200 t; } location /a/none/ { return 200 t; } }`,
      'default_type text/x-outer;',
    ),
    asks: ['own/', 'default/', 'none/', ''].flatMap((place) => ['one', 'two', 'three', 'else'].map((end) => `/a/${place}f.${end}`)),
  },
];
