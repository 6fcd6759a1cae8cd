// The libraries that Node proxies are built on, as peers: http-proxy, http-proxy-3 and httpxy, each in the same program.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cell } from '../cells.js';
import { tlsNames } from '../tls-terms.js';
import type { Library, LibraryServerConfig } from './library-server.js';
import { type Launch, NODE_STEADY_SECONDS, type Peer, type Setup } from './peer.js';

/** `root` is the folder that has `node_modules`; `node` is what will run the peer, and must be of `leastNodeMajor`. */
export function libraryPeer(name: Library, root: string, node: string, leastNodeMajor = 20): Peer {
  return {
    name,
    install: `npm install (it is a development dependency), and Node ${leastNodeMajor} or later by --node`,
    version: () => (nodeMajor(node) < leastNodeMajor ? undefined : installedVersion(name, root)),
    steadyAfterSeconds: NODE_STEADY_SECONDS,
    cannot,
    launch: (setup) => launch(setup, name),
  };
}

function cannot(cell: Cell): string | undefined {
  if (cell.kind === 'tcp') return 'carries HTTP only';
  if (cell.workers > 1) return 'has one process';
  if (cell.servers !== undefined) return 'is measured with two servers only';
  if (cell.otherRoutes !== undefined) return 'has no routes';
  if (cell.reloads) return 'has no configuration to reload';
  return cell.load === 'resume-id' ? 'Node resumes by tickets unless the program keeps the sessions' : undefined;
}

function launch(setup: Setup, library: Library): Launch {
  const { cell, servers, port } = setup;
  const { lowest, highest, ciphers, suites } = tlsNames(cell);
  const tls = {
    certPath: setup.certPath,
    keyPath: setup.keyPath,
    minVersion: lowest,
    maxVersion: highest,
    ciphers: `${suites}:${ciphers}`,
  };
  const config: LibraryServerConfig = {
    library,
    port,
    servers,
    sticky: cell.sticky,
    ...(cell.accessLog ? { accessLogPath: setup.accessLogPath } : {}),
    ...(cell.kind === 'tls' ? { tls } : {}),
  };
  const configPath = join(setup.folder, `${library}.json`);
  const program = fileURLToPath(new URL('./library-server.js', import.meta.url));
  return {
    command: [setup.node, '--no-deprecation', program, configPath],
    configText: `${JSON.stringify(config, null, 2)}\n`,
    configPath,
    logsToStdout: false,
  };
}

/** From its package.json on the disk: not all of them let it be imported. */
function installedVersion(name: string, root: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version;
  } catch {
    return undefined;
  }
}

function nodeMajor(node: string): number {
  return Number(/^v(\d+)/.exec(spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1] ?? 0);
}
