// Judges statements by the table of directives: unknown names, wrong places, wrong numbers of arguments, what Limpet lacks.
// What nginx itself refuses is refused in much the same words.
import { isIP, isIPv4 } from 'node:net';
import { nearestName } from '../../core/nearest-name.js';
import type { TranslationBuilder } from '../translation-builder.js';
import { valueFormOf } from './directive-values.js';
import { type Context, directiveIn, directives } from './directives.js';
import type { Statement } from './statements.js';

/** Blocks whose entries are no directives. */
const ownEntries = new Set(['map', 'types', 'geo', 'split_clients']);

/** The statements that are sound and carried over, those inside them included. */
export function judgeStatements(statements: readonly Statement[], context: Context, builder: TranslationBuilder): Statement[] {
  const seen = new Map<string, Statement>();
  return statements.flatMap((statement) => {
    const isServerOfUpstream = statement.name === 'server' && (context === 'upstream' || context === 'stream upstream');
    if (isServerOfUpstream) return judgeServerOfUpstream(statement, builder) ? [statement] : [];
    return judgeStatement(statement, context, seen, builder);
  });
}

function judgeServerOfUpstream({ args, block, place }: Statement, builder: TranslationBuilder): boolean {
  if (block === null && args.length > 0) return true;
  builder.refuse(place, 'a server of an upstream is an address and options; write server 127.0.0.1:3000;');
  return false;
}

function judgeStatement(statement: Statement, context: Context, seen: Map<string, Statement>, builder: TranslationBuilder): Statement[] {
  const { name, args, block, place } = statement;
  const directive = directiveIn(name, context);
  if (directive === undefined) {
    const nearest = nearestName(name, directives.keys());
    builder.refuse(place, `unknown directive "${name}"${nearest === null ? '' : `; write "${nearest}"`}`);
    return [];
  }
  const { contexts, minArgs, maxArgs, opens, isRepeated, outcome } = directive;
  if (!contexts.includes(context)) {
    builder.refuse(
      place,
      `"${name}" directive is not allowed here; it may stand in ${(directives.get(name) ?? []).flatMap((meaning) => meaning.contexts).join(', ')}`,
    );
    return [];
  }
  if (opens !== (block !== null)) {
    builder.refuse(place, opens ? `directive "${name}" has no opening "{"` : `directive "${name}" is not terminated by ";"`);
    return [];
  }
  if (args.length < minArgs || args.length > maxArgs) {
    builder.refuse(place, `invalid number of arguments in "${name}" directive; it takes ${countOf(minArgs, maxArgs)}`);
    return [];
  }
  const earlier = sameBefore(statement, isRepeated, seen);
  if (earlier !== undefined) {
    builder.refuse(place, `"${name}" directive is duplicate; the first stands in line ${earlier.place.line}`);
    return [];
  }
  seen.set(tellingKey(statement, isRepeated), statement);
  const values = valueFormOf(name, context.startsWith('stream'));
  if (values !== null && !values.isRight(args.map(({ text }) => text)))
    builder.refuse(place, `invalid value "${args.map(({ text }) => text).join(' ')}" in "${name}" directive; write ${values.wanted}`);
  judgeValue(statement, builder);
  if (outcome.kind === 'lacking' && !(args.length === 1 && args[0]!.text === outcome.inert))
    builder.lack(place, `"${name}" is not supported: ${outcome.why}`);
  if (outcome.kind !== 'carried') return [];
  if (block === null || ownEntries.has(name)) return [statement];
  if (name === 'location') judgeNesting(args, block, builder);
  return [{ ...statement, block: judgeStatements(block, innerContext(name, context), builder) }];
}

/** By directive: the argument that tells each from the others of its name. */
const telling: Readonly<Record<string, RegExp>> = {
  thread_pool: /^(.*)$/s,
  load_module: /^(.*)$/s,
  log_format: /^(.*)$/s,
  limit_req_zone: /^zone=([^:]*)/,
  limit_conn_zone: /^zone=([^:]*)/,
  proxy_cache_path: /^keys_zone=([^:]*)/,
};
const oneOrOff = ['proxy_redirect', 'proxy_cookie_path', 'proxy_cookie_domain', 'proxy_cookie_flags'];

/** What tells this directive from the others of its name that may stand beside it; its name alone where it stands once. */
function tellingKey({ name, args }: Statement, isRepeated: boolean): string {
  const pattern = telling[name];
  // "alias" is another "root".
  if (pattern === undefined) return isRepeated ? `${name} several` : name === 'alias' ? 'root' : name;
  return `${name} ${args.map(({ text }) => pattern.exec(text)?.[1]).find((text) => text !== undefined)}`;
}

/** An earlier one beside which this cannot stand. */
function sameBefore(statement: Statement, isRepeated: boolean, seen: ReadonlyMap<string, Statement>): Statement | undefined {
  const { name, args } = statement;
  const earlier = seen.get(tellingKey(statement, isRepeated));
  if (!isRepeated || telling[name] !== undefined) return earlier;
  return oneOrOff.includes(name) && (args[0]?.text === 'off' || earlier?.args[0]?.text === 'off') ? earlier : undefined;
}

/** A location inside another begins as that does, and an exact one has none inside; patterns may stand anywhere else. */
function judgeNesting(outer: Statement['args'], block: readonly Statement[], builder: TranslationBuilder): void {
  const [outerKind, outerPath] = outer.length === 2 ? [outer[0]!.text, outer[1]!.text] : ['', outer[0]!.text];
  for (const { name, args, place } of block) {
    if (name !== 'location') continue;
    const [kind, path] = args.length === 2 ? [args[0]!.text, args[1]!.text] : ['', args[0]?.text ?? ''];
    if (kind === '' && path.startsWith('@'))
      builder.refuse(place, `named location "${path}" can be on the server level only; write it there`);
    else if (outerKind === '=') builder.refuse(place, `location "${path}" cannot be inside the exact location "${outerPath}"`);
    else if (!kind.startsWith('~') && !path.startsWith(outerPath))
      builder.refuse(place, `location "${path}" is outside location "${outerPath}"`);
  }
}

/** Values that nginx refuses and that would leave no trace in the document. */
function judgeValue({ name, args, place }: Statement, builder: TranslationBuilder): void {
  const value = args[0]?.text ?? '';
  if ((name === 'allow' || name === 'deny') && value !== 'all' && value !== 'unix:' && !isNetwork(value))
    builder.refuse(place, `invalid parameter "${value}"; write an address, a network such as 10.0.0.0/8, or all`);
}

function isNetwork(text: string): boolean {
  const [address = '', bits] = text.split('/');
  const family = isIP(address);
  return family !== 0 && (bits === undefined || isIPv4(bits) || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)));
}

function countOf(min: number, max: number): string {
  if (min === max) return String(min);
  return max === 99 ? `${min} or more` : `${min} to ${max}`;
}

function innerContext(name: string, outer: Context): Context {
  if (outer === 'stream') return name === 'upstream' ? 'stream upstream' : 'stream server';
  return name === 'if' && outer === 'server' ? 'server if' : (name as Context);
}
