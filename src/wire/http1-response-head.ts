// An HTTP/1 response head as a server sent it (RFC 9112 §4), with how its body ends (§6.3). Reused like the request's.
import { type Fault, faults } from '../core/errors.js';
import { valueCharacters } from './character-classes.js';
import { ConnectionOption, readConnectionOptions } from './connection-options.js';
import { FieldId } from './field-id.js';
import { BodyKind, Framing } from './framing.js';
import { bytesOf, isHttpName } from './head-bytes.js';
import { endOfLine, Http1Fields } from './http1-fields.js';
import type { ResponseHead } from './message-head.js';
import type { WireProfile } from './profile.js';

export class Http1ResponseHead extends Http1Fields implements ResponseHead {
  status = 0;
  reason = '';
  /** What the line that came says. */
  private lineStatus = 0;
  private lineReason = '';
  /** What the last head was read by. */
  private profile: WireProfile | null = null;
  private maxFields = 0;
  version = 11;
  readonly framing = new Framing();
  /** The server lets the connection live on. */
  keepsAlive = true;
  /** The value of Upgrade if Connection names it, else ''. */
  upgrade = '';
  /** Seconds that the server says it keeps an idle connection (`Keep-Alive: timeout=`), or 0. */
  keepAliveSeconds = 0;

  override clear(): void {
    super.clear();
    this.plainLineEnd = 0;
    this.status = 0;
    this.reason = '';
    this.lineReason = '';
    this.upgrade = '';
  }

  protected override takeEditsBack(): void {
    super.takeEditsBack();
    this.status = this.lineStatus;
    this.reason = this.lineReason;
  }

  override get hasPlainLine(): boolean {
    return this.plainLineEnd !== 0 && this.status === this.lineStatus && this.reason === this.lineReason;
  }

  /** Whether `text` is the last head once more, and would be read by the same rules. */
  isRepeated(text: string, profile: WireProfile, maxFields: number): boolean {
    return this.comesAgain(text) && profile === this.profile && maxFields === this.maxFields;
  }

  /**
   * Reads a complete head that answers `requestMethod`. Returns the fault for which it is refused, or null. Its bytes may be
   * given where they were read, from `bytes[base]` on, and are not changed.
   */
  parse(text: string, requestMethod: string, profile: WireProfile, maxFields: number, bytes?: Uint8Array, base = 0): Fault | null {
    if (!this.isRepeated(text, profile, maxFields))
      return this.parseAnew(text, requestMethod, profile, maxFields, bytes ?? bytesOf(text), base);
    this.takeEditsBack();
    // It may answer another method than the last.
    this.keepsAlive = true;
    this.framing.read(this, this.version, profile);
    this.settleBody(requestMethod);
    return null;
  }

  private parseAnew(
    text: string,
    requestMethod: string,
    profile: WireProfile,
    maxFields: number,
    bytes: Uint8Array,
    base: number,
  ): Fault | null {
    this.clear();
    this.profile = profile;
    this.maxFields = maxFields;
    this.text = text;
    this.keepAliveSeconds = 0;
    const fieldsAt = this.parseStatusLine(text, bytes, base, profile);
    if (fieldsAt < 0) return faults.badResponseHead;
    if (this.parseFields(text, bytes, base, fieldsAt, profile, maxFields) !== null) return faults.badResponseHead;
    if (this.framing.read(this, this.version, profile) !== null) return faults.badResponseFraming;
    const options = readConnectionOptions(this);
    this.upgrade = '';
    if ((options & ConnectionOption.upgrade) !== 0) {
      const at = this.indexOf(FieldId.upgrade);
      if (at >= 0) this.upgrade = this.valueAt(at).toLowerCase();
    }
    this.keepsAlive = (options & ConnectionOption.close) === 0 && (this.version === 11 || (options & ConnectionOption.keepAlive) !== 0);
    if (this.framing.mustClose) this.keepsAlive = false;
    this.readKeepAlive();
    if (this.hasPlainLine && this.keepsAlive && this.upgrade === '') this.settle();
    this.settleBody(requestMethod);
    return null;
  }

  /** HTTP/1.x SP STATUS [SP reason]; returns the offset behind it, or -1. RFC 9112 §4. */
  private parseStatusLine(text: string, bytes: Uint8Array, base: number, profile: WireProfile): number {
    if (!isHttpName(bytes, base) || bytes[base + 5] !== 49 || bytes[base + 6] !== 46 || bytes[base + 8] !== 32) return -1;
    const minor = bytes[base + 7]! - 48;
    if (!isDigit(minor)) return -1;
    this.version = minor === 0 ? 10 : 11;
    let end = base + 9;
    let status = 0;
    while (end < base + 12) {
      const digit = bytes[end++]! - 48;
      if (!isDigit(digit)) return -1;
      status = status * 10 + digit;
    }
    if (status < 100 || status > 599) return -1;
    this.status = status;
    // Servers leave out the space before an empty reason: nothing else can be meant.
    const hasSpace = bytes[end] === 32;
    if (hasSpace) end++;
    const reasonStart = end;
    while (valueCharacters[bytes[end]!] === 1) end++;
    if (!hasSpace && end > reasonStart) return -1;
    // The usual one as a constant, so that no slice of the head is made.
    const isOk = status === 200 && end - reasonStart === 2 && bytes[reasonStart] === 0x4f && bytes[reasonStart + 1] === 0x4b;
    this.reason = isOk ? 'OK' : text.slice(reasonStart - base, end - base);
    const lineEnd = endOfLine(bytes, end, profile);
    if (minor === 1 && hasSpace && lineEnd - end === 2) {
      this.plainLineEnd = lineEnd - base;
      this.lineStatus = status;
      this.lineReason = this.reason;
    }
    return lineEnd;
  }

  /** RFC 9112 §6.3, points 1, 2 and 8: some answers have no body whatever their fields say, and one without framing lasts until the close. */
  private settleBody(requestMethod: string): void {
    const { framing, status } = this;
    if (status < 200 || status === 204 || status === 304 || requestMethod === 'HEAD') {
      if (status < 200 || status === 204) {
        framing.contentLength = -1;
      }
      framing.kind = BodyKind.none;
    } else if (framing.kind === BodyKind.none) {
      framing.kind = BodyKind.untilClose;
      this.keepsAlive = false;
    }
  }

  private readKeepAlive(): void {
    const at = this.indexOf(FieldId.keepAlive);
    if (at < 0) return;
    const value = this.valueAt(at);
    const from = value.indexOf('timeout=');
    if (from < 0) return;
    const seconds = Number.parseInt(value.slice(from + 8), 10);
    if (seconds > 0) this.keepAliveSeconds = seconds;
  }
}

function isDigit(value: number): boolean {
  return value >= 0 && value <= 9;
}
