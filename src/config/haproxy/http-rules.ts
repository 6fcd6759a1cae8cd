// http-request, http-response and redirect: each becomes a rule of the document.

import { nearestName } from '../../core/nearest-name.js';
import { compileDeny, compileRedirect, compileReturn } from './answer.js';
import { conditionStart } from './condition.js';
import type { KnownStatement } from './keyword.js';
import type { Place } from './known-samples.js';
import { literalText } from './literal-text.js';
import { formatText, parseSampleValue } from './log-format.js';
import type { Part, ProxySection } from './proxy-section.js';
import { checkPattern } from './regular-expression.js';
import { rawPath, type SampleUse } from './sample.js';
import { SampleError } from './sample-error.js';
import type { PlacedWord } from './statements.js';
import { checkVariable } from './variable.js';

type Step = Readonly<Record<string, unknown>>;

/** What a list of rules is about; "after": every response, also those that HAProxy gives by itself. */
type Ruleset = 'request' | 'response' | 'after';

type Compile = (args: readonly PlacedWord[], proxy: ProxySection, ruleset: Ruleset) => Step;

export interface Action {
  /** Where it may stand: "request", "response", "after" or several. */
  readonly rulesets: string;
  /** What it becomes, or why nothing does. */
  readonly meaning: string;
  /** Absent: it is refused. */
  readonly compile?: Compile;
}

const both = 'request response';
const all = 'request response after';

function edit(key: 'set' | 'add'): Compile {
  return (args, proxy, ruleset) => {
    const [name, format] = exactly(args, 2);
    return { [headOf(ruleset)]: { [key]: { [fieldName(name!)]: textOf(format!, proxy, ruleset) } } };
  };
}

/** Every action of http-request, http-response and http-after-response. Variables stand in parentheses behind the name. */
export const actions: Readonly<Record<string, Action>> = {
  'set-header': { rulesets: all, meaning: 'sets a field', compile: edit('set') },
  'add-header': { rulesets: all, meaning: 'adds a field', compile: edit('add') },
  'del-header': { rulesets: all, meaning: 'removes a field', compile: deleteHeader },
  deny: {
    rulesets: both,
    meaning: '"respond"',
    compile: (args, proxy, ruleset) => compileDeny(args, proxy, placesOf(ruleset, proxy), ruleset === 'response'),
  },
  return: { rulesets: both, meaning: '"respond"', compile: (args, proxy, ruleset) => compileReturn(args, proxy, placesOf(ruleset, proxy)) },
  redirect: {
    rulesets: both,
    meaning: '"redirect"',
    compile: (args, proxy, ruleset) => compileRedirect(args, (text) => textOf(text, proxy, ruleset), ruleset === 'response'),
  },
  allow: { rulesets: all, meaning: '"stop"', compile: always({ stop: true }) },
  'set-path': {
    rulesets: 'request',
    meaning: '"target"',
    compile: (args, proxy, ruleset) => ({ target: `${textOf(exactly(args, 1)[0]!, proxy, ruleset)}\${query}` }),
  },
  'set-pathq': {
    rulesets: 'request',
    meaning: '"target"',
    compile: (args, proxy, ruleset) => ({ target: textOf(exactly(args, 1)[0]!, proxy, ruleset) }),
  },
  'set-query': {
    rulesets: 'request',
    meaning: '"target"',
    compile: (args, proxy, ruleset) => ({ target: `${rawPath}?${textOf(exactly(args, 1)[0]!, proxy, ruleset)}` }),
  },
  'set-uri': { rulesets: 'request', meaning: '"target", for a path and a query', compile: setUri },
  'replace-path': {
    rulesets: 'request',
    meaning: '"target", where a pattern is found',
    compile: (args, proxy) => replaceTarget(args, proxy, rawPath, '${query}'),
  },
  'replace-pathq': {
    rulesets: 'request',
    meaning: '"target", where a pattern is found',
    compile: (args, proxy) => replaceTarget(args, proxy, '${target}', ''),
  },
  'replace-uri': {
    rulesets: 'request',
    meaning: '"target", where a pattern is found in the path and the query',
    compile: (args, proxy) => replaceTarget(args, proxy, '${target}', ''),
  },
  'replace-header': { rulesets: all, meaning: '"replace"', compile: (args, proxy, ruleset) => replaceField(args, proxy, ruleset, false) },
  'replace-value': { rulesets: all, meaning: '"replace"', compile: (args, proxy, ruleset) => replaceField(args, proxy, ruleset, true) },
  'set-var': {
    rulesets: all,
    meaning: '"variables"',
    compile: (args, proxy, ruleset) => setVariable(args, parseSampleValue, proxy, ruleset),
  },
  'set-var-fmt': {
    rulesets: all,
    meaning: '"variables"',
    compile: (args, proxy, ruleset) => setVariable(args, formatText, proxy, ruleset),
  },
  'unset-var': { rulesets: all, meaning: '"variables"', compile: unsetVariable },
  'set-status': { rulesets: 'response after', meaning: 'the status of a response is not changed' },
  'set-method': { rulesets: 'request', meaning: 'the method is not changed' },
  auth: { rulesets: 'request', meaning: 'there are no lists of users' },
  tarpit: { rulesets: 'request', meaning: 'nothing is tarpitted; write "deny" instead' },
  reject: { rulesets: 'request', meaning: '"deny": "close"', compile: always({ deny: 'close' }) },
  'silent-drop': { rulesets: both, meaning: 'a client always sees its connection close; write "http-request reject" instead' },
  capture: { rulesets: both, meaning: 'there are no captures; write the sample into the log-format' },
  'cache-use': { rulesets: 'request', meaning: 'there is no cache' },
  'cache-store': { rulesets: 'response', meaning: 'there is no cache' },
  'use-service': { rulesets: 'request', meaning: 'there are no services' },
  lua: { rulesets: both, meaning: 'there is no Lua' },
  ...without(
    both,
    'tables are not kept',
    'track-sc0 track-sc1 track-sc2 sc-inc-gpc sc-inc-gpc0 sc-inc-gpc1 sc-set-gpt sc-set-gpt0 add-acl del-acl set-map del-map',
  ),
  ...without(both, 'Limpet has nothing like it', 'set-log-level set-mark set-nice set-tos send-spoe-group strict-mode wait-for-body'),
  ...without(
    'request',
    'Limpet has nothing like it',
    'disable-l7-retry do-resolve early-hint normalize-uri set-dst set-dst-port set-priority-class set-priority-offset set-src set-src-port set-timeout wait-for-handshake set-bandwidth-limit',
  ),
};

