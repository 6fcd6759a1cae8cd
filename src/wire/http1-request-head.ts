// An HTTP/1 request head: parsed from its text, in one reading or refused (RFC 9112 §3, §5, §6). The object serves one message after
// the other; what comes again is not parsed again, and is as if it had been.
import { type Fault, faults } from '../core/errors.js';
import { hostNameCharacters, ipLiteralCharacters, targetCharacters, tokenCharacters } from './character-classes.js';
import { ConnectionOption, readConnectionOptions } from './connection-options.js';
import { FieldId } from './field-id.js';
import { BodyKind, Framing } from './framing.js';
import { bytesOf, isHttpName } from './head-bytes.js';
import { endOfLine, Http1Fields } from './http1-fields.js';
import type { RequestHead } from './message-head.js';
import type { WireProfile } from './profile.js';

export interface HeadLimits {
  /** Bytes of a head with its empty line. */
  readonly maxHeadBytes: number;
  readonly maxFields: number;
  /** Characters of the request target. */
  readonly maxTargetBytes: number;
}

export class Http1RequestHead extends Http1Fields implements RequestHead {
  method = '';
  target = '';
  /** What the line that came says. */
  private lineMethod = '';
  private lineTarget = '';
  /** What the last head was read by. */
  private profile: WireProfile | null = null;
  private limits: HeadLimits | null = null;
  authority = '';
  version = 11;
  readonly framing = new Framing();
  /** The client lets the connection live on: version and Connection together. RFC 9112 §9.3. */
  keepsAlive = true;
  expectsContinue = false;
  /** The value of Upgrade if Connection names it, else ''. */
  upgrade = '';

  override clear(): void {
    this.clearLine();
    this.clearFields();
  }

  private clearLine(): void {
    this.method = '';
    this.target = '';
    this.lineMethod = '';
    this.lineTarget = '';
    this.plainLineEnd = 0;
    this.version = 11;
  }

  private clearFields(): void {
    super.clear();
    this.framing.clear();
    this.authority = '';
    this.keepsAlive = true;
    this.expectsContinue = false;
    this.upgrade = '';
  }

  protected override takeEditsBack(): void {
    super.takeEditsBack();
    this.method = this.lineMethod;
    this.target = this.lineTarget;
  }

  override get hasPlainLine(): boolean {
    return this.plainLineEnd !== 0 && this.target === this.lineTarget && this.method === this.lineMethod;
  }

  /** Whether `text` is the last head once more, and would be read by the same rules. */
  isRepeated(text: string, profile: WireProfile, limits: HeadLimits): boolean {
    return this.comesAgain(text) && this.isReadBy(profile, limits);
  }

  private isReadBy(profile: WireProfile, limits: HeadLimits): boolean {
    return profile === this.profile && limits === this.limits;
  }

  /**
   * Reads a complete head. Returns the fault for which it is refused, or null. Its bytes may be given where they were read,
   * from `bytes[base]` on, and are not changed.
   */
  parse(text: string, profile: WireProfile, limits: HeadLimits, bytes?: Uint8Array, base = 0): Fault | null {
    if (!this.isRepeated(text, profile, limits)) return this.parseText(text, profile, limits, bytes ?? bytesOf(text), base);
    this.takeEditsBack();
    // Exchanges change it.
    return this.framing.read(this, this.version, profile);
  }

  private parseText(text: string, profile: WireProfile, limits: HeadLimits, bytes: Uint8Array, base: number): Fault | null {
    this.clearLine();
    const fieldsAt = this.parseRequestLine(text, bytes, base, profile, limits);
    if (this.hasOriginLine(profile) && this.isReadBy(profile, limits) && this.takeFieldsAgain(text, fieldsAt - base)) {
      // The same, but a part of this text: the last one is to be let go.
      this.authority = this.get('host') ?? '';
      return this.framing.read(this, this.version, profile);
    }
    this.clearFields();
    if (fieldsAt < 0) return this.lineFault;
    this.profile = profile;
    this.limits = limits;
    const fault = this.parseFields(text, bytes, base, fieldsAt, profile, limits.maxFields) ?? this.interpret(profile);
    if (fault === null && this.hasPlainLine && this.keepsAlive && this.upgrade === '') this.settle();
    return fault;
  }

