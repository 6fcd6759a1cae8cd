// The servers of a stream block as tcp listeners.
import type { TranslationBuilder } from '../translation-builder.js';
import { addressesOf, type VirtualServer } from './listeners.js';
import { accessRules } from './rewrite-rules.js';
import { Scope } from './scope.js';
import { tlsOf } from './tls.js';
import { durationOf } from './units.js';
import { NginxUpstreams } from './upstreams.js';
import { hasVariable } from './variables.js';

type Written = Record<string, unknown>;

/** Listeners and upstreams of `scope`, a stream block. */
export function streamParts(
  scope: Scope,
  builder: TranslationBuilder,
  ofHttp: NginxUpstreams | null,
): { listeners: Record<string, Written>; upstreams: NginxUpstreams } {
  const upstreams = new NginxUpstreams(builder, true, null, ofHttp);
  upstreams.readBlocks(scope);
  const servers = scope.all('server').map(({ block, place }) => ({ scope: new Scope(block ?? [], scope), place }));
  const listeners: Record<string, Written> = {};
  for (const [address, listening] of addressesOf(servers, builder)) {
    const [first, second] = listening;
    if (second !== undefined) builder.refuse(second.statement.place, `duplicate "${address}" address and port pair; write another one`);
    listeners[`stream-${Object.keys(listeners).length + 1}`] = streamListener(address, first!, upstreams, builder);
  }
  return { listeners, upstreams };
}

function streamListener(
  address: string,
  {
    server,
    statement,
    isTls,
    hasProxyProtocol,
  }: { server: VirtualServer; statement: { place: VirtualServer['place'] }; isTls: boolean; hasProxyProtocol: boolean },
  upstreams: NginxUpstreams,
  builder: TranslationBuilder,
): Written {
  const { scope, place } = server;
  const pass = scope.find('proxy_pass');
  if (pass === undefined) builder.refuse(place, 'no handler for server: write proxy_pass');
  const authority = pass?.args[0]?.text ?? 'localhost:1';
  if (hasVariable(authority)) builder.lack(pass!.place, 'variables are not supported here; write an upstream');
  if (pass !== undefined && !hasVariable(authority) && !upstreams.byName.has(authority.toLowerCase()) && !/^unix:|:\d+$/.test(authority))
    builder.refuse(pass.place, `no port in upstream "${authority}"; write one behind a colon, or the name of an upstream`);
  const sent = scope.text('proxy_protocol', 'off') === 'on' ? { proxyProtocol: 'v1' } : {};
  const upstream = upstreams.withSettings(upstreams.get(authority, pass?.place ?? place), sent, place);
  const connectionRules = accessRules(scope.all('allow'), builder);
  const connect = scope.find('proxy_connect_timeout');
  const idle = scope.find('proxy_timeout');
  const listener = {
    address,
    mode: 'tcp',
    profile: 'nginx',
    ...(isTls ? { tls: tlsOf([scope], scope, statement.place, builder) } : {}),
    ...(hasProxyProtocol ? { proxyProtocol: { from: ['0.0.0.0/0', '::/0', 'unix'] } } : {}),
    ...(connectionRules.length === 0 ? {} : { connectionRules }),
    timeouts: {
      connect: connect === undefined ? '60s' : (durationOf(connect, builder) ?? '60s'),
      tunnelIdle: idle === undefined ? '10m' : (durationOf(idle, builder) ?? '10m'),
    },
    upstream: upstream.name,
  };
  return builder.mark(listener, statement.place, `${statement.place.file}:${statement.place.line} listen ${address}`);
}
