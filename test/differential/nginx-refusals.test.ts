// What `nginx -t` refuses, `limpet check` refuses; and what nginx takes is never called wrong, at most not supported.
// LIMPET_REFUSALS=all looks at every generated file, of which there are some fifteen thousand, instead of one in thirty-one.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseConfig } from '../../src/config/load.js';
import { translateNginx } from '../../src/config/nginx/translate.js';
import { pathOf, skipWithout } from '../e2e/real-servers.js';
import { unusedPort } from '../fixtures/scripted-server.js';
import { nginxJointCases } from './nginx-joint-cases.js';
import { nginxConf } from './nginx-process.js';
import { type RefusalFile, refusalFiles } from './nginx-refusal-files.js';

const STRIDE = 31;
/** Where Debian keeps the stream module, which others build in. */
const streamModule = '/usr/lib/nginx/modules/ngx_stream_module.so';
/** About what nginx is built with and what is on this machine, not about the file. */
const ofTheMachine =
  /unknown directive|host not found in|No such file|cannot load certificate|Permission denied|dlopen|Is a directory|ENGINE_by_id|getpwnam/;
/** A table without room is refused wherever it stands; nginx refuses it where it needs the table. */
const stricter = /^location: (types_hash|proxy_headers_hash)_\w+ 0;/;

describe('what nginx refuses, and what it takes', { skip: skipWithout('nginx') }, () => {
  let folder = '';
  let port = 0;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'limpet-refusals-'));
    port = await unusedPort();
    writeFileSync(join(folder, 'stream.conf'), existsSync(streamModule) ? `load_module ${streamModule};` : '');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Why nginx refuses the text, or null. */
  function refusalOf(text: string, file: string): Promise<string | null> {
    writeFileSync(file, text);
    return new Promise((resolve) => {
      execFile(pathOf('nginx'), ['-t', '-c', file, '-p', folder], (error, _, said) =>
        resolve(error === null ? null : (said.split('\n').find((line) => /\[(emerg|alert)\]/.test(line)) ?? said)),
      );
    });
  }

  /** How nginx and Limpet disagree, or null. */
  async function disagreement({ name, text }: RefusalFile, lane: number): Promise<string | null> {
    const file = join(folder, `nginx-${lane}.conf`);
    const refusal = await refusalOf(text, file);
    if (refusal !== null) {
      if (ofTheMachine.test(refusal) || parseConfig(text, file).problems !== undefined) return null;
      return `${name}: accepted, and nginx says ${refusal}`;
    }
    const [problem] = translateNginx(text, file, { lenient: true }).problems;
    return problem === undefined || stricter.test(name) ? null : `${name}: nginx takes it, and here ${problem.message}`;
  }

  async function disagreements(files: Iterable<RefusalFile>): Promise<string[]> {
    const found: string[] = [];
    const all = files[Symbol.iterator]();
    const lane = async (number: number) => {
      for (let next = all.next(); next.done !== true; next = all.next()) {
        const one = await disagreement(next.value, number);
        if (one !== null) found.push(one);
      }
    };
    await Promise.all([lane(1), lane(2)]);
    return found;
  }

  function* generated(): Generator<RefusalFile> {
    const step = process.env['LIMPET_REFUSALS'] === 'all' ? 1 : STRIDE;
    let count = 0;
    for (const { name, text } of refusalFiles(folder))
      if (count++ % step === 0)
        yield { name, text: text.replaceAll('LOAD_STREAM', join(folder, 'stream.conf')).replaceAll('LISTEN', String(port)) };
    assert.ok(count > 10_000);
  }

  test('one directive: its place, its arguments, twice', { timeout: 900_000 }, async () => {
    assert.deepEqual(await disagreements(generated()), []);
  });

  test('directives together', { timeout: 120_000 }, async () => {
    const files = nginxJointCases.map((http) => ({ name: http, text: nginxConf(http.replaceAll('PORT', String(port)), folder) }));
    assert.deepEqual(await disagreements(files), []);
  });
});
