// An exchange for the tests of rules: everything has a value, and each test replaces what it is about.
import type { Edits } from '../../src/route/edits.js';
import type { ClientInfo, ListenerInfo, TlsInfo } from '../../src/route/exchange-view.js';
import { normalisePath } from '../../src/route/path.js';
import type { Responder } from '../../src/route/responder.js';
import type { RuleSubject, StepOutcome } from '../../src/route/rule.js';
import { Http1RequestHead } from '../../src/wire/http1-request-head.js';
import { Http1ResponseHead } from '../../src/wire/http1-response-head.js';

export type FieldList = readonly (readonly [name: string, value: string])[];

export function requestHead(fields: FieldList = []): Http1RequestHead {
  const head = new Http1RequestHead();
  head.method = 'GET';
  head.target = '/chat/room?x=1';
  head.authority = 'Www.Example:8080';
  for (const [name, value] of fields) head.add(name, value);
  return head;
}

export function responseHead(fields: FieldList = []): Http1ResponseHead {
  const head = new Http1ResponseHead();
  head.status = 200;
  for (const [name, value] of fields) head.add(name, value);
  return head;
}

export class FakeExchange implements RuleSubject {
  client: ClientInfo = { ip: '192.0.2.7', port: 40000 };
  peerIp = '10.0.0.1';
  listener: ListenerInfo = { name: 'web', localIp: '10.0.0.2', localPort: 8080 };
  tls: TlsInfo | null = null;
  scheme: 'http' | 'https' = 'http';
  request: Http1RequestHead;
  response: Http1ResponseHead | null = null;
  hasServerResponse = false;
  host = 'www.example';
  path = '/chat/room';
  query = '?x=1';
  id = '00112233445566778899aabbccddeeff';
  upstreamName = '';
  serverName = '';
  serverAddress = '';
  responder: Responder | null = null;
  nextRule = 0;
  timesRoutedAgain = 0;
  captures: RegExpExecArray | null = null;
  receivedTarget = '/chat/room?x=1';
  isRetargeted = false;
  receivedMethod = 'GET';
  maps: Record<string, string> = {};
  /** Where rules have led by name. */
  ledTo = '';
  /** Names of routes. */
  routes = ['fallback'];
  laterEdits: Edits[] = [];
  resumedWith: StepOutcome | null = null;
  private readonly variables = new Map<string, string>();

  constructor(fields: FieldList = []) {
    this.request = requestHead(fields);
  }

  getVariable(name: string): string {
    return this.variables.get(name) ?? '';
  }

  setVariable(name: string, value: string): void {
    this.variables.set(name, value);
  }

  readMap(name: string): string {
    return this.maps[name] ?? '';
  }

  retarget(target: string): boolean {
    if (normalisePath(target, this) !== null) return false;
    this.request.target = target;
    return true;
  }

  routeTo(name: string): boolean {
    if (!this.routes.includes(name)) return false;
    this.ledTo = name;
    return true;
  }

  editResponseLater(edits: Edits): void {
    this.laterEdits.push(edits);
  }

  resume(outcome: StepOutcome): void {
    this.resumedWith = outcome;
  }
}

/** An exchange with some of its parts replaced. */
export function exchangeWith(parts: Partial<FakeExchange>, fields: FieldList = []): FakeExchange {
  return Object.assign(new FakeExchange(fields), parts);
}
