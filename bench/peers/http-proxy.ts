// http-proxy as a peer: the library that most Node proxies are built on, in the program http-proxy-server.ts.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HttpProxyServerConfig } from './http-proxy-server.js';
import type { Peer } from './peer.js';

export function httpProxyPeer(): Peer {
  return {
    name: 'http-proxy',
    install: 'npm install (it is a development dependency)',
    version: installedVersion,
    cannot: (cell) => (cell.kind === 'tcp' ? 'http-proxy carries HTTP only' : undefined),
    launch: (setup) => {
      const { cell, servers, port } = setup;
      const config: HttpProxyServerConfig = {
        port,
        servers,
        sticky: cell.sticky,
        ...(cell.accessLog ? { accessLogPath: setup.accessLogPath } : {}),
        ...(cell.kind === 'tls' ? { certPath: setup.certPath, keyPath: setup.keyPath } : {}),
      };
      const configPath = join(setup.folder, 'http-proxy.json');
      const program = fileURLToPath(new URL('./http-proxy-server.js', import.meta.url));
      return {
        command: [setup.node, '--no-deprecation', program, configPath],
        configText: `${JSON.stringify(config, null, 2)}\n`,
        configPath,
        logsToStdout: false,
      };
    },
  };
}

function installedVersion(): string | undefined {
  try {
    return (createRequire(import.meta.url)('http-proxy/package.json') as { version: string }).version;
  } catch {
    return undefined;
  }
}
