// haproxy.cfg as a document in the language of proxy.config.json.
import type { FrontEnd, Translation } from '../front-end.js';
import { Draft, documentName } from './draft.js';
import { readErrorSections } from './error-sections.js';
import { readGlobal } from './global-section.js';
import { judgeTogether } from './judge-together.js';
import { type Backends, writeListener } from './listener.js';
import { type GlobalSettings, ProxySection } from './proxy-section.js';
import { applyStatement } from './proxy-statements.js';
import { Report } from './report.js';
import { chainOf, letters, readSections, type Section } from './sections.js';
import { readStatements } from './statements.js';
import { writeUpstream } from './upstream.js';

export const translateHaproxy: FrontEnd = (text, file, { lenient }): Translation => {
  const report = new Report(file, lenient);
  const sections = readSections(readStatements(text, report, process.env), report);
  const global = readGlobal(sections.global, readErrorSections(sections.errors, report), report);
  const proxies = sections.proxies.map((section) => buildProxy(section, report, global));
  judgeTogether(proxies, sections, report);
  const draft = new Draft(report);
  const document = writeDocument(
    proxies.filter((proxy) => proxy.section.kind !== 'defaults' && !proxy.isDisabled),
    global,
    draft,
  );
  const { problems, warnings, files } = report;
  return { document, places: draft.places, notes: draft.notes, problems, warnings, files: [...new Set(files)] };
};

/** Statements of its defaults come first, so that its own have the last word. */
function buildProxy(section: Section, report: Report, global: GlobalSettings): ProxySection {
  const proxy = new ProxySection(section, report, global);
  for (const { kind, statements } of chainOf(section)) {
    proxy.enter(kind);
    for (const statement of statements) {
      if (statement.keyword.sections.includes(letters[section.kind])) applyStatement(statement, proxy);
    }
  }
  return proxy;
}

function writeDocument(proxies: readonly ProxySection[], global: GlobalSettings, draft: Draft): unknown {
  for (const [key, spot] of global.places) draft.place([key], spot);
  const upstreams: Record<string, unknown> = {};
  const upstreamNames = new Map<ProxySection, string>();
  const taken = new Set<string>();
  for (const proxy of proxies) {
    if (!proxy.isBackend || proxy.servers.length === 0) continue;
    const name = documentName(proxy.name, taken);
    taken.add(name);
    upstreamNames.set(proxy, name);
    upstreams[name] = writeUpstream(proxy, ['upstreams', name], draft);
  }
  const byName = new Map(proxies.filter((proxy) => proxy.isBackend).map((proxy) => [proxy.name, proxy]));
  const backends: Backends = {
    names: [...byName.keys()],
    find: (name) => {
      const proxy = byName.get(name);
      return proxy === undefined ? null : { proxy, upstream: upstreamNames.get(proxy) ?? null };
    },
  };
  const listeners: Record<string, unknown> = {};
  const listenerNames = new Set<string>();
  for (const proxy of proxies) {
    if (!proxy.isFrontend) continue;
    for (const bind of proxy.binds) {
      const name = documentName(bind.name === '' ? proxy.name : bind.name, listenerNames);
      listenerNames.add(name);
      listeners[name] = writeListener(proxy, bind, ['listeners', name], draft, backends);
    }
  }
  const { document: maps } = global.maps;
  return {
    ...global.root,
    accessLog: writeAccessLog(proxies, draft),
    ...(Object.keys(maps).length > 0 && { maps }),
    listeners,
    upstreams,
  };
}

/** One log for all: what the sections say must be the same. */
function writeAccessLog(proxies: readonly ProxySection[], draft: Draft): unknown {
  const logging = proxies.filter((proxy) => proxy.isFrontend && proxy.log !== null);
  const [first] = logging;
  if (first === undefined) return 'off';
  for (const other of logging) {
    if (other.logFormat?.value === first.logFormat?.value) continue;
    other.report.refuse(
      (other.logFormat ?? first.logFormat)!.at,
      'all sections share one log; write the same "log-format" in each, or in "defaults"',
    );
  }
  if (first.logFormat !== null) draft.place(['accessLog', 'format'], first.logFormat.at);
  return { to: first.log, ...(first.logFormat !== null && { format: first.logFormat.value }) };
}
