// A server that answers with its name, gives whoever comes without one a session of its own, and echoes in tunnels.
import { randomBytes } from 'node:crypto';
import { type ScriptedServer, startScriptedServer } from '../../fixtures/scripted-server.js';
import { switchingProtocols } from '../one-scripted-server.js';

export function startSessionServer(name: string): Promise<ScriptedServer> {
  return startScriptedServer((connection, head) => {
    if (/^upgrade:/im.test(head)) {
      connection.write(switchingProtocols);
      connection.on('data', (chunk) => connection.write(chunk));
      return;
    }
    const session = head.startsWith('GET /app ') && !/^cookie: SID=/im.test(head) ? randomBytes(16).toString('hex') : '';
    const setCookie = session && `Set-Cookie: SID=${session}; Path=/; HttpOnly\r\n`;
    connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\n${setCookie}\r\n${name}`);
  });
}