  /** The line is one behind which the fields mean what they mean behind any other such line. */
  private hasOriginLine(profile: WireProfile): boolean {
    return this.plainLineEnd !== 0 && this.target.charCodeAt(0) === 47 && !this.hasRefusedMethod(profile);
  }

  private hasRefusedMethod(profile: WireProfile): boolean {
    return this.method === 'CONNECT' || (this.method === 'TRACE' && profile.refusesTrace);
  }

  private lineFault: Fault = faults.badRequestLine;

  private refuseLine(fault: Fault): number {
    this.lineFault = fault;
    return -1;
  }

  /** METHOD SP TARGET SP HTTP/1.x, behind one empty line at most; returns the offset behind it, or -1. RFC 9112 §2.2, §3. */
  private parseRequestLine(text: string, bytes: Uint8Array, base: number, profile: WireProfile, limits: HeadLimits): number {
    const isPreceded = bytes[base] === 13 || bytes[base] === 10;
    const start = isPreceded ? endOfLine(bytes, base, profile) : base;
    if (start < 0) return this.refuseLine(faults.badRequestLine);
    let i = start;
    while (tokenCharacters[bytes[i]!] === 1) i++;
    if (i === start || bytes[i] !== 32) return this.refuseLine(faults.badMethod);
    this.method = methodAt(text, bytes, base, start, i);
    const targetStart = ++i;
    while (targetCharacters[bytes[i]!] === 1) i++;
    if (i === targetStart || bytes[i] !== 32) return this.refuseLine(faults.badTarget);
    if (i - targetStart > limits.maxTargetBytes) return this.refuseLine(faults.targetTooLong);
    this.target = text.slice(targetStart - base, i - base);
    i++;
    if (!isHttpName(bytes, i)) return this.refuseLine(faults.badRequestLine);
    const major = bytes[i + 5]! - 48;
    const minor = bytes[i + 7]! - 48;
    if (!isDigit(major) || bytes[i + 6] !== 46 || !isDigit(minor)) return this.refuseLine(faults.badRequestLine);
    const end = endOfLine(bytes, i + 8, profile);
    if (end < 0) return this.refuseLine(faults.badRequestLine);
    // The preface of HTTP/2 is no request of ours; other versions are told that theirs is not spoken.
    if (major !== 1) return this.refuseLine(this.method === 'PRI' ? faults.badRequestLine : faults.badVersion);
    // A later minor version is answered as the highest that we speak. RFC 9110 §2.5.
    this.version = minor === 0 ? 10 : 11;
    if (minor === 1 && start === base && end - i === 10) {
      this.plainLineEnd = end - base;
      this.lineMethod = this.method;
      this.lineTarget = this.target;
    }
    return end;
  }

  private interpret(profile: WireProfile): Fault | null {
    const fault = this.framing.read(this, this.version, profile) ?? this.readAuthority(profile) ?? this.readTarget(profile);
    if (fault !== null) return fault;
    const options = readConnectionOptions(this);
    this.keepsAlive = (options & ConnectionOption.close) === 0 && (this.version === 11 || (options & ConnectionOption.keepAlive) !== 0);
    if (this.framing.mustClose) this.keepsAlive = false;
    return this.readExpect() ?? this.readUpgrade(options, profile);
  }

  /** Host: one, well formed, and there when the version asks for it. RFC 9112 §3.2. */
  private readAuthority(profile: WireProfile): Fault | null {
    const at = this.indexOf(FieldId.host);
    if (at < 0) return this.version === 11 && profile.requiresHost ? faults.badHost : null;
    const host = this.valueAt(at);
    if (host !== '' && host !== lastHost) {
      if (!isAuthority(host)) return faults.badHost;
      lastHost = host;
    }
    for (let twin = this.indexOf(FieldId.host, at + 1); twin >= 0; twin = this.indexOf(FieldId.host, at + 1)) {
      if (!profile.acceptsTwinHosts || this.valueAt(twin).toLowerCase() !== host.toLowerCase()) return faults.badHost;
      this.removeAt(twin);
    }
    this.authority = host;
    return null;
  }