function without(rulesets: string, meaning: string, names: string): Record<string, Action> {
  return Object.fromEntries(names.split(' ').map((name) => [name, { rulesets, meaning }]));
}

/** Actions that keep something from servers or from clients. */
const guards: ReadonlySet<string> = new Set(['deny', 'return', 'redirect', 'tarpit', 'reject', 'silent-drop', 'auth', 'del-header']);

const lists = { request: 'requestRules', redirect: 'redirectRules', response: 'responseRules', after: 'afterRules' } as const;

/** Compiles an http-request, http-response, http-after-response or redirect statement into the proxy. */
export function addHttpRule(statement: KnownStatement, proxy: ProxySection, ruleset: Ruleset | 'redirect'): void {
  const { report } = proxy;
  const [first] = statement.args;
  const at = conditionStart(statement.args);
  const condition = proxy.acls.read(statement.args.slice(at), useOf(ruleset, proxy));
  const place = first ?? statement;
  // What it would have answered must not go on to a server.
  const isGuard = ruleset === 'redirect' || guards.has(first?.text.replace(/\(.*$/, '') ?? '');
  try {
    const step =
      ruleset === 'redirect'
        ? compileRedirect(statement.args.slice(0, at), literalText)
        : compileAction(first!, statement.args.slice(1, at), proxy, ruleset);
    if (condition === undefined) {
      if (isGuard) report.keepClosed(statement);
      return;
    }
    const { when: found, page, ...steps } = step;
    const when = found === undefined ? condition : Object.keys(condition as object).length === 0 ? found : { all: [condition, found] };
    proxy[lists[ruleset]].push({
      value: { ...whenOf(when), ...steps },
      at: statement,
      ...(typeof page === 'number' && { page }),
    } satisfies Part);
  } catch (error) {
    report.take(error, place, isGuard);
    const [, name] = statement.args;
    // A field that would have been set must not come from the client instead.
    if (report.isLenient && condition !== undefined && ruleset === 'request' && first?.text === 'set-header' && isRemovable(name?.text))
      proxy.requestRules.push({ value: { ...whenOf(condition), request: { remove: [name!.text] } }, at: statement });
  }
}

function isRemovable(name = ''): boolean {
  return token.test(name) && name.toLowerCase() !== 'host';
}

export function whenOf(condition: unknown, key = 'when'): Step {
  return Object.keys(condition as object).length === 0 ? {} : { [key]: condition };
}

function compileAction(word: PlacedWord, args: readonly PlacedWord[], proxy: ProxySection, ruleset: Ruleset): Step {
  const match = /^([a-z0-9.-]+)(?:\(([^)]*)\)?)?$/.exec(word.text);
  const name = match === null ? word.text : match[1]!.startsWith('lua.') ? 'lua' : match[1]!;
  const action = Object.hasOwn(actions, name) ? actions[name]! : undefined;
  const list = ruleset === 'after' ? 'http-after-response' : `http-${ruleset}`;
  if (action === undefined || !action.rulesets.includes(ruleset)) {
    const others = Object.keys(actions).filter((other) => actions[other]!.rulesets.includes(ruleset));
    const nearest = nearestName(name, others);
    throw new SampleError(
      `"${name}" is not an action of ${list}${nearest === null || nearest === name ? '; remove it' : `; write "${nearest}" instead`}`,
      true,
    );
  }
  if (action.compile === undefined) throw new SampleError(`"${list} ${name}" is not supported: ${action.meaning}`);
  const variable = match?.[2];
  return action.compile(variable === undefined ? args : [{ ...word, text: variable }, ...args], proxy, ruleset);
}

