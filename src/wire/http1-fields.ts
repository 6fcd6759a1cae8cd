// The field section of an HTTP/1 message (RFC 9112 §5) as received text and offsets into it: parsed in one pass,
// edited by marking and adding, and written by copying runs of what is kept. Heads and trailers share it.
import { type Fault, faults } from '../core/errors.js';
import { tokenCharacters, valueCharacters } from './character-classes.js';
import { FieldId, identifyField, idOfName, isTwinOfTrustedField, nameEquals } from './field-id.js';
import type { KeptFields, MessageHead } from './message-head.js';
import type { WireProfile } from './profile.js';

const CR = 13;
const LF = 10;
const SP = 32;
const HTAB = 9;
const COLON = 58;
const UNDERSCORE = 95;

/** Offsets of one field in `offsets`, from where the fields begin: name start, name end, value start, value end, line end, id, and whether the line may be copied as it came. */
const NAME_START = 0;
const NAME_END = 1;
const VALUE_START = 2;
const VALUE_END = 3;
const LINE_END = 4;
const ID = 5;
const REGULAR = 6;
/** The id before any edit, of a head that may come again. */
const ID_AS_READ = 7;
const STRIDE = 8;

/** A head that rests keeps at most so much text and room for so many fields: every open connection has one. */
const MAX_KEPT_BYTES = 2048;
const USUAL_FIELDS = 16;

const noOffsets = new Int32Array(0);

export class Http1Fields implements Omit<MessageHead, 'framing'> {
  text = '';
  /** Where the start line ends, if it came as we would write it; else 0. */
  protected plainLineEnd = 0;
  /** The index of Content-Length, if it came alone and as we would write it; else -1. */
  plainLengthAt = -1;
  /** Where the fields begin in the text. */
  private fieldsAt = 0;
  /** Where they begin in the bytes that are parsed. */
  private base = 0;
  count = 0;
  /** A bit for each FieldId that came: most of those that are asked for did not. */
  private seen = 0;
  /** A field that tells who the client is came with the head. */
  hasForwardedFields = false;
  /** A name with '_' came with the head, and was not dropped. */
  hasUnderscores = false;
  /** Fields whose value had to be made anew (unfolded lines), by index; empty in the ordinary case. */
  private unfolded: Map<number, string> | null = null;
  private offsets = noOffsets;
  private addedNames: string[] = [];
  private addedValues: string[] = [];
  /** The text has been read without fault: when it comes again, which it does from most clients, nothing has to be found anew. */
  private isSettled = false;
  /** Something was removed or added since the text was read. */
  private isEdited = false;
  private cameWithForwardedFields = false;
  private writtenForm = -1;
  private writtenAdded = '';
  private writtenText = '';

  /** Forgets everything, keeping the memory for the next message. */
  clear(): void {
    this.text = '';
    this.isSettled = false;
    this.isEdited = false;
    this.forgetWritten();
    this.plainLengthAt = -1;
    this.count = 0;
    this.seen = 0;
    this.hasForwardedFields = false;
    this.hasUnderscores = false;
    this.unfolded = null;
    if (this.addedNames.length > 0) {
      this.addedNames = [];
      this.addedValues = [];
    }
  }

  /** Whether `text` is the one that was read last. */
  protected comesAgain(text: string): boolean {
    return this.isSettled && text === this.text;
  }

  /** Whether `text` has the fields that were read last, behind another start line, which ends at `fieldsAt`. If so, it takes the place of the last. */
  protected takeFieldsAgain(text: string, fieldsAt: number): boolean {
    if (!this.isSettled || text.length - fieldsAt !== this.text.length - this.fieldsAt) return false;
    if (text.slice(fieldsAt) !== this.text.slice(this.fieldsAt)) return false;
    this.takeEditsBack();
    this.text = text;
    this.fieldsAt = fieldsAt;
    this.forgetWritten();
    return true;
  }

  /** The text was read without fault, and may come again. */
  protected settle(): void {
    const { offsets } = this;
    for (let at = 0; at < this.count * STRIDE; at += STRIDE) offsets[at + ID_AS_READ] = offsets[at + ID]!;
    this.cameWithForwardedFields = this.hasForwardedFields;
    this.isSettled = true;
    this.isEdited = false;
  }

  /** All is again as it was when the text had been read. */
  protected takeEditsBack(): void {
    if (!this.isEdited) return;
    const { offsets } = this;
    for (let at = 0; at < this.count * STRIDE; at += STRIDE) offsets[at + ID] = offsets[at + ID_AS_READ]!;
    this.hasForwardedFields = this.cameWithForwardedFields;
    this.addedNames = [];
    this.addedValues = [];
    this.isEdited = false;
  }

