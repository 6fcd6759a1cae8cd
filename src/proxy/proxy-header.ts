// The PROXY protocol header that opens a connection to a server, telling it who the client is.
import type { ClientInfo, ListenerInfo } from '../route/exchange-view.js';
import { writeProxyV1, writeProxyV2 } from '../wire/proxy-protocol.js';

/** The header as latin1 text. */
export function proxyHeader(version: 1 | 2, client: ClientInfo, listener: ListenerInfo): string {
  const destination = { ip: listener.localIp, port: listener.localPort };
  return version === 1 ? writeProxyV1(client, destination) : writeProxyV2(client, destination).toString('latin1');
}
