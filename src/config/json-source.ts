// The text of a configuration file: JSON with comments and trailing commas, read into a value that remembers
// where each part of it stands. It judges the JSON only, not what it says.
import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { Problem } from './problem.js';
import type { Path, Source } from './source.js';

/** Far more than a configuration needs, far less than the parser's recursion survives. */
const maxDepth = 64;

export class JsonSource implements Source {
  readonly file: string;
  readonly problems: Problem[] = [];
  /** The data; undefined when the text cannot be read as JSON. */
  readonly value: unknown;
  private readonly text: string;
  private readonly root: Node | undefined;
  private readonly lineStarts: readonly number[];

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text.startsWith('\uFEFF') ? text.slice(1) : text;
    this.lineStarts = startsOfLines(this.text);
    const tooDeepAt = offsetOfTooDeep(this.text);
    if (tooDeepAt >= 0) {
      this.addAt(
        tooDeepAt,
        `this is nested more than ${maxDepth} deep, which no configuration needs; remove the brackets that are too many`,
      );
      return;
    }
    const errors: ParseError[] = [];
    this.root = parseTree(this.text, errors, { allowTrailingComma: true });
    this.addSyntaxProblems(errors);
    if (errors.length > 0) return;
    if (this.root === undefined) this.addAt(0, 'the file is empty; write { "listeners": … }');
    else this.value = this.toValue(this.root);
  }

  addAtValue(path: Path, message: string, offset = 0): void {
    const node = this.nodeAt(path);
    const isPlainString = node?.type === 'string' && node.length === String(node.value).length + 2;
    this.addAt((node?.offset ?? 0) + (offset > 0 && isPlainString ? offset + 1 : 0), message);
  }

  addAtKey(path: Path, message: string): void {
    const key = this.nodeAt(path)?.parent?.children?.[0];
    if (key === undefined || typeof path.at(-1) !== 'string') this.addAtValue(path, message);
    else this.addAt(key.offset, message);
  }

  lineOf(path: Path): number {
    return this.place(this.nodeAt(path)?.offset ?? 0).line;
  }

  private addAt(offset: number, message: string): void {
    const { line, column } = this.place(offset);
    this.problems.push({ file: this.file, line, column, message });
  }

  private place(offset: number): { line: number; column: number } {
    let line = 1;
    for (let after = this.lineStarts.length + 1; line + 1 < after; ) {
      const middle = (line + after) >> 1;
      if (this.lineStarts[middle - 1] > offset) after = middle;
      else line = middle;
    }
    return { line, column: offset - this.lineStarts[line - 1] + 1 };
  }

  private nodeAt(path: Path): Node | undefined {
    let node = this.root;
    for (const step of path) {
      const children: Node[] = node?.children ?? [];
      if (typeof step === 'number') node = node?.type === 'array' ? children[step] : undefined;
      else node = children.find((property) => property.children?.[0]?.value === step)?.children?.[1];
      if (node === undefined) return undefined;
    }
    return node;
  }

  private toValue(node: Node): unknown {
    if (node.type === 'array') return (node.children ?? []).map((element) => this.toValue(element));
    if (node.type === 'object') return this.toObject(node);
    return node.value;
  }

  private toObject(node: Node): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    const keys = new Map<string, Node>();
    for (const property of node.children ?? []) {
      const [keyNode, valueNode] = property.children ?? [];
      const key = String(keyNode.value);
      const earlier = keys.get(key);
      if (key === '__proto__') {
        this.addAt(keyNode.offset, '"__proto__" cannot be a key; write another name instead');
      } else if (earlier !== undefined) {
        this.addAt(keyNode.offset, `"${key}" stands twice in one object, first in line ${this.place(earlier.offset).line}; write it once`);
      } else {
        keys.set(key, keyNode);
        object[key] = this.toValue(valueNode);
      }
    }
    return object;
  }

  /** One problem a line: what follows the first is mostly its echo. */
  private addSyntaxProblems(errors: readonly ParseError[]): void {
    const lines = new Set<number>();
    for (const error of errors) {
      const { line } = this.place(error.offset);
      if (lines.has(line)) continue;
      lines.add(line);
      this.addAt(error.offset, this.explainSyntax(error));
    }
  }

  private explainSyntax(error: ParseError): string {
    const found = this.text.slice(error.offset, error.offset + Math.min(error.length, 30));
    const explanation = syntaxExplanations[printParseErrorCode(error.error)] ?? 'this is not JSON';
    return explanation.replace('FOUND', found === '' || found.includes('\n') ? 'the end of the line' : `\`${found}\``);
  }
}

const syntaxExplanations: Record<string, string> = {
  InvalidSymbol: 'FOUND is not JSON; write names and texts in double quotes',
  InvalidNumberFormat: 'FOUND is not a number; write digits, such as 10',
  PropertyNameExpected: 'a key is missing before FOUND; write it in double quotes, such as "address": …',
  ValueExpected: 'a value is missing before FOUND; write a text in double quotes, a number, true, false, { … } or [ … ]',
  ColonExpected: 'a colon is missing before FOUND; write "key": value',
  CommaExpected: 'a comma is missing before FOUND; write one between two entries',
  CloseBraceExpected: 'a brace is missing before FOUND; write } where the object ends',
  CloseBracketExpected: 'a bracket is missing before FOUND; write ] where the list ends',
  EndOfFileExpected: 'FOUND comes after the end of the configuration; remove it, or a closing brace before it',
  InvalidCommentToken: 'FOUND is not a comment; write // … or /* … */',
  UnexpectedEndOfComment: 'the comment does not end; write */',
  UnexpectedEndOfString: 'the text does not end; write a closing double quote on the same line',
  UnexpectedEndOfNumber: 'the number does not end; write a digit',
  InvalidUnicode: 'FOUND has a bad \\u escape; write four hex digits after \\u',
  InvalidEscapeCharacter: 'FOUND has a bad escape; write \\\\ for a backslash',
  InvalidCharacter: 'FOUND holds a control character; write it as an escape, such as \\n or \\t',
};

function startsOfLines(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Where the nesting passes {@link maxDepth}, or -1. Strings and comments are skipped; malformed ones are the parser's to report. */
function offsetOfTooDeep(text: string): number {
  const tokens = /"(?:[^"\\\n]|\\.)*"?|\/\/.*|\/\*[\s\S]*?(?:\*\/|$)|[[\]{}]/g;
  let depth = 0;
  for (const match of text.matchAll(tokens)) {
    if (match[0] === '{' || match[0] === '[') depth++;
    else if (match[0] === '}' || match[0] === ']') depth--;
    if (depth > maxDepth) return match.index;
  }
  return -1;
}
