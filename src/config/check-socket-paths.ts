// What is wrong with paths of unix sockets that only shows once they are absolute: their length.
import { resolve } from 'node:path';
import { type ListenAddress, maxUnixPathBytes, parseListenAddress, parseServerAddress } from '../net/address.js';
import { parsedAddress } from './check-listeners.js';
import { rawList, rawObject, rawObjects, rawText } from './raw.js';
import type { Path, Source } from './source.js';

export function checkSocketPaths(source: Source, folder: string): void {
  const root = rawObject(source.value);
  for (const [name, listener] of rawObjects(root['listeners'])) {
    checkPath(source, ['listeners', name, 'address'], parsedAddress(listener['address'], parseListenAddress), folder);
  }
  for (const [name, upstream] of rawObjects(root['upstreams'])) {
    for (const [index, server] of rawList(upstream['servers']).entries()) {
      const path = ['upstreams', name, 'servers', index];
      if (rawText(server) === null)
        checkPath(source, [...path, 'address'], parsedAddress(rawObject(server)['address'], parseServerAddress), folder);
      else checkPath(source, path, parsedAddress(server, parseServerAddress), folder);
    }
  }
}

function checkPath(source: Source, path: Path, address: ListenAddress | null, folder: string): void {
  if (address?.kind !== 'unix') return;
  const absolute = resolve(folder, address.path);
  if (Buffer.byteLength(absolute) <= maxUnixPathBytes) return;
  source.addAtValue(
    path,
    `the socket's path ${absolute} is longer than the system's ${maxUnixPathBytes} bytes; write a shorter one instead`,
  );
}
