// What an exchange asks of the client's side: one HTTP/1 connection, or one stream of an HTTP/2 connection. The
// exchange knows no more of the client's protocol than this (contract 4).
import type { Fault } from '../core/errors.js';
import type { ByteSocket } from '../net/byte-socket.js';
import type { ResponseHead } from '../wire/message-head.js';

export interface ClientStream {
  /** A 1xx other than 101. Never asked for on HTTP/1.0. */
  sendInformational(head: ResponseHead): void;
  /** The final head of a server's answer. */
  sendHead(head: ResponseHead): void;
  /** A piece of the answer's body, valid until it returns (contract 1). False: send no more until `exchange.onClientUnblocked`. */
  sendBody(buffer: Buffer, start: number, end: number, source: ByteSocket | null): boolean;
  /** The answer is complete. `trailers` are complete lines, or ''. */
  endBody(trailers: string): void;
  /** The answer is one of ours: its head, and its whole body as latin1 text or bytes. `closes`: what follows from this client cannot be read with certainty, or is not wanted. */
  answer(head: ResponseHead, body: string | Buffer, closes: boolean): void;
  /** Cuts the answer short so that the client notices, or goes away where none has begun. */
  abort(fault: Fault): void;
  /** A server takes the request body, or takes it again: it is to come. */
  resumeBody(): void;
  /** What is still to come of the request body is no part of the answer that is under way: it is read and dropped meanwhile. */
  dropBody(): void;
  /** The exchange is over, logged and gone; the stream may begin the next one. */
  exchangeEnded(): void;
  /** The 101 head, after which the stream belongs to a tunnel; the socket to couple. HTTP/1 only. */
  beginTunnel(head: ResponseHead): ByteSocket;
  /** What came behind the request before the tunnel was there, for the server; null if nothing did. */
  takeEarlyBytes(): Buffer | null;
}
