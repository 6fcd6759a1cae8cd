// The parts of two untyped packages that the demo's chat servers use. Not a full description of either.

declare module 'sockjs' {
  import type { EventEmitter } from 'node:events';
  import type { Server } from 'node:http';

  export interface Connection extends EventEmitter {
    /** The transport in use: websocket, xhr-streaming, xhr-polling, eventsource … */
    readonly protocol: string;
    /** Queues one text message; false when the session is over. */
    write(message: string): boolean;
    close(code?: number, reason?: string): boolean;
  }

  export interface SockjsServer extends EventEmitter {
    installHandlers(server: Server): boolean;
    on(event: 'connection', listener: (connection: Connection) => void): this;
  }

  export interface SockjsOptions {
    prefix: string;
    heartbeat_delay: number;
    disconnect_delay: number;
    jsessionid: boolean;
    sockjs_url: string;
    faye_server_options: { extensions: unknown[] };
    log(severity: string, line: string): void;
  }

  const sockjs: { createServer(options: SockjsOptions): SockjsServer };
  export default sockjs;
}

declare module 'permessage-deflate' {
  const deflate: {
    configure(options: { level: number; memLevel: number; maxWindowBits: number; noContextTakeover: boolean }): unknown;
  };
  export default deflate;
}
