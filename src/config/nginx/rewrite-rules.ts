// The rewrite directives of a block (set, if, rewrite, return, break) as rules, in their order; and allow and deny, which
// nginx asks afterwards.
import type { TranslationBuilder } from '../translation-builder.js';
import type { Statement } from './statements.js';
import { hasVariable, isBuiltIn, isChangeable, type ValueTranslator } from './variables.js';

type Rule = Record<string, unknown>;

export interface RewriteSurroundings {
  readonly builder: TranslationBuilder;
  readonly values: ValueTranslator;
  /** What `rewrite … last` does: in a location it looks at the locations again. */
  readonly isInLocation: boolean;
  /** The type of a text that is returned, as a template. */
  contentType(): string;
  /** Where a redirect to a path leads: scheme, host and port of the listener. */
  readonly ownOrigin: string;
}

const redirectStatuses = [301, 302, 303, 307, 308];

export function rewriteRules(statements: readonly Statement[], around: RewriteSurroundings): Rule[] {
  return new RewriteRules(around, null).list(statements);
}

/** The rules of a location in which an "if" says more than what is rewritten: nginx makes a location of its own of it. */
export interface ChoosingRules {
  /** They answer nothing, which is up to the location that has been chosen. */
  readonly rules: Rule[];
  /** What is answered there, whichever it is. */
  readonly answers: Rule[];
  /** One of them is always given. */
  readonly isAnswered: boolean;
  /** By the condition under which each is chosen. */
  readonly choices: readonly { readonly match: Rule; readonly statement: Statement }[];
}

/** null where no "if" says more. */
export function choosingRules(statements: readonly Statement[], around: RewriteSurroundings): ChoosingRules | null {
  const first = statements.find(({ name, block }) => name === 'if' && block?.some(isContent) === true);
  if (first === undefined) return null;
  const chosen = `chosen_${first.place.line}`;
  const answered = `answered_${first.place.line}`;
  const rewriting = new RewriteRules(around, chosen);
  const answers: Rule[] = [];
  let isAnswered = false;
  const rules = rewriting.list(statements).map((rule) => {
    const { when, respond, redirect, deny, ...others } = rule;
    if ((respond ?? redirect ?? deny) === undefined) return rule;
    isAnswered ||= when === undefined;
    const answer = Object.entries({ respond, redirect, deny }).filter(([, value]) => value !== undefined);
    const number = String(
      answers.push(around.builder.markAs({ when: isText(answered, String(answers.length + 1)), ...Object.fromEntries(answer) }, rule)),
    );
    return around.builder.markAs(
      { ...(when === undefined ? {} : { when }), ...others, variables: { [answered]: number }, stop: true },
      rule,
    );
  });
  const choices = rewriting.choices.map((statement, index) => ({ match: isText(chosen, String(index + 1)), statement }));
  return { rules, answers, isAnswered, choices };
}

function isText(variable: string, text: string): Rule {
  return { test: [{ value: `\${var.${variable}}`, is: text }] };
}

/** The variable that tells whether a "rewrite" of this location has put another path in place of the one that led here. */
const REWRITTEN = 'rewritten';

const rewritingNames = ['set', 'break', 'return', 'rewrite'];

/** What is neither a step of rewriting nor about the one log. */
function isContent({ name }: Statement): boolean {
  return !rewritingNames.includes(name) && name !== 'access_log';
}

class RewriteRules {
  private ifs = 0;
  private looksAgain = false;
  /** The "if"s that say more than what is rewritten. */
  readonly choices: Statement[] = [];

  /** `chosen`: the variable that tells which of them held last; null: there are none. */
  constructor(
    private readonly around: RewriteSurroundings,
    private readonly chosen: string | null,
  ) {}

  /** The rules of a whole block. Where a "rewrite" went on in a location, the locations are looked at again behind the last of them. */
  list(statements: readonly Statement[]): Rule[] {
    const rules = this.of(statements);
    if (!this.looksAgain) return rules;
    return [{ variables: { [REWRITTEN]: '' } }, ...rules, { when: isText(REWRITTEN, '1'), routeAgain: true }];
  }

  private of(statements: readonly Statement[]): Rule[] {
    return statements.flatMap((statement) => this.rulesOf(statement));
  }

