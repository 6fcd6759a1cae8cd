// The cells of the benchmark table: what is asked through the proxy, how large the answer is, over how many
// connections, and which features every peer has switched on. It knows nothing of peers or load generators.

export type CellKind = 'http' | 'tls' | 'tcp' | 'websocket';

export interface Cell {
  readonly name: string;
  readonly title: string;
  readonly kind: CellKind;
  /** Bytes of the response body, or of one WebSocket message. */
  readonly bytes: number;
  readonly connections: number;
  /** The proxy reads the route cookie, and sets it for a client that has none. */
  readonly sticky: boolean;
  /** The proxy writes one line per exchange to a file. */
  readonly accessLog: boolean;
}

const KIB = 1024;

function cell(name: string, title: string, kind: CellKind, bytes: number, connections: number, features = true): Cell {
  const sticky = features && kind !== 'tcp';
  return { name, title, kind, bytes, connections, sticky, accessLog: features };
}

/** Fewer connections where answers are large, so that what waits in socket buffers stays the same order of size. */
export const CELLS: readonly Cell[] = [
  cell('http-100b', 'HTTP, 100 B', 'http', 100, 64),
  cell('http-10kb', 'HTTP, 10 KB', 'http', 10 * KIB, 64),
  cell('http-100kb', 'HTTP, 100 KB', 'http', 100 * KIB, 16),
  cell('http-1mb', 'HTTP, 1 MB', 'http', 1024 * KIB, 8),
  cell('websocket-100b', 'WebSocket echo, 100 B', 'websocket', 100, 64),
  cell('websocket-10kb', 'WebSocket echo, 10 KB', 'websocket', 10 * KIB, 64),
  cell('tcp-100b', 'TCP, 100 B', 'tcp', 100, 64),
  cell('tcp-100kb', 'TCP, 100 KB', 'tcp', 100 * KIB, 16),
  cell('tls-100b', 'TLS keep-alive, 100 B', 'tls', 100, 64),
  cell('tls-100kb', 'TLS keep-alive, 100 KB', 'tls', 100 * KIB, 16),
  cell('bare-100b', 'HTTP, 100 B, no cookie, no log', 'http', 100, 64, false),
];

/** The cells named by `only`: full names, or prefixes such as `http` or `tls`. Throws when one of them matches nothing. */
export function selectCells(only: readonly string[], cells: readonly Cell[] = CELLS): Cell[] {
  for (const wanted of only) {
    if (!cells.some((each) => matches(each, wanted))) {
      throw new Error(`no cell is called ${wanted}; there are ${cells.map((each) => each.name).join(', ')}`);
    }
  }
  return cells.filter((each) => only.length === 0 || only.some((wanted) => matches(each, wanted)));
}

function matches(cell: Cell, wanted: string): boolean {
  return cell.name === wanted || cell.name.startsWith(`${wanted}-`) || cell.kind === wanted;
}
