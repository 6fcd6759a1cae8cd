// What the demo's processes and its page say to each other: between the demo and a chat server over the child
// process channel, between a chat server and the page over SockJS. Types only.

/** One chat server as everybody is told about it. `sessions` counts SockJS sessions, at 0 unless it runs. */
export interface ServerState {
  readonly name: string;
  readonly address: string;
  readonly state: 'running' | 'starting' | 'stopped';
  readonly sessions: number;
}

/** A way in, for people to read: `target` is a URL, or host:port for TCP. */
export interface Entrance {
  readonly listener: string;
  readonly kind: 'http' | 'https' | 'tcp';
  readonly target: string;
}

/** One line of the chat. `atMs` is wall-clock time since the epoch, `server` the chat server that took it. */
export interface ChatLine {
  readonly atMs: number;
  readonly name: string;
  readonly text: string;
  readonly server: string;
}

/** How a chat server is started: the one argument of its process, as JSON. */
export interface ChatServerOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly cookieName: string;
  readonly entrances: readonly Entrance[];
  readonly history: readonly ChatLine[];
}

export type ControlAction = 'start' | 'stop';

/** The answer to a control request: an HTTP status and a sentence for the person who pressed the button. */
export interface Verdict {
  readonly status: number;
  readonly message: string;
}

export type ToChatServer =
  | { readonly kind: 'servers'; readonly servers: readonly ServerState[] }
  | { readonly kind: 'line'; readonly line: ChatLine }
  | { readonly kind: 'verdict'; readonly id: number; readonly verdict: Verdict };

export type FromChatServer =
  | { readonly kind: 'listening' }
  | { readonly kind: 'failed'; readonly code: string }
  | { readonly kind: 'sessions'; readonly count: number }
  | { readonly kind: 'line'; readonly line: ChatLine }
  | { readonly kind: 'control'; readonly id: number; readonly action: ControlAction; readonly server: string }
  /** The HTTP answer to control request `id` has left: the server that it concerns may go. */
  | { readonly kind: 'answered'; readonly id: number };

export type ToPage =
  | {
      readonly kind: 'hello';
      readonly server: string;
      readonly transport: string;
      readonly cookieName: string;
      readonly entrances: readonly Entrance[];
      readonly servers: readonly ServerState[];
      readonly history: readonly ChatLine[];
    }
  | { readonly kind: 'servers'; readonly servers: readonly ServerState[] }
  | { readonly kind: 'line'; readonly line: ChatLine };

export type FromPage =
  /** First on every connection. `visitor` is the page's own random name: an older session of it is closed. */
  { readonly kind: 'join'; readonly visitor: string } | { readonly kind: 'say'; readonly name: string; readonly text: string };
