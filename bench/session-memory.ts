// What a session table costs: fills one of a million to the brim, looks every session up again, and tells memory and time.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SessionRecords } from '../src/store/session-records.js';

const maxSessions = 1_000_000;
const pending = maxSessions / 8;
const confirmed = maxSessions - pending;
const servers = ['a', 'b', 'c', 'd'];

/** As long as Tomcat's, and as different. */
const key = (number: number): string => `54770A00DD57E6D4A979153F${number.toString(16).toUpperCase().padStart(8, '0')}`;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function memory(): Promise<{ heap: number; arrays: number; rss: number }> {
  // What the first one finds is given back by another thread.
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await new Promise(setImmediate);
  }
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { heap: heapUsed, arrays: arrayBuffers, rss };
}

function timed(what: string, count: number, run: (number: number) => void): void {
  const before = process.cpuUsage();
  for (let number = 0; number < count; number++) run(number);
  const { user, system } = process.cpuUsage(before);
  console.log(`${what}: ${(((user + system) * 1000) / count).toFixed(0)} ns of CPU each`);
}

const before = await memory();
const records = new SessionRecords({ maxSessions, idleMs: 3_600_000 });
timed('bind and confirm', confirmed, (number) => {
  records.bind(key(number), servers[number % servers.length]!, false, 0);
  records.confirm(key(number), 0);
});
timed('bind', pending, (number) => records.bind(key(confirmed + number), servers[number % servers.length]!, false, 0));
let found = 0;
timed('look up', maxSessions, (number) => {
  if (records.lookUp(key(number), 0).server === servers[(number < confirmed ? number : number - confirmed) % servers.length]) found++;
});
const after = await memory();
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
console.log(`${found} of ${maxSessions} sessions found (${records.confirmedCount} confirmed, ${records.pendingCount} pending)`);
console.log(
  `tables: ${megabytes(after.arrays - before.arrays)}, ${((after.arrays - before.arrays) / maxSessions).toFixed(1)} bytes a session`,
);
console.log(
  `heap: ${megabytes(after.heap - before.heap)} more; whole process: ${megabytes(before.rss)} before, ${megabytes(after.rss)} after`,
);
