// The "sticky" of the module that many build into nginx, beside an nginx that has it: the cookie, whom it leads to, and what
// becomes of it when that server is gone. LIMPET_STICKY_NGINX is the path of such an nginx (CONTRIBUTING.md says how it is built).
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { loadConfig } from '../../src/config/load.js';
import { RawClient } from '../fixtures/raw-client.js';
import { unusedPort } from '../fixtures/scripted-server.js';
import { withWorker } from '../proxy/stage.js';
import { type Ask, compare } from './compare.js';
import { nginxConf, startNginx } from './nginx-process.js';
import { withTwoOrigins } from './two-origins.js';

const path = process.env['LIMPET_STICKY_NGINX'];
const skip = path === undefined ? 'LIMPET_STICKY_NGINX names no nginx that has the sticky module' : false;

interface StickyCase {
  readonly sticky: string;
  /** The servers: A and B live, DEAD refuses. */
  readonly servers?: string;
  readonly name?: string;
}

const cases: readonly StickyCase[] = [
  { sticky: 'sticky;' },
  { sticky: 'sticky name=sid;', name: 'sid' },
  { sticky: 'sticky hash=md5;' },
  { sticky: 'sticky hash=sha1;' },
  { sticky: 'sticky hash=index;' },
  { sticky: 'sticky text=raw;' },
  { sticky: 'sticky text=md5;' },
  { sticky: 'sticky text=sha1;' },
  { sticky: 'sticky hmac=md5 hmac_key=secret;' },
  { sticky: 'sticky hmac=sha1 hmac_key=secret;' },
  { sticky: 'sticky expires=1h;' },
  { sticky: 'sticky domain=.site.test path=/app;' },
  { sticky: 'sticky secure httponly;' },
  { sticky: 'sticky expires=1d domain=site.test path=/ secure httponly;' },
  { sticky: 'sticky no_fallback;' },
  { sticky: 'sticky;', servers: 'server A;' },
  { sticky: 'sticky;', servers: 'server DEAD; server A;' },
  { sticky: 'sticky no_fallback;', servers: 'server DEAD; server A;' },
  // Of servers that are all dead the module still tells the last, and Limpet none.
  { sticky: 'sticky no_fallback;', servers: 'server A down; server B down;' },
  { sticky: 'sticky hash=index;', servers: 'server A down; server B; server DEAD;' },
  { sticky: 'sticky no_fallback hash=index;', servers: 'server A down; server B; server DEAD;' },
  { sticky: 'sticky hash=index;', servers: 'server A weight=2; server B;' },
];

describe('sticky of the module, by nginx and by Limpet', { skip }, () => {
  const origins = withTwoOrigins();

  for (const { sticky, servers = 'server A; server B;', name = 'route' } of cases) {
    test(`${sticky} ${servers}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'limpet-sticky-'));
      const [realPort, ownPort, dead] = [await unusedPort(), await unusedPort(), await unusedPort()];
      const addressed = servers
        .replace(/\bA\b/, `127.0.0.1:${origins.a.port}`)
        .replace(/\bB\b/, `127.0.0.1:${origins.b.port}`)
        .replace(/\bDEAD\b/, `127.0.0.1:${dead}`);
      const text = (port: number) =>
        nginxConf(
          `upstream app { ${sticky} ${addressed} } server { listen 127.0.0.1:${port}; location / { proxy_pass http://app; } }`,
          folder,
        );
      const file = join(folder, 'nginx.conf');
      writeFileSync(file, text(ownPort));
      const nginx = await startNginx(path!, text(realPort), folder, realPort);
      try {
        const { config, problems } = loadConfig(file);
        assert.deepEqual(problems, undefined);
        await withWorker(config!, async () => {
          const said = [...(await cookieOf(realPort, ownPort)), ...(await cookieOf(realPort, ownPort))];
          const bound = [...new Set(said)].map((value): Ask => ({ target: '/app', fields: `Cookie: ${value}\r\n` }));
          const forged = ['', 'x', '9', '-1', 'A'.repeat(32), `${said[0] ?? 'none'}x`].map(
            (value): Ask => ({ target: '/', fields: `Cookie: other=1; ${name}=${value}\r\n` }),
          );
          const indexes = ['0', '1', '2'].map((value): Ask => ({ target: '/', fields: `Cookie: ${name}=${value}\r\n` }));
          for (const ask of [...bound, ...forged, ...bound, ...indexes, '/status/404', '/'])
            await compare(
              [ask],
              { port: realPort },
              { port: ownPort },
              { shown: (value, name) => (name === 'set-cookie' ? sameMeaning(value) : value) },
            );
        });
      } finally {
        await nginx.stop();
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});

/** What both are asked without a cookie: the cookies that they set, which must be the same. */
async function cookieOf(realPort: number, ownPort: number): Promise<string[]> {
  const [real, own] = [await setCookies(realPort), await setCookies(ownPort)];
  assert.deepEqual(own, real);
  return real.map((value) => value.split(';')[0]!);
}

async function setCookies(port: number): Promise<string[]> {
  const client = await RawClient.connect(port);
  try {
    client.send('GET / HTTP/1.1\r\nHost: site.test\r\n\r\n');
    const { fields } = await client.readResponse('GET');
    return [...fields].filter(([name]) => name === 'set-cookie').map(([, value]) => sameMeaning(value));
  } finally {
    client.destroy();
  }
}

/** The cookie with its attributes in one order, and its end as what is left in minutes: "Max-Age" says the same as "Expires". */
function sameMeaning(cookie: string): string {
  const [value, ...attributes] = cookie.split('; ').map((part) => {
    const [name, text = ''] = part.split('=');
    if (name === 'Max-Age') return `End=${Math.round(Number(text) / 60)}`;
    return name === 'Expires' ? `End=${Math.round((Date.parse(text.replaceAll('-', ' ')) - Date.now()) / 60_000)}` : part;
  });
  return [value, ...attributes.sort()].join('; ');
}
