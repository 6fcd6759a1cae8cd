// nginx.conf → a document in the language of proxy.config.json.
import { dirname, resolve } from 'node:path';
import type { Translation } from '../front-end.js';
import { TranslationBuilder } from '../translation-builder.js';
import { expandIncludes } from './include.js';
import { judgeStatements } from './judge.js';
import { judgeTogether } from './judge-together.js';
import { judgeVariables } from './judge-variables.js';
import { addressesOf, httpListener } from './listeners.js';
import { accessLog, errorLog, judgeFormats } from './logs.js';
import { constantResults, mapName, mapOf } from './maps.js';
import { Scope } from './scope.js';
import { readStatements, type Statement } from './statements.js';
import { streamParts } from './streams.js';
import { certificatesOf } from './tls.js';
import { TypeMaps } from './types.js';
import { durationOf, parseTime } from './units.js';
import { NginxUpstreams } from './upstreams.js';
import { captureNames, ValueTranslator } from './variables.js';

type Written = Record<string, unknown>;

/** Never throws: everything that is wrong is a problem with its place. */
export function translateNginx(text: string, file: string, { lenient }: { lenient: boolean }): Translation {
  const builder = new TranslationBuilder(lenient);
  const statements = expandIncludes(readStatements(text, file, builder), dirname(resolve(file)), builder);
  // What could not be read whole would be judged for what is missing from it.
  if (builder.hasProblems) return builder.finish(undefined);
  judgeVariables(statements, builder);
  judgeTogether(statements, builder);
  const main = new Scope(judgeStatements(statements, 'main', builder), null);
  const start = { file, line: 1, column: 1 };
  if (!statements.some(({ name }) => name === 'events')) builder.refuse(start, 'no "events" section in configuration; write events { }');
  return builder.finish(documentOf(main, start, builder));
}

function documentOf(main: Scope, start: Statement['place'], builder: TranslationBuilder): Written {
  const http = blockScope(main, 'http');
  const stream = blockScope(main, 'stream');
  const fromHttp = http === null ? null : httpParts(http, builder);
  const fromStream = stream === null ? null : streamParts(stream, builder, fromHttp?.upstreams ?? null);
  const listeners = { ...fromHttp?.listeners, ...fromStream?.listeners };
  if (Object.keys(listeners).length === 0) builder.lack(start, 'nothing listens; write a "server" inside "http" or "stream"');
  const upstreams = [...(fromHttp?.upstreams.all() ?? []), ...(fromStream?.upstreams.all() ?? [])];
  const outermostFirst = [...main.statements, ...main.statements.flatMap(({ block }) => everything(block ?? []))];
  const log = errorLog(
    outermostFirst.filter(({ name }) => name === 'error_log'),
    builder,
  );
  return {
    ...workers(main, builder),
    ...endings(main, builder),
    accessLog: fromHttp?.accessLog ?? 'off',
    ...(log === null ? {} : { errorLog: log }),
    ...(fromHttp === null || Object.keys(fromHttp.maps).length === 0 ? {} : { maps: fromHttp.maps }),
    listeners,
    upstreams: Object.fromEntries(upstreams.map(({ name, written }) => [name, written])),
  };
}

function blockScope(main: Scope, name: string): Scope | null {
  const statement = main.find(name);
  return statement === undefined ? null : new Scope(statement.block ?? [], main);
}

function httpParts(http: Scope, builder: TranslationBuilder) {
  const all = everything(http.statements);
  const mapStatements = http.all('map');
  const sets = all.filter(({ name }) => name === 'set').map(({ args }) => args[0]!.text.replace(/^\$/, ''));
  const patterns = all
    .filter(({ name }) => name === 'location' || name === 'server_name')
    .flatMap(({ args }) => args.map(({ text }) => text));
  const known = new Set([...sets, ...patterns.flatMap(captureNames)]);
  const mapCaptures = mapStatements
    .flatMap(({ block }) => (block ?? []).map(({ name }) => name))
    .filter((name) => name.startsWith('~'))
    .flatMap(captureNames)
    .filter((name) => !known.has(name));
  const values = new ValueTranslator(builder, {
    maps: new Set(mapStatements.map(mapName)),
    sets: known,
    // What a map's pattern finds is there until the next pattern finds something.
    local: Object.fromEntries(mapCaptures.map((name) => [name, `\${capture.${name}}`])),
  });
  const mapResults = new Map<string, readonly string[]>();
  for (const statement of mapStatements) {
    const results = constantResults(statement);
    if (results !== undefined) mapResults.set(mapName(statement), results);
  }
  const upstreams = new NginxUpstreams(builder, false, values);
  upstreams.readBlocks(http);
  const servers = http.all('server').map(({ block, place }) => ({ scope: new Scope(block ?? [], http), place }));
  // nginx asks for keys wherever there are certificates, also where nobody speaks TLS.
  for (const { scope } of servers) certificatesOf(scope, builder);
  const types = new TypeMaps();
  const listeners: Record<string, Written> = {};
  for (const [address, listening] of addressesOf(servers, builder)) {
    listeners[`http-${Object.keys(listeners).length + 1}`] = httpListener(address, listening, {
      builder,
      values,
      upstreams,
      mapResults,
      types,
    });
  }
  judgeFormats(http, builder);
  const logs = all.filter(({ name }) => name === 'access_log');
  return {
    listeners,
    upstreams,
    maps: {
      ...Object.fromEntries(mapStatements.map((statement) => [mapName(statement), mapOf(statement, values, builder)])),
      ...types.written,
    },
    accessLog: accessLog(logs, http, values, builder),
  };
}

/** The statements of a block and of every block inside. */
function everything(statements: readonly Statement[]): Statement[] {
  return statements.flatMap((statement) => [statement, ...(statement.name === 'map' ? [] : everything(statement.block ?? []))]);
}

/** How long what is under way may take when Limpet ends, or a reload has taken its server out. Without it nginx waits for ever; Limpet does not. */
function endings(main: Scope, builder: TranslationBuilder): Written {
  const statement = main.find('worker_shutdown_timeout');
  if (statement === undefined || parseTime(statement.args[0]!.text) === 0) return {};
  const timeout = durationOf(statement, builder) ?? '30s';
  return { shutdownTimeout: timeout, drainTimeout: timeout };
}

function workers(main: Scope, builder: TranslationBuilder): Written {
  const statement = main.find('worker_processes');
  const user = main.find('user');
  const count = statement?.args[0]?.text ?? '1';
  if (/^\d{1,9}$/.test(count) && !/^[1-9]\d{0,3}$/.test(count))
    builder.lack(statement!.place, `${count} worker processes are not possible; write a number from 1, or auto`);
  else if (count !== 'auto' && !/^\d{1,9}$/.test(count))
    builder.refuse(statement!.place, `invalid number of worker processes "${count}"; write a number, or auto`);
  const isRoot = process.getuid?.() === 0;
  // As nginx does: only root can become somebody else.
  if (user !== undefined && !isRoot) builder.note(user.place, '"user" makes sense only when started as root; it is left out');
  return {
    workers: count === 'auto' ? 'auto' : Number(count),
    ...(user === undefined || !isRoot
      ? {}
      : { user: user.args[0]!.text, ...(user.args[1] === undefined ? {} : { group: user.args[1].text }) }),
  };
}
