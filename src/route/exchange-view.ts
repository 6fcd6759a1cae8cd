// What conditions, Values and rules may see of an exchange. The exchange implements it; route/ knows no more.
import type { RequestHead, ResponseHead } from '../wire/message-head.js';

/** The client as rules, logs and forwarded fields see it: after PROXY protocol and trusted forwarded fields. */
export interface ClientInfo {
  /** Textual address without brackets; '' for a unix socket. */
  readonly ip: string;
  readonly port: number;
}

export interface ListenerInfo {
  readonly name: string;
  /** The local address and port of the connection. */
  readonly localIp: string;
  readonly localPort: number;
}

/** What is known of the TLS connection with the client; absent on a plain one. */
export interface TlsInfo {
  /** "TLSv1.3" */
  readonly protocol: string;
  readonly cipher: string;
  readonly serverName: string;
  readonly resumed: boolean;
}

export interface ExchangeView {
  readonly client: ClientInfo;
  /** The address of the socket's other end itself, whatever PROXY protocol or forwarded fields say. */
  readonly peerIp: string;
  readonly listener: ListenerInfo;
  readonly tls: TlsInfo | null;
  /** 'https' or 'http': what the client speaks, trusted X-Forwarded-Proto applied. */
  readonly scheme: 'http' | 'https';
  readonly request: RequestHead;
  /** null until a response head has come or has been made. */
  readonly response: ResponseHead | null;
  /** The response is a server's, not an answer of our own. */
  readonly hasServerResponse: boolean;
  /** The host of the authority in lower case, without port. */
  readonly host: string;
  /** The normalised path that routes match: no query, dot segments resolved, doubled slashes merged. */
  readonly path: string;
  /** The query with its '?', or ''. */
  readonly query: string;
  /** A random id of the exchange, made when first asked for: 32 hex digits. */
  readonly id: string;
  readonly upstreamName: string;
  readonly serverName: string;
  readonly serverAddress: string;
  /** What the pattern that matched last has found; null before. Patterns set it. */
  captures: RegExpExecArray | null;
  /** The request target as the client sent it, whatever rules have made of it. */
  readonly receivedTarget: string;
  /** A rule or an error page has given the exchange another target. */
  readonly isRetargeted: boolean;
  /** The method as the client sent it, whatever an error page has made of it. */
  readonly receivedMethod: string;
  /** What the map of that name makes of this exchange; '' when there is no such map. */
  readMap(name: string): string;
  /** The exchange's own variables, set by rules. */
  getVariable(name: string): string;
  setVariable(name: string, value: string): void;
}
