// The sticky policies by the names that the config gives them.
import type { Server } from '../server.js';
import { StickyCookie, type StickyCookieOptions } from './cookie.js';
import type { StickyPolicy } from './sticky-policy.js';

export type StickyOptions = StickyCookieOptions;

/** Throws what the policy's constructor throws. */
export function createStickyPolicy(upstreamName: string, servers: readonly Server[], options: StickyOptions): StickyPolicy {
  switch (options.policy) {
    case 'cookie':
      return new StickyCookie(upstreamName, servers, options);
  }
}
