// An address that takes no connection and refuses none: a listening socket in another process that never accepts, its
// queue filled.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const program = `
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('node:fs').writeSync(1, String(server.address().port) + '\\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

export async function withDeafServer(action: (address: string) => Promise<void>): Promise<void> {
  const child: ChildProcess = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const queued: Socket[] = [];
  try {
    const [line] = (await once(child.stdout!, 'data')) as [Buffer];
    const port = Number(line.toString());
    for (let isFull = false; !isFull; ) {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      queued.push(socket);
      isFull = await Promise.race([once(socket, 'connect').then(() => false), delay(300, true)]);
    }
    await action(`127.0.0.1:${port}`);
  } finally {
    for (const socket of queued) socket.destroy();
    child.kill('SIGKILL');
  }
}
