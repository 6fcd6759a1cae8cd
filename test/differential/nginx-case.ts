// A small file of nginx's language with requests. PORT is the proxy's, A and B are servers.
import type { Ask, CompareOptions } from './compare.js';

export interface NginxCase extends CompareOptions {
  readonly name: string;
  /** What stands inside "http". */
  readonly http: string;
  readonly asks: readonly Ask[];
}

/** A server with `inside`; `more` stands before it. */
export const site = (inside: string, more = ''): string => `${more}
server { listen 127.0.0.1:PORT; server_name site.test; ${inside} }`;

/** A server that passes everything to A. */
export const proxied = (inside: string, more = ''): string => site(`location / { proxy_pass http://A; ${inside} }`, more);
