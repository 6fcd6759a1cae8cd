// upstream blocks, and the upstreams that proxy_pass makes by naming an address.
import type { Place } from '../front-end.js';
import type { TranslationBuilder } from '../translation-builder.js';
import type { Scope } from './scope.js';
import type { Statement } from './statements.js';
import { stickyOf } from './sticky.js';
import { LONGEST_MS, parseSeconds } from './units.js';
import type { ValueTranslator } from './variables.js';

type Written = Record<string, unknown>;

/** How a server is chosen. */
const methods = ['ip_hash', 'hash', 'random', 'least_conn'];

export interface NginxUpstream {
  /** The name in the document. */
  readonly name: string;
  readonly written: Written;
  /** Whether connections to its servers are kept. */
  readonly keepsConnections: boolean;
}

/** nginx repeats every method but POST, LOCK and PATCH. */
export const repeatableMethods = 'GET HEAD OPTIONS PUT DELETE TRACE PROPFIND PROPPATCH MKCOL COPY MOVE UNLOCK'.split(' ');

/** Upstreams by nginx's name in small letters, in the order in which they are met. */
export class NginxUpstreams {
  readonly byName = new Map<string, NginxUpstream>();
  /** The names of upstream blocks. */
  private readonly blocks = new Set<string>();
  /** By what was asked of each: see {@link withSettings}. */
  private readonly settled = new Map<NginxUpstream, Map<string, NginxUpstream>>();

  constructor(
    private readonly builder: TranslationBuilder,
    private readonly isStream: boolean,
    /** null in a stream, which knows the client's address and nothing else. */
    private readonly values: ValueTranslator | null,
    /** Those of the other block: names in the document are not shared. */
    private readonly others: NginxUpstreams | null = null,
  ) {}

  /** The upstream blocks of http or stream. */
  readBlocks(scope: Scope): void {
    for (const statement of scope.all('upstream')) {
      const name = statement.args[0]!.text;
      this.blocks.add(name.toLowerCase());
      if (this.byName.has(name.toLowerCase())) this.builder.refuse(statement.place, `duplicate upstream "${name}"; write another name`);
      else this.byName.set(name.toLowerCase(), this.readBlock(name, statement));
    }
  }

  /** The upstream that `authority` (a name, or host:port) leads to. */
  get(authority: string, place: Place): NginxUpstream {
    const known = this.byName.get(authority.toLowerCase());
    if (known !== undefined) return known;
    const [, name = '', port = ''] = /^(.*):(\d+)$/.exec(authority) ?? [];
    if (this.blocks.has(name.toLowerCase()))
      this.builder.refuse(place, `upstream "${name}" may not have port ${port}; its servers have theirs, leave it out`);
    const address = authority.startsWith('unix:') || /:\d+$/.test(authority) ? authority : `${authority}:80`;
    const written = this.builder.mark({ servers: [address] }, place, `${place.file}:${place.line} proxy_pass ${authority}`);
    const made = { name: this.documentName(authority), written: { ...written, ...this.common(1) }, keepsConnections: false };
    this.builder.mark(made.written, place, `${place.file}:${place.line} proxy_pass ${authority}`);
    this.byName.set(authority.toLowerCase(), made);
    return made;
  }

  /** Every one of the document. */
  all(): NginxUpstream[] {
    return [...this.byName.values()].flatMap((upstream) => [...(this.settled.get(upstream)?.values() ?? [upstream])]);
  }

