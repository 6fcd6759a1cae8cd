// What programs that take TLS off, and know nothing of what is inside, have no part in.

import type { Cell } from '../cells.js';

export function cannotBeyondTls(cell: Cell): string | undefined {
  if (cell.kind !== 'tls') return 'takes TLS only';
  if (cell.sticky || cell.accessLog) return 'has neither cookies nor an access log of requests';
  return undefined;
}
