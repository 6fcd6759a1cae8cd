// Config → what the exchanges of one http listener share: its rules, its route table, where each route leads.
import type { Config, ErrorPageConfig, ListenerConfig, RouteConfig } from '../config/config.js';
import type { DescriptorBudget } from '../net/descriptor-budget.js';
import { compileNetworks } from '../net/networks.js';
import type { Exchange } from '../proxy/exchange.js';
import type { BodyTimeouts, Destination, HttpService } from '../proxy/http-service.js';
import { compileRequestRules, compileResponseRules } from '../route/configured-rule.js';
import { compileErrorPages, type ErrorPages } from '../route/error-page.js';
import { requestEditRules, responseEditRules } from '../route/route.js';
import { compileMap, type ValueMap } from '../route/value-map.js';
import { profiles } from '../wire/profile.js';
import { compileRouteTree } from './compile-route-tree.js';
import { type CompiledUpstream, linkFor } from './compile-upstreams.js';

/** What listeners name that is compiled once for all of them. */
export interface Referred {
  readonly upstreams: ReadonlyMap<string, CompiledUpstream>;
  readonly maps: ReadonlyMap<string, ValueMap>;
}

export function compileMaps(config: Config): Map<string, ValueMap> {
  return new Map(Object.entries(config.maps).map(([name, map]) => [name, compileMap(map)]));
}

export function compileHttpService(
  name: string,
  listener: ListenerConfig,
  { upstreams, maps }: Referred,
  budget: DescriptorBudget,
  log: (exchange: Exchange) => void,
): HttpService {
  const { limits, timeouts } = listener;
  const pagesOf = errorPagesCompiler();
  const tree = compileRouteTree(listener, (route) => destinationOf(route, listener, upstreams, pagesOf));
  return {
    name,
    profile: profiles[listener.profile],
    limits: { maxHeadBytes: limits.head, maxFields: limits.fields, maxTargetBytes: limits.target },
    timeouts: { requestHeadMs: timeouts.requestHead, idleMs: timeouts.idle },
    bodyTimeouts: bodyTimeouts(timeouts),
    trustedProxies: compileNetworks(listener.trustedProxies),
    writesForwarded: listener.forwarded,
    abortsOnClose: listener.abortOnClose,
    requestRules: [...compileRequestRules(listener.rules), ...requestEditRules(listener.request)],
    responseRules: [...responseEditRules(listener.response), ...compileResponseRules(listener.responseRules)],
    lastRules: compileResponseRules(listener.lastRules),
    hasLastRules: hasLastRules(listener),
    routes: tree.routes,
    namedRoutes: tree.named,
    maps,
    errorPages: pagesOf(listener.errorPages),
    budget,
    log,
  };
}

function hasLastRules({ lastRules, routes }: ListenerConfig): boolean {
  const has = (route: RouteConfig): boolean =>
    route.lastRules.length > 0 || (route.destination.kind === 'routes' && route.destination.routes.some(has));
  return lastRules.length > 0 || routes.some(has);
}

function destinationOf(
  route: RouteConfig,
  listener: ListenerConfig,
  upstreams: ReadonlyMap<string, CompiledUpstream>,
  pagesOf: (pages: readonly ErrorPageConfig[]) => ErrorPages,
): Destination {
  const { timeouts, limits, toServer, destination } = route;
  const compiled = destination.kind === 'upstream' ? upstreams.get(destination.upstream) : undefined;
  return {
    upstream: compiled === undefined ? null : linkFor(compiled, listener.profile, limits.responseHead),
    body: bodyTimeouts(timeouts),
    attempt: { connectMs: timeouts.connect, responseHeadMs: timeouts.responseHead, responseBodyMs: timeouts.responseBody },
    tunnel: { tunnelIdleMs: timeouts.tunnelIdle, halfClosedMs: timeouts.halfClosed },
    maxBodyBytes: limits.body,
    upgrades: new Set(route.upgrade),
    hop: { version: toServer.httpVersion === '1.0' ? 10 : 11, keepsAlive: toServer.keepAlive },
    bufferedBodyBytes: toServer.buffer,
    errorPages: pagesOf(route.errorPages),
  };
}

function bodyTimeouts(timeouts: ListenerConfig['timeouts']): BodyTimeouts {
  return { requestBodyMs: timeouts.requestBody, sendMs: timeouts.send };
}

/** Compiles lists of error pages, each once: routes that inherit them have the same list. */
function errorPagesCompiler(): (pages: readonly ErrorPageConfig[]) => ErrorPages {
  const compiled = new Map<readonly ErrorPageConfig[], ErrorPages>();
  return (pages) => {
    const known = compiled.get(pages);
    if (known !== undefined) return known;
    const made = compileErrorPages(pages);
    compiled.set(pages, made);
    return made;
  };
}
