// ACLs by name and without, and what "if" and "unless" combine of them: a condition of the JSON language.
import { nearestName } from '../../core/nearest-name.js';
import type { KnownStatement } from './keyword.js';
import type { MapFiles } from './map-files.js';
import { anyOf, compileTest, type SampleTest } from './pattern.js';
import type { Report } from './report.js';
import { isFetchedIn, notFetched, type SampleUse } from './sample.js';
import type { PlacedWord } from './statements.js';

const never = { not: {} };

const predefined: Readonly<Record<string, SampleTest>> = {
  TRUE: { fetch: 'always_true', condition: {} },
  FALSE: { fetch: 'always_false', condition: never },
  HTTP: { fetch: 'req.proto_http', condition: {} },
  'HTTP_1.0': { fetch: 'req.ver', condition: { test: [{ value: '${version}', is: '1.0' }] } },
  'HTTP_1.1': { fetch: 'req.ver', condition: { test: [{ value: '${version}', is: '1.1' }] } },
  'HTTP_2.0': { fetch: 'req.ver', condition: { test: [{ value: '${version}', is: '2' }] } },
  HTTP_CONTENT: { fetch: 'req.hdr_val', condition: { test: [{ value: '${header.content-length}', atLeast: 1 }] } },
  HTTP_URL_ABS: { fetch: 'url', condition: { test: [{ value: '${target}', pattern: '^[^/:]*://' }] } },
  HTTP_URL_SLASH: { fetch: 'url', condition: { test: [{ value: '${target}', startsWith: '/' }] } },
  HTTP_URL_STAR: { fetch: 'url', condition: { test: [{ value: '${target}', is: '*' }] } },
  LOCALHOST: { fetch: 'src', condition: { client: ['127.0.0.1/8', '::1'] } },
  METH_CONNECT: { fetch: 'method', condition: { method: ['CONNECT'] } },
  METH_DELETE: { fetch: 'method', condition: { method: ['DELETE'] } },
  METH_GET: { fetch: 'method', condition: { method: ['GET', 'HEAD'] } },
  METH_HEAD: { fetch: 'method', condition: { method: ['HEAD'] } },
  METH_OPTIONS: { fetch: 'method', condition: { method: ['OPTIONS'] } },
  METH_POST: { fetch: 'method', condition: { method: ['POST'] } },
  METH_PUT: { fetch: 'method', condition: { method: ['PUT'] } },
  METH_TRACE: { fetch: 'method', condition: { method: ['TRACE'] } },
};

/** What HAProxy has beside these. */
const otherPredefined: ReadonlySet<string> = new Set(['RDP_COOKIE', 'REQ_CONTENT', 'WAIT_END']);

/** What is meant when an ACL could not be compiled, which has been reported: nothing. */
const unusable = Symbol('unusable');

export class Acls {
  /** By name; several of one name hold when one of them does. */
  private readonly named = new Map<string, (SampleTest | typeof unusable)[]>();

  constructor(
    private readonly report: Report,
    private readonly maps: MapFiles,
  ) {}

  /** What a defaults section has named is for its own rules. */
  forget(): void {
    this.named.clear();
  }

  define(statement: KnownStatement): void {
    const [name, ...rest] = statement.args;
    if (!/^[A-Za-z0-9_.:-]+$/.test(name!.text)) {
      this.report.reject(name!, `"${name!.text}" cannot be the name of an acl; write letters, digits, "-" and "_"`);
      return;
    }
    if (['or', 'if', 'unless', '||'].includes(name!.text)) {
      this.report.reject(name!, `"${name!.text}" cannot be the name of an acl; write another`);
      return;
    }
    const compiled = this.compile(rest);
    this.named.set(name!.text, [...(this.named.get(name!.text) ?? []), compiled]);
  }

  /**
   * The condition that `words` ("if …" or "unless …") give for samples that are read so; {} where there are none. undefined
   * when something is wrong with it, which is reported then.
   */
  read(words: readonly PlacedWord[], use: SampleUse): unknown {
    const [keyword, ...terms] = words;
    if (keyword === undefined) return {};
    if (keyword.text !== 'if' && keyword.text !== 'unless') {
      this.report.reject(keyword, `"${keyword.text}" is not expected here; write "if" or "unless" and a condition, or remove it`);
      return undefined;
    }
    if (terms.length === 0) {
      this.report.reject(keyword, `"${keyword.text}" has no condition; write one after it`);
      return undefined;
    }
    const condition = this.readAlternatives(terms, use);
    if (condition === undefined) return undefined;
    return keyword.text === 'if' ? condition : negated(condition);
  }