  private rulesOf(statement: Statement): Rule[] {
    const { builder, values } = this.around;
    const { name, args, place } = statement;
    const note = `${place.file}:${place.line} ${name}`;
    switch (name) {
      case 'set':
        judgeNewVariable(args[0]!.text, place, builder);
        return [builder.mark({ variables: { [args[0]!.text.slice(1)]: values.template(args[1]!.text, place) } }, place, note)];
      case 'break':
        return [builder.mark({ stop: true }, place, note)];
      case 'return':
        return [builder.mark(this.answer(statement), place, note)];
      case 'rewrite':
        return [builder.mark(this.rewrite(statement), place, note)];
      case 'if':
        return this.conditional(statement, note);
      default:
        return [];
    }
  }

  private answer({ args, place }: Statement): Rule {
    const { builder, values } = this.around;
    const [first, second] = args.map(({ text }) => text);
    if (!/^\d{1,3}$/.test(first!)) {
      if (second !== undefined || !/^(https?:\/\/|\$)/.test(first!)) {
        builder.refuse(place, `invalid return code "${first}"; write a status, or a URL`);
        return { deny: true };
      }
      return { redirect: { to: values.template(first!, place), status: 302 } };
    }
    const status = Number(first);
    if (status === 444) return { deny: 'close' };
    if (status < 200 || status > 599) {
      builder.lack(place, `"return ${status}" is not supported; write a status from 200 to 599`);
      return { deny: true };
    }
    if (redirectStatuses.includes(status) && second !== undefined) return { redirect: { to: this.location(second, place), status } };
    if (second === undefined || second === '') return status < 400 ? { respond: { status } } : { deny: { status } };
    const body = values.template(second, place);
    return {
      respond: { status, ...(status === 204 || status === 304 ? {} : { body, headers: { 'Content-Type': this.around.contentType() } }) },
    };
  }

  /** nginx makes a redirect to a path absolute. */
  private location(written: string, place: Statement['place']): string {
    const template = this.around.values.template(written, place);
    return written.startsWith('/') ? this.around.ownOrigin + template : template;
  }

  private rewrite({ args, place }: Statement): Rule {
    const { values, builder } = this.around;
    const [pattern = '', to = '', flag] = args.map(({ text }) => text);
    if (to === '') builder.refuse(place, 'empty replacement; write what the path becomes');
    if (flag !== undefined && !['last', 'break', 'redirect', 'permanent'].includes(flag))
      builder.refuse(place, `invalid parameter "${flag}"; write last, break, redirect or permanent`);
    const isRedirect = /^(https?:\/\/|\$scheme)/.test(to) || flag === 'redirect' || flag === 'permanent';
    if (isRedirect) {
      const query = to.endsWith('?') ? '' : to.includes('?') ? '&${arguments}' : '${query}';
      const target = this.location(to.replace(/\?$/, ''), place) + query;
      return { when: { pathPattern: javascriptPattern(pattern) }, redirect: { to: target, status: flag === 'permanent' ? 301 : 302 } };
    }
    const after = flag === 'last' && this.around.isInLocation ? 'route-again' : flag === undefined ? 'next' : 'stop';
    const rewrite = { pattern: javascriptPattern(pattern), to: withArguments(values.template(to, place)), after };
    if (after !== 'next' || !this.around.isInLocation) return { rewrite };
    this.looksAgain = true;
    // Variables first: the pattern's captures are for the rules that follow.
    return { when: { pathPattern: rewrite.pattern }, rules: [{ variables: { [REWRITTEN]: '1' } }, { rewrite }] };
  }

  /** One condition for several steps is remembered, since the first of them may change what it looks at. */
  private conditional(statement: Statement, note: string): Rule[] {
    const { builder } = this.around;
    const { args, block, place } = statement;
    const when = this.condition(
      args.map(({ text }) => text),
      place,
    );
    const rules = this.of((block ?? []).filter(({ name }) => rewritingNames.includes(name)));
    const choice = this.choiceOf(statement);
    if (rules.length === 0) return choice === null ? [] : [builder.mark({ when, variables: choice }, place, note)];
    if (rules.length === 1 && rules[0]!['when'] === undefined && choice === null) return [builder.mark({ when, ...rules[0] }, place, note)];
    const name = `if_${place.line}_${++this.ifs}`;
    const held = isText(name, '1');
    const remember = builder.mark({ when, variables: { [name]: '1', ...choice } }, place, note);
    return [remember, ...rules.map((rule) => ({ ...rule, when: rule['when'] === undefined ? held : { all: [held, rule['when']] } }))];
  }

  /** The last "if" that holds says which location it is: one that only rewrites, that it is the location itself. */
  private choiceOf(statement: Statement): Record<string, string> | null {
    const content = (statement.block ?? []).filter(isContent);
    if (this.chosen === null) return null;
    if (content.length === 0) return { [this.chosen]: '' };
    return { [this.chosen]: String(this.choices.push(statement)) };
  }

