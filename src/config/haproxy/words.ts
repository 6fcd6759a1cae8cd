// One line of haproxy.cfg as words: escapes, 'strong' and "weak" quotes, environment variables in weak quotes,
// comments. What a word means is not its business.

export interface Word {
  readonly text: string;
  /** From 1, where the word begins as it is written. */
  readonly column: number;
  /** Whether quotes or escapes took part: such a word is never a condition's "{", "!" and the like by itself. */
  readonly isQuoted: boolean;
}

export interface LineFault {
  readonly column: number;
  readonly message: string;
}

/** More words than this no line may have: HAProxy says the same. */
export const maxWords = 64;

const escapes: Readonly<Record<string, string>> = { ' ': ' ', '\\': '\\', '#': '#', n: '\n', r: '\r', t: '\t', '"': '"', "'": "'" };

/** The words of a line; or what is wrong with it. */
export function splitWords(line: string, environment: NodeJS.ProcessEnv): Word[] | LineFault {
  return new LineReader(line, environment).read();
}

class LineReader {
  private at = 0;
  private text = '';
  private start = -1;
  private isQuoted = false;
  private quote = '';
  private quoteStart = 0;
  private readonly words: Word[] = [];

  constructor(
    private readonly line: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  read(): Word[] | LineFault {
    while (this.at < this.line.length) {
      const character = this.line[this.at]!;
      if (this.quote === '' && character === '#') break;
      const fault = this.take(character);
      if (fault !== null) return fault;
    }
    if (this.quote !== '') {
      const name = this.quote === '"' ? 'double' : 'single';
      return { column: this.quoteStart + 1, message: `the ${name} quote is not closed; write another on the same line` };
    }
    this.endWord();
    const surplus = this.words[maxWords];
    if (surplus !== undefined)
      return { column: surplus.column, message: `a line has at most ${maxWords} words; write what is too many on another line` };
    return this.words;
  }

  private take(character: string): LineFault | null {
    if (this.quote === "'") return this.takeStrong(character);
    if (character === '\\') return this.takeEscape();
    if (character === '"' || (character === "'" && this.quote === '')) return this.takeQuote(character);
    if (this.quote === '"' && character === '$') return this.takeVariable();
    if (this.quote === '' && (character === ' ' || character === '\t')) {
      this.endWord();
      this.at++;
      return null;
    }
    return this.add(character, 1);
  }

  private takeStrong(character: string): null {
    if (character !== "'") return this.add(character, 1);
    this.quote = '';
    this.at++;
    return null;
  }

  private takeQuote(character: string): null {
    this.begin();
    this.isQuoted = true;
    this.quoteStart = this.at;
    this.quote = this.quote === '' ? character : '';
    this.at++;
    return null;
  }

  private takeEscape(): LineFault | null {
    const next = this.line[this.at + 1] ?? '';
    if (next === 'x') {
      const hex = this.line.slice(this.at + 2, this.at + 4);
      if (!/^[0-9a-fA-F]{2}$/.test(hex))
        return { column: this.at + 1, message: '"\\x" takes two hexadecimal digits; write them, as in "\\x20"' };
      this.isQuoted = true;
      return this.add(String.fromCharCode(Number.parseInt(hex, 16)), 4);
    }
    if (next === '$' && this.quote === '"') return this.add('$', 2);
    // Before anything else a backslash is a character like any other: regular expressions are full of them.
    if (!Object.hasOwn(escapes, next)) return this.add('\\', 1);
    this.isQuoted = true;
    return this.add(escapes[next]!, 2);
  }

  private takeVariable(): LineFault | null {
    const match = /^\$(?:([A-Za-z_.][A-Za-z0-9_.]*)|\{([A-Za-z_.][A-Za-z0-9_.]*)(\[\*\])?(?:-([^}]*))?\})/.exec(
      this.line.slice(this.at, this.at + 2048),
    );
    if (match === null) {
      const message = 'this is no variable; write one as "$NAME" or "${NAME}", and a dollar itself as "\\$"';
      return this.line[this.at + 1] === '{' ? { column: this.at + 1, message } : this.add('$', 1);
    }
    const name = match[1] ?? match[2]!;
    const value = this.environment[name] ?? match[4] ?? '';
    this.at += match[0].length;
    if (match[3] === undefined) {
      this.text += value;
      return null;
    }
    const parts = value.split(/[ \t]+/).filter((part) => part !== '');
    for (const [index, part] of parts.entries()) {
      if (index > 0) this.splitWord();
      this.text += part;
    }
    return null;
  }

  private splitWord(): void {
    const { start } = this;
    this.endWord();
    this.start = start;
    this.isQuoted = true;
  }

  private begin(): void {
    if (this.start < 0) this.start = this.at;
  }

  private add(text: string, length: number): null {
    this.begin();
    this.text += text;
    this.at += length;
    return null;
  }

  private endWord(): void {
    if (this.start < 0) return;
    this.words.push({ text: this.text, column: this.start + 1, isQuoted: this.isQuoted });
    this.text = '';
    this.start = -1;
    this.isQuoted = false;
  }
}
