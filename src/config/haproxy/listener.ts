// A frontend as listeners of the document, with its rules and its routes to backends.
import { builtInAnswer } from './built-in-answers.js';
import type { Draft, Path } from './draft.js';
import { whenOf } from './http-rules.js';
import type { ForwardFor, Part, ProxySection } from './proxy-section.js';
import type { Spot } from './report.js';
import { writeTime } from './time.js';

/** The backends of the file by name. */
export interface Backends {
  readonly names: readonly string[];
  /** A backend and the name of its upstream; upstream null: it has no servers. */
  find(name: string): { readonly proxy: ProxySection; readonly upstream: string | null } | null;
}

export function writeListener(
  proxy: ProxySection,
  bind: ProxySection['binds'][number],
  path: Path,
  draft: Draft,
  backends: Backends,
): unknown {
  draft.note(path, proxy.section.head, `${proxy.section.kind} ${proxy.name}`);
  draft.place([...path, 'address'], bind.at);
  const maxConnections = proxy.maxConnections === null ? {} : { maxConnections: proxy.maxConnections.value };
  if (proxy.maxConnections !== null) draft.place([...path, 'maxConnections'], proxy.maxConnections.at);
  const common = { address: bind.address, ...maxConnections, ...connectionRulesOf(proxy, bind, path, draft), ...bind.value };
  return proxy.mode === 'tcp'
    ? { ...common, ...writeTcp(proxy, path, draft, backends) }
    : { ...common, ...writeHttp(proxy, path, draft, backends) };
}

/** HAProxy asks the rules of connections before the PROXY protocol has come, and those of sessions behind it, as we do. */
function connectionRulesOf(proxy: ProxySection, bind: ProxySection['binds'][number], path: Path, draft: Draft): Record<string, unknown> {
  if (proxy.connectionKeyword === 'tcp-request connection' && bind.value['proxyProtocol'] !== undefined) {
    proxy.report.refuseGuard(
      proxy.connectionRules[0]!.at,
      'where a PROXY protocol header is accepted, rules are about the client that it names; write "tcp-request session"',
    );
  }
  return listOf('connectionRules', proxy.connectionRules, path, draft);
}

function writeTcp(proxy: ProxySection, path: Path, draft: Draft, backends: Backends): Record<string, unknown> {
  const { report } = proxy;
  for (const { at } of [...proxy.requestRules, ...proxy.redirectRules, ...proxy.responseRules, ...proxy.afterRules])
    report.note(at, 'rules for HTTP mean nothing in tcp mode, for HAProxy neither; remove this one, or write "mode http"');
  const targets = targetsOf(proxy, backends);
  if (targets.length === 0)
    report.refuse(proxy.section.head, 'a tcp listener without servers is not supported; write a "server" or a "default_backend"');
  const routes = targets.map(({ condition, target }, index) => {
    const place = [...path, 'routes', index];
    draft.note(place, target.at, `backend ${target.proxy.name}`);
    return { ...whenOf(condition, 'match'), ...writeTcpRoute(proxy, target) };
  });
  return { mode: 'tcp', routes };
}

function writeTcpRoute(front: ProxySection, target: Target): Record<string, unknown> {
  // HAProxy closes such a connection.
  if (target.upstream === null) return { deny: true };
  const client = timeoutOf(front, 'client');
  const server = timeoutOf(target.proxy, 'server');
  const idle = target.proxy.timeouts.get('tunnel')?.ms ?? Math.min(client || Infinity, server || Infinity);
  return {
    upstream: target.upstream,
    timeouts: {
      connect: writeTime(timeoutOf(target.proxy, 'connect')),
      tunnelIdle: writeTime(idle),
      halfClosed: writeTime(finTimeout(front, target.proxy) ?? idle),
    },
  };
}

function writeHttp(proxy: ProxySection, path: Path, draft: Draft, backends: Backends): Record<string, unknown> {
  const rules = [...monitorRules(proxy), ...withPages(proxy.requestRules, proxy), ...proxy.redirectRules];
  checkStops(proxy, proxy.redirectRules.length > 0);
  const client = timeoutOf(proxy, 'client');
  const request = proxy.timeouts.get('http-request')?.ms ?? client;
  const timeouts = {
    requestHead: writeTime(request),
    requestBody: writeTime(client),
    idle: writeTime(proxy.timeouts.get('http-keep-alive')?.ms ?? request),
    send: writeTime(client),
  };
  const clientTimeout = proxy.timeouts.get('client');
  if (clientTimeout !== undefined) draft.place([...path, 'timeouts'], clientTimeout.at);
  return {
    mode: 'http',
    profile: 'haproxy',
    forwarded: false,
    abortOnClose: (defaultTarget(proxy, backends)?.proxy ?? proxy).abortsOnClose,
    timeouts,
    ...listOf('rules', rules, path, draft),
    ...responseRulesOf(withPages(proxy.responseRules, proxy), path, draft),
    ...listOf('lastRules', proxy.afterRules, path, draft),
    ...errorPagesOf(path, draft, proxy),
    routes: writeRoutes(proxy, [...path, 'routes'], draft, backends),
  };
}

