// h2o as a peer: reverse proxying and an access log line by line. It has no stickiness, so it takes part where no cookie is asked for.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Cell } from '../cells.js';
import { tlsNames } from '../tls-terms.js';
import type { Launch, Peer, Setup } from './peer.js';

export function h2oPeer(): Peer {
  return {
    name: 'h2o',
    install: 'apt install h2o',
    version: () => /version ([\d.]+)/.exec(spawnSync('h2o', ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1],
    cannot,
    launch,
  };
}

function cannot(cell: Cell): string | undefined {
  if (cell.kind === 'tcp') return 'carries HTTP only';
  if (cell.servers !== undefined) return 'is measured with two servers only';
  if (cell.otherRoutes !== undefined) return 'is measured with one route only';
  if (cell.sticky) return 'has no sticky cookie';
  if (cell.tls?.suite?.startsWith('TLS_')) return 'does not let the suite of TLS 1.3 be chosen';
  return cell.reloads ? 'is reloaded by its own supervisor only' : undefined;
}

function launch(setup: Setup): Launch {
  const { cell, folder, servers, port } = setup;
  const configPath = join(folder, 'h2o.yaml');
  const { lowest, highest, ciphers, byId } = tlsNames(cell);
  const tls = `
  ssl:
    certificate-file: ${setup.certPath}
    key-file: ${setup.keyPath}
    minimum-version: ${lowest}
    maximum-version: ${highest}
    cipher-suite: "${ciphers}"
    cipher-preference: server`;
  const configText = `num-threads: ${cell.workers}
${process.getuid?.() === 0 ? 'user: root\n' : ''}pid-file: ${folder}/h2o.pid
error-log: ${folder}/h2o.err
max-connections: 9000
${byId ? 'ssl-session-resumption:\n  mode: cache\n' : ''}listen:
  host: 127.0.0.1
  port: ${port}${cell.kind === 'tls' ? tls : ''}
${cell.accessLog ? `access-log: ${setup.accessLogPath}\n` : ''}proxy.preserve-host: ON
proxy.timeout.keepalive: 60000
hosts:
  default:
    paths:
      "/":
        proxy.reverse.url: http://127.0.0.1:${servers[0].port}
`;
  return { command: ['h2o', '-m', 'worker', '-c', configPath], configText, configPath, logsToStdout: false };
}
