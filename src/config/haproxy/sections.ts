// The sections of a haproxy.cfg, with the statements of each. Which keywords they hold is checked here; what they mean
// is not.
import { nearestName } from '../../core/nearest-name.js';
import { isSoundCheck } from './check-rules.js';
import type { ErrorSection } from './error-sections.js';
import { globalKeywords, type KnownStatement, knowStatement, proxyKeywords, wrongWords } from './keyword.js';
import type { Report } from './report.js';
import type { PlacedWord, Statement } from './statements.js';

export type ProxyKind = 'defaults' | 'frontend' | 'backend' | 'listen';

export interface Section {
  readonly kind: ProxyKind;
  readonly name: string;
  readonly head: Statement;
  /** The defaults that hold for it; null: none. */
  readonly from: Section | null;
  readonly statements: readonly KnownStatement[];
  /** Those of which nothing comes. */
  readonly noted: readonly KnownStatement[];
}

export interface Sections {
  readonly global: readonly KnownStatement[];
  readonly notedGlobal: readonly KnownStatement[];
  readonly proxies: readonly Section[];
  readonly errors: readonly ErrorSection[];
  /** The names of "resolvers" sections. */
  readonly resolvers: ReadonlySet<string>;
}

/** The section behind those that it inherits from. */
export function chainOf(section: Section): Section[] {
  const chain: Section[] = [];
  for (let at: Section | null = section; at !== null; at = at.from) chain.unshift(at);
  return chain;
}

const proxyKinds: readonly string[] = ['defaults', 'frontend', 'backend', 'listen'];

/** Sections that HAProxy has beside these, and why nothing comes of them. */
export const otherSections: Readonly<Record<string, { readonly fate: 'noted' | 'refused'; readonly meaning: string }>> = {
  userlist: { fate: 'refused', meaning: 'there are no lists of users' },
  peers: { fate: 'noted', meaning: 'machines do not share tables; sticky cookies are read by every machine' },
  resolvers: { fate: 'noted', meaning: 'names are resolved by the system' },
  mailers: { fate: 'noted', meaning: 'Limpet sends no mail' },
  cache: { fate: 'refused', meaning: 'there is no cache' },
  program: { fate: 'refused', meaning: 'Limpet starts no other programs' },
  ring: { fate: 'noted', meaning: 'log lines go to the standard output, the standard error or a file' },
  'fcgi-app': { fate: 'refused', meaning: 'FastCGI is not spoken' },
  'log-forward': { fate: 'refused', meaning: 'Limpet forwards no log lines' },
};

const names = /^[A-Za-z0-9_.:-]+$/;
/** How the tables of keywords write the kinds of sections. */
export const letters: Readonly<Record<ProxyKind, string>> = { defaults: 'D', frontend: 'F', backend: 'B', listen: 'L' };

/** Keywords of the global section that may not be there twice, and what they set. */
const once: ReadonlyMap<string, string> = new Map([
  ['ca-base', 'ca-base'],
  ['crt-base', 'crt-base'],
  ['tune.ssl.capture-buffer-size', 'capture'],
  ['tune.ssl.capture-cipherlist-size', 'capture'],
]);

/** Keywords of the global section that HAProxy takes only when it is asked to. */
const experiments: ReadonlySet<string> = new Set(['tune.fd.edge-triggered']);

interface OpenSection {
  kind: 'global' | 'errors' | 'other' | ProxyKind;
  name: string;
  statements: KnownStatement[];
  noted: KnownStatement[];
}