  /**
   * `upstream` with settings that nginx has in locations and servers, and the document in upstreams. Places that ask for the same share
   * one; another one is made for each that asks for something else.
   */
  withSettings(upstream: NginxUpstream, settings: Written, place: Place): NginxUpstream {
    const known = this.settled.get(upstream) ?? new Map<string, NginxUpstream>();
    this.settled.set(upstream, known);
    const key = JSON.stringify(settings);
    const same = known.get(key);
    if (same !== undefined) return same;
    const [first] = known.values();
    // Its sessions are the same wherever it is named.
    if (first !== undefined && upstream.written['sticky'] !== undefined) {
      this.builder.lack(
        place,
        'an upstream that sticks is asked in one way everywhere; write the same "proxy_next_upstream" in each place',
      );
      return first;
    }
    const written = this.builder.markAs({ ...upstream.written, ...settings }, upstream.written);
    if (first !== undefined && (upstream.written['servers'] as unknown[]).length > 1)
      this.builder.note(
        place,
        `servers of "${upstream.name}" are asked otherwise elsewhere: max_conns and max_fails are counted for each by itself`,
      );
    const name = first === undefined ? upstream.name : this.notTaken(upstream.name);
    const made = { ...upstream, name, written };
    known.set(key, made);
    return made;
  }

  private common(serverCount: number): Written {
    const attempts = Math.max(serverCount, 1);
    return { retries: { attempts, bound: 1, pause: '0ms', methods: repeatableMethods, on: ['closed', 'timeout'] } };
  }

  private readBlock(name: string, { block, place }: Statement): NginxUpstream {
    const statements = block ?? [];
    const servers = statements.filter((statement) => statement.name === 'server').map((statement) => this.server(statement));
    if (servers.length > 0 && servers.every(({ server }) => server['backup'] === true))
      this.builder.refuse(place, `no servers in upstream "${name}" but those in reserve; write one without backup`);
    if (servers.length === 0) this.builder.refuse(place, `no servers are inside upstream "${name}"; write server 127.0.0.1:3000;`);
    const keepalive = statements.find((statement) => statement.name === 'keepalive');
    if (keepalive !== undefined && !/^[1-9]\d*$/.test(keepalive.args[0]!.text))
      this.builder.refuse(keepalive.place, `invalid value "${keepalive.args[0]!.text}" in "keepalive" directive; write a number from 1`);
    this.refuseBackups(statements);
    // The last one holds, and takes the place of a "keepalive" before it.
    const method = statements.filter(({ name }) => methods.includes(name)).at(-1);
    const keepsConnections =
      keepalive !== undefined && (method === undefined || statements.indexOf(method) < statements.indexOf(keepalive));
    if (keepalive !== undefined && !keepsConnections)
      this.builder.note(keepalive.place, `no connections are kept, since "${method!.name}" comes behind; write "keepalive" last`);
    const written: Written = {
      servers: servers.map(({ server }) => server),
      ...(method === undefined ? {} : this.balance(method)),
      ...stickyOf(
        statements.filter(({ name }) => name !== 'ip_hash' || method?.name === 'ip_hash'),
        servers.map(({ server }) => server),
        this.values,
        this.builder,
      ),
      ...this.health(servers),
      ...(keepsConnections ? { connectionPool: { maxIdle: Number(keepalive.args[0]!.text), idleTimeout: '60s' } } : {}),
      ...this.common(servers.length),
    };
    this.builder.mark(written, place, `${place.file}:${place.line} upstream ${name}`);
    return { name: this.documentName(name), written, keepsConnections };
  }

  private documentName(name: string): string {
    const base =
      `${this.isStream ? 'stream-' : ''}${name.replace(/[^A-Za-z0-9._-]+/g, '-')}`.replace(/^[^A-Za-z0-9]+/, '').slice(0, 56) || 'upstream';
    return this.notTaken(base);
  }

  private notTaken(base: string): string {
    const taken = new Set([...this.all(), ...(this.others?.all() ?? [])].map((upstream) => upstream.name));
    let unique = base;
    for (let count = 2; taken.has(unique); count++) unique = `${base}-${count}`;
    return unique;
  }

