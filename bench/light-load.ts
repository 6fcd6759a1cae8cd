// The load in C (light-load.c): compiled for each run, and what it sends and expects.

import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathOf } from './answers.js';
import type { Cell } from './cells.js';
import type { LoadTarget } from './load.js';
import { bodyOf } from './upstream.js';

/** What reports call it. */
export const LIGHT_LOAD = 'light-load';

/** The program, or undefined where there is no compiler: then the usual generators and servers do what they can. */
export function compileLightLoad(source: string, folder: string): string | undefined {
  const program = join(folder, 'light-load');
  const { error, status, stderr } = spawnSync('cc', ['-O2', '-o', program, source], { encoding: 'utf8' });
  if (error !== undefined) return undefined;
  if (status !== 0) throw new Error(`${source} is not compiled: ${stderr}`);
  return program;
}

/** Writes what the clients read into `folder`. */
export function lightLoadCommand(program: string, { cell, port, cookie }: LoadTarget, seconds: number, folder: string): string[] {
  const file = (name: string, content: string | Buffer): string => {
    const path = join(folder, `light-load.${name}`);
    writeFileSync(path, content);
    return path;
  };
  const host = `Host: 127.0.0.1:${port}\r\n${cookie === undefined ? '' : `Cookie: ${cookie}\r\n`}`;
  const files = cell.kind === 'websocket' ? echoFiles(cell, host) : pageFiles(cell, host);
  const paths = Object.entries(files).map(([name, content]) => file(name, content));
  return [program, 'ask', ...[port, cell.connections, seconds].map(String), ...paths];
}

function pageFiles(cell: Cell, host: string): Record<string, string | Buffer> {
  return { request: `GET ${pathOf(cell)} HTTP/1.1\r\n${host}\r\n`, answer: bodyOf(cell.bytes) };
}

function echoFiles(cell: Cell, host: string): Record<string, string | Buffer> {
  const payload = bodyOf(cell.bytes);
  const key = randomBytes(16).toString('base64');
  const upgrade = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n`;
  return {
    request: frameOf(payload, randomBytes(4)),
    answer: frameOf(payload),
    handshake: `GET ${pathOf(cell)} HTTP/1.1\r\n${host}${upgrade}\r\n`,
  };
}

/** One binary frame, masked as clients must where there is a key. RFC 6455 §5.2. */
export function frameOf(payload: Buffer, key?: Buffer): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = 0x82;
  head[1] = (key === undefined ? 0 : 0x80) | (head.length === 2 ? length : head.length === 4 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return key === undefined ? Buffer.concat([head, payload]) : Buffer.concat([head, key, payload.map((byte, i) => byte ^ key[i % 4]!)]);
}