function writeRoutes(front: ProxySection, path: Path, draft: Draft, backends: Backends): unknown[] {
  const targets = targetsOf(front, backends);
  const routes: Record<string, unknown>[] = [];
  const add = (target: Target, around: Record<string, unknown>): void => {
    const place = [...path, routes.length];
    draft.note(place, target.at, `backend ${target.proxy.name}`);
    routes.push({ ...around, ...writeRoute(front, target, place, draft) });
  };
  for (const { condition, target, computed } of targets) {
    if (computed === null) {
      add(target, whenOf(condition, 'match'));
      continue;
    }
    // Inside the route for all that meet the condition, the name decides; what it does not name goes to the default.
    const place = [...path, routes.length];
    draft.note(place, target.at, 'a backend by a name that is computed');
    const inner = [...place, 'routes', 0];
    routes.push({
      ...whenOf(condition, 'match'),
      rules: [{ routeTo: computed }],
      routes: [
        front.isBackend || front.defaultBackend !== null ? writeRoute(front, target, inner, draft) : { respond: builtInOrOwn(front, 503) },
      ],
    });
  }
  if (!targets.some(({ condition }) => takesEverything(condition))) routes.push({ respond: builtInOrOwn(front, 503) });
  if (targets.some(({ computed }) => computed !== null)) {
    for (const name of backends.names) {
      const found = backends.find(name)!;
      if (found.proxy.mode === 'http') add({ ...found, at: found.proxy.section.head }, { name });
    }
  }
  return routes;
}

interface Choice {
  readonly condition: unknown;
  readonly target: Target;
  /** The Value that reads a backend's name, `target` being for what it does not name; null: the target it is. */
  readonly computed: string | null;
}

/** Where the section leads: its choices in order, and the default behind them. */
function targetsOf(front: ProxySection, backends: Backends): Choice[] {
  const choices: Choice[] = [];
  const seen = new Set<string>();
  const add = (condition: unknown, target: Target, computed: string | null): void => {
    const key = JSON.stringify(condition);
    // Behind one that takes everything, or the same, nothing arrives.
    if (seen.has('{}') || seen.has(key) || !checkMode(front, target.proxy, target.at)) return;
    seen.add(key);
    choices.push({ condition, target, computed });
  };
  for (const { condition, backend, computed } of front.choices) {
    if (computed !== null) {
      if (front.mode === 'tcp')
        front.report.refuse(backend, 'in tcp mode the name of a backend is not computed; write a "use_backend" for each');
      else add(condition, { proxy: front, upstream: null, ...defaultTarget(front, backends), at: backend }, computed);
      continue;
    }
    const found = backends.find(backend.text);
    if (found === null) front.report.reject(backend, `there is no backend "${backend.text}"; write one, or another name`);
    else add(condition, { ...found, at: backend }, null);
  }
  const target = defaultTarget(front, backends);
  if (target !== null) add({}, target, null);
  return choices;
}

function takesEverything(condition: unknown): boolean {
  return Object.keys(condition as object).length === 0;
}

interface Target {
  readonly proxy: ProxySection;
  readonly upstream: string | null;
  readonly at: Spot;
}

function defaultTarget(front: ProxySection, backends: Backends): Target | null {
  const word = front.defaultBackend;
  if (word !== null) {
    const found = backends.find(word.text);
    if (found !== null) return { ...found, at: word };
    front.report.reject(word, `there is no backend "${word.text}"; write one, or another name`);
    return null;
  }
  if (!front.isBackend) return null;
  return { ...backends.find(front.name)!, at: front.section.head };
}

function checkMode(front: ProxySection, back: ProxySection, at: Spot): boolean {
  if (back.mode === front.mode) return true;
  front.report.reject(at, `"${back.name}" is in mode ${back.mode}, and this section in mode ${front.mode}; write the same "mode" in both`);
  return false;
}