  /** The message is over, and another may follow: kept is what serves that one, and nothing that an edit has added. */
  rest(): void {
    if (this.isSettled && this.text.length <= MAX_KEPT_BYTES && this.count <= USUAL_FIELDS) {
      this.takeEditsBack();
      return;
    }
    this.clear();
    if (this.offsets.length > STRIDE * USUAL_FIELDS) this.offsets = noOffsets;
  }

  private forgetWritten(): void {
    this.writtenForm = -1;
    this.writtenAdded = '';
    this.writtenText = '';
  }

  written(form: number, added: string): string {
    return !this.isEdited && form === this.writtenForm && added === this.writtenAdded ? this.writtenText : '';
  }

  keepWritten(form: number, added: string, text: string): void {
    if (this.isEdited) return;
    this.writtenForm = form;
    this.writtenAdded = added;
    this.writtenText = text;
  }

  /**
   * Parses the lines of `text`, whose bytes begin at `bytes[base]`, from `bytes[at]` up to and with the empty line that ends
   * them. Returns a fault, or null. RFC 9112 §5.
   */
  protected parseFields(text: string, bytes: Uint8Array, base: number, at: number, profile: WireProfile, maxFields: number): Fault | null {
    this.text = text;
    this.fieldsAt = at - base;
    this.base = at;
    let i = at;
    for (;;) {
      const first = bytes[i]!;
      if (first === CR && bytes[i + 1] === LF) return null;
      if (first === LF && profile.acceptsBareLf) return null;
      if (first === SP || first === HTAB) {
        if (!profile.unfoldsLines || this.count === 0) return faults.badField;
        i = this.unfold(bytes, i, profile);
        if (i < 0) return faults.badField;
        continue;
      }
      if (this.count === maxFields) return faults.headTooLarge;
      const nameStart = i;
      let hasUnderscore = false;
      let code = first;
      while (tokenCharacters[code] === 1) {
        if (code === UNDERSCORE) hasUnderscore = true;
        code = bytes[++i]!;
      }
      if (code !== COLON || i === nameStart) return faults.badField;
      i = this.addLine(bytes, nameStart, i, profile);
      if (i < 0) return faults.badField;
      if (hasUnderscore) this.dropUnderscored(this.count - 1, profile);
    }
  }

  /** Takes the rest of the line behind the name; returns the offset behind the line, or -1. */
  private addLine(bytes: Uint8Array, nameStart: number, nameEnd: number, profile: WireProfile): number {
    let i = nameEnd + 1;
    let code = bytes[i]!;
    while (code === SP || code === HTAB) code = bytes[++i]!;
    const valueStart = i;
    while (valueCharacters[code] === 1) code = bytes[++i]!;
    const lineEnd = endOfLine(bytes, i, profile);
    if (lineEnd < 0) return -1;
    let valueEnd = i;
    while (valueEnd > valueStart && isBlank(bytes[valueEnd - 1]!)) valueEnd--;
    if ((this.count + 1) * STRIDE > this.offsets.length) this.growOffsets();
    const at = this.count++ * STRIDE;
    const { offsets, base } = this;
    offsets[at + NAME_START] = nameStart - base;
    offsets[at + NAME_END] = nameEnd - base;
    offsets[at + VALUE_START] = valueStart - base;
    offsets[at + VALUE_END] = valueEnd - base;
    offsets[at + LINE_END] = lineEnd - base;
    const id = identifyField(bytes, nameStart, nameEnd);
    this.seen |= 1 << id;
    if (id >= FieldId.xForwardedFor && id <= FieldId.sslClient) this.hasForwardedFields = true;
    offsets[at + ID] = id;
    offsets[at + REGULAR] = lineEnd - i === 2 ? 1 : 0;
    return lineEnd;
  }

  private growOffsets(): void {
    const larger = new Int32Array(Math.max(STRIDE * USUAL_FIELDS, this.offsets.length * 2));
    larger.set(this.offsets);
    this.offsets = larger;
  }