  private condition(written: readonly string[], place: Statement['place']): Record<string, unknown> {
    const { builder, values } = this.around;
    const text = /^\(\s*(.*?)\s*\)$/s.exec(written.join(' '))?.[1] ?? '';
    if (/^!?-[fdex]\s/.test(text)) {
      builder.lack(place, 'files are not looked for in conditions, since Limpet serves none');
      return {};
    }
    const [variable = '', operator, operand = '', ...others] = wordsInside(written);
    const isComplete = operator === undefined || (wordsInside(written).length === 3 && operators.includes(operator));
    if (!/^\$\{?\w+\}?$/.test(variable) || !isComplete || others.length > 0) {
      builder.refuse(place, `invalid condition "${written.join(' ')}"; write if ($variable = text) { … }`);
      return {};
    }
    const value = values.template(variable, place);
    if (operator === undefined) return { test: [{ value, exists: true }], not: { test: [{ value, is: '0' }] } };
    if (operator === '=' || operator === '!=') {
      if (hasVariable(operand)) builder.lack(place, 'two variables are not compared; write a text on the right');
      const test = operand === '' ? { value, exists: false } : { value, is: operand };
      return operator === '=' ? { test: [test] } : { not: { test: [test] } };
    }
    const test = { value, pattern: javascriptPattern(operand), ...(operator.endsWith('*') ? { ignoreCase: true } : {}) };
    return operator.startsWith('!') ? { not: { test: [test] } } : { test: [test] };
  }
}

const operators = ['=', '!=', '~', '~*', '!~', '!~*'];

/** The words of a condition without its parentheses, which may stand by themselves. */
function wordsInside(written: readonly string[]): string[] {
  const words = [...written];
  if (!words[0]!.startsWith('(') || !words.at(-1)!.endsWith(')')) return [];
  words[0] = words[0]!.slice(1);
  if (words[0] === '') words.shift();
  const last = words.length - 1;
  if (words[last] === ')') words.pop();
  else if (last >= 0) words[last] = words[last]!.slice(0, -1);
  return words;
}

/** A variable that a file defines: it has a name, and nginx has none of this name. */
export function judgeNewVariable(text: string, place: Statement['place'], builder: TranslationBuilder): void {
  const name = /^\$(.+)$/s.exec(text)?.[1];
  if (name === undefined) builder.refuse(place, `invalid variable name "${text}"; write it with "$" in front`);
  else if (isChangeable(name) || /^\d+$/.test(name)) builder.lack(place, `"${text}" is not changed; write another name`);
  else if (isBuiltIn(name, false)) builder.refuse(place, `the duplicate "${name}" variable; nginx has it itself, write another name`);
}

/** allow and deny of the nearest block that has any: the first that holds decides. */
export function accessRules(statements: readonly Statement[], builder: TranslationBuilder): Rule[] {
  const allowed: string[] = [];
  const rules: Rule[] = [];
  for (const { name, args, place } of statements) {
    const network = args[0]!.text.replace(/:$/, '');
    if (name === 'allow') {
      if (network === 'all') break;
      allowed.push(network);
      continue;
    }
    const when = { ...(network === 'all' ? {} : { client: network }), ...(allowed.length === 0 ? {} : { not: { client: [...allowed] } }) };
    rules.push(
      builder.mark(
        { ...(Object.keys(when).length === 0 ? {} : { when }), deny: true },
        place,
        `${place.file}:${place.line} deny ${network}`,
      ),
    );
    if (network === 'all') break;
  }
  return rules;
}

/** What was found in the decoded path is encoded where it becomes an argument, so that it stays one. */
function withArguments(template: string): string {
  const question = template.indexOf('?');
  if (question < 0) return template;
  return template.slice(0, question) + template.slice(question).replace(/\$\{capture\.(\w+)\}/g, '${capture.$1|argument}');
}

/** PCRE as JavaScript writes it. */
export function javascriptPattern(pattern: string): string {
  // An empty one is found anywhere.
  return (pattern === '' ? '^' : pattern).replaceAll('(?P<', '(?<').replaceAll('\\A', '^').replaceAll('\\z', '$').replaceAll('\\Z', '$');
}

/** Reports a pattern that cannot be read, where it would leave no trace in the document. */
export function judgePattern(pattern: string, place: Statement['place'], builder: TranslationBuilder): void {
  try {
    new RegExp(javascriptPattern(pattern));
  } catch (error) {
    builder.refuse(place, `the pattern "${pattern}" cannot be read: ${(error as Error).message}; write another one`);
  }
}
