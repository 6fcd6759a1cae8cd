// What the tests of reloads do to a running Limpet: put another config in the place of its own, ask for a reload, and read
// what its log says of it.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '../fixtures/wait-for.js';
import type { ConfigData, LimpetProcess } from './limpet-process.js';

/** A config as these tests change it. */
export interface ChangeableConfig extends ConfigData {
  listeners: Record<string, ConfigData>;
  upstreams: Record<string, ConfigData & { servers: (string | ConfigData)[] }>;
}

const end = / (reloaded|reloaded: nothing has changed|not reloaded: what runs goes on) \w+=\d+$/;

/** Puts a new file in the place of the old one, as editors do. Gives the text that was there before. */
export async function changeConfig(limpet: LimpetProcess, change: (config: ChangeableConfig) => void): Promise<string> {
  const file = join(limpet.folder, 'proxy.config.json');
  const text = await readFile(file, 'utf8');
  const config = JSON.parse(text) as ChangeableConfig;
  change(config);
  await replaceFile(file, JSON.stringify(config, null, 2));
  return text;
}

export async function replaceFile(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}

/** Changes the config, has it reloaded, and resolves with the lines of the log about that, without their time, when it is over. */
export function reload(limpet: LimpetProcess, change: (config: ChangeableConfig) => void = () => {}): Promise<string[]> {
  return reloadedBy(limpet, async () => {
    await changeConfig(limpet, change);
    process.kill(limpet.pid, 'SIGHUP');
  });
}

/** The lines of the log about the reload that `cause` brings about. */
export async function reloadedBy(limpet: LimpetProcess, cause: () => Promise<void>): Promise<string[]> {
  const before = limpet.output().length;
  await cause();
  const lines = () => limpet.output().slice(before);
  await waitFor('the reload to be over', () => lines().some((line) => end.test(line)), 30_000);
  const all = lines();
  return all.slice(0, all.findIndex((line) => end.test(line)) + 1).map((line) => line.replace(/^\S+ /, ''));
}
