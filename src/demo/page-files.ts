// The files of the demo's page, read once: three of ours and the SockJS client from node_modules, so that the
// page needs nothing from elsewhere.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
}

// This module runs as dist/src/demo/page-files.js, and tsc copies no other files: they stay in src/demo/.
const sources = new URL('../../../src/demo/', import.meta.url);

/** The page's files by request path. Throws when one is missing: then this is not a clone of the repository. */
export function loadPageFiles(): Map<string, PageFile> {
  const html = { type: 'text/html; charset=utf-8', body: readFileSync(new URL('page.html', sources)) };
  const sockjsClient = createRequire(import.meta.url).resolve('sockjs-client/dist/sockjs.min.js');
  return new Map<string, PageFile>([
    ['/', html],
    ['/page.css', { type: 'text/css; charset=utf-8', body: readFileSync(new URL('page.css', sources)) }],
    ['/page.js', { type: 'text/javascript; charset=utf-8', body: readFileSync(new URL('page.js', sources)) }],
    ['/sockjs.min.js', { type: 'text/javascript; charset=utf-8', body: readFileSync(sockjsClient) }],
  ]);
}
