// Sockets that are bound in one process and listened on in others. Everything that leans on Node's inside for it is here:
// no documented way binds a socket without accepting on it; node:cluster does it with the same function.

import { rmSync } from 'node:fs';
import net from 'node:net';
import { getSystemErrorName } from 'node:util';
import { formatAddress, type ListenAddress, type TcpAddress } from './address.js';
import { nameSocketFile, provisionalPath, type SocketFileAccess } from './unix-socket-file.js';

/** A bound socket. Whoever holds it closes it; the connections that wait in it are lost only with the last hold on it. */
export interface ListeningHandle {
  readonly fd: number;
  /** Fills `out` and returns 0, or returns a negative error number. Absent on unix sockets. */
  getsockname?(out: { address?: string; port?: number }): number;
  listen(backlog: number): number;
  close(): void;
}

type Create = (
  address: string | null,
  port: number | null,
  addressType: number | null,
  fd?: number,
  flags?: number,
) => ListeningHandle | number;

/** libuv's flag for SO_REUSEPORT, which Node 20 passes over. */
const REUSE_PORT = 2;

/**
 * Binds for `copies` processes that are to listen on the address: with SO_REUSEPORT one socket for each, among which the
 * kernel spreads connections evenly, or a single one for all where that is not to be had (Node 20).
 * Throws the system's error, or one that says that this Node cannot do it.
 */
export function bindTcpHandles(address: TcpAddress, copies: number): ListeningHandle[] {
  if (address.host !== '') return bindTcp(address.host, address.port, copies);
  try {
    return bindTcp('::', address.port, copies);
  } catch (error) {
    // A machine without IPv6 still has all of its IPv4 addresses.
    if (!['EAFNOSUPPORT', 'EINVAL', 'EADDRNOTAVAIL'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return bindTcp('0.0.0.0', address.port, copies);
  }
}

/** One more of those that share a port. Throws the system's error. */
export function bindAnotherHandle(sharing: ListeningHandle): ListeningHandle {
  const { address, port } = nameOf(sharing);
  return create(address, port, address.includes(':') ? 6 : 4, undefined, REUSE_PORT);
}

/** Binds a unix socket in the place of a file that nobody listens on. Throws the system's error. */
export function bindUnixHandle(path: string, access: SocketFileAccess): ListeningHandle {
  const provisional = provisionalPath(path);
  rmSync(provisional, { force: true });
  const handle = create(provisional, -1, -1);
  try {
    nameSocketFile(path, access);
    return handle;
  } catch (error) {
    handle.close();
    throw error;
  }
}

/** The socket that the program was started with under this number. Throws the system's error if it is none. */
export function adoptHandle(fd: number): ListeningHandle {
  return create(null, null, null, fd);
}

function bindTcp(host: string, port: number, copies: number): ListeningHandle[] {
  const family = host.includes(':') ? 6 : 4;
  if (copies === 1 || !spreadsOverSockets()) return [create(host, port, family)];
  // A socket that may share the port would share it with another program's as well, and nobody would be told.
  if (port !== 0) create(host, port, family).close();
  const handles: ListeningHandle[] = [];
  try {
    for (let i = 0; i < copies; i++) {
      handles.push(create(host, i === 0 ? port : boundPort(handles[0]), family, undefined, REUSE_PORT));
    }
  } catch (error) {
    for (const handle of handles) handle.close();
    throw error;
  }
  return handles;
}

/** The address as text, its port the one that the system has chosen where it was 0. */
export function boundAddress(handle: ListeningHandle, asked: ListenAddress): string {
  if (asked.kind === 'unix' || handle.getsockname === undefined) return formatAddress(asked);
  const name = nameOf(handle);
  return formatAddress({ kind: 'tcp', host: name.address, port: name.port });
}

/** Makes the server listen on a bound socket, which is the server's to close from now on. */
export function listenOnHandle(server: net.Server, handle: ListeningHandle, backlog: number, listening: () => void): void {
  server.listen(handle, backlog, listening);
}

let canSpread: boolean | null = null;

/** Whether two sockets can listen on one port: tried once, on the loopback interface. */
function spreadsOverSockets(): boolean {
  if (canSpread !== null) return canSpread;
  const first = create('127.0.0.1', 0, 4, undefined, REUSE_PORT);
  try {
    first.listen(1);
    create('127.0.0.1', boundPort(first), 4, undefined, REUSE_PORT).close();
    canSpread = true;
  } catch {
    canSpread = false;
  } finally {
    first.close();
  }
  return canSpread;
}

function create(...args: Parameters<Create>): ListeningHandle {
  const inside = (net as unknown as { _createServerHandle?: Create })._createServerHandle;
  if (inside === undefined) {
    throw new Error(
      `Node ${process.versions.node} cannot hand listening sockets to workers; set "workers" to 1, or use another version of Node`,
    );
  }
  const handle = inside(...args);
  if (typeof handle === 'number') throw systemError(handle);
  try {
    // That an address is in use is told only to who asks for the name.
    if (handle.getsockname !== undefined) nameOf(handle);
    return handle;
  } catch (error) {
    handle.close();
    throw error;
  }
}

function boundPort(handle: ListeningHandle): number {
  return nameOf(handle).port;
}

function nameOf(handle: ListeningHandle): { address: string; port: number } {
  const name = { address: '', port: 0 };
  const status = handle.getsockname?.(name) ?? 0;
  if (status !== 0) throw systemError(status);
  return name;
}

function systemError(number: number): NodeJS.ErrnoException {
  const code = getSystemErrorName(number);
  return Object.assign(new Error(`bind ${code}`), { code });
}
