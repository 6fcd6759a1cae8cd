// An access log format written as a template of Values. Its names are the usual ones plus what is known only when an exchange has ended;
// whatever they read is escaped as in the combined format. TCP connections are logged without an exchange to read.
import { type LineFormat, logText, milliseconds } from '../observe/access-log-format.js';
import { CommonLogTime } from '../observe/access-log-time.js';
import { AccessRecord } from '../observe/access-record.js';
import type { ExchangeView } from './exchange-view.js';
import { compileValue } from './value.js';
import { type NameFamily, type SingleName, standardNames, type ValueNames } from './value-names.js';

const localTime = new CommonLogTime();

type RecordReader = (record: AccessRecord) => string;

/** Names that only an access log has, or that it can answer for TCP connections too. */
const recordNames: Record<string, { readonly meaning: string; readonly read: RecordReader }> = {
  'client.ip': { meaning: "The client's address.", read: (record) => record.clientIp },
  'listener.name': { meaning: 'The name of the listener.', read: (record) => record.listener },
  'upstream.name': { meaning: 'The name of the upstream.', read: (record) => record.upstream },
  'server.name': { meaning: 'The name of the server that the last attempt went to.', read: (record) => record.server },
  'server.address': { meaning: 'The address of that server.', read: (record) => record.serverAddress },
  scheme: { meaning: '`https`, `http` or `tcp`.', read: (record) => record.scheme },
  'response.status': { meaning: 'The status that the client got; 0 when it got none.', read: (record) => String(record.status) },
  'bytes.sent': { meaning: 'Bytes of body, or of the tunnel, to the client.', read: (record) => String(record.bytesSent) },
  'bytes.received': { meaning: 'Bytes of body, or of the tunnel, from the client.', read: (record) => String(record.bytesReceived) },
  'time.connect': { meaning: 'Milliseconds to connect to the server.', read: (record) => milliseconds(record.connectMs) },
  'time.head': { meaning: "Milliseconds from the request's head to the response's.", read: (record) => milliseconds(record.headMs) },
  'time.total': { meaning: "Milliseconds from the request's first byte to the end.", read: (record) => milliseconds(record.totalMs) },
  'time.totalSeconds': {
    meaning: 'The same in seconds, to the millisecond.',
    read: (record) => (record.totalMs / 1000).toFixed(3),
  },
  'time.local': {
    meaning: 'When it ended, in local time: `31/Jan/2026:12:00:00 +0100`.',
    read: (record) => localTime.format(record.timeMs),
  },
  sticky: { meaning: '`bound`, `new` or `rebound`; empty when no sticky policy was asked.', read: (record) => record.binding },
  attempts: { meaning: 'How many servers were tried.', read: (record) => String(record.attempts) },
  fault: { meaning: 'The code of the fault that ended the exchange; empty if none did.', read: (record) => record.fault },
};

/** The names of an access log template with their meanings, for the docs: those of every Value, and the ones of the log. */
export const accessLogNames: ReadonlyMap<string, string> = new Map(
  Object.entries(recordNames).map(([name, { meaning }]) => [name, meaning]),
);

/** Compiles the template to a format. Pass null as the view of a TCP connection: names of requests then read "-". Throws ValueError. */
export function compileAccessLogTemplate(template: string): LineFormat<ExchangeView | null> {
  // Readers get the exchange alone; the record of the line being built is passed beside it.
  const line = { record: new AccessRecord() };
  const value = compileValue(template, namesOf(line));
  return (record, view) => {
    line.record = record;
    // The wrapped readers, and only they, see the view, and they expect null.
    return `${value.read(view as ExchangeView)}\n`;
  };
}

function namesOf(line: { record: AccessRecord }): ValueNames {
  const singles = new Map<string, SingleName<ExchangeView>>();
  for (const [name, { meaning, read }] of standardNames.singles) singles.set(name, { meaning, read: escaped(read) });
  for (const [name, { meaning, read }] of Object.entries(recordNames))
    singles.set(name, { meaning, read: () => logText(read(line.record)) });
  const families = new Map<string, NameFamily<ExchangeView>>();
  for (const [prefix, family] of standardNames.families) {
    families.set(prefix, {
      meaning: family.meaning,
      wants: family.wants,
      takes: (key) => family.takes(key),
      readerFor: (key) => escaped(family.readerFor(key)),
    });
  }
  return { singles, families };
}

function escaped(read: (x: ExchangeView) => string): (x: ExchangeView | null) => string {
  return (x) => (x === null ? '-' : logText(read(x)));
}
