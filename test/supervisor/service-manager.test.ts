// What systemd is told, through a stand-in for systemd-notify that writes it down.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { ServiceManager } from '../../src/supervisor/service-manager.js';

const folder = mkdtempSync(join(tmpdir(), 'notify-'));
const path = process.env['PATH'];
after(() => {
  process.env['PATH'] = path;
  rmSync(folder, { recursive: true });
});

const told = join(folder, 'told');
writeFileSync(join(folder, 'systemd-notify'), `#!/bin/sh\necho "$@" >> ${told}\n`);
chmodSync(join(folder, 'systemd-notify'), 0o755);

test('it is told each thing in order, with what belongs to it', async () => {
  process.env['PATH'] = `${folder}${delimiter}${path}`;
  const service = new ServiceManager({ NOTIFY_SOCKET: '/run/systemd/notify' });
  const before = process.hrtime.bigint() / 1000n;
  void service.ready();
  void service.reloading();
  void service.ready();
  await service.stopping();
  const lines = readFileSync(told, 'latin1').split('\n');
  const ready = `READY=1 MAINPID=${process.pid}`;
  assert.deepEqual([lines[0], lines[2], lines[3], lines[4]], [ready, ready, 'STOPPING=1', '']);
  const since = /^RELOADING=1 MONOTONIC_USEC=(\d+)$/.exec(lines[1] as string)?.[1];
  assert.ok(BigInt(since ?? 0) >= before && BigInt(since ?? 0) <= process.hrtime.bigint() / 1000n, lines[1]);
});

test('without a service manager nothing is started', async () => {
  rmSync(told, { force: true });
  await new ServiceManager({}).ready();
  assert.throws(() => readFileSync(told), { code: 'ENOENT' });
});

test('without the program nothing happens', async () => {
  process.env['PATH'] = join(folder, 'empty');
  const service = new ServiceManager({ NOTIFY_SOCKET: '/run/systemd/notify' });
  await service.ready();
  await service.stopping();
});
