// Remembers how text was written into log lines: user agents, names and methods come again and again, and comparing is cheaper than
// escaping. Bounded, whatever clients send.
import { ownText } from '../core/own-text.js';

const slots = 64;

/** For text from clients that repeats but has no end, such as user agents: each new one takes the slot of another. */
export class EscapeMemo {
  private readonly texts: string[] = new Array<string>(slots).fill('');
  private readonly results: string[];

  constructor(private readonly escapeText: (text: string) => string) {
    this.results = new Array<string>(slots).fill(escapeText(''));
  }

  get(text: string): string {
    // Different user agents mostly differ in length.
    const slot = text.length & (slots - 1);
    if (this.texts[slot] === text) return this.results[slot];
    const result = this.escapeText(text);
    this.texts[slot] = ownText(text);
    this.results[slot] = result;
    return result;
  }
}

const maxPieces = 1000;
/** A client can make up methods: only what is as short as a real one is kept. */
const maxPieceCharacters = 128;

/** For names of the config and codes, of which there are few: keeps the whole piece of a line, key included. */
export class PieceMemo {
  private readonly pieces = new Map<string, string>();

  constructor(private readonly build: (text: string) => string) {}

  get(text: string): string {
    let piece = this.pieces.get(text);
    if (piece === undefined) {
      piece = this.build(text);
      if (this.pieces.size < maxPieces && text.length <= maxPieceCharacters) this.pieces.set(ownText(text), piece);
    }
    return piece;
  }
}
