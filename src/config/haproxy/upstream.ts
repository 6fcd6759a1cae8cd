// A backend as an upstream of the document.
import type { Draft, Path } from './draft.js';
import type { ProxySection } from './proxy-section.js';
import { writeTime } from './time.js';

export function writeUpstream(proxy: ProxySection, path: Path, draft: Draft): unknown {
  draft.note(path, proxy.section.head, `${proxy.section.kind} ${proxy.name}`);
  const sticky = proxy.mode === 'http' ? proxy.sticky : null;
  if (proxy.sticky !== null && sticky === null)
    proxy.report.note(proxy.sticky.at, 'a cookie means nothing in tcp mode, for HAProxy neither; remove it');
  const servers = proxy.servers.map(({ value, at }) => {
    const { cookie, ...rest } = value;
    // A server without a value is in no cookie; without a cookie a value means nothing.
    return { value: sticky === null ? rest : { ...rest, cookie: cookie ?? '' }, at };
  });
  const upstream: Record<string, unknown> = { servers: draft.list([...path, 'servers'], servers) };
  if (proxy.balance !== null) {
    const { value } = proxy.balance;
    upstream['balance'] = typeof value === 'object' && 'key' in (value as object) ? { ...(value as object), ...proxy.hash?.value } : value;
    if (value === 'source' && proxy.hash?.value['mix'] === true)
      proxy.report.refuse(proxy.hash.at, '"avalanche" does not go with "balance source"; leave it out');
    draft.place([...path, 'balance'], proxy.balance.at);
  }
  if (sticky !== null) {
    upstream['sticky'] = sticky.value;
    draft.place([...path, 'sticky'], sticky.at);
  }
  if (proxy.proxyProtocol !== null) upstream['proxyProtocol'] = proxy.proxyProtocol;
  // A server that is not checked is never found down.
  if (!proxy.isChecked) upstream['health'] = { passive: 'off' };
  if (proxy.closesToServer !== null && proxy.mode === 'http') {
    upstream['connectionPool'] = { maxIdle: 0 };
    draft.place([...path, 'connectionPool'], proxy.closesToServer);
  }
  const retries = proxy.retries?.value ?? 3;
  // The same server again and again, each after a second; with redispatch the last one goes elsewhere.
  const isElsewhere = proxy.isRedispatched && retries > 0;
  const pause = Math.min(1000, proxy.timeouts.get('connect')?.ms || 1000);
  upstream['retries'] = { attempts: isElsewhere ? 2 : 1, bound: isElsewhere ? retries : retries + 1, pause: writeTime(pause), methods: [] };
  if (proxy.retries !== null) draft.place([...path, 'retries'], proxy.retries.at);
  return upstream;
}