function writeRoute(front: ProxySection, target: Target, path: Path, draft: Draft): Record<string, unknown> {
  const back = target.proxy;
  const ownResponseRules = back === front ? [] : withPages(back.responseRules, back, front);
  const own = back === front ? [] : [...withPages(back.requestRules, back, front), ...back.redirectRules];
  const forward = back.forwardFor ?? front.forwardFor;
  const isConditional = forward !== null && (forward.except !== null || forward.isIfNone);
  if (back !== front) checkStops(back, back.redirectRules.length > 0 || isConditional);
  const lastRules = back === front ? {} : listOf('lastRules', back.afterRules, path, draft);
  const rules = isConditional ? [...own, forwardRule(forward)] : own;
  const route: Record<string, unknown> = {
    ...listOf('rules', rules, path, draft),
    ...responseRulesOf(ownResponseRules, path, draft),
    ...lastRules,
    ...(back !== front && back.errorPages.size > 0 && errorPagesOf(path, draft, back, front)),
  };
  if (forward !== null && !isConditional) {
    route['request'] = { add: { [forward.header]: '${client.ip}' } };
    draft.place([...path, 'request'], forward.at);
  }
  if (target.upstream === null)
    return {
      ...listOf('rules', own, path, draft),
      ...lastRules,
      respond: builtInOrOwn(back.errorPages.has(503) ? back : front, 503),
    };
  const server = timeoutOf(back, 'server');
  const tunnel = back.timeouts.get('tunnel')?.ms ?? Math.min(timeoutOf(front, 'client') || Infinity, server || Infinity);
  route['timeouts'] = {
    connect: writeTime(timeoutOf(back, 'connect')),
    responseHead: writeTime(server),
    responseBody: writeTime(server),
    tunnelIdle: writeTime(tunnel),
    halfClosed: writeTime(finTimeout(front, back) ?? tunnel),
  };
  // What a client may switch to is the server's affair.
  route['upgrade'] = ['*'];
  // Servers are told that each connection is for one request.
  if (back.closesToServer !== null || front.closesToServer !== null) route['toServer'] = { keepAlive: false };
  return { ...route, upstream: target.upstream };
}

function forwardRule(forward: ForwardFor): Part {
  const conditions = [
    ...(forward.except === null ? [] : [{ not: { client: [forward.except] } }]),
    ...(forward.isIfNone ? [{ test: [{ value: `\${header.${forward.header.toLowerCase()}}`, exists: false }] }] : []),
  ];
  const when = conditions.length === 1 ? conditions[0] : { all: conditions };
  return { value: { when, request: { add: { [forward.header]: '${client.ip}' } } }, at: forward.at };
}

/** "allow" ends the http-request rules alone: what HAProxy does behind them would be skipped as well. */
function checkStops(proxy: ProxySection, hasMore: boolean): void {
  for (const rule of proxy.requestRules) {
    if (hasMore && rule.value['stop'] === true)
      proxy.report.refuse(
        rule.at,
        '"allow" is not supported in a section with "redirect" or a conditional "option forwardfor"; write the condition into the other rules',
      );
  }
}

function monitorRules(proxy: ProxySection): Part[] {
  if (proxy.monitorUri === null) return [];
  const when = { test: [{ value: '${target}', is: proxy.monitorUri.text }] };
  return [{ value: { when, respond: builtInOrOwn(proxy, 200) }, at: proxy.monitorUri }];
}

function builtInOrOwn(proxy: ProxySection, status: number): unknown {
  return proxy.errorPages.get(status)?.answer ?? builtInAnswer(status);
}

/** The rules with the pages that the sections have, the first one's first. */
function withPages(rules: readonly Part[], ...sections: readonly ProxySection[]): Part[] {
  return rules.map((rule) => {
    const page = rule.page === undefined ? undefined : pageOf(rule.page, sections);
    return page === undefined ? rule : { ...rule, value: { ...rule.value, respond: page } };
  });
}

function pageOf(status: number, sections: readonly ProxySection[]): unknown {
  return sections.find((section) => section.errorPages.has(status))?.errorPages.get(status)?.answer;
}

/** Of a backend, and of its frontend what the backend has none for. */
function errorPagesOf(path: Path, draft: Draft, ...sections: readonly ProxySection[]): Record<string, unknown> {
  const pages = new Map([...sections].reverse().flatMap(({ errorPages }) => [...errorPages]));
  const parts = [...pages].map(([status, { answer, at }]) => ({ value: { status: [status], respond: answer }, at }));
  return listOf('errorPages', parts, path, draft);
}

/** Rules for responses of servers have a list of their own, which "allow" ends, the backend's before the frontend's. */
function responseRulesOf(rules: readonly Part[], path: Path, draft: Draft): Record<string, unknown> {
  if (rules.length === 0) return {};
  const value = { of: 'server', ...listOf('rules', rules, [...path, 'responseRules', 0], draft) };
  return listOf('responseRules', [{ value, at: rules[0]!.at }], path, draft);
}

function listOf(key: string, parts: readonly Part[], path: Path, draft: Draft): Record<string, unknown> {
  return parts.length === 0 ? {} : { [key]: draft.list([...path, key], parts) };
}

/** 0: none. */
function timeoutOf(proxy: ProxySection, name: string): number {
  return proxy.timeouts.get(name)?.ms ?? 0;
}

function finTimeout(front: ProxySection, back: ProxySection): number | null {
  const given = [front.timeouts.get('client-fin')?.ms, back.timeouts.get('server-fin')?.ms].filter((ms) => ms !== undefined);
  return given.length === 0 ? null : Math.min(...given);
}
