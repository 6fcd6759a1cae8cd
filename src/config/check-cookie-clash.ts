// Two sticky upstreams for one host under one cookie would take turns at overwriting each other's bindings.
import { type RawObject, rawList, rawObject, rawText } from './raw.js';
import type { Source } from './source.js';

interface StickyRoute {
  readonly position: number;
  readonly upstream: string;
  /** The cookie as browsers keep it: one per name, path and domain. */
  readonly cookie: string;
  readonly cookieName: string;
  /** Exact names in lower case; null: any host may be taken, as far as exact names tell. */
  readonly hosts: readonly string[] | null;
}

export function checkCookieClash(source: Source, listener: RawObject, root: RawObject): void {
  const upstreams = rawObject(root['upstreams']);
  const routes = rawList(listener['routes']).flatMap((route, position) => {
    const sticky = stickyRoute(position, rawObject(route), upstreams);
    return sticky === null ? [] : [sticky];
  });
  const earlier = new EarlierRoutes();
  for (const later of routes) {
    const other = earlier.otherThan(later);
    earlier.add(later);
    if (other === null) continue;
    const path = ['upstreams', later.upstream, 'sticky'];
    const message = `upstream "${other.upstream}" uses the cookie "${later.cookieName}" for the same host, and each would overwrite the other's; write another "name", such as "${later.cookieName}-${later.upstream}"`;
    if (rawObject(rawObject(upstreams[later.upstream])['sticky'])['name'] === undefined) source.addAtKey(path, message);
    else source.addAtValue([...path, 'name'], message);
  }
}

function stickyRoute(position: number, route: RawObject, upstreams: RawObject): StickyRoute | null {
  const upstream = rawText(route['upstream']);
  const written = upstream === null ? undefined : rawObject(upstreams[upstream])['sticky'];
  if (upstream === null || written === undefined) return null;
  const sticky = rawObject(written);
  // Others set no cookie of ours.
  // Where the mode is written, servers are told apart by values of their own, and the file says which may meet.
  if (sticky['policy'] !== 'cookie' || sticky['mode'] !== undefined) return null;
  const cookieName = rawText(sticky['name']) ?? 'route';
  const cookie = JSON.stringify([cookieName, sticky['path'] ?? '/', sticky['domain'] ?? '']);
  return { position, upstream, cookie, cookieName, hosts: exactHosts(rawObject(route['match'])['host']) };
}

function exactHosts(written: unknown): string[] | null {
  if (written === undefined) return null;
  const names = [written].flat().filter((name) => typeof name === 'string');
  return names.some((name) => name.startsWith('*')) ? null : names.map((name) => name.toLowerCase());
}

/** The sticky routes before one, by cookie and host. */
class EarlierRoutes {
  private readonly ofCookie = new Map<string, FirstTwo>();
  private readonly ofCookieForAnyHost = new Map<string, FirstTwo>();
  private readonly ofCookieAndHost = new Map<string, FirstTwo>();

  /** The first that has the cookie, may take the same host, and leads to another upstream. */
  otherThan({ cookie, hosts, upstream }: StickyRoute): StickyRoute | null {
    const meeting =
      hosts === null
        ? [this.ofCookie.get(cookie)]
        : [this.ofCookieForAnyHost.get(cookie), ...hosts.map((host) => this.ofCookieAndHost.get(`${cookie} ${host}`))];
    let first: StickyRoute | null = null;
    for (const two of meeting) {
      const route = two?.otherThan(upstream) ?? null;
      if (route !== null && (first === null || route.position < first.position)) first = route;
    }
    return first;
  }

  add(route: StickyRoute): void {
    addTo(this.ofCookie, route.cookie, route);
    if (route.hosts === null) addTo(this.ofCookieForAnyHost, route.cookie, route);
    else for (const host of route.hosts) addTo(this.ofCookieAndHost, `${route.cookie} ${host}`, route);
  }
}

/** Of some routes the first one, and the first that leads elsewhere: one of them leads to another upstream than any other route. */
class FirstTwo {
  private second: StickyRoute | null = null;

  constructor(private readonly first: StickyRoute) {}

  add(route: StickyRoute): void {
    if (this.second === null && route.upstream !== this.first.upstream) this.second = route;
  }

  otherThan(upstream: string): StickyRoute | null {
    return this.first.upstream === upstream ? this.second : this.first;
  }
}

function addTo(map: Map<string, FirstTwo>, key: string, route: StickyRoute): void {
  const two = map.get(key);
  if (two === undefined) map.set(key, new FirstTwo(route));
  else two.add(route);
}
