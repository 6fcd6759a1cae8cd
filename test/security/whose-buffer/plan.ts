// What each client does, decided by the seed alone: over which transport, what it asks for, how it reads, whether it
// vanishes. A request's target tells the server its part.
import { Random } from './random.js';

export const framings = ['length', 'chunked', 'close'] as const;
export type Framing = (typeof framings)[number];

export const paces = ['fast', 'pausing', 'crawling'] as const;
export type Pace = (typeof paces)[number];

/** Two streams: down to the client and up to the server. Text form: numbers joined by '/'. */
export interface Streams {
  readonly down: number;
  readonly downBytes: number;
  readonly up: number;
  readonly upBytes: number;
  /** The server reads with pauses. */
  readonly isLazy: boolean;
  /** HTTP: how the answer's body is delimited. */
  readonly framing: Framing;
  /** HTTP: the answer begins before the request is complete, and ends after it. */
  readonly answersEarly: boolean;
  /** The client vanishes: the upload may end before its time. */
  readonly mayBeCut: boolean;
}

/** Unix sockets queue little in the system, and soon much in the process. */
export const transports = ['plain', 'tls', 'unix', 'tls-unix'] as const;
export type Transport = (typeof transports)[number];

export interface Scenario {
  readonly kind: 'http' | 'tunnel' | 'tcp';
  readonly transport: Transport;
  readonly pace: Pace;
  /** Reset after about so many bytes came, with whatever is queued; -1: never. */
  readonly vanishesAfter: number;
  /** A tunnel's client ends its side as soon as it has said all. */
  readonly endsEarly: boolean;
  /** HTTP: the uploads are chunked. */
  readonly isUploadChunked: boolean;
  /** HTTP: all requests are sent before the first answer. */
  readonly isPipelined: boolean;
  /** One for each request on the connection; a tunnel has one. */
  readonly streams: readonly Streams[];
}

const MAX_REQUESTS = 6;

/** The `turn`-th scenario of a client. */
export function planScenario(seed: number, client: number, turn: number): Scenario {
  const random = Random.of(seed, client, turn);
  const kinds = ['http', 'http', 'http', 'tunnel', 'tcp'] as const;
  const kind = kinds[random.between(0, kinds.length - 1)];
  const transport = transports[random.between(0, transports.length - 1)];
  const firstStream = (client * 10_000 + turn) * MAX_REQUESTS * 2;
  const vanishesAfter = random.chance(15) ? sizeOf(random) : -1;
  const streams: Streams[] = [];
  const requests = kind === 'http' ? random.between(1, MAX_REQUESTS) : 1;
  while (streams.length < requests) {
    const planned = planStreams(random, kind, firstStream + streams.length * 2, vanishesAfter >= 0);
    streams.push(planned);
    // Such an answer ends with its connection.
    if (planned.framing === 'close') break;
  }
  return {
    kind,
    transport,
    pace: paces[random.between(0, paces.length - 1)],
    vanishesAfter,
    endsEarly: random.chance(40),
    isUploadChunked: random.chance(50),
    isPipelined: random.chance(30),
    streams,
  };
}

function planStreams(random: Random, kind: Scenario['kind'], stream: number, mayBeCut: boolean): Streams {
  const hasUpload = kind !== 'http' || random.chance(35);
  const framing = random.chance(10) ? 'close' : framings[random.between(0, 1)];
  return {
    down: stream,
    downBytes: sizeOf(random),
    up: stream + 1,
    upBytes: hasUpload ? sizeOf(random) : 0,
    isLazy: random.chance(30),
    framing: kind === 'http' ? framing : 'length',
    answersEarly: hasUpload && framing !== 'close' && random.chance(40),
    mayBeCut,
  };
}

function sizeOf(random: Random): number {
  const kind = random.between(1, 100);
  if (kind <= 40) return random.between(1, 2000);
  if (kind <= 65) return random.between(5_000, 20_000);
  if (kind <= 90) return random.between(50_000, 800_000);
  return random.between(1_000_000, 4_000_000);
}

export function writeStreams(streams: Streams): string {
  const { down, downBytes, up, upBytes, isLazy, framing, answersEarly, mayBeCut } = streams;
  return [down, downBytes, up, upBytes, Number(isLazy), framings.indexOf(framing), Number(answersEarly), Number(mayBeCut)].join('/');
}

export function readStreams(text: string): Streams {
  const [down, downBytes, up, upBytes, isLazy, framing, answersEarly, mayBeCut] = text.split('/').map(Number);
  return {
    down,
    downBytes,
    up,
    upBytes,
    isLazy: isLazy === 1,
    framing: framings[framing],
    answersEarly: answersEarly === 1,
    mayBeCut: mayBeCut === 1,
  };
}
