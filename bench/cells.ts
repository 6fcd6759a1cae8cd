// The cells of the benchmark table: what is asked through the proxy, how large the answer is, over how many
// connections, and which features every peer has switched on. It knows nothing of peers or load generators.

export type CellKind = 'http' | 'tls' | 'tcp' | 'websocket';

/**
 * What the clients do. `keep-alive` asks again as soon as the answer is there, `upload` the same with a body, `close`
 * with a connection for each request, `pipeline` with several requests at once, `rate` at a fixed pace; `echo` sends
 * WebSocket messages, `connect` opens WebSockets one after the other, `idle` opens them and waits; `hang` asks for answers that
 * take a second, `slow` reads more slowly than the server sends; `handshake` makes a TLS connection for each request,
 * `resume-ticket` and `resume-id` with what an earlier one left.
 */
export type LoadPattern =
  | 'keep-alive'
  | 'upload'
  | 'close'
  | 'pipeline'
  | 'rate'
  | 'echo'
  | 'connect'
  | 'idle'
  | 'hang'
  | 'slow'
  | 'handshake'
  | 'resume-ticket'
  | 'resume-id';

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** What a TLS listener takes. Without a version both; without a suite the AES-128 ones with SHA-256. */
export interface TlsTerms {
  readonly key: 'ecdsa' | 'rsa';
  readonly version?: TlsVersion;
  /** In OpenSSL's notation. */
  readonly suite?: string;
}

export interface Cell {
  readonly name: string;
  readonly title: string;
  readonly kind: CellKind;
  readonly load: LoadPattern;
  /** Bytes of the response body, of an upload, or of one WebSocket message. */
  readonly bytes: number;
  readonly connections: number;
  /** The proxy reads the route cookie, and sets it for a client that has none. */
  readonly sticky: boolean;
  /** The proxy writes one line per exchange to a file. */
  readonly accessLog: boolean;
  /** Workers or threads of the proxy. */
  readonly workers: number;
  /** Measured when no cell is named and `--full` is not given. */
  readonly isUsual: boolean;
  readonly tls?: TlsTerms;
  /** Requests, messages or connections per second of all clients together: where these cost more than the proxy, or delays are asked for. */
  readonly ratePerSecond?: number;
  /** Servers behind the proxy, where it is not the usual two. */
  readonly servers?: number;
  /** Routes for other paths, which answer by themselves and stand before the one that is asked for. */
  readonly otherRoutes?: number;
  /** The proxy is told to load its configuration again halfway through. */
  readonly reloads?: boolean;
  /** Asked and served by light-load.c, where it can be compiled: the usual generators and servers cost more than a proxy. */
  readonly light?: boolean;
  /** No request has the head of the one before it, and no answer either. */
  readonly varies?: boolean;
}

type Changes = Partial<Omit<Cell, 'name' | 'title' | 'kind' | 'bytes'>>;

const KIB = 1024;
const usual = { isUsual: true };
const light = { light: true };
const bare = { sticky: false, accessLog: false };

/** Node's client costs more than the proxy in a handshake, so that these have a rate. */
const HANDSHAKES_PER_SECOND = 200;

function cell(name: string, title: string, kind: CellKind, bytes: number, changes: Changes = {}): Cell {
  return {
    name,
    title,
    kind,
    bytes,
    load: kind === 'websocket' ? 'echo' : 'keep-alive',
    connections: connectionsFor(bytes),
    sticky: kind !== 'tcp',
    accessLog: true,
    workers: 1,
    isUsual: false,
    ...changes,
  };
}

/** Fewer where answers are large, so that what waits in socket buffers stays the same order of size. */
function connectionsFor(bytes: number): number {
  return bytes >= 1024 * KIB ? 8 : bytes >= 64 * KIB ? 16 : 64;
}

