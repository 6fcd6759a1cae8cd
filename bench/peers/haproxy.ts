// HAProxy as a peer: its own cookie, its own httplog line. It cannot buffer lines for a file, so each is written to
// standard output, which is the file.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type Cell, otherPaths } from '../cells.js';
import { tlsNames } from '../tls-terms.js';
import type { Launch, Peer, Setup } from './peer.js';

/** `default` buffers are 16 KB; `large` ones 64 KB, for which users of large answers set them. */
export function haproxyPeer(name: string, buffers: 'default' | 'large'): Peer {
  return {
    name,
    install: 'apt install haproxy',
    version: () => /version ([\d.]+)/i.exec(spawnSync('haproxy', ['-v'], { encoding: 'utf8' }).stdout ?? '')?.[1],
    cannot: () => undefined,
    reloadSignal: 'SIGUSR2',
    launch: (setup) => launch(setup, buffers),
  };
}

function launch(setup: Setup, buffers: 'default' | 'large'): Launch {
  const { cell } = setup;
  const isTcp = cell.kind === 'tcp';
  const configPath = join(setup.folder, 'haproxy.cfg');
  const configText = `global
  maxconn 9000
  nbthread ${cell.workers}
${cell.accessLog ? '  log stdout format raw local0\n' : ''}${buffers === 'large' ? '  tune.bufsize 65536\n' : ''}
defaults
  mode ${isTcp ? 'tcp' : 'http'}
${cell.accessLog ? `  log global\n  option ${isTcp ? 'tcplog' : 'httplog'}\n` : ''}  timeout connect 5s
  timeout client 75s
  timeout server 2m
  timeout tunnel 1h

frontend web
  bind 127.0.0.1:${setup.port} backlog 4096${cell.kind === 'tls' ? tlsOptions(setup) : ''}
${isTcp ? '' : forwardedFields()}${otherRoutes(cell)}  default_backend app

backend app
  balance ${isTcp ? 'leastconn' : 'roundrobin'}
${isTcp ? '' : '  http-reuse always\n'}${cell.sticky ? '  cookie route insert indirect nocache httponly\n' : ''}${serverLines(setup)}
`;
  // Only a master process can take up a new configuration without closing the port.
  return { command: ['haproxy', cell.reloads ? '-W' : '-db', '-f', configPath], configText, configPath, logsToStdout: true };
}

function forwardedFields(): string {
  return `  option forwardfor
  http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Port %[dst_port]
`;
}

function otherRoutes(cell: Cell): string {
  return otherPaths(cell)
    .map((path) => `  http-request return status 204 if { path ${path} }\n`)
    .join('');
}

function tlsOptions({ cell, pemPath }: Setup): string {
  const { lowest, highest, ciphers, suites, byId } = tlsNames(cell);
  const versions = `ssl-min-ver ${lowest} ssl-max-ver ${highest}${byId ? ' no-tls-tickets' : ''}`;
  return ` ssl crt ${pemPath} alpn http/1.1 ${versions} ciphers ${ciphers} ciphersuites ${suites}`;
}

function serverLines({ servers, cell }: Setup): string {
  return servers.map(({ name, port }) => `  server ${name} 127.0.0.1:${port}${cell.sticky ? ` cookie ${name}` : ''}`).join('\n');
}
