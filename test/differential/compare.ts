// Sends the same requests to two proxies that run the same file, and compares what comes back, and what a server was sent.
import assert from 'node:assert/strict';
import { RawClient } from '../fixtures/raw-client.js';

/** A request: a target, or more. */
export type Ask =
  | string
  | {
      readonly method?: string;
      readonly target: string;
      readonly version?: '1.0' | '1.1';
      readonly host?: string;
      readonly fields?: string;
      readonly body?: string;
    };

/** One proxy under test. */
export interface Peer {
  readonly port: number;
}

/** Fields in which programs differ by their nature, and what is about one connection. */
const incomparable = new Set([
  'date',
  'server',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'retry-after',
  'cache-control',
]);

interface Outcome {
  readonly status: number;
  readonly fields: Record<string, string>;
  readonly body: string;
}

export async function compare(asks: readonly Ask[], real: Peer, limpet: Peer, options: CompareOptions = {}): Promise<void> {
  for (const ask of asks) {
    const [expected, actual] = [await outcomeOf(ask, real, options), await outcomeOf(ask, limpet, options)];
    assert.deepEqual(actual, expected, `for ${JSON.stringify(ask)}`);
  }
}

export interface CompareOptions {
  /** Statuses of answers that each program words in its own way. Default: 300 and above. */
  readonly ownWords?: (status: number) => boolean;
  /** Further fields that are not compared. */
  readonly ignore?: readonly string[];
  /** Fields that are compared here, though elsewhere they are not. */
  readonly heed?: readonly string[];
  /** A field's value as it is compared. */
  readonly shown?: (value: string, name: string) => string;
}

async function outcomeOf(
  ask: Ask,
  peer: Peer,
  { ownWords = (status) => status >= 300, ignore = [], heed = [], shown: asShown = (value) => value }: CompareOptions,
): Promise<Outcome> {
  const {
    method = 'GET',
    target,
    version = '1.1',
    host = 'site.test',
    fields = '',
    body = '',
  } = typeof ask === 'string' ? { target: ask } : ask;
  const length = body === '' ? '' : `Content-Length: ${body.length}\r\n`;
  const closed = { status: 0, fields: {}, body: '(closed)' };
  const client = await RawClient.connect(peer.port).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNRESET') return null;
    throw error;
  });
  if (client === null) return closed;
  try {
    client.send(`${method} ${target} HTTP/${version}\r\n${host === '' ? '' : `Host: ${host}\r\n`}${length}${fields}\r\n${body}`);
    const response = await client.readResponse(method).catch((error: Error) => {
      if (client.hasEnded && client.received === '') return null;
      throw error;
    });
    if (response === null) return closed;
    const isEcho = response.body.startsWith('{"name"');
    const shown = Object.fromEntries(
      [...response.fields]
        .filter(([name]) => heed.includes(name) || (!incomparable.has(name) && !ignore.includes(name)))
        .map(([name, value]) => [name, withoutPort(asShown(value, name), peer.port)] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
    if (ownWords(response.status) && !isEcho) delete shown['content-type'];
    return {
      status: response.status,
      fields: shown,
      body: isEcho
        ? withoutPort(response.body, peer.port)
        : ownWords(response.status)
          ? '(own words)'
          : withoutPort(response.body, peer.port),
    };
  } finally {
    client.destroy();
  }
}

/** Proxies listen on ports of their own. */
function withoutPort(text: string, port: number): string {
  return text.replaceAll(`:${port}`, ':PORT').replaceAll(`"${port}"`, '"PORT"');
}