const httpCells = [
  cell('http-100b', 'HTTP, 100 B', 'http', 100, { ...usual, ...light }),
  cell('varied-100b', 'HTTP, 100 B, no head like the last', 'http', 100, { varies: true }),
  cell('http-10kb', 'HTTP, 10 KB', 'http', 10 * KIB, light),
  cell('http-100kb', 'HTTP, 100 KB', 'http', 100 * KIB, { ...usual, ...light }),
  cell('http-1mb', 'HTTP, 1 MB', 'http', 1024 * KIB, light),
  cell('connections-1', 'HTTP, 100 B, 1 connection', 'http', 100, { connections: 1 }),
  cell('connections-10', 'HTTP, 100 B, 10 connections', 'http', 100, { ...light, connections: 10 }),
  cell('connections-1000', 'HTTP, 100 B, 1,000 connections', 'http', 100, { ...light, connections: 1000 }),
  cell('connections-8000', 'HTTP, 100 B, 8,000 connections', 'http', 100, { ...light, connections: 8000 }),
  cell('bare-100b', 'HTTP, 100 B, no cookie, no log', 'http', 100, { ...light, ...bare }),
  cell('bare-cookie-100b', 'HTTP, 100 B, cookie, no log', 'http', 100, { ...light, accessLog: false }),
  cell('bare-log-100b', 'HTTP, 100 B, no cookie, log', 'http', 100, { ...light, sticky: false }),
  uploadCell('upload-100b', 'Upload, 100 B', 'http', 100, 4000),
  uploadCell('upload-10kb', 'Upload, 10 KB', 'http', 10 * KIB, 3000),
  uploadCell('upload-100kb', 'Upload, 100 KB', 'http', 100 * KIB, 1000),
  uploadCell('upload-1mb', 'Upload, 1 MB', 'http', 1024 * KIB, 100),
  cell('close-100b', 'HTTP, 100 B, a connection for each request', 'http', 100, { load: 'close' }),
  cell('pipeline-100b', 'HTTP, 100 B, 16 requests at once', 'http', 100, { load: 'pipeline', connections: 8 }),
  rateCell('rate-100b', 'HTTP, 100 B', 'http', 100, 2000),
  rateCell('rate-10kb', 'HTTP, 10 KB', 'http', 10 * KIB, 2000),
  rateCell('rate-100kb', 'HTTP, 100 KB', 'http', 100 * KIB, 1000),
  rateCell('rate-1mb', 'HTTP, 1 MB', 'http', 1024 * KIB, 150),
  cell('routes-10', 'HTTP, 100 B, behind 10 other routes', 'http', 100, { otherRoutes: 10 }),
  cell('routes-100', 'HTTP, 100 B, behind 100 other routes', 'http', 100, { otherRoutes: 100 }),
  cell('routes-1000', 'HTTP, 100 B, behind 1,000 other routes', 'http', 100, { otherRoutes: 1000 }),
  cell('routes-10000', 'HTTP, 100 B, behind 10,000 other routes', 'http', 100, { otherRoutes: 10_000 }),
  cell('servers-1', 'HTTP, 100 B, 1 server', 'http', 100, { servers: 1 }),
  cell('servers-10', 'HTTP, 100 B, 10 servers', 'http', 100, { servers: 10 }),
  cell('servers-100', 'HTTP, 100 B, 100 servers', 'http', 100, { servers: 100 }),
  cell('servers-1000', 'HTTP, 100 B, 1,000 servers', 'http', 100, { servers: 1000 }),
  cell('workers-2', 'HTTP, 100 B, 2 workers on the one processor', 'http', 100, { ...light, workers: 2 }),
  cell('reload-100b', 'HTTP, 100 B, a reload in the middle', 'http', 100, { reloads: true }),
  cell('hang-5000', '5,000 hanging long polls', 'http', 100, { load: 'hang', connections: 5000 }),
  cell('slow-1mb', '64 slow readers of 1 MB', 'http', 1024 * KIB, { load: 'slow', connections: 64 }),
];

