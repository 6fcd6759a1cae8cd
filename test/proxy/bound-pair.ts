// Two servers, a sticky policy, and a client that is bound to one of them.
import { type Origin, withOrigin } from './origin.js';
import { get, ok, type Stage, simpleConfig, withWorker } from './stage.js';

export type Names = 'a' | 'b';

/** Two servers, "a" and "b", each of which says its name and the body. */
export function withTwo(
  parts: {
    sticky?: Record<string, unknown>;
    upstream?: Record<string, unknown>;
    server?: Record<string, unknown>;
    listener?: Record<string, unknown>;
  },
  action: (stage: Stage, origins: Record<Names, Origin>) => Promise<void>,
): Promise<void> {
  const options = (name: Names) => ({ onRequest: ({ connection, body }: Origin['requests'][number]) => connection.write(ok(name + body)) });
  return withOrigin(options('a'), (a) =>
    withOrigin(options('b'), (b) => {
      const servers = [
        { name: 'a', address: a.address, ...parts.server },
        { name: 'b', address: b.address, ...parts.server },
      ];
      const upstream = {
        sticky: { policy: 'cookie', name: 'route', ...parts.sticky },
        retries: { pause: '10ms' },
        health: { passive: 'off' },
        ...parts.upstream,
      };
      return withWorker(simpleConfig(servers, { upstream, listener: parts.listener ?? {} }), (stage) => action(stage, { a, b }));
    }),
  );
}

export async function ask(
  stage: Stage,
  text: string,
): Promise<{ status: number; server: string; setCookie: string; cacheControl: string }> {
  const client = await stage.connect();
  client.send(text);
  const { status, body, fields } = await client.readResponse();
  client.destroy();
  return { status, server: body, setCookie: fields.get('set-cookie') ?? '', cacheControl: fields.get('cache-control') ?? '' };
}

/** The Cookie field that binds a client, and the server that it names. */
export async function bind(stage: Stage): Promise<{ cookie: string; server: Names }> {
  const { server, setCookie } = await ask(stage, get('/'));
  return { cookie: `Cookie: ${setCookie.split(';', 1)[0]}\r\n`, server: server as Names };
}
