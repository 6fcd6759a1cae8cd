// stunnel as a peer: it takes TLS off and passes bytes to one of the servers, with a thread for each connection.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { tlsNames } from '../tls-terms.js';
import type { Launch, Peer, Setup } from './peer.js';
import { cannotBeyondTls } from './tls-terminator.js';

export function stunnelPeer(): Peer {
  return {
    name: 'stunnel',
    install: 'apt install stunnel4',
    version: () => /stunnel ([\d.]+)/.exec(spawnSync('stunnel', ['-version'], { encoding: 'utf8' }).stderr ?? '')?.[1],
    cannot: cannotBeyondTls,
    launch,
  };
}

function launch(setup: Setup): Launch {
  const { lowest, highest, ciphers, suites, byId } = tlsNames(setup.cell);
  const configPath = join(setup.folder, 'stunnel.conf');
  const configText = `foreground = yes
pid =
debug = err
socket = l:TCP_NODELAY=1
socket = r:TCP_NODELAY=1
[bench]
accept = 127.0.0.1:${setup.port}
${setup.servers.map((server) => `connect = 127.0.0.1:${server.port}`).join('\n')}
cert = ${setup.certPath}
key = ${setup.keyPath}
sslVersionMin = ${lowest}
sslVersionMax = ${highest}
ciphers = ${ciphers}
ciphersuites = ${suites}
options = CIPHER_SERVER_PREFERENCE
${byId ? 'options = NO_TICKET\n' : 'options = -NO_TICKET\n'}sessionCacheSize = 10000
`;
  return { command: ['stunnel', configPath], configText, configPath, logsToStdout: false };
}
