// The file of a unix socket that nobody listens on: left over from a crash, and in the way of whoever binds there next.
import { unlinkSync } from 'node:fs';
import net from 'node:net';

/** Removes the file if it is a socket that refuses connections; leaves everything else alone. */
export async function removeStaleSocket(path: string): Promise<void> {
  const isStale = await new Promise<boolean>((resolve) => {
    const probe = net.connect({ path });
    probe.once('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
  if (isStale) unlinkSync(path);
}
