// What curl can do with HTTP/1.x, through Limpet: old versions, every framing, expectations, HEAD, ranges, uploads,
// several requests on one connection.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { type HttpOrigin, patternBytes, startHttpOrigin, type Upload } from '../fixtures/http-origin.js';
import { type LimpetProcess, startLimpet } from './limpet-process.js';
import { pathOf, skipWithout } from './real-servers.js';

/** curl's standard output; rejects when it exits with anything but 0. Standard error is in `trace`. */
function curl(...options: string[]): Promise<{ output: Buffer; trace: string }> {
  return new Promise((resolve, reject) => {
    execFile(
      pathOf('curl'),
      ['-sS', '--max-time', '20', ...options],
      { encoding: 'buffer', maxBuffer: 64 << 20 },
      (error, output, trace) => {
        if (error) reject(new Error(`curl ${options.join(' ')}: ${error.message}`));
        else resolve({ output, trace: trace.toString('latin1') });
      },
    );
  });
}

interface Echo {
  readonly method: string;
  readonly target: string;
  readonly httpVersion: string;
  readonly headers: Record<string, string>;
}

suite('curl', { skip: skipWithout('curl'), timeout: 120_000 }, () => {
  const uploadBytes = patternBytes(3_000_000);
  const uploadHash = createHash('sha256').update(uploadBytes).digest('hex');
  let origin: HttpOrigin;
  let limpet: LimpetProcess;
  let folder: string;
  let uploadFile: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'curl-'));
    uploadFile = join(folder, 'upload');
    await writeFile(uploadFile, uploadBytes);
    origin = await startHttpOrigin();
    limpet = await startLimpet({
      listeners: { web: { address: '127.0.0.1:0', routes: [{ upstream: 'app' }] } },
      upstreams: { app: { servers: [origin.address], sticky: { policy: 'cookie', name: 'route' } } },
    });
  });

  after(async () => {
    try {
      await limpet.stop();
    } finally {
      await limpet.kill();
      origin.close();
      await rm(folder, { recursive: true, force: true });
    }
  });

  const echo = async (...options: string[]) => JSON.parse((await curl(...options)).output.toString('utf8')) as Echo;

  test('the server sees the client, the host and the target as curl sent them', async () => {
    const { method, target, headers } = await echo('-H', 'Host: app.example:8080', `${limpet.url()}/echo/a%20b?x=%2F&y`);
    assert.equal(method, 'GET');
    assert.equal(target, '/echo/a%20b?x=%2F&y');
    assert.equal(headers.host, 'app.example:8080');
    assert.equal(headers['x-forwarded-for'], '127.0.0.1');
    assert.equal(headers['x-forwarded-proto'], 'http');
  });

  test('an HTTP/1.0 client gets an answer that it can read: no chunks, closed at the end', async () => {
    const { output, trace } = await curl('-v', '--http1.0', `${limpet.url()}/bytes/300000?chunked`);
    assert.ok(output.equals(patternBytes(300_000)));
    assert.doesNotMatch(trace, /< transfer-encoding/i);
  });

  test('an HTTP/1.0 client that asks for it keeps its connection', async () => {
    const url = `${limpet.url()}/bytes/10`;
    const { trace } = await curl('-v', '--http1.0', '-H', 'Connection: keep-alive', url, url);
    assert.match(trace, /Re-using existing connection|Connection #0 to host 127\.0\.0\.1 left intact/i);
  });

  for (const [name, query] of Object.entries({ 'with a length': '', 'in chunks': '?chunked' })) {
    test(`answers ${name} arrive whole, from nothing to ten megabytes`, async () => {
      for (const size of [0, 1, 100, 16_384, 65_536, 10_000_000]) {
        const { output } = await curl(`${limpet.url()}/bytes/${size}${query}`);
        assert.ok(output.equals(patternBytes(size)), `${size} bytes`);
      }
    });
  }

  test('several requests go over one connection', async () => {
    const url = `${limpet.url()}/bytes/1000`;
    const { output } = await curl('-w', '%{num_connects}', '-o', '/dev/null', url, '-o', '/dev/null', url, '-o', '/dev/null', url);
    assert.equal(output.toString('latin1'), '100');
  });

  test('HEAD gives the length and no body', async () => {
    const { output } = await curl('-I', `${limpet.url()}/bytes/12345`);
    assert.match(output.toString('latin1'), /^HTTP\/1\.1 200 [\s\S]*content-length: 12345\r\n[\s\S]*\r\n\r\n$/i);
  });

  test('a range comes back as the server cut it', async () => {
    const { output, trace } = await curl('-v', '-r', '1000-1999', `${limpet.url()}/bytes/5000`);
    assert.match(trace, /< HTTP\/1\.1 206 /);
    assert.ok(output.equals(patternBytes(5_000).subarray(1_000, 2_000)));
  });

  const uploads: Record<string, string[]> = {
    'with a length': ['-H', 'Expect:', '-T', '{file}'],
    'in chunks': ['-H', 'Expect:', '-H', 'Transfer-Encoding: chunked', '-T', '{file}'],
    'as a POST': ['-H', 'Expect:', '--data-binary', '@{file}'],
  };
  for (const [name, options] of Object.entries(uploads)) {
    test(`an upload ${name} reaches the server whole`, async () => {
      const { output } = await curl(...options.map((option) => option.replace('{file}', uploadFile)), `${limpet.url()}/upload`);
      const upload = JSON.parse(output.toString('utf8')) as Upload;
      assert.equal(upload.bytes, uploadBytes.length);
      assert.equal(upload.sha256, uploadHash);
    });
  }

  test('an upload that waits for 100 Continue is told to go on', async () => {
    const { output, trace } = await curl(
      '-v',
      '-H',
      'Expect: 100-continue',
      '--expect100-timeout',
      '15',
      '-T',
      uploadFile,
      `${limpet.url()}/upload`,
    );
    assert.match(trace, /< HTTP\/1\.1 100 /);
    assert.equal((JSON.parse(output.toString('utf8')) as Upload).sha256, uploadHash);
  });

  test('an unknown expectation is refused with 417', async () => {
    const { output } = await curl('-o', '/dev/null', '-w', '%{http_code}', '-H', 'Expect: a-miracle', `${limpet.url()}/expect`);
    assert.equal(output.toString('latin1'), '417');
  });

  test('an answer that comes before the upload is over arrives', async () => {
    const { output } = await curl('-H', 'Expect:', '-T', uploadFile, '-w', '%{http_code}', `${limpet.url()}/early`);
    assert.equal(output.toString('latin1'), 'too much413');
  });

  test('methods other than the usual ones pass', async () => {
    for (const method of ['OPTIONS', 'DELETE', 'PATCH', 'PROPFIND', 'REPORT']) {
      assert.equal((await echo('-X', method, `${limpet.url()}/echo`)).method, method);
    }
  });

  test('a cookie file keeps curl on its server', async () => {
    const jar = join(folder, 'cookies');
    const first = await curl('-v', '-c', jar, `${limpet.url()}/echo`);
    assert.match(first.trace, /< set-cookie: route=/i);
    const second = await curl('-v', '-b', jar, `${limpet.url()}/echo`);
    assert.doesNotMatch(second.trace, /< set-cookie/i);
  });
});
