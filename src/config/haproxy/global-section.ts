// The global section: the keys of the document itself, and what all listeners share.
import { resolve } from 'node:path';
import type { ErrorFiles } from './error-sections.js';
import type { KnownStatement } from './keyword.js';
import { logTarget } from './log-target.js';
import { MapFiles } from './map-files.js';
import type { GlobalSettings } from './proxy-section.js';
import type { Report } from './report.js';
import { SampleError } from './sample-error.js';
import { parseTime, writeTime } from './time.js';
import { applyTlsOption, takesTlsOptionForAll } from './tls-options.js';

export function readGlobal(statements: readonly KnownStatement[], errorFiles: ErrorFiles, report: Report): GlobalSettings {
  const settings: GlobalSettings = {
    root: {},
    places: new Map(),
    certificateFolder: resolve('.'),
    tls: {},
    log: null,
    maps: new MapFiles(report),
    errorFiles,
  };
  for (const statement of statements) applyGlobal(statement, settings, report);
  return settings;
}

const wholeNumbers: Readonly<Record<string, string>> = { maxconn: 'maxClientConnections', nbthread: 'workers' };
const names: Readonly<Record<string, string>> = { user: 'user', uid: 'user', group: 'group', gid: 'group' };

function applyGlobal(statement: KnownStatement, settings: GlobalSettings, report: Report): void {
  const { name } = statement.keyword;
  const [word] = statement.args;
  if (word === undefined) return;
  const put = (key: string, value: unknown): void => {
    settings.root[key] = value;
    settings.places.set(key, word);
  };
  if (Object.hasOwn(wholeNumbers, name)) {
    if (/^\d{1,9}$/.test(word.text) && (name !== 'nbthread' || (Number(word.text) >= 1 && Number(word.text) <= 64))) {
      if (Number(word.text) > 0) put(wholeNumbers[name]!, Number(word.text));
    } else report.reject(word, `"${word.text}" is not a number that "${name}" can have; write another`);
  } else if (Object.hasOwn(names, name)) put(names[name]!, word.text);
  else if (name === 'hard-stop-after') {
    const ms = parseTime(word.text);
    if (ms === null) report.reject(word, `"${word.text}" is not a duration; write a whole number with ms, s, m, h or d, such as "30s"`);
    else put('shutdownTimeout', writeTime(ms));
  } else if (name === 'log') settings.log = logTarget(statement, report) ?? settings.log;
  else if (name === 'crt-base') settings.certificateFolder = resolve(word.text);
  else applyTls(statement, settings, report);
}

function applyTls({ keyword, args }: KnownStatement, { tls }: GlobalSettings, report: Report): void {
  const option = keyword.name.replace('ssl-default-bind-', '');
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!;
    const note = (message: string): void => report.note(word, message);
    try {
      if (option !== 'options') {
        applyTlsOption(option, word.text, tls, note);
        return;
      }
      // HAProxy reads no further.
      if (word.text === '') return;
      const known = takesTlsOptionForAll(word.text);
      if (known === null) throw new SampleError(`"${word.text}" is not an option for all listeners; write it where they are bound`, true);
      if (known.words === 1 && args[at + 1] === undefined) throw new SampleError(`"${word.text}" needs a value; write it after it`, true);
      applyTlsOption(word.text, args[at + known.words]!.text, tls, note);
      at += known.words;
    } catch (error) {
      report.take(error, word);
    }
  }
}