/** Where the rules fetch their samples. */
function placesOf(ruleset: Ruleset | 'redirect', proxy: ProxySection): readonly Place[] {
  return ruleset === 'request' || ruleset === 'redirect' ? proxy.requestPlaces : ['response'];
}

function useOf(ruleset: Ruleset | 'redirect', proxy: ProxySection): SampleUse {
  return proxy.useIn(placesOf(ruleset, proxy));
}

function textOf(format: string, proxy: ProxySection, ruleset: Ruleset): string {
  return formatText(format, useOf(ruleset, proxy));
}

function exactly(args: readonly PlacedWord[], count: number): string[] {
  if (args.length === count && args.every((arg) => arg.text !== '')) return args.map((arg) => arg.text);
  throw new SampleError(
    count === 0
      ? 'nothing may follow here but a condition; remove it'
      : `${count === 1 ? 'one value has' : `${count} values have`} to follow here, and quotes around those with spaces`,
    true,
  );
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

function fieldName(name: string): string {
  if (token.test(name)) return name;
  throw new SampleError(`"${name}" is not a field name; write letters, digits and "-"`);
}

/** An action of one word. */
function always(step: Step): Compile {
  return (args) => {
    exactly(args, 0);
    return step;
  };
}

/** The key of a rule under which its head is edited. */
function headOf(ruleset: Ruleset): 'request' | 'response' {
  return ruleset === 'request' ? 'request' : 'response';
}

function deleteHeader(args: readonly PlacedWord[], _proxy: ProxySection, ruleset: Ruleset): Step {
  if (args.length === 3 && args[1]!.text === '-m' && args[2]!.text !== 'str')
    throw new SampleError('fields are removed by their whole name only; leave out "-m"');
  const name = args.length === 3 && args[1]!.text === '-m' ? args[0]!.text : exactly(args, 1)[0]!;
  return { [headOf(ruleset)]: { remove: [fieldName(name)] } };
}

function setUri(args: readonly PlacedWord[], proxy: ProxySection, ruleset: Ruleset): Step {
  const target = textOf(exactly(args, 1)[0]!, proxy, ruleset);
  if (!target.startsWith('/') && !target.startsWith('${target'))
    throw new SampleError('"set-uri" is supported for a path only; write one that begins with "/"');
  return { target };
}

/** A pattern that is looked for, and what stands in its place: a format in which "\\1" is what the first group has found. */
function readReplacement(pattern: string, format: string, proxy: ProxySection, ruleset: Ruleset): { pattern: string; to: string } {
  checkPattern(pattern);
  const to = textOf(format.replace(/\\(\d)/g, '\u0001$1\u0002'), proxy, ruleset);
  return { pattern, to: to.replace(/\u0001(\d)\u0002/g, '${capture.$1}') };
}

/** All of `value` becomes the format where the pattern is found in it; `rest` stays behind it. */
function replaceTarget(args: readonly PlacedWord[], proxy: ProxySection, value: string, rest: string): Step {
  const [written, format] = exactly(args, 2);
  const { pattern, to } = readReplacement(written!, format!, proxy, 'request');
  return { when: { test: [{ value, pattern: [pattern] }] }, target: `${to}${rest}` };
}

function replaceField(args: readonly PlacedWord[], proxy: ProxySection, ruleset: Ruleset, isForMembers: boolean): Step {
  const [name, pattern, format] = exactly(args, 3);
  const replacement = { ...readReplacement(pattern!, format!, proxy, ruleset), whole: true, ...(isForMembers && { members: true }) };
  return { [headOf(ruleset)]: { replace: { [fieldName(name!)]: [replacement] } } };
}

function variableName(word: PlacedWord | undefined): string {
  const [name = '', ...conditions] = (word?.text ?? '').split(',');
  checkVariable(name);
  if (conditions.length > 0) throw new SampleError('a variable with conditions in the parentheses is not supported');
  if (name.startsWith('proc.') || name.startsWith('sess.'))
    throw new SampleError(`"${name}" outlives the exchange, which variables do not; write one of "txn" or "req"`);
  return name;
}

function unsetVariable(args: readonly PlacedWord[]): Step {
  const name = variableName(args[0]);
  exactly(args.slice(1), 0);
  return { variables: { [name]: '' } };
}

function setVariable(
  args: readonly PlacedWord[],
  read: (text: string, use: SampleUse) => string,
  proxy: ProxySection,
  ruleset: Ruleset,
): Step {
  const name = variableName(args[0]);
  const rest = args.slice(1);
  if (rest.length === 0) throw new SampleError('the value is missing; write a sample', true);
  if (read === formatText) exactly(rest, 1);
  return { variables: { [name]: read(rest.map((word) => word.text).join(' '), useOf(ruleset, proxy)) } };
}
