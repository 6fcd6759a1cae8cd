// Caddy as a peer: its cookie policy, its JSON access log. It always writes one line for each request and has no blocks.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Cell } from '../cells.js';
import { tlsNames } from '../tls-terms.js';
import type { Launch, Peer, Setup } from './peer.js';

export function caddyPeer(): Peer {
  return {
    name: 'caddy',
    install: 'apt install caddy',
    version: () => /v?(\d+\.[\d.]+)/.exec(spawnSync('caddy', ['version'], { encoding: 'utf8' }).stdout ?? '')?.[1],
    cannot,
    launch,
  };
}

function cannot(cell: Cell): string | undefined {
  if (cell.kind === 'tcp') return 'carries HTTP only';
  if (cell.tls?.suite !== undefined) return 'Go chooses the suite itself';
  if (cell.load === 'resume-id') return 'Go resumes by tickets only';
  if (cell.servers !== undefined) return 'is measured with two servers only';
  if (cell.otherRoutes !== undefined) return 'is measured with one route only';
  if (cell.reloads) return 'reloads by its admin interface, which is off here';
  return cell.workers > 1 ? 'has one process' : undefined;
}

function launch(setup: Setup): Launch {
  const { cell, folder, servers, port } = setup;
  const configPath = join(folder, 'Caddyfile');
  const { lowest, highest } = tlsNames(cell);
  const protocols = [lowest, highest].map((each) => each.replace('TLSv', 'tls')).join(' ');
  const tls = `  tls ${setup.certPath} ${setup.keyPath} {\n    protocols ${protocols}\n  }\n`;
  const configText = `{
  admin off
  auto_https off
  storage file_system ${folder}
  servers {
    protocols h1
  }
}
${cell.kind === 'tls' ? 'https' : 'http'}://127.0.0.1:${port} {
  bind 127.0.0.1
${cell.kind === 'tls' ? tls : ''}${cell.accessLog ? `  log {\n    output file ${setup.accessLogPath}\n  }\n` : ''}  reverse_proxy ${servers.map((server) => `127.0.0.1:${server.port}`).join(' ')} {
    lb_policy ${cell.sticky ? 'cookie route' : 'round_robin'}
    header_up X-Forwarded-Port ${port}
    transport http {
      keepalive_idle_conns_per_host 256
      compression off
    }
  }
}
`;
  return { command: ['caddy', 'run', '--adapter', 'caddyfile', '--config', configPath], configText, configPath, logsToStdout: false };
}