export function readSections(statements: readonly Statement[], report: Report): Sections {
  const global: KnownStatement[] = [];
  const notedGlobal: KnownStatement[] = [];
  const proxies: Section[] = [];
  const errors: (ErrorSection & { statements: Statement[] })[] = [];
  // HAProxy makes one of what the system says.
  const resolvers = new Set(['default']);
  const onceStatements = new Map<string, Statement>();
  let takesExperiments = false;
  let open: OpenSection | null = null;
  for (const statement of statements) {
    const { text } = statement.words[0]!;
    if (text === 'global') {
      if (statement.words.length > 1) report.reject(statement.words[1]!, '"global" has no name; remove it');
      open = { kind: 'global', name: '', statements: global, noted: notedGlobal };
    } else if (proxyKinds.includes(text)) {
      open = openProxy(statement, text as ProxyKind, proxies, report);
    } else if (text === 'http-errors') {
      const name = statement.words[1]?.text ?? '';
      checkSpelling(statement, name, report);
      errors.push({ name, head: statement, statements: [] });
      open = { kind: 'errors', name, statements: [], noted: [] };
    } else if (Object.hasOwn(otherSections, text)) {
      const { fate, meaning } = otherSections[text]!;
      if (fate === 'noted') report.note(statement, `"${text}" is left out: ${meaning}`);
      else report.refuse(statement, `"${text}" is not supported: ${meaning}`);
      const name = statement.words[1]?.text ?? '';
      if (name === '') report.reject(statement, `"${text}" needs a name; write one after it`);
      if (text === 'resolvers') resolvers.add(name);
      open = { kind: 'other', name: '', statements: [], noted: [] };
    } else if (open === null) {
      const nearest = nearestName(text, ['global', 'http-errors', ...proxyKinds, ...Object.keys(otherSections)]);
      report.reject(
        statement,
        `"${text}" stands in no section; write ${nearest === null ? '"global", "defaults", "frontend", "backend" or "listen" before it' : `"${nearest}" instead`}`,
      );
    } else if (open.kind === 'errors') {
      errors.at(-1)!.statements.push(statement);
    } else if (open.kind !== 'other') {
      if (open.kind === 'global') {
        takesExperiments ||= text === 'expose-experimental-directives';
        if (experiments.has(text) && !takesExperiments)
          report.reject(statement, `"${text}" is an experiment; write "expose-experimental-directives" before it, or remove it`);
      }
      const setting = open.kind === 'global' ? once.get(text) : undefined;
      if (setting !== undefined) {
        const other = onceStatements.get(setting);
        if (other !== undefined)
          report.reject(statement, `"${other.words[0]!.text}" stands in line ${other.line} already; remove one of them`);
        onceStatements.set(setting, statement);
      }
      addStatement(statement, open as OpenSection & { kind: 'global' | ProxyKind }, report);
    }
  }
  return { global, notedGlobal, proxies, errors, resolvers };
}

function openProxy(head: Statement, kind: ProxyKind, proxies: Section[], report: Report): OpenSection {
  const [, first, ...rest] = head.words;
  const isNameless = kind === 'defaults' && (first === undefined || first.text === 'from');
  const name = isNameless ? '' : (first?.text ?? '');
  const others = isNameless && first !== undefined ? [first, ...rest] : rest;
  if (!isNameless) checkName(head, kind, name, proxies, report);
  const from = findDefaults(head, others, proxies, report);
  if (from !== null) checkInheritance(head, kind, from, proxies, report);
  const statements: KnownStatement[] = [];
  const noted: KnownStatement[] = [];
  proxies.push({ kind, name, head, from, statements, noted });
  return { kind, name, statements, noted };
}

function checkName(head: Statement, kind: ProxyKind, name: string, proxies: readonly Section[], report: Report): void {
  checkSpelling(head, name, report);
  const isFront = (other: ProxyKind) => other === 'frontend' || other === 'listen';
  const isBack = (other: ProxyKind) => other === 'backend' || other === 'listen';
  const clash = proxies.find(
    (other) =>
      other.name === name &&
      name !== '' &&
      kind !== 'defaults' &&
      ((isFront(kind) && isFront(other.kind)) || (isBack(kind) && isBack(other.kind))),
  );
  if (clash !== undefined)
    report.reject(head.words[1]!, `"${name}" is the name of another section already, in line ${clash.head.line}; write another`);
}

function checkSpelling(head: Statement, name: string, report: Report): void {
  if (name === '') report.reject(head, `"${head.words[0]!.text}" needs a name; write one after it`);
  else if (!names.test(name)) report.reject(head.words[1]!, `"${name}" cannot be a name; write letters, digits, "-", "_", "." and ":"`);
}

