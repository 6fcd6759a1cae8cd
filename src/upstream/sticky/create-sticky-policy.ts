// The sticky policies by the names that the config gives them.
import type { Server } from '../server.js';
import { StickyAppCookie, type StickyAppCookieOptions } from './app-cookie.js';
import { StickyCookie, type StickyCookieOptions } from './cookie.js';
import { StickyRoute, type StickyRouteOptions } from './route.js';
import { ServerCookie, type ServerCookieOptions } from './server-cookie.js';
import { StickySource, type StickySourceOptions } from './source.js';
import type { StickyPolicy } from './sticky-policy.js';

export type StickyOptions = StickyCookieOptions | ServerCookieOptions | StickySourceOptions | StickyAppCookieOptions | StickyRouteOptions;

/** Throws what the policy's constructor throws. */
export function createStickyPolicy(upstreamName: string, servers: readonly Server[], options: StickyOptions): StickyPolicy {
  switch (options.policy) {
    case 'cookie':
      return new StickyCookie(upstreamName, servers, options);
    case 'server-cookie':
      return new ServerCookie(servers, options);
    case 'source':
      return new StickySource(servers, options);
    case 'app-cookie':
      return new StickyAppCookie(servers, options);
    case 'route':
      return new StickyRoute(servers, options);
  }
}
