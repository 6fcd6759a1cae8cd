// What HAProxy refuses of statements that are sound by themselves and not together, where they leave no trace in the document.
import { connectsInTls } from './check-rules.js';
import type { KnownStatement } from './keyword.js';
import type { Place } from './known-samples.js';
import { checkFormat } from './log-format.js';
import type { ProxySection } from './proxy-section.js';
import type { Report } from './report.js';
import { SampleError } from './sample-error.js';
import { chainOf, type Sections } from './sections.js';
import type { Member } from './server.js';
import { idOf } from './shapes.js';
import type { PlacedWord } from './statements.js';

/** A whole file's. */
export function judgeTogether(proxies: readonly ProxySection[], sections: Sections, report: Report): void {
  const all = proxies.filter(({ section }) => section.kind !== 'defaults');
  const joint: Joint = {
    report,
    backends: new Map(all.filter(({ isBackend }) => isBackend).map((proxy) => [proxy.name, proxy])),
    resolvers: sections.resolvers,
    verifiesServers: lastOf(sections.notedGlobal, 'ssl-server-verify')?.text !== 'none',
  };
  judgeResolvers(lastOf(sections.notedGlobal, 'httpclient.resolvers.id'), joint);
  judgeIds(
    all.map(({ section }) => section.noted.filter(({ keyword }) => keyword.name === 'id').map(({ args }) => args[0]!)),
    report,
  );
  for (const proxy of all) {
    judgeIds(proxy.bindIds, report);
    judgeIds(
      proxy.members.map(({ settings }) => (settings.id === null ? [] : [settings.id])),
      report,
    );
    for (const member of proxy.members) judgeAlone(member, report);
    // What a section that is disabled leads to, HAProxy does not look at.
    if (proxy.isDisabled) continue;
    for (const member of proxy.members) judgeMember(member, proxy, joint);
    judgeFormats(proxy);
    judgeProtocols(proxy);
  }
}

/** What the sections are judged by. */
interface Joint {
  readonly report: Report;
  readonly backends: ReadonlyMap<string, ProxySection>;
  readonly resolvers: ReadonlySet<string>;
  readonly verifiesServers: boolean;
}

/** What the last statement with this keyword says. */
function lastOf(statements: readonly KnownStatement[], name: string): PlacedWord | null {
  return statements.findLast(({ keyword }) => keyword.name === name)?.args[0] ?? null;
}

/** `ids`: of each that can have one, all that is written. */
function judgeIds(ids: readonly (readonly PlacedWord[])[], report: Report): void {
  const taken = new Map<number, PlacedWord>();
  for (const [word, second] of ids) {
    if (word === undefined) continue;
    if (second !== undefined) report.reject(second, `there is an "id" in line ${word.line} already; remove one of them`);
    const id = idOf(word.text);
    const other = taken.get(id);
    if (other === undefined) taken.set(id, word);
    else report.reject(word, `the id ${id} is taken already, in line ${other.line}; write another`);
  }
}

function judgeAlone({ at, settings }: Member, report: Report): void {
  if (settings.asksAgent && !settings.hasAgentPort) report.reject(at, '"agent-check" needs a port; write "agent-port" and its number');
  if (settings.track !== null && settings.isChecked)
    report.reject(settings.track, 'a server is checked or tracks another; remove "track", or write "no-check"');
}

function judgeMember({ at, settings }: Member, proxy: ProxySection, joint: Joint): void {
  const isVerified = settings.verify === '' ? joint.verifiesServers : settings.verify === 'required';
  const isInTls = settings.checksInTls || chainOf(proxy.section).some(({ noted }) => noted.some(connectsInTls));
  if (isInTls && isVerified && !settings.hasAuthorities)
    joint.report.reject(at, 'there is no "ca-file" to verify the server by, which is checked in TLS; write "verify none"');
  if (settings.track !== null) judgeTracking(settings.track, proxy, joint);
  judgeResolvers(settings.resolvers, joint);
}

function judgeResolvers(name: PlacedWord | null, { report, resolvers }: Joint): void {
  if (name !== null && !resolvers.has(name.text))
    report.reject(name, `there is no resolvers section "${name.text}"; write one, or another name`);
}

interface Tracked {
  readonly member: Member;
  readonly proxy: ProxySection;
}

function judgeTracking(track: PlacedWord, proxy: ProxySection, joint: Joint): void {
  const first = trackedBy(track, proxy, joint);
  if (typeof first === 'string') {
    joint.report.reject(track, first);
    return;
  }
  const { settings, name } = first.member;
  if (!settings.isChecked && !settings.asksAgent && settings.track === null)
    joint.report.reject(track, `there is nothing to track: the server "${name}" is not checked; write "check" behind it`);
  const passed = new Set<PlacedWord>();
  let next: Tracked | string = first;
  while (typeof next !== 'string') {
    const further: PlacedWord | null = next.member.settings.track;
    if (further === track) joint.report.reject(track, 'these servers track each other; write "check" behind one of them instead');
    if (further === null || passed.has(further)) return;
    passed.add(further);
    next = trackedBy(further, next.proxy, joint);
  }
}

/** The server that is named, alone or behind the name of its backend; or an explanation of why there is none. */
function trackedBy({ text }: PlacedWord, proxy: ProxySection, { backends }: Joint): Tracked | string {
  const slash = text.lastIndexOf('/');
  const backend = slash < 0 ? proxy : backends.get(text.slice(0, slash));
  if (backend === undefined) return `there is no backend "${text.slice(0, slash)}"; write one, or another name`;
  const name = text.slice(slash + 1);
  const member = backend.members.find((other) => other.name === name);
  if (member === undefined) return `there is no server "${name}" in "${backend.name}"; write one, or another name`;
  return { member, proxy: backend };
}

/** A protocol of HTTP is for http mode, and "none" for tcp. */
function judgeProtocols({ bindProtocols, mode, report }: ProxySection): void {
  for (const word of bindProtocols)
    if ((word.text === 'none') !== (mode === 'tcp')) report.reject(word, `"proto ${word.text}" is not for mode ${mode}; remove it`);
}

/** Formats that nothing is written in, and where HAProxy fetches their samples: of a backend, those of what it inherits. */
function formatsOf({ isFrontend }: ProxySection): Readonly<Record<string, readonly Place[]>> {
  return isFrontend
    ? { 'error-log-format': ['log'], 'log-format-sd': ['log'], 'unique-id-format': ['frontend'] }
    : { 'unique-id-format': ['backend'] };
}

function judgeFormats(proxy: ProxySection): void {
  const statements = chainOf(proxy.section).flatMap(({ noted }) => noted);
  for (const [name, places] of Object.entries(formatsOf(proxy))) {
    const word = lastOf(statements, name);
    if (word === null) continue;
    try {
      checkFormat(word.text, places);
    } catch (error) {
      if (!(error instanceof SampleError)) throw error;
      proxy.report.reject(word, error.message);
    }
  }
}
