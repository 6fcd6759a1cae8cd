// A relay on Node that only moves bytes, the cheapest that is known: one buffer for all reads, and writes to the sockets' handles,
// without streams, deadlines or counters. A measuring rod and no proxy: what the kernel did not take at once would point into
// a buffer that others read into, so it gives up then.   node floor-relay.js LISTEN_PORT SERVER_PORT
import net from 'node:net';
import { writeDirectly } from '../../src/net/direct-write.js';
import { onreadOption, type StaticReader, startStaticRead } from '../../src/net/static-read.js';

const HOST = '127.0.0.1';
const BACKLOG = 8192;
const room = Buffer.allocUnsafeSlow(64 * 1024);

const [port, serverPort] = process.argv.slice(2).map(Number);
net.createServer({ noDelay: true, pauseOnConnect: true }, relay).listen({ port, host: HOST, backlog: BACKLOG });

function relay(client: net.Socket): void {
  const server = net.connect({ port: serverPort!, host: HOST, noDelay: true, onread: onreadOption(into(client), room) }, () =>
    startStaticRead(client, into(server), room),
  );
  couple(client, server);
  couple(server, client);
}

function into(socket: net.Socket): StaticReader {
  return {
    nextReadBuffer: () => room,
    onRead: (count, buffer) => {
      const queued = writeDirectly(socket, buffer.subarray(0, count), { takeDirectEnd: () => {} });
      if (queued > 0) throw new Error('a socket did not take all at once');
      if (queued < 0) socket.destroy();
      return true;
    },
  };
}

function couple(from: net.Socket, to: net.Socket): void {
  from.on('error', () => {});
  from.on('end', () => to.end());
  from.on('close', () => to.destroy());
}
