// The facts about the client's end of a connection, gathered once when it is accepted: addresses after PROXY
// protocol, TLS, and the text of the forwarded fields that they lead to. Whom to trust may change with the config.

import { ownText } from '../core/own-text.js';
import type { ClientInfo, ListenerInfo, TlsInfo } from '../route/exchange-view.js';
import { forwardedHop } from '../wire/forwarded.js';

export class ClientEnd {
  /** The X-Forwarded fields of a client that nobody vouches for, up to where X-Forwarded-Host needs the request. */
  private readonly forwardedStart: string;
  /** They all, for the authority that was asked for last: nearly always the next one's too. */
  private forwardedLines = '';
  private forwardedAuthority = '';
  readonly scheme: 'http' | 'https';

  constructor(
    /** The address of the socket's other end, plain; '' on a unix socket. */
    readonly peerIp: string,
    readonly client: ClientInfo,
    readonly listener: ListenerInfo,
    readonly tls: TlsInfo | null,
    /** Forwarded fields of this peer are believed. */
    public isTrusted: boolean,
  ) {
    this.scheme = tls === null ? 'http' : 'https';
    const port = listener.localPort === 0 ? '' : `X-Forwarded-Port: ${listener.localPort}\r\n`;
    this.forwardedStart = `X-Forwarded-For: ${forwardedHop(client.ip)}\r\nX-Forwarded-Proto: ${this.scheme}\r\n${port}X-Forwarded-Host: `;
  }

  /** The X-Forwarded fields of a client that nobody vouches for, as complete lines. */
  forwardedFor(authority: string): string {
    if (authority !== this.forwardedAuthority || this.forwardedLines === '') {
      // Flat and its own: what is written costs by its pieces, and a part of a head would keep all of it.
      this.forwardedAuthority = ownText(authority);
      this.forwardedLines = ownText(`${this.forwardedStart}${authority}\r\n`);
    }
    return this.forwardedLines;
  }
}
