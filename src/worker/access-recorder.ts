// From an exchange, or a TCP connection, that has ended to a line of the access log.
import type { AccessLog } from '../observe/access-log.js';
import { AccessRecord } from '../observe/access-record.js';
import type { Exchange } from '../proxy/exchange.js';
import type { TcpConnection } from '../proxy/tcp-connection.js';
import type { ExchangeView } from '../route/exchange-view.js';
import { binding } from '../upstream/binding.js';

const bindingWords = { [binding.none]: '-', [binding.bound]: 'bound', [binding.new]: 'new', [binding.rebound]: 'rebound' } as const;

export class AccessRecorder {
  /** null: the access log is off. Another one takes its place with a config that says so. */
  log: AccessLog<ExchangeView | null> | null = null;
  private readonly record = new AccessRecord();

  recordExchange(x: Exchange): void {
    const { record, log } = this;
    if (log === null) return;
    const { request } = x;
    record.timeMs = Date.now();
    record.clientIp = x.client.ip;
    record.method = x.receivedMethod;
    record.target = x.receivedTarget;
    record.httpVersion = request.version;
    record.host = request.authority;
    record.status = x.status;
    record.bytesSent = x.bytesToClient;
    record.bytesReceived = x.bytesFromClient;
    record.referer = request.get('referer') ?? '';
    record.userAgent = request.get('user-agent') ?? '';
    record.listener = x.service.name;
    record.upstream = x.upstreamName;
    record.server = x.serverName;
    record.serverAddress = x.serverAddress;
    record.binding = bindingWords[x.selection.binding];
    record.attempts = x.attempts;
    record.connectMs = x.connectMs;
    record.headMs = x.headMs;
    record.totalMs = x.elapsedMs;
    record.scheme = x.scheme;
    record.tlsProtocol = x.tls === null ? '' : x.tls.protocol;
    record.fault = x.fault === null ? '' : x.fault.code;
    log.write(record, x);
  }

  recordTcp(connection: TcpConnection): void {
    const { record, log } = this;
    if (log === null) return;
    record.reset();
    record.timeMs = Date.now();
    record.clientIp = connection.end.client.ip;
    record.bytesSent = connection.bytesToClient;
    record.bytesReceived = connection.bytesFromClient;
    record.listener = connection.service.name;
    record.upstream = connection.destination?.upstream.name ?? '';
    record.server = connection.server?.name ?? '';
    record.serverAddress = connection.server?.addressText ?? '';
    record.binding = bindingWords[connection.binding];
    record.attempts = connection.attempts;
    record.connectMs = connection.connectMs;
    record.totalMs = connection.elapsedMs;
    record.scheme = 'tcp';
    record.tlsProtocol = connection.end.tls === null ? '' : connection.end.tls.protocol;
    record.fault = connection.fault === null ? '' : connection.fault.code;
    log.write(record, null);
  }
}
