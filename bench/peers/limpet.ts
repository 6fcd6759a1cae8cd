// Limpet as a peer: this build, or another one to compare a change with.

import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Cell, otherPaths } from '../cells.js';
import { tlsNames } from '../tls-terms.js';
import { type Launch, NODE_STEADY_SECONDS, type Peer, type Setup } from './peer.js';

/** `mainPath` is the compiled `src/cli/main.js` of a build. Several workers share the proxy's one processor, so that what sharing costs shows. */
export function limpetPeer(name: string, mainPath: string, workers = 1): Peer {
  return {
    name,
    install: 'npm run build',
    version: () => (existsSync(mainPath) ? packageVersion(mainPath) : undefined),
    cannot: (cell) => (cell.load === 'resume-id' ? 'keeps no sessions: it resumes by tickets only' : undefined),
    steadyAfterSeconds: NODE_STEADY_SECONDS,
    reloadSignal: 'SIGHUP',
    launch: (setup) => launch(setup, mainPath, Math.max(workers, setup.cell.workers)),
  };
}

function launch(setup: Setup, mainPath: string, workers: number): Launch {
  const { cell, servers } = setup;
  const configPath = join(setup.folder, 'proxy.config.json');
  const address = `127.0.0.1:${setup.port}`;
  const { lowest, highest, ciphers, suites, byId } = tlsNames(cell);
  const tls = {
    certificates: [{ cert: setup.certPath, key: setup.keyPath }],
    minVersion: lowest,
    maxVersion: highest,
    ciphers: `${suites}:${ciphers}`,
    tickets: !byId,
  };
  const config = {
    workers,
    accessLog: cell.accessLog ? { format: 'combined', to: setup.accessLogPath } : 'off',
    errorLog: { level: 'warn', to: 'stderr' },
    listeners: {
      web: {
        address,
        ...(cell.otherRoutes === undefined ? { upstream: 'app' } : { routes: [...otherRoutes(cell), { upstream: 'app' }] }),
        ...(cell.kind === 'tcp' ? { mode: 'tcp' } : {}),
        ...(cell.kind === 'tls' ? { tls } : {}),
      },
    },
    upstreams: {
      app: {
        servers: servers.map(({ name, port }) => ({ name, address: `127.0.0.1:${port}` })),
        balance: cell.kind === 'tcp' ? 'least-connections' : 'round-robin',
        ...(cell.sticky ? { sticky: { policy: 'cookie', name: 'route' } } : {}),
        connectionPool: { maxIdle: 256 },
      },
    },
  };
  return {
    command: [setup.node, mainPath, 'run', configPath],
    configText: `${JSON.stringify(config, null, 2)}\n`,
    configPath,
    logsToStdout: false,
  };
}

function otherRoutes(cell: Cell): object[] {
  return otherPaths(cell).map((path) => ({ match: { path }, respond: { status: 204 } }));
}

/** The version in the package.json that the build belongs to. */
function packageVersion(mainPath: string): string {
  const packagePath = resolve(mainPath, '../../../../package.json');
  return existsSync(packagePath) ? (JSON.parse(readFileSync(packagePath, 'utf8')) as { version: string }).version : 'unknown';
}