function findDefaults(head: Statement, words: readonly PlacedWord[], proxies: readonly Section[], report: Report): Section | null {
  const [keyword, name, extra] = words;
  const isDefaults = head.words[0]!.text === 'defaults';
  if (keyword === undefined) return isDefaults ? null : (proxies.findLast((section) => section.kind === 'defaults') ?? null);
  if (keyword.text !== 'from' || name === undefined || extra !== undefined) {
    report.reject(extra ?? keyword, 'only "from" and the name of a defaults section may follow; remove the rest');
    return null;
  }
  const found = proxies.filter((section) => section.kind === 'defaults' && section.name === name.text);
  if (found.length === 0) report.reject(name, `there is no defaults section "${name.text}" before this line; write one, or another name`);
  if (found.length > 1) report.reject(name, `there are several defaults sections "${name.text}"; give them different names`);
  return found.at(-1) ?? null;
}

/** Rules in a defaults section are for frontends alone or for backends alone. */
function checkInheritance(head: Statement, kind: ProxyKind, from: Section, proxies: readonly Section[], report: Report): void {
  const rule = from.statements.find(({ keyword }) => rules.has(keyword.name));
  if (rule === undefined) return;
  const isOfFrontends = from.statements.some(({ keyword }) => keyword.name.startsWith('tcp-request '));
  const other = proxies.find((section) => section.from === from && section.kind !== kind);
  if (kind === 'defaults' || kind === 'listen')
    report.reject(
      head,
      `a ${kind} section cannot inherit rules, as in line ${rule.line}; write them here, and "from" another defaults section`,
    );
  else if (kind === 'backend' && isOfFrontends)
    report.reject(head, 'rules for connections are not for a backend; write "from" and another defaults section');
  else if (other !== undefined)
    report.reject(
      head,
      `the ${other.kind} in line ${other.head.line} inherits the same rules, which are for frontends or for backends; write "from" and another defaults section`,
    );
}

const rules: ReadonlySet<string> = new Set([
  'http-after-response',
  'http-request',
  'http-response',
  'tcp-request connection',
  'tcp-request session',
]);

function addStatement(statement: Statement, open: OpenSection & { kind: 'global' | ProxyKind }, report: Report): void {
  const known = knowStatement(statement, open.kind === 'global' ? globalKeywords : proxyKeywords);
  if (typeof known === 'string') {
    report.reject(statement, known);
    return;
  }
  const { keyword } = known;
  const isChoice = keyword.name === 'use_backend' || keyword.name === 'default_backend';
  if (isChoice && (open.kind === 'backend' || open.kind === 'listen') && known.args[0]?.text === open.name) {
    report.reject(statement, `"${open.name}" would lead to itself; remove this line`);
    return;
  }
  const letter = open.kind === 'global' ? 'G' : letters[open.kind];
  if (!keyword.sections.includes(letter)) {
    // HAProxy passes over most of these with a warning.
    if (open.kind !== 'defaults' && !neverPassedOver.has(keyword.name)) {
      report.note(statement, `"${keyword.name}" means nothing in a ${open.kind} section; remove it`);
      return;
    }
    report.reject(statement, `"${keyword.name}" cannot stand in a ${open.kind} section; move it to another`);
    return;
  }
  if (open.kind === 'defaults' && open.name === '' && keyword.needsNamedDefaults) {
    report.reject(statement, `"${keyword.name}" can stand only in a defaults section with a name; write one after "defaults"`);
    return;
  }
  const wrong = wrongWords(known);
  if (wrong !== '') {
    report.reject(statement, wrong);
    return;
  }
  if (keyword.fate === 'refused' && known.prefix === '') {
    const isGuard = guards[keyword.name]?.includes(known.args[0]?.text ?? '') === true;
    (isGuard ? report.refuseGuard : report.refuse).call(report, statement, `"${keyword.name}" is not supported: ${keyword.meaning}`);
    return;
  }
  if (keyword.fate === 'noted' && known.prefix === '' && isSoundCheck(known, report)) {
    report.note(statement, `"${keyword.name}" is left out: ${keyword.meaning}`);
    open.noted.push(known);
  }
  if (keyword.fate === 'carried') open.statements.push(known);
}

/** Keywords that keep something out when this word follows. */
const guards: Readonly<Record<string, readonly string[]>> = {
  'tcp-request content': ['reject', 'silent-drop'],
  'tcp-response content': ['reject', 'close', 'silent-drop'],
  'option checkcache': [''],
  filter: ['spoe'],
};

const neverPassedOver = new Set([
  'default-server',
  'retry-on',
  'server',
  'server-template',
  'tcp-request connection',
  'tcp-request session',
]);
