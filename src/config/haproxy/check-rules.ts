// tcp-check and http-check: no checks are sent, and where HAProxy refuses a value in a rule for them, so do we.
import type { KnownStatement } from './keyword.js';
import type { Place } from './known-samples.js';
import { checkFormat } from './log-format.js';
import type { Report } from './report.js';
import { checkSample } from './sample.js';
import { SampleError } from './sample-error.js';
import type { PlacedWord } from './statements.js';
import { checkVariable } from './variable.js';

const places: readonly Place[] = ['check'];

/** Throws SampleError at what HAProxy refuses. */
type Judge = (text: string) => void;

const anyText: Judge = () => {};
const format: Judge = (text) => checkFormat(text, places);
const sample: Judge = (text) => checkSample(text, places);

/** What follows a setting. */
const settings: ReadonlyMap<string, Judge> = new Map([
  ...each(anyText, 'comment meth uri ver body min-recv rstatus string rstring binary rbinary name value addr sni alpn proto'),
  ...each(format, 'uri-lf body-lf string-lf binary-lf name-lf value-lf on-success on-error'),
  ...each(sample, 'status-code'),
  ...each(judgePort, 'port'),
  ...each(judgeStatuses, 'status'),
  ...each(oneOfOutcomes('L4OK L6OK L7OK L7OKC'), 'ok-status'),
  ...each(oneOfOutcomes('L4CON L6RSP L7RSP L7STS L7OKC'), 'error-status'),
  ...each(oneOfOutcomes('L4TOUT L6TOUT L7TOUT'), 'tout-status'),
]);

/** What follows keywords that have a value and no settings but "comment". */
const firstWords: ReadonlyMap<string, Judge> = new Map([
  ...each(anyText, 'send send-binary comment unset-var'),
  ...each(format, 'send-lf send-binary-lf set-var-fmt'),
  ...each(sample, 'set-var'),
]);

function each(judge: Judge, names: string): [string, Judge][] {
  return names.split(' ').map((name) => [name, judge]);
}

const conditions = ['ifexists', 'ifnotexists', 'ifempty', 'ifnotempty', 'ifset', 'ifnotset', 'ifgt', 'iflt'];

/** Whether nothing is wrong with the values of a statement whose words have the right form; what is, is reported. */
export function isSoundCheck(statement: KnownStatement, report: Report): boolean {
  const [family, rule = ''] = statement.keyword.name.split(' ');
  if (family !== 'tcp-check' && family !== 'http-check') return true;
  let at = statement.words[1]!;
  try {
    if (rule.includes('set-var')) judgeVariable(at.text);
    for (const [judge, word] of valuesOf(statement, family, rule)) {
      at = word;
      judge(word.text);
    }
    return true;
  } catch (error) {
    if (!(error instanceof SampleError)) throw error;
    report.reject(at, error.message);
    return false;
  }
}

/** "set-var(check.name)", with conditions behind commas. */
function judgeVariable(written: string): void {
  const match = /\(([^(),]*)((?:,[^(),]*)*)\)$/.exec(written);
  checkVariable(match?.[1] ?? written);
  for (const condition of match![2]!.split(',').slice(1))
    if (!conditions.includes(condition)) throw new SampleError(`"${condition}" is not a condition; write one such as ifexists`, true);
}

/** Whether a rule connects in TLS: the word stands there, and is no setting's value. */
export function connectsInTls({ keyword, args }: KnownStatement): boolean {
  return / connect$/.test(keyword.name) && args.some(({ text }, at) => text === 'ssl' && !settings.has(args[at - 1]?.text ?? ''));
}

function* valuesOf({ args }: KnownStatement, family: string, rule: string): Generator<[Judge, PlacedWord]> {
  const first = rule === 'send' && family === 'http-check' ? undefined : firstWords.get(rule);
  if (first !== undefined) {
    if (args[0] !== undefined) yield [first, args[0]];
    return;
  }
  for (let at = 0; at < args.length; at++) {
    const setting = args[at]!.text.replace(/^!/, '');
    // A field to send has a name; one to expect is said in settings of its own.
    const isField = setting === 'hdr' && rule === 'send';
    const judge = isField ? format : settings.get(setting);
    if (judge === undefined) continue;
    if (isField) at++;
    else if (/^(?:name|value)/.test(setting) && args[at + 1]?.text === '-m') at += 2;
    const value = args[++at];
    if (value !== undefined) yield [judge, value];
  }
}

/** A number, or a sample that gives one. */
function judgePort(text: string): void {
  if (!/^\d+$/.test(text)) sample(text);
  else if (Number(text) < 1 || Number(text) > 65_535)
    throw new SampleError(`"${text}" is not a port; write a number from 1 to 65535, or a sample`, true);
}

/** Numbers and ranges, where nothing is 0. */
function judgeStatuses(text: string): void {
  for (const range of text.split(',')) {
    const [first = 0, last = first] = range.split('-').map(Number);
    if (first > last) throw new SampleError(`"${range}" is not a range of statuses; write the lower one first`, true);
  }
}

function oneOfOutcomes(names: string): Judge {
  const outcomes = names.split(' ');
  return (text) => {
    if (!outcomes.includes(text.toUpperCase()))
      throw new SampleError(`"${text}" is not an outcome of a check here; write one of ${outcomes.join(', ')}`, true);
  };
}