  private server({ args, place }: Statement): { server: Written; failures: number; downFor: string; place: Place } {
    const [address = '', ...options] = args.map(({ text }) => text);
    const withPort = address.startsWith('unix:') || /:\d+$/.test(address) ? address : `${address}:80`;
    if (this.isStream && withPort !== address) this.builder.refuse(place, `no port in upstream "${address}"; write one behind a colon`);
    const server: Written = { name: address, address: withPort };
    let failures = 1;
    let downFor = '10s';
    for (const option of options) {
      const equals = option.indexOf('=');
      const [key, value] = equals < 0 ? [option, ''] : [option.slice(0, equals), option.slice(equals + 1)];
      if (key === 'weight' && /^[1-9]\d*$/.test(value)) server['weight'] = Number(value);
      else if (key === 'max_fails' && /^\d+$/.test(value)) failures = Number(value);
      else if (key === 'fail_timeout' && parseSeconds(value) !== null)
        downFor = `${Math.min(Math.max(parseSeconds(value)!, 1), LONGEST_MS)}ms`;
      else if (key === 'max_conns' && /^\d+$/.test(value)) server['maxConnections'] = Number(value) === 0 ? undefined : Number(value);
      else if (option === 'backup') server['backup'] = true;
      else if (option === 'down') server['admin'] = 'maintenance';
      else if (option === 'drain') server['admin'] = 'drain';
      else if (key === 'route' && value !== '') server['route'] = value;
      else if (['resolve', 'slow_start', 'service'].includes(key))
        this.builder.lack(place, `"${key}" of a server is not supported; leave it out`);
      else
        this.builder.refuse(place, `invalid parameter "${option}"; write weight=, max_fails=, fail_timeout=, max_conns=, backup or down`);
    }
    return { server: this.builder.mark(server, place, ''), failures, downFor, place };
  }

  /** As nginx: who goes by a hash or by chance has no servers in reserve, of those that are named behind it. */
  private refuseBackups(statements: readonly Statement[]): void {
    let method: string | null = null;
    for (const { name, args, place } of statements) {
      if (methods.includes(name)) method = name === 'least_conn' ? null : name;
      if (name === 'server' && method !== null && args.slice(1).some(({ text }) => text === 'backup'))
        this.builder.refuse(place, `balancing method does not support parameter "backup"; leave it out beside ${method}`);
    }
  }

  private balance(method: Statement): Written {
    if (method.name === 'random') this.judgeRandom(method);
    if (method.name === 'random') return { balance: { by: 'random', draws: method.args.length === 0 ? 1 : 2 } };
    if (method.name === 'hash') return { balance: this.hash(method) };
    return method.name === 'least_conn' ? { balance: 'least-connections' } : {};
  }

  private judgeRandom({ args, place }: Statement): void {
    const [draws, method] = args.map(({ text }) => text);
    if (draws !== undefined && draws !== 'two') this.builder.refuse(place, `invalid parameter "${draws}"; write two, or nothing`);
    if (method?.startsWith('least_time') === true)
      this.builder.lack(place, `"${method}" belongs to the commercial nginx; write random two least_conn`);
    else if (method !== undefined && method !== 'least_conn')
      this.builder.refuse(place, `invalid parameter "${method}"; write least_conn, or nothing`);
  }

  private hash({ args, place }: Statement): Written {
    const [key = '', consistent] = args.map(({ text }) => text);
    if (consistent !== undefined && consistent !== 'consistent')
      this.builder.refuse(place, `invalid parameter "${consistent}"; write consistent, or nothing`);
    return { by: 'hash', key: this.hashKey(key, place), over: consistent === undefined ? 'rehash' : 'ring' };
  }

  private hashKey(key: string, place: Place): string {
    if (this.values !== null) return this.values.template(key, place);
    if (/^\$(remote_addr|\{remote_addr\})$/.test(key)) return '${client.ip}';
    this.builder.lack(place, `"hash ${key}" is not supported here; write hash $remote_addr`);
    return '${client.ip}';
  }

  /** The first server's holds for the upstream, another one's for itself. */
  private health(servers: readonly { server: Written; failures: number; downFor: string }[]): Written {
    const [first] = servers;
    if (first === undefined) return {};
    for (const { server, failures, downFor } of servers)
      if (failures !== first.failures || downFor !== first.downFor) server['health'] = passiveHealth(failures, downFor);
    return { health: passiveHealth(first.failures, first.downFor) };
  }
}

function passiveHealth(failures: number, downFor: string): Written {
  return { passive: failures === 0 ? 'off' : { failures, window: downFor, downFor } };
}
