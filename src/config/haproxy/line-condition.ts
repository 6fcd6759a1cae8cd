// The conditions of ".if" and ".elif": defined(), feature(), version_atleast() and their like, combined with !, &&,
// || and parentheses. They are answered as HAProxy 2.6 answers them.

const version = [2, 6, 12] as const;
const opensslVersion = [3, 0, 0] as const;
const features = new Set([
  'OPENSSL',
  'ZLIB',
  'PCRE2',
  'PCRE2_JIT',
  'LUA',
  'GETADDRINFO',
  'THREAD',
  'EPOLL',
  'POLL',
  'TFO',
  'NS',
  'LINUX_TPROXY',
]);
const maxDepth = 32;

/** Throws an Error that says what is wrong with the condition. */
export function holdsLineCondition(text: string, environment: NodeJS.ProcessEnv): boolean {
  if (text.trim() === '') return false;
  const reader = new ConditionReader(text, environment);
  const value = reader.readAny(0);
  reader.expectEnd();
  return value;
}

class ConditionReader {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  readAny(depth: number): boolean {
    let value = this.readAll(depth);
    while (this.takes('||')) value = this.readAll(depth) || value;
    return value;
  }

  expectEnd(): void {
    this.skipSpace();
    if (this.at < this.text.length)
      throw new Error(`"${this.text.slice(this.at, this.at + 40)}" is too much for a condition; join two with "&&" or "||"`);
  }

  private readAll(depth: number): boolean {
    let value = this.readTerm(depth);
    while (this.takes('&&')) value = this.readTerm(depth) && value;
    return value;
  }

  private readTerm(depth: number): boolean {
    if (depth > maxDepth) throw new Error('the condition is nested too deep; write it with fewer parentheses');
    if (this.takes('!')) return !this.readTerm(depth + 1);
    if (this.takes('(')) {
      const value = this.readAny(depth + 1);
      if (!this.takes(')')) throw new Error('a parenthesis is not closed; write ")"');
      return value;
    }
    this.skipSpace();
    const rest = this.text.slice(this.at);
    const number = /^-?\d+(?![\w(])/.exec(rest);
    if (number !== null) {
      this.at += number[0].length;
      return Number(number[0]) !== 0;
    }
    const call = /^([a-z_]+)\(([^()]*)\)/.exec(rest);
    if (call === null)
      throw new Error(`"${rest.slice(0, 40)}" is not a condition; write one such as defined(NAME) or version_atleast(2.4)`);
    this.at += call[0].length;
    return this.call(
      call[1]!,
      call[2]!.split(',').map((argument) => argument.trim().replace(/^"(.*)"$/, '$1')),
    );
  }

  private call(name: string, given: readonly string[]): boolean {
    const [first = '', second = ''] = given;
    switch (name) {
      case 'defined':
        return this.environment[first] !== undefined;
      case 'feature':
        return features.has(first);
      case 'streq':
        return first === second;
      case 'strneq':
        return first !== second;
      case 'version_atleast':
        return compareVersion(version, first) >= 0;
      case 'version_before':
        return compareVersion(version, first) < 0;
      case 'openssl_version_atleast':
        return compareVersion(opensslVersion, first) >= 0;
      case 'openssl_version_before':
        return compareVersion(opensslVersion, first) < 0;
      case 'ssllib_name_startswith':
        return 'OpenSSL 3.0'.startsWith(first);
      default:
        throw new Error(`"${name}" is not a predicate; write one such as defined(NAME), feature(NAME) or version_atleast(2.4)`);
    }
  }

  private takes(symbol: string): boolean {
    this.skipSpace();
    if (!this.text.startsWith(symbol, this.at)) return false;
    this.at += symbol.length;
    return true;
  }

  private skipSpace(): void {
    while (this.text[this.at] === ' ' || this.text[this.at] === '\t') this.at++;
  }
}

function compareVersion(own: readonly number[], written: string): number {
  const match = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(written);
  if (match === null) throw new Error(`"${written}" is not a version; write one such as 2.6`);
  for (const [index, part] of own.entries()) {
    const other = Number(match[index + 1] ?? 0);
    if (part !== other) return part - other;
  }
  return 0;
}
