// PROXY protocol with the programs that speak it most: HAProxy in front of Limpet, nginx behind it. nginx must see
// the address of HAProxy's client, in HTTP mode and in TCP mode, with both versions.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { accepts, stop } from '../differential/nginx-process.js';
import { RawClient } from '../fixtures/raw-client.js';
import { unusedPort } from '../fixtures/scripted-server.js';
import { waitFor } from '../fixtures/wait-for.js';
import { startLimpet } from './limpet-process.js';
import { pathOf, skipWithout } from './real-servers.js';

function nginxConf(folder: string, port: number): string {
  return `daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server { listen 127.0.0.1:${port} proxy_protocol; location / { return 200 "$proxy_protocol_addr $proxy_protocol_port"; } }
}
`;
}

function haproxyCfg(front: number, back: number, send: string): string {
  return `defaults
  mode tcp
  timeout connect 5s
  timeout client 10s
  timeout server 10s
listen front
  bind 127.0.0.1:${front}
  server limpet 127.0.0.1:${back} ${send}
`;
}

for (const [mode, version] of [
  ['http', 'v1'],
  ['http', 'v2'],
  ['tcp', 'v1'],
  ['tcp', 'v2'],
] as const) {
  test(`HAProxy, Limpet in ${mode} mode and nginx hand the client on with ${version}`, {
    skip: skipWithout('haproxy', 'nginx'),
    timeout: 30_000,
  }, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'proxy-chain-'));
    const [front, back] = [await unusedPort(), await unusedPort()];
    await writeFile(join(folder, 'nginx.conf'), nginxConf(folder, back));
    const nginx = spawn(pathOf('nginx'), ['-p', folder, '-e', `${folder}/error.log`, '-c', join(folder, 'nginx.conf')], {
      stdio: 'ignore',
    });
    const proxyProtocol = { from: ['127.0.0.1/32'] };
    const limpet = await startLimpet({
      listeners: { web: { address: '127.0.0.1:0', mode, upstream: 'nginx', proxyProtocol } },
      upstreams: { nginx: { servers: [`127.0.0.1:${back}`], proxyProtocol: version } },
    });
    await writeFile(join(folder, 'haproxy.cfg'), haproxyCfg(front, limpet.port(), version === 'v1' ? 'send-proxy' : 'send-proxy-v2'));
    const haproxy = spawn(pathOf('haproxy'), ['-db', '-f', join(folder, 'haproxy.cfg')], { stdio: 'ignore' });
    t.after(async () => {
      await Promise.all([stop(haproxy), stop(nginx), limpet.kill()]);
      await rm(folder, { recursive: true, force: true });
    });
    await waitFor('nginx and HAProxy to listen', async () => (await accepts(back)) && (await accepts(front)));
    const client = await RawClient.connect(front);
    client.send('GET / HTTP/1.1\r\nHost: limpet.test\r\nConnection: close\r\n\r\n');
    assert.equal((await client.readResponse()).body, `127.0.0.1 ${client.socket.localPort}`);
    client.destroy();
    await limpet.stop();
  });
}