  /** A folded line continues the last field; it is read as one space. RFC 9112 §5.2. */
  private unfold(bytes: Uint8Array, at: number, profile: WireProfile): number {
    let i = at;
    while (valueCharacters[bytes[i]!] === 1) i++;
    const lineEnd = endOfLine(bytes, i, profile);
    if (lineEnd < 0) return -1;
    const index = this.count - 1;
    const joined = trimBlanks(`${this.valueAt(index)} ${trimBlanks(this.slice(at - this.base, i - this.base))}`);
    this.unfolded ??= new Map();
    this.unfolded.set(index, joined);
    this.offsets[index * STRIDE + LINE_END] = lineEnd - this.base;
    this.offsets[index * STRIDE + REGULAR] = 0;
    return lineEnd;
  }

  private dropUnderscored(index: number, profile: WireProfile): void {
    const drops = profile.underscoreNames;
    if (drops === 'drop' || (drops === 'drop-twins' && isTwinOfTrustedField(this.nameAt(index)))) this.removeAt(index);
    else this.hasUnderscores = true;
  }

  private slice(start: number, end: number): string {
    return this.text.slice(this.fieldsAt + start, this.fieldsAt + end);
  }

  idAt(index: number): number {
    return this.offsets[index * STRIDE + ID]!;
  }

  nameAt(index: number): string {
    const at = index * STRIDE;
    return this.slice(this.offsets[at + NAME_START]!, this.offsets[at + NAME_END]!);
  }

  valueAt(index: number): string {
    if (this.unfolded !== null) {
      const value = this.unfolded.get(index);
      if (value !== undefined) return value;
    }
    const at = index * STRIDE;
    return this.slice(this.offsets[at + VALUE_START]!, this.offsets[at + VALUE_END]!);
  }

  /** Whether the line is a name, a colon, one space, a value and CRLF. */
  isPlainAt(index: number): boolean {
    const at = index * STRIDE;
    const { offsets } = this;
    const nameEnd = offsets[at + NAME_END]!;
    return (
      offsets[at + VALUE_START] === nameEnd + 2 &&
      this.text.charCodeAt(this.fieldsAt + nameEnd + 1) === SP &&
      offsets[at + LINE_END] === offsets[at + VALUE_END]! + 2
    );
  }

  removeAt(index: number): void {
    this.isEdited = true;
    this.offsets[index * STRIDE + ID] = FieldId.removed;
  }

  /** The first field with that id at or after `from`, or -1. Added fields are not found: they are ours. */
  indexOf(id: number, from = 0): number {
    if ((this.seen & (1 << id)) === 0) return -1;
    for (let i = from; i < this.count; i++) {
      if (this.offsets[i * STRIDE + ID] === id) return i;
    }
    return -1;
  }

  removeForwardedFields(): void {
    for (let i = 0; i < this.count; i++) {
      const id = this.idAt(i);
      if (id >= FieldId.xForwardedFor && id <= FieldId.sslClient) this.removeAt(i);
    }
    this.hasForwardedFields = false;
    this.isEdited = true;
  }

  removeTwins(names: ReadonlySet<string>): void {
    for (let i = 0; i < this.count; i++) {
      if (this.idAt(i) !== FieldId.other) continue;
      const name = this.nameAt(i);
      if (name.includes('_') && names.has(name.replaceAll('_', '-').toLowerCase())) this.removeAt(i);
    }
  }

  get hasPlainLine(): boolean {
    return this.plainLineEnd !== 0;
  }

  get hasPlainLength(): boolean {
    return this.plainLengthAt >= 0 && this.idAt(this.plainLengthAt) === FieldId.contentLength;
  }

  get isAddedTo(): boolean {
    return this.addedNames.length > 0;
  }

  /** `id` is that of `name`: where the name has one of its own, no character is looked at. */
  private isNamed(index: number, name: string, id: number): boolean {
    const at = index * STRIDE;
    const { offsets, fieldsAt } = this;
    if (id !== FieldId.other) return offsets[at + ID] === id;
    const isCandidate = offsets[at + ID] === FieldId.other || offsets[at + ID] === FieldId.sslClient;
    return isCandidate && nameEquals(this.text, fieldsAt + offsets[at + NAME_START]!, fieldsAt + offsets[at + NAME_END]!, name);
  }

  get(name: string): string | undefined {
    const id = idOfName(name);
    if (id === FieldId.other) {
      for (let i = 0; i < this.count; i++) {
        if (this.isNamed(i, name, id)) return this.valueAt(i);
      }
    } else {
      const at = this.indexOf(id);
      if (at >= 0) return this.valueAt(at);
    }
    for (let i = 0; i < this.addedNames.length; i++) {
      if (this.addedNames[i]!.toLowerCase() === name) return this.addedValues[i];
    }
    return undefined;
  }