  private readAlternatives(words: readonly PlacedWord[], use: SampleUse): unknown {
    const alternatives: unknown[] = [];
    let all: unknown[] = [];
    let isUsable = true;
    for (let at = 0; at < words.length; at++) {
      const word = words[at]!;
      if (!word.isQuoted && (word.text === 'or' || word.text === '||')) {
        if (all.length === 0) isUsable = this.rejectWord(word, `"${word.text}" has no condition before it; remove it`);
        else alternatives.push(allOf(all));
        all = [];
        continue;
      }
      let isNegated = false;
      let name = word.text;
      while (name.startsWith('!')) {
        isNegated = !isNegated;
        name = name.slice(1);
        if (name === '' && at + 1 < words.length) name = words[++at]!.text;
      }
      let condition: unknown;
      if (name === '{') {
        const end = words.findIndex((other, index) => index > at && other.text === '}');
        if (end < 0) {
          this.rejectWord(word, '"{" is not closed; write " }" after the condition');
          return undefined;
        }
        const test = this.compile(words.slice(at + 1, end), word);
        condition = test === unusable ? unusable : this.asked(test, word, use);
        at = end;
      } else {
        condition = this.lookUp(name, words[at]!, use);
      }
      isUsable &&= condition !== unusable;
      all.push(isNegated && condition !== unusable ? negated(condition) : condition);
    }
    if (!isUsable) return undefined;
    if (all.length === 0) {
      this.rejectWord(words.at(-1)!, 'a condition is missing after this; write one, or remove it');
      return undefined;
    }
    alternatives.push(allOf(all));
    return anyOf(alternatives);
  }

  private lookUp(name: string, word: PlacedWord, use: SampleUse): unknown {
    const found = this.named.get(name);
    if (found !== undefined) {
      const tests = found.filter((test) => test !== unusable);
      return tests.length < found.length ? unusable : anyOf(tests.map((test) => this.asked(test, word, use)));
    }
    if (Object.hasOwn(predefined, name)) return this.asked(predefined[name]!, word, use);
    if (otherPredefined.has(name)) {
      this.report.refuse(word, `the acl "${name}" is not supported: nothing is read of a connection before it is passed on`);
      return unusable;
    }
    const nearest = nearestName(name, [...this.named.keys(), ...Object.keys(predefined)]);
    this.report.reject(
      word,
      `there is no acl "${name}" before this line${nearest === null ? '; write one' : `; write "${nearest}" instead`}`,
    );
    return unusable;
  }

  /** The condition of a test where its sample is fetched. */
  private asked({ condition, fetch }: SampleTest, word: PlacedWord, { places, ownBackend }: SampleUse): unknown {
    const isFetched = isFetchedIn(fetch, places);
    if (fetch === 'be_name' && (ownBackend !== undefined || !isFetched)) {
      this.report.refuse(word, '"be_name" is not supported in conditions but those of rules for responses; leave it out');
      return unusable;
    }
    if (isFetched) return condition;
    this.report.note(word, `this never matches, for HAProxy neither: ${notFetched(fetch, places)}`);
    return never;
  }

  private compile(words: readonly PlacedWord[], fallback?: PlacedWord): SampleTest | typeof unusable {
    const [first] = words;
    if (first === undefined) {
      this.rejectWord(fallback!, 'the condition is empty; write a sample and what it is compared with');
      return unusable;
    }
    try {
      return compileTest(words, this.report, this.maps);
    } catch (error) {
      this.report.take(error, first);
      return unusable;
    }
  }

  private rejectWord(word: PlacedWord, message: string): false {
    this.report.reject(word, message);
    return false;
  }
}

function allOf(conditions: readonly unknown[]): unknown {
  return conditions.length === 1 ? conditions[0] : { all: conditions };
}

function negated(condition: unknown): unknown {
  const { not, ...rest } = condition as { not?: unknown };
  return not !== undefined && Object.keys(rest).length === 0 ? not : { not: condition };
}

/** Where the condition of a rule begins: at the first "if" or "unless" that is a word by itself. */
export function conditionStart(words: readonly PlacedWord[]): number {
  const at = words.findIndex((word) => !word.isQuoted && (word.text === 'if' || word.text === 'unless'));
  return at < 0 ? words.length : at;
}
