// The text of an nginx.conf as a tree of statements: words, quotes, escapes, comments, blocks. What they mean is not judged.
import type { Place } from '../front-end.js';
import type { TranslationBuilder } from '../translation-builder.js';

export interface Word {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** `name args;` or `name args { … }`. */
export interface Statement {
  readonly name: string;
  readonly args: readonly Word[];
  /** null: it ended with a semicolon. */
  readonly block: Statement[] | null;
  readonly place: Place;
}

/** Deeper nesting than any configuration has, far less than the stack survives. */
const MAX_DEPTH = 32;
/** More statements than any configuration has: what includes itself many times over ends here. */
export const MAX_STATEMENTS = 200_000;

const escapes: Readonly<Record<string, string>> = { '"': '"', "'": "'", '\\': '\\', t: '\t', r: '\r', n: '\n' };

/** Reads one file's text. Problems go to `builder`; what could be read is returned. */
export function readStatements(text: string, file: string, builder: TranslationBuilder): Statement[] {
  return new StatementReader(text, file, builder).read();
}

class StatementReader {
  private at = 0;
  private line = 1;
  private lineStart = 0;
  private count = 0;

  constructor(
    private readonly text: string,
    private readonly file: string,
    private readonly builder: TranslationBuilder,
  ) {}

  read(): Statement[] {
    const root: Statement[] = [];
    const open: { readonly statements: Statement[]; readonly place: Place }[] = [];
    let current = root;
    for (;;) {
      const ended = this.readOne(current, open.length);
      if (ended === 'statement') continue;
      if (ended === 'open') {
        const opened = current.at(-1) as Statement;
        open.push({ statements: current, place: opened.place });
        current = opened.block as Statement[];
      } else if (ended === 'close') {
        const outer = open.pop();
        if (outer === undefined) {
          this.builder.refuse(this.place(), 'unexpected "}"; remove it, or write the block that it ends');
          return root;
        }
        current = outer.statements;
      } else {
        const unclosed = open.at(-1);
        if (ended === 'end' && unclosed !== undefined)
          this.builder.refuse(unclosed.place, 'the block is not closed: unexpected end of file; write "}" where it ends');
        return root;
      }
    }
  }

  private place(): Place {
    return { file: this.file, line: this.line, column: this.at - this.lineStart + 1 };
  }

  /** One statement, appended to `statements`, or what ends the block. */
  private readOne(statements: Statement[], depth: number): 'statement' | 'open' | 'close' | 'end' | 'broken' {
    const words: Word[] = [];
    let place: Place | null = null;
    for (;;) {
      this.skipBlanks();
      if (this.at >= this.text.length) return this.endOfText(words, place);
      const character = this.text[this.at]!;
      if (character === '}' && words.length === 0) {
        this.at++;
        return 'close';
      }
      if (character === ';' || character === '{' || character === '}') {
        if (words.length === 0 || character === '}') {
          this.builder.refuse(this.place(), `unexpected "${character}"; write a directive before it, and ";" where it ends`);
          return 'broken';
        }
        this.at++;
        return this.endStatement(statements, words, place as Place, character === '{', depth);
      }
      place ??= this.place();
      const word = this.readWord();
      if (word === null) return 'broken';
      words.push(word);
    }
  }

  private endOfText(words: readonly Word[], place: Place | null): 'end' | 'broken' {
    if (words.length === 0) return 'end';
    this.builder.refuse(place as Place, 'unexpected end of file, expecting ";" or "}"; write ";" where the directive ends');
    return 'broken';
  }

  private endStatement(
    statements: Statement[],
    words: readonly Word[],
    place: Place,
    opens: boolean,
    depth: number,
  ): 'statement' | 'open' | 'broken' {
    if (++this.count > MAX_STATEMENTS || (opens && depth >= MAX_DEPTH)) {
      this.builder.refuse(place, `this is nested more than ${MAX_DEPTH} deep, or is more than ${MAX_STATEMENTS} directives; write less`);
      return 'broken';
    }
    statements.push({ name: words[0]!.text, args: words.slice(1), block: opens ? [] : null, place });
    return opens ? 'open' : 'statement';
  }

  private skipBlanks(): void {
    for (; this.at < this.text.length; this.at++) {
      const character = this.text[this.at]!;
      if (character === '#') {
        const end = this.text.indexOf('\n', this.at);
        this.at = (end < 0 ? this.text.length : end) - 1;
      } else if (character === '\n') {
        this.line++;
        this.lineStart = this.at + 1;
      } else if (character !== ' ' && character !== '\t' && character !== '\r') {
        return;
      }
    }
  }

  private readWord(): Word | null {
    const quote = this.text[this.at]!;
    return quote === '"' || quote === "'" ? this.readQuoted(quote) : this.readPlain();
  }

  private readQuoted(quote: string): Word | null {
    const place = this.place();
    let word = '';
    for (this.at++; this.at < this.text.length && this.text[this.at] !== quote; this.at++) word += this.take();
    if (this.at >= this.text.length) {
      this.builder.refuse(place, `the text does not end; write ${quote} where it ends`);
      return null;
    }
    this.at++;
    const next = this.text[this.at];
    if (next !== undefined && !/[\s;{)]/.test(next)) {
      this.builder.refuse(this.place(), `unexpected "${next}" behind a quoted text; write a space or ";" there`);
      return null;
    }
    return { text: word, isQuoted: true };
  }

  private readPlain(): Word {
    let word = '';
    for (; this.at < this.text.length; this.at++) {
      const character = this.text[this.at]!;
      // Exactly what skipBlanks skips, and no more: a word that is empty would be read for ever.
      if (/[ \t\r\n;]/.test(character) || (character === '{' && !word.endsWith('$'))) break;
      word += this.take();
    }
    return { text: word, isQuoted: false };
  }

  /** The character at `at`, escapes taken; `at` is left at its last one. */
  private take(): string {
    const character = this.text[this.at]!;
    if (character === '\n') {
      this.line++;
      this.lineStart = this.at + 1;
    }
    if (character !== '\\' || this.at + 1 >= this.text.length) return character;
    const next = this.text[++this.at]!;
    if (next === '\n') {
      this.line++;
      this.lineStart = this.at + 1;
    }
    return escapes[next] ?? character + next;
  }
}
