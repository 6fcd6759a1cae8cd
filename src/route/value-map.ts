// Maps of the config: from what a Value reads to another Value, by exact text, by host name or by pattern.
import { Affixes } from './affixes.js';
import { toByteText } from './byte-text.js';
import { Problems } from './compile-error.js';
import type { ExchangeView } from './exchange-view.js';
import { compilePattern, type Pattern } from './pattern.js';
import { compileValue, type Value } from './value.js';

export interface MapSpec {
  readonly value: string;
  readonly entries?: Readonly<Record<string, string>> | undefined;
  readonly patterns?: readonly MapPatternSpec[] | undefined;
  readonly default?: string | undefined;
  /** Keys may be "*.example". */
  readonly hosts?: boolean | undefined;
  /** Entries are compared with case. */
  readonly matchCase?: boolean | undefined;
}

export interface MapPatternSpec {
  readonly pattern: string;
  readonly to: string;
  readonly ignoreCase?: boolean | undefined;
}

interface MappedPattern {
  readonly pattern: Pattern;
  readonly to: Value;
}

/** Exact texts first, whatever their case unless that counts; then host names, the longest first; then patterns in order; else the default. */
export class ValueMap {
  private readonly value: Value;
  private readonly entries: ReadonlyMap<string, Value>;
  private readonly takesHosts: boolean;
  /** Of entries "*.example" and "www.*". What is looked up is bounded by them, not by a host that a client has made up. */
  private readonly hostEndings: Affixes<Value>;
  private readonly hostBeginnings: Affixes<Value>;
  private readonly patterns: readonly MappedPattern[];
  private readonly fallback: Value;
  private readonly matchesCase: boolean;

  constructor(
    value: Value,
    entries: ReadonlyMap<string, Value>,
    takesHosts: boolean,
    patterns: readonly MappedPattern[],
    fallback: Value,
    matchesCase: boolean,
  ) {
    this.matchesCase = matchesCase;
    this.value = value;
    this.entries = entries;
    this.takesHosts = takesHosts;
    this.hostEndings = new Affixes(
      'ending',
      affixed(entries, (key) => (key.startsWith('*.') ? key.slice(1) : null)),
    );
    this.hostBeginnings = new Affixes(
      'beginning',
      affixed(entries, (key) => (key.endsWith('.*') && key.length > 2 ? key.slice(0, -1) : null)),
    );
    this.patterns = patterns;
    this.fallback = fallback;
  }

  read(x: ExchangeView): string {
    const text = this.value.read(x);
    const key = this.matchesCase ? text : text.toLowerCase();
    const exact = this.entries.get(key) ?? (this.takesHosts ? this.byHost(key) : undefined);
    if (exact !== undefined) return exact.read(x);
    for (let i = 0; i < this.patterns.length; i++) {
      const { pattern, to } = this.patterns[i]!;
      if (pattern.test(text, x)) return to.read(x);
    }
    return this.fallback.read(x);
  }

  private byHost(host: string): Value | undefined {
    return this.hostEndings.longest(host) ?? this.hostBeginnings.longest(host);
  }
}

/** Of the keys with a star before or behind their text, that text and what stands there. */
function affixed(entries: ReadonlyMap<string, Value>, textOf: (key: string) => string | null): ReadonlyMap<string, Value> {
  const texts = new Map<string, Value>();
  for (const [key, value] of entries) {
    const text = textOf(key);
    if (text !== null) texts.set(text, value);
  }
  return texts;
}

/** Compiles a map. Throws CompileError with every problem. */
export function compileMap(spec: MapSpec): ValueMap {
  const problems = new Problems();
  const value = problems.attempt(['value'], () => compileValue(spec.value));
  const entries = new Map<string, Value>();
  for (const [key, template] of Object.entries(spec.entries ?? {})) {
    const to = problems.attempt(['entries', key], () => compileValue(template));
    if (to !== null) entries.set(spec.matchCase === true ? toByteText(key) : toByteText(key).toLowerCase(), to);
  }
  const patterns: MappedPattern[] = [];
  for (const [index, { pattern: source, ignoreCase, to: template }] of (spec.patterns ?? []).entries()) {
    const pattern = problems.attempt(['patterns', index, 'pattern'], () => compilePattern(source, ignoreCase === true));
    const to = problems.attempt(['patterns', index, 'to'], () => compileValue(template));
    if (pattern !== null && to !== null) patterns.push({ pattern, to });
  }
  const fallback = problems.attempt(['default'], () => compileValue(spec.default ?? ''));
  problems.throwIfAny();
  return new ValueMap(value!, entries, spec.hosts === true, patterns, fallback!, spec.matchCase === true);
}