  getAll(name: string): string[] {
    const id = idOfName(name);
    const values: string[] = [];
    for (let i = 0; i < this.count; i++) {
      if (this.isNamed(i, name, id)) values.push(this.valueAt(i));
    }
    for (let i = 0; i < this.addedNames.length; i++) {
      if (this.addedNames[i]!.toLowerCase() === name) values.push(this.addedValues[i]!);
    }
    return values;
  }

  set(name: string, value: string): void {
    this.remove(name.toLowerCase());
    this.add(name, value);
  }

  add(name: string, value: string): void {
    this.isEdited = true;
    this.addedNames.push(name);
    this.addedValues.push(value);
  }

  remove(name: string): void {
    const id = idOfName(name);
    for (let i = 0; i < this.count; i++) {
      if (this.isNamed(i, name, id)) this.removeAt(i);
    }
    for (let i = this.addedNames.length - 1; i >= 0; i--) {
      if (this.addedNames[i]!.toLowerCase() === name) {
        this.isEdited = true;
        this.addedNames.splice(i, 1);
        this.addedValues.splice(i, 1);
      }
    }
  }

  keepFields(): KeptFields {
    return {
      ids: Array.from({ length: this.count }, (_, index) => this.idAt(index)),
      names: [...this.addedNames],
      values: [...this.addedValues],
    };
  }

  restoreFields({ ids, names, values }: KeptFields): void {
    this.isEdited = true;
    for (const [index, id] of ids.entries()) this.offsets[index * STRIDE + ID] = id;
    this.addedNames = [...names];
    this.addedValues = [...values];
  }

  /**
   * `out` followed by every field that is kept, each ended by CRLF, then the added ones. Runs of neighbours that
   * came in the ordinary form are copied as one slice: V8 makes that a reference, not a copy. What is written costs by
   * its pieces, not by its length, so the start line is part of the first run where it can be.
   */
  writeFields(out: string, dropped: Uint8Array, withLine = false): string {
    const { offsets, text, fieldsAt } = this;
    let runStart = withLine ? 0 : -1;
    let runEnd = this.plainLineEnd;
    for (let i = 0; i < this.count; i++) {
      const at = i * STRIDE;
      if (dropped[offsets[at + ID]!] === 1) {
        if (runStart >= 0) out += text.slice(runStart, runEnd);
        runStart = -1;
      } else if (offsets[at + REGULAR] === 0) {
        if (runStart >= 0) out += text.slice(runStart, runEnd);
        runStart = -1;
        out += `${this.nameAt(i)}: ${this.valueAt(i)}\r\n`;
      } else {
        if (runStart < 0) runStart = fieldsAt + offsets[at + NAME_START]!;
        runEnd = fieldsAt + offsets[at + LINE_END]!;
      }
    }
    if (runStart >= 0) out += text.slice(runStart, runEnd);
    for (let i = 0; i < this.addedNames.length; i++) out += `${this.addedNames[i]}: ${this.addedValues[i]}\r\n`;
    return out;
  }
}

function isBlank(code: number): boolean {
  return code === SP || code === HTAB;
}

/** `text` without SP and HTAB at its ends. Not String.trim(), which also takes 0xA0, a byte of data. RFC 9110 §5.6.3. */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** The offset behind the line end at `i`, or -1 if there is none that the profile accepts. */
export function endOfLine(bytes: Uint8Array, i: number, profile: WireProfile): number {
  const code = bytes[i];
  if (code === CR && bytes[i + 1] === LF) return i + 2;
  if (code === LF && profile.acceptsBareLf) return i + 1;
  return -1;
}

/**
 * The offset behind the empty line that ends a head in `text`, searching from `from`, or -1. Lines that end in a bare
 * line feed count, whatever the profile: it is the parser's to refuse them, and they must reach it.
 */
export function endOfHead(text: string, from: number, profile: WireProfile): number {
  if (!profile.acceptsBareLf) {
    const at = text.indexOf('\r\n\r\n', from);
    if (at >= 0) return at + 4;
  }
  for (let lf = text.indexOf('\n', from); lf >= 0; lf = text.indexOf('\n', lf + 1)) {
    const next = text.charCodeAt(lf + 1);
    if (next === LF) return lf + 2;
    if (next === CR && text.charCodeAt(lf + 2) === LF) return lf + 3;
  }
  return -1;
}

/** A list of ids that a writer leaves out, as flags by id. */
export function droppedIds(...ids: number[]): Uint8Array {
  const flags = new Uint8Array(256);
  flags[FieldId.removed] = 1;
  for (const id of ids) flags[id] = 1;
  return flags;
}
