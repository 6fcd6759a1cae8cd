// Config → what the exchanges of one http listener share: its rules, its route table, where each route leads.
import type { ListenerConfig, RouteConfig } from '../config/config.js';
import type { DescriptorBudget } from '../net/descriptor-budget.js';
import { compileNetworks } from '../net/networks.js';
import type { Exchange } from '../proxy/exchange.js';
import type { BodyTimeouts, Destination, HttpService } from '../proxy/http-service.js';
import { compileRoute, type RouteSpec, requestEditRules, responseEditRules } from '../route/route.js';
import { FirstMatchTable } from '../route/route-table.js';
import { profiles } from '../wire/profile.js';
import { type CompiledUpstream, linkFor } from './compile-upstreams.js';

export function compileHttpService(
  name: string,
  listener: ListenerConfig,
  upstreams: ReadonlyMap<string, CompiledUpstream>,
  budget: DescriptorBudget,
  log: (exchange: Exchange) => void,
): HttpService {
  const { limits, timeouts } = listener;
  return {
    name,
    profile: profiles[listener.profile],
    limits: { maxHeadBytes: limits.head, maxFields: limits.fields, maxTargetBytes: limits.target },
    timeouts: { requestHeadMs: timeouts.requestHead, idleMs: timeouts.idle },
    bodyTimeouts: bodyTimeouts(timeouts),
    trustedProxies: compileNetworks(listener.trustedProxies),
    writesForwarded: listener.forwarded,
    abortsOnClose: listener.abortOnClose,
    requestRules: requestEditRules(listener.request),
    responseRules: responseEditRules(listener.response),
    routes: new FirstMatchTable(listener.routes.map((route) => compileRoute(specOf(route), destinationOf(route, listener, upstreams)))),
    budget,
    log,
  };
}

function specOf(route: RouteConfig): RouteSpec {
  const { match, request, response, destination } = route;
  const spec: RouteSpec = { match, request, response };
  switch (destination.kind) {
    case 'upstream':
      return spec;
    case 'respond':
      return { ...spec, respond: destination };
    case 'redirect':
      return { ...spec, redirect: destination };
    default:
      return { ...spec, deny: destination };
  }
}

function destinationOf(route: RouteConfig, listener: ListenerConfig, upstreams: ReadonlyMap<string, CompiledUpstream>): Destination {
  const { timeouts, limits, destination } = route;
  const compiled = destination.kind === 'upstream' ? upstreams.get(destination.upstream) : undefined;
  return {
    upstream: compiled === undefined ? null : linkFor(compiled, listener.profile, limits.responseHead),
    body: bodyTimeouts(timeouts),
    attempt: { connectMs: timeouts.connect, responseHeadMs: timeouts.responseHead, responseBodyMs: timeouts.responseBody },
    tunnel: { tunnelIdleMs: timeouts.tunnelIdle, halfClosedMs: timeouts.halfClosed },
    maxBodyBytes: limits.body,
    upgrades: new Set(route.upgrade),
  };
}

function bodyTimeouts(timeouts: ListenerConfig['timeouts']): BodyTimeouts {
  return { requestBodyMs: timeouts.requestBody, sendMs: timeouts.send };
}
