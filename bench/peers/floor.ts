// Floors: relays that move bytes and do nothing else. What the one in C costs is the kernel's price, and what the one on Node
// costs is Node's and the kernel's.

import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cell } from '../cells.js';
import { type Launch, NODE_STEADY_SECONDS, type Peer, type Setup } from './peer.js';

/** `source` is the path of floor-relay.c, which is compiled for each start. */
export function floorPeer(source: string): Peer {
  return {
    name: 'floor',
    install: 'apt install gcc libc6-dev',
    version: () => spawnSync('cc', ['-dumpversion'], { encoding: 'utf8' }).stdout?.trim(),
    isFloor: true,
    cannot,
    launch: (setup) => launch(setup, [compile(source, setup.folder)]),
  };
}

/** `node` is what will run it. */
export function nodeFloorPeer(node: string): Peer {
  return {
    name: 'floor-node',
    install: 'npm run build',
    version: () => spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.trim(),
    isFloor: true,
    steadyAfterSeconds: NODE_STEADY_SECONDS,
    cannot,
    launch: (setup) => launch(setup, [node, fileURLToPath(new URL('./floor-relay.js', import.meta.url))]),
  };
}

function cannot(cell: Cell): string | undefined {
  if (cell.kind === 'tls') return 'moves bytes only';
  return cell.workers > 1 || cell.reloads || cell.otherRoutes !== undefined || cell.servers !== undefined
    ? 'has one process and no configuration'
    : undefined;
}

function compile(source: string, folder: string): string {
  const program = join(folder, 'floor');
  execFileSync('cc', ['-O2', '-o', program, source]);
  return program;
}

function launch({ folder, port, servers }: Setup, program: readonly string[]): Launch {
  const ports = [port, servers[0].port].map(String);
  return {
    command: [...program, ...ports],
    configText: `${ports.join(' ')}\n`,
    configPath: join(folder, 'floor.txt'),
    logsToStdout: false,
  };
}
