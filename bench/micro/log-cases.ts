// Building one line of the access log.

import { combinedFormat, jsonFormat, type LineFormat } from '../../src/observe/access-log-format.js';
import { AccessRecord } from '../../src/observe/access-record.js';
import type { MicroCase } from './measure.js';

export const logCases: MicroCase[] = [logCase('log line: combined', combinedFormat()), logCase('log line: json', jsonFormat())];

function logCase(name: string, format: LineFormat<unknown>): MicroCase {
  const record = Object.assign(new AccessRecord(), {
    clientIp: '203.0.113.9',
    method: 'GET',
    target: '/sockjs/info?cb=k3j2h1g0',
    httpVersion: 11,
    host: 'chat.example',
    status: 200,
    bytesSent: 79,
    referer: 'https://chat.example/rooms/general',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
    listener: 'web',
    upstream: 'meteor',
    server: 'a',
    serverAddress: '127.0.0.1:3000',
    binding: 'bound',
    attempts: 1,
    connectMs: 0,
    headMs: 1.204,
    totalMs: 1.31,
  });
  const startMs = Date.UTC(2026, 0, 31, 12);
  return {
    name,
    run: (times) => {
      let length = 0;
      for (let i = 0; i < times; i++) {
        record.timeMs = startMs + Math.floor(i / 50); // As many lines in each millisecond as a busy worker writes.
        length += format(record, null).length;
      }
      return length;
    },
  };
}
