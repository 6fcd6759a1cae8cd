// The stage of the tests in which somebody vanishes: one scripted server behind Limpet in this process, and afterwards
// the proof that nothing is left of it.
import { type Script, type ScriptedServer, type ScriptedServerOptions, startScriptedServer } from '../fixtures/scripted-server.js';
import { type LimpetProcess, startLimpet } from './limpet-process.js';

export interface ScriptedStage {
  readonly limpet: LimpetProcess;
  readonly server: ScriptedServer;
}

/**
 * Runs `action` against Limpet in front of one server that follows `script`. Then the server closes what it has, Limpet
 * must come back to the sockets it started with by itself, and at its end all its counters must be zero.
 */
export async function withScriptedServer(
  script: Script,
  action: (stage: ScriptedStage) => Promise<void>,
  options: ScriptedServerOptions = {},
): Promise<void> {
  const server = await startScriptedServer(script, options);
  try {
    const limpet = await startLimpet({
      listeners: { web: { address: '127.0.0.1:0', routes: [{ upstream: 'app' }] } },
      // Without passive health, because a server that is taken out after some failures would answer 503 for the rest.
      upstreams: { app: { servers: [server.address], sticky: { policy: 'cookie', name: 'route' }, health: { passive: 'off' } } },
    });
    try {
      await action({ limpet, server });
      await server.close();
      await limpet.waitForBaselineSockets();
      await limpet.stop();
    } finally {
      await limpet.kill();
    }
  } finally {
    await server.close();
  }
}

/** A whole answer with these bytes as its body. */
export function answerWith(body: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** What a server says to a handshake that it takes. It looks at no key: Limpet must not either. */
export const switchingProtocols = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

export const upgradeRequest =
  'GET /chat HTTP/1.1\r\nHost: limpet.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';
