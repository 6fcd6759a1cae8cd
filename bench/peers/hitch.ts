// Hitch, which stud became, as a peer: it takes TLS off and passes bytes to one server.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { protocolList, tlsNames } from '../tls-terms.js';
import type { Launch, Peer, Setup } from './peer.js';
import { cannotBeyondTls } from './tls-terminator.js';

export function hitchPeer(): Peer {
  return {
    name: 'hitch',
    install: 'apt install hitch',
    version: () => /hitch ([\d.]+)/.exec(spawnSync('hitch', ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1],
    cannot: (cell) => cannotBeyondTls(cell) ?? (cell.load === 'resume-id' ? 'keeps no sessions unless it is built for it' : undefined),
    launch,
  };
}

function launch(setup: Setup): Launch {
  const names = tlsNames(setup.cell);
  const configPath = join(setup.folder, 'hitch.conf');
  const configText = `frontend = "[127.0.0.1]:${setup.port}"
backend = "[127.0.0.1]:${setup.servers[0].port}"
pem-file = "${setup.pemPath}"
workers = 1
daemon = off
backlog = 4096
${process.getuid?.() === 0 ? 'user = "root"\n' : ''}tls-protos = ${protocolList(names)}
ciphers = "${names.ciphers}"
ciphersuites = "${names.suites}"
prefer-server-ciphers = on
alpn-protos = "http/1.1"
`;
  return { command: ['hitch', `--config=${configPath}`], configText, configPath, logsToStdout: false };
}