const tunnelCells = [
  cell('websocket-32b', 'WebSocket echo, 32 B', 'websocket', 32, light),
  cell('websocket-1kb', 'WebSocket echo, 1 KB', 'websocket', KIB, { ...usual, ...light }),
  cell('websocket-64kb', 'WebSocket echo, 64 KB', 'websocket', 64 * KIB, light),
  cell('websocket-rate-1kb', 'WebSocket echo, 1 KB, 5,000 a second', 'websocket', KIB, { ratePerSecond: 5000 }),
  cell('websocket-rate-64kb', 'WebSocket echo, 64 KB, 500 a second', 'websocket', 64 * KIB, { ratePerSecond: 500 }),
  cell('websocket-connect', '500 WebSockets a second opened and closed', 'websocket', 32, { load: 'connect', ratePerSecond: 500 }),
  cell('websocket-idle', '8,000 idle WebSockets', 'websocket', 32, { load: 'idle', connections: 8000 }),
  cell('tcp-100b', 'TCP, 100 B', 'tcp', 100, { ...usual, ...light }),
  cell('tcp-10kb', 'TCP, 10 KB', 'tcp', 10 * KIB, light),
  cell('tcp-100kb', 'TCP, 100 KB', 'tcp', 100 * KIB, light),
  cell('tcp-1mb', 'TCP, 1 MB', 'tcp', 1024 * KIB, light),
  rateCell('tcp-rate-100b', 'TCP, 100 B', 'tcp', 100, 2000),
  rateCell('tcp-rate-1mb', 'TCP, 1 MB', 'tcp', 1024 * KIB, 150),
];

const tlsCells = [
  cell('tls-100b', 'TLS keep-alive, 100 B', 'tls', 100, usual),
  cell('tls-100kb', 'TLS keep-alive, 100 KB', 'tls', 100 * KIB),
  cell('tls-bare-100b', 'TLS keep-alive, 100 B, no cookie, no log', 'tls', 100, bare),
  uploadCell('tls-upload-10kb', 'TLS upload, 10 KB', 'tls', 10 * KIB, 2000),
  uploadCell('tls-upload-1mb', 'TLS upload, 1 MB', 'tls', 1024 * KIB, 50),
  ...handshakeCells('handshake', 'full handshake', ['TLSv1.2', 'TLSv1.3'], ['ecdsa', 'rsa']),
  ...handshakeCells('resume-ticket', 'resumed by ticket', ['TLSv1.2', 'TLSv1.3'], ['ecdsa', 'rsa']),
  ...handshakeCells('resume-id', 'resumed by id', ['TLSv1.2'], ['ecdsa', 'rsa']),
  ...suiteCells(),
];

/** Below what a proxy can do: for latency, and for bodies whose client and servers cost more than a proxy. */
function rateCell(name: string, title: string, kind: CellKind, bytes: number, ratePerSecond: number): Cell {
  const paced = `${title}, ${ratePerSecond.toLocaleString('en')} requests a second`;
  return cell(name, paced, kind, bytes, { load: 'rate', ratePerSecond, connections: 32 });
}

/** At a rate, because the servers that take uploads cost more than a proxy. */
function uploadCell(name: string, title: string, kind: CellKind, bytes: number, ratePerSecond: number): Cell {
  return cell(name, `${title}, ${ratePerSecond.toLocaleString('en')} a second`, kind, bytes, { load: 'upload', ratePerSecond });
}

function handshakeCells(load: LoadPattern, what: string, versions: readonly TlsVersion[], keys: readonly TlsTerms['key'][]): Cell[] {
  return versions.flatMap((version) =>
    keys.map((key) => {
      const name = `${load}-${version.slice(4).replace('.', '')}-${key}`;
      const title = `TLS ${version.slice(4)}, ${key === 'rsa' ? 'RSA-2048' : 'ECDSA P-256'}, ${what}, ${HANDSHAKES_PER_SECOND} a second`;
      return cell(name, title, 'tls', 100, { ...bare, load, connections: 16, ratePerSecond: HANDSHAKES_PER_SECOND, tls: { key, version } });
    }),
  );
}

