// The floor: a relay in C that moves bytes and does nothing else. What it costs is the kernel's price.

import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Launch, Peer, Setup } from './peer.js';

/** `source` is the path of floor-relay.c, which is compiled for each start. */
export function floorPeer(source: string): Peer {
  return {
    name: 'floor',
    install: 'apt install gcc libc6-dev',
    version: () => spawnSync('cc', ['-dumpversion'], { encoding: 'utf8' }).stdout?.trim(),
    isFloor: true,
    cannot: (cell) => {
      if (cell.kind === 'tls') return 'moves bytes only';
      return cell.workers > 1 || cell.reloads || cell.otherRoutes !== undefined || cell.servers !== undefined
        ? 'has one process and no configuration'
        : undefined;
    },
    launch: (setup) => launch(setup, source),
  };
}

function launch({ folder, port, servers }: Setup, source: string): Launch {
  const program = join(folder, 'floor');
  execFileSync('cc', ['-O2', '-o', program, source]);
  const ports = [port, servers[0].port].map(String);
  return { command: [program, ...ports], configText: `${ports.join(' ')}\n`, configPath: join(folder, 'floor.txt'), logsToStdout: false };
}