  /** The four forms of a target (RFC 9112 §3.2); absolute-form becomes origin-form and its authority replaces Host. */
  private readTarget(profile: WireProfile): Fault | null {
    const target = this.target;
    if (this.hasRefusedMethod(profile)) return faults.methodNotAllowed;
    if (target.charCodeAt(0) === 47) return null;
    if (target === '*') return this.method === 'OPTIONS' ? null : faults.badTarget;
    const scheme = /^https?:\/\//i.exec(target);
    if (scheme === null) return faults.badTarget;
    let end = scheme[0].length;
    while (end < target.length && target.charCodeAt(end) !== 47 && target.charCodeAt(end) !== 63) end++;
    const authority = target.slice(scheme[0].length, end);
    if (!isAuthority(authority)) return faults.badTarget;
    if (profile.refusesOtherAuthority && this.authority !== '' && authority.toLowerCase() !== this.authority.toLowerCase())
      return faults.badHost;
    this.authority = authority;
    // RFC 9112 §3.2.2: it replaces Host, for routes and for the server alike.
    this.set('Host', authority);
    const rest = target.slice(end);
    if (rest.charCodeAt(0) === 47) this.target = rest;
    else if (rest === '') this.target = this.method === 'OPTIONS' ? '*' : '/';
    else this.target = `/${rest}`;
    return null;
  }

  private readExpect(): Fault | null {
    const at = this.indexOf(FieldId.expect);
    if (at < 0) return null;
    if (this.valueAt(at).toLowerCase() !== '100-continue') return faults.badExpectation;
    // RFC 9110 §10.1.1: ignored from an HTTP/1.0 client, and pointless where no body follows.
    this.expectsContinue = this.version === 11 && this.framing.kind !== BodyKind.none && this.framing.contentLength !== 0;
    return null;
  }

  private readUpgrade(options: number, profile: WireProfile): Fault | null {
    if ((options & ConnectionOption.upgrade) === 0 || this.version === 10) return null;
    const at = this.indexOf(FieldId.upgrade);
    if (at < 0) return null;
    if (this.framing.kind === BodyKind.chunked || this.framing.contentLength > 0) {
      return profile.refusesUpgradeWithBody ? faults.upgradeWithBody : null;
    }
    this.upgrade = this.valueAt(at).toLowerCase();
    return null;
  }
}

/** The Host that was found well formed last: nearly always the next one's too. */
let lastHost = '';

/**
 * host [":" port]: a name without empty labels (one dot may end it) or an IPv6 address in brackets, not empty, and digits
 * behind a colon. RFC 9110 §7.2, RFC 3986 §3.2.2.
 */
function isAuthority(text: string): boolean {
  const isLiteral = text.charCodeAt(0) === 91;
  const allowed = isLiteral ? ipLiteralCharacters : hostNameCharacters;
  const start = isLiteral ? 1 : 0;
  let i = start;
  while (allowed[text.charCodeAt(i)] === 1) i++;
  if (i === start || (isLiteral && text.charCodeAt(i++) !== 93)) return false;
  if (!isLiteral && (text.charCodeAt(0) === 46 || text.includes('..'))) return false;
  if (i === text.length) return true;
  if (text.charCodeAt(i) !== 58) return false;
  while (++i < text.length) if (!isDigit(text.charCodeAt(i) - 48)) return false;
  return true;
}

function isDigit(value: number): boolean {
  return value >= 0 && value <= 9;
}

/** The method; the usual ones as constants, which compare and hash at once. */
function methodAt(text: string, bytes: Uint8Array, base: number, start: number, end: number): string {
  if (end - start === 3 && bytes[start] === 0x47 && bytes[start + 1] === 0x45 && bytes[start + 2] === 0x54) return 'GET';
  const method = text.slice(start - base, end - base);
  return method === 'POST' ? 'POST' : method;
}