/** Full handshakes and one request, one suite at a time. */
function suiteCells(): Cell[] {
  const suites: readonly (TlsTerms & { readonly suite: string })[] = [
    { version: 'TLSv1.3', key: 'ecdsa', suite: 'TLS_AES_128_GCM_SHA256' },
    { version: 'TLSv1.3', key: 'ecdsa', suite: 'TLS_AES_256_GCM_SHA384' },
    { version: 'TLSv1.3', key: 'ecdsa', suite: 'TLS_CHACHA20_POLY1305_SHA256' },
    { version: 'TLSv1.2', key: 'ecdsa', suite: 'ECDHE-ECDSA-AES128-GCM-SHA256' },
    { version: 'TLSv1.2', key: 'ecdsa', suite: 'ECDHE-ECDSA-AES256-GCM-SHA384' },
    { version: 'TLSv1.2', key: 'ecdsa', suite: 'ECDHE-ECDSA-CHACHA20-POLY1305' },
    { version: 'TLSv1.2', key: 'rsa', suite: 'ECDHE-RSA-AES128-GCM-SHA256' },
    { version: 'TLSv1.2', key: 'rsa', suite: 'ECDHE-RSA-AES256-GCM-SHA384' },
    { version: 'TLSv1.2', key: 'rsa', suite: 'AES128-GCM-SHA256' },
  ];
  return suites.map((tls) => {
    const name = `suite-${tls.suite.toLowerCase().replaceAll('_', '-')}`;
    const title = `Handshake, ${tls.suite}, ${HANDSHAKES_PER_SECOND} a second`;
    return cell(name, title, 'tls', 100, { ...bare, load: 'handshake', connections: 16, ratePerSecond: HANDSHAKES_PER_SECOND, tls });
  });
}

/** The clients ask at a fixed rate or wait for something else than the proxy: it need not be full. */
export function isPaced({ load, ratePerSecond }: Cell): boolean {
  return ratePerSecond !== undefined || load === 'idle' || load === 'hang' || load === 'slow';
}

/** What a proxy is warmed up with: an engine that compiles what is hot needs so many requests, which at a low rate would take minutes. */
export function warmUpOf(cell: Cell): Cell {
  // As fast as they can, those who open and close would run out of ports.
  if (cell.load === 'connect') return cell;
  const { ratePerSecond: _, ...unpaced } = cell;
  return { ...unpaced, load: cell.load === 'rate' ? 'keep-alive' : cell.load };
}

/** The paths of a cell's other routes. */
export function otherPaths({ otherRoutes = 0 }: Cell): string[] {
  return Array.from({ length: otherRoutes }, (_, index) => `/other/${index}`);
}

export const CELLS: readonly Cell[] = [...httpCells, ...tunnelCells, ...tlsCells];

/** The usual cells, whose samples take two minutes with the usual peers. */
export const USUAL_CELLS: readonly Cell[] = CELLS.filter((each) => each.isUsual);

/** The cells named by `only`: full names, or prefixes such as `http` or `tls`. Throws when one of them matches nothing. */
export function selectCells(only: readonly string[], unnamed: readonly Cell[] = USUAL_CELLS): Cell[] {
  for (const wanted of only) {
    if (!CELLS.some((each) => matches(each, wanted))) {
      throw new Error(`no cell is called ${wanted}; there are ${CELLS.map((each) => each.name).join(', ')}`);
    }
  }
  return only.length === 0 ? [...unnamed] : CELLS.filter((each) => only.some((wanted) => matches(each, wanted)));
}

function matches(cell: Cell, wanted: string): boolean {
  return cell.name === wanted || cell.name.startsWith(`${wanted}-`);
}
