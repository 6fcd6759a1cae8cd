// Access log formats made of Values.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AccessRecord } from '../../src/observe/access-record.js';
import { accessLogNames, compileAccessLogTemplate } from '../../src/route/access-log-template.js';
import type { ExchangeView } from '../../src/route/exchange-view.js';
import { ValueError } from '../../src/route/value.js';

function view(userAgent: string): ExchangeView {
  return {
    host: 'app.example',
    request: { get: (name: string) => (name === 'user-agent' ? userAgent : undefined) },
  } as unknown as ExchangeView;
}

test('names of the exchange and of the record stand side by side', () => {
  const format = compileAccessLogTemplate('${client.ip} ${host} ${response.status} ${time.total} ${sticky} é $${x}');
  const record = Object.assign(new AccessRecord(), { clientIp: '203.0.113.9', status: 200, totalMs: 1.5, binding: 'new' });
  assert.equal(format(record, view('')), '203.0.113.9 app.example 200 1.500 new \xc3\xa9 ${x}\n');
  record.status = 404;
  assert.match(format(record, view('')), / 404 /);
});

test('times as nginx writes them', () => {
  const format = compileAccessLogTemplate('[${time.local}] ${time.totalSeconds}');
  const record = Object.assign(new AccessRecord(), { timeMs: Date.UTC(2026, 0, 31, 12), totalMs: 1234.5678 });
  assert.match(format(record, null), /^\[\d\d\/(Jan|Feb)\/2026:\d\d:\d\d:00 [+-]\d{4}\] 1\.235\n$/);
});

test('what is read is escaped, literal text is not', () => {
  const format = compileAccessLogTemplate('"${header.user-agent}" "${header.referer}"');
  assert.equal(format(new AccessRecord(), view('a"\nb')), '"a\\x22\\x0Ab" "-"\n');
});

test('a TCP connection has no exchange to read', () => {
  const format = compileAccessLogTemplate('${listener.name} ${host} ${header.user-agent} ${bytes.sent}');
  assert.equal(format(Object.assign(new AccessRecord(), { listener: 'raw', bytesSent: 5 }), null), 'raw - - 5\n');
});

test('every name of the log is known, and others are refused', () => {
  for (const name of accessLogNames.keys())
    assert.match(compileAccessLogTemplate(`<\${${name}}>`)(new AccessRecord(), null), /^<.+>\n$/, name);
  assert.throws(() => compileAccessLogTemplate('${bytes.snt}'), ValueError);
});
