// Finds the real servers and clients that some tests need. Without them a test is skipped with a line that says how
// to install them; with LIMPET_REQUIRE_REAL_SERVERS=1 it fails instead, so that CI cannot pass by lacking them.
import { existsSync } from 'node:fs';

interface Program {
  /** All of these must exist; the first is the program. */
  readonly files: readonly [string, ...string[]];
  readonly packages: string;
}

const programs = {
  nginx: { files: ['/usr/sbin/nginx'], packages: 'nginx-extras' },
  haproxy: { files: ['/usr/sbin/haproxy'], packages: 'haproxy' },
  chromium: { files: ['/usr/bin/chromium'], packages: 'chromium' },
  curl: { files: ['/usr/bin/curl'], packages: 'curl' },
  tomcat10: {
    files: ['/usr/bin/java', '/usr/share/tomcat10/bin/bootstrap.jar', '/usr/share/tomcat10-examples/examples'],
    packages: 'tomcat10 tomcat10-examples',
  },
} as const satisfies Record<string, Program>;

export type RealServerName = keyof typeof programs;

/** The program's path, or the line that says how to get it. Throws that line where real servers are required. */
export function realServer(name: RealServerName): { path: string } | { skip: string } {
  const { files, packages } = programs[name];
  if (files.every((file) => existsSync(file))) return { path: files[0] };
  const line = `${name} is not installed: apt-get install ${packages}`;
  if (process.env.LIMPET_REQUIRE_REAL_SERVERS === '1') throw new Error(line);
  return { skip: line };
}

/** For a test's `skip` option: false when all are there, otherwise what to install. */
export function skipWithout(...names: RealServerName[]): false | string {
  const lines = names.map((name) => realServer(name)).flatMap((found) => ('skip' in found ? [found.skip] : []));
  return lines.length === 0 ? false : lines.join('; ');
}

/** The path of a program that is there; a test that calls this has skipWithout(name) as its `skip`. */
export function pathOf(name: RealServerName): string {
  const found = realServer(name);
  if ('skip' in found) throw new Error(found.skip);
  return found.path;
}
