// What a cell's clients ask for and what each answer holds, for those who ask, check and serve.

import type { Cell } from './cells.js';

/** Those of node-servers.ts answer it, not nginx. */
export function isForNodeServers(cell: Cell): boolean {
  return cell.kind === 'websocket' || cell.load === 'upload' || cell.load === 'hang';
}

export function pathOf(cell: Cell): string {
  if (cell.kind === 'websocket') return '/echo';
  if (cell.load === 'upload') return '/upload';
  return cell.load === 'hang' ? '/hang' : `/${cell.bytes}`;
}

/** The least that a proxy must have sent for each thing completed. */
export function answerBytes(cell: Cell): number {
  return cell.load === 'upload' || cell.load === 'connect' || cell.load === 'idle' ? 0 : cell.bytes;
}
