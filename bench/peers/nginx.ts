// nginx as a peer. Free nginx has no sticky cookie, so maps do the same work by hand: the cookie names the upstream
// whose first server is the bound one (the others are its backups), and a client without a valid cookie gets one
// that names the server that answered. Unlike the others it does not re-bind a client whose server is down.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { otherPaths } from '../cells.js';
import { protocolList, tlsNames } from '../tls-terms.js';
import type { Launch, Peer, Setup } from './peer.js';

const MOST_BACKUPS = 10;

/** `combined` and what Limpet's lines and HAProxy's `httplog` say besides: which server, and how long each phase took. */
const LOG_FORMAT = `log_format telling '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
    '"$http_referer" "$http_user_agent" upstream=$proxy_host server=$upstream_addr connect=$upstream_connect_time '
    'head=$upstream_header_time total=$request_time in=$request_length scheme=$scheme tls=$ssl_protocol';`;

/** `default` buffers are those of nginx; `large` ones take a 100 KB answer whole, for which users of large answers set them. */
export function nginxPeer(name: string, buffers: 'default' | 'large'): Peer {
  return {
    name,
    install: 'apt install nginx libnginx-mod-stream',
    version: () => /nginx\/([\d.]+)/.exec(buildOptions())?.[1],
    cannot: (cell) => (cell.kind === 'tcp' && streamModule() === undefined ? 'this nginx has no stream module' : undefined),
    reloadSignal: 'SIGHUP',
    launch: (setup) => launch(setup, buffers),
  };
}

function launch(setup: Setup, buffers: 'default' | 'large'): Launch {
  const configPath = join(setup.folder, 'nginx.conf');
  const load = setup.cell.kind === 'tcp' ? streamModule() : '';
  const configText = `daemon off;
${process.getuid?.() === 0 ? 'user root;\n' : ''}worker_processes ${setup.cell.workers};
pid ${setup.folder}/nginx.pid;
error_log ${setup.folder}/nginx.err;
${load}events { worker_connections 18000; }
${setup.cell.kind === 'tcp' ? streamBlock(setup) : httpBlock(setup, buffers)}`;
  const command = ['nginx', '-e', join(setup.folder, 'nginx.err'), '-c', configPath];
  return { command, configText, configPath, logsToStdout: false };
}

function httpBlock(setup: Setup, buffers: 'default' | 'large'): string {
  const { cell, folder, servers, port } = setup;
  const log = cell.accessLog ? `${LOG_FORMAT}\n  access_log ${setup.accessLogPath} telling buffer=64k flush=1s;` : 'access_log off;';
  const tls = cell.kind === 'tls' ? tlsLines(setup) : '';
  const sizes =
    buffers === 'large' ? 'proxy_buffer_size 64k; proxy_buffers 8 64k; proxy_busy_buffers_size 128k; client_body_buffer_size 1m;' : '';
  return `http {
  ${log}
  keepalive_requests 1000000000;
  tcp_nodelay on;
  client_max_body_size 2m;
  client_body_temp_path ${folder}/temp;
  proxy_temp_path ${folder}/temp;
  fastcgi_temp_path ${folder}/temp;
  uwsgi_temp_path ${folder}/temp;
  scgi_temp_path ${folder}/temp;
  map_hash_max_size 8192;
  map_hash_bucket_size 128;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
${upstreamBlock('app', servers)}
${cell.sticky ? stickyBlocks(setup) : ''}
  server {
    listen 127.0.0.1:${port}${cell.kind === 'tls' ? ' ssl' : ''} backlog=4096;${tls}
${otherPaths(cell)
  .map((path) => `    location = ${path} { return 204; }\n`)
  .join('')}    location / {
      proxy_pass http://${cell.sticky ? '$bound' : 'app'};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Port $server_port;
      proxy_read_timeout 1h;
      proxy_max_temp_file_size 0;
      proxy_request_buffering off;
      ${sizes}
    }
  }
}
`;
}

function tlsLines({ cell, certPath, keyPath }: Setup): string {
  const names = tlsNames(cell);
  return `
    ssl_certificate ${certPath};
    ssl_certificate_key ${keyPath};
    ssl_protocols ${protocolList(names)};
    ssl_ciphers ${names.ciphers};
    ssl_conf_command Ciphersuites ${names.suites};
    ssl_session_tickets ${names.byId ? 'off' : 'on'};
    ssl_session_cache shared:tls:10m;`;
}

function stickyBlocks({ servers }: Setup): string {
  const bound = servers.map(({ name }) => `${name} app_${name};`).join(' ');
  const answered = servers.map(({ name, port }) => `127.0.0.1:${port} ${name};`).join(' ');
  return `${servers.map((first) => upstreamBlock(`app_${first.name}`, servers, first.name)).join('\n')}
  map $cookie_route $bound { default app; ${bound} }
  map $upstream_addr $answered_by { default ''; ${answered} }
  map $bound $new_cookie { default ''; app "route=$answered_by; Path=/; HttpOnly"; }
  map $bound $new_privacy { default ''; app private; }
  add_header Set-Cookie $new_cookie always;
  add_header Cache-Control $new_privacy always;`;
}

function upstreamBlock(name: string, servers: Setup['servers'], first?: string): string {
  const lines = (first === undefined ? servers : withBackups(servers, first)).map(
    (server) => `server 127.0.0.1:${server.port}${first === undefined || first === server.name ? '' : ' backup'};`,
  );
  return `  upstream ${name} { ${lines.join(' ')} keepalive 256; keepalive_requests 1000000000; }`;
}

/** The bound server and the others; of many the next few, since all of them in each of as many upstreams would be a million lines. */
function withBackups(servers: Setup['servers'], first: string): Setup['servers'] {
  const at = servers.findIndex(({ name }) => name === first);
  return [...servers.slice(at), ...servers.slice(0, at)].slice(0, MOST_BACKUPS + 1);
}

function streamBlock({ cell, accessLogPath, servers, port }: Setup): string {
  const log = `log_format session '$remote_addr [$time_local] $status $bytes_sent $bytes_received $session_time $upstream_addr';
  access_log ${accessLogPath} session buffer=64k flush=1s;`;
  return `stream {
  ${cell.accessLog ? log : ''}
  upstream app { least_conn; ${servers.map((server) => `server 127.0.0.1:${server.port};`).join(' ')} }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    proxy_pass app;
    proxy_timeout 1h;
  }
}
`;
}

/** The line that loads the stream module, '' when it is built in, undefined when there is none. */
function streamModule(): string | undefined {
  const options = buildOptions();
  if (/--with-stream(\s|$)/.test(options)) return '';
  const folder = /--modules-path=(\S+)/.exec(options)?.[1];
  const file = folder === undefined ? undefined : join(folder, 'ngx_stream_module.so');
  return file !== undefined && existsSync(file) ? `load_module ${file};\n` : undefined;
}

/** Version and build options, '' when there is no nginx. */
function buildOptions(): string {
  return spawnSync('nginx', ['-V'], { encoding: 'utf8' }).stderr ?? '';
}
