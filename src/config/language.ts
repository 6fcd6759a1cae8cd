// Which language a configuration is written in: by the name of its file, and where that says nothing by what it begins with.
import { basename } from 'node:path';

export type Language = 'json' | 'nginx' | 'haproxy';

/** How files of each language are named. */
const namePatterns: readonly (readonly [pattern: RegExp, language: Language])[] = [
  [/\.jsonc?$/, 'json'],
  [/haproxy|\.cfg$/, 'haproxy'],
  [/nginx|\.conf$/, 'nginx'],
];

/** Section lines of haproxy.cfg, and blocks of nginx.conf, at the beginning of a line. HAProxy has "server" and "http-…" lines, too, and braces. */
const haproxySection = /^\s*(global|defaults|frontend|backend|listen|userlist|peers|resolvers)\b[^{;]*$/m;
const nginxBlock = /^\s*(events|http|stream|server|upstream)(\s+[^\s;{}]+)?\s*\{/m;

export function languageOf(file: string, text: string): Language {
  const name = basename(file);
  const byName = namePatterns.find(([pattern]) => pattern.test(name));
  if (byName !== undefined) return byName[1];
  if (/^\s*(\{|\/\/|\/\*)/.test(text)) return 'json';
  if (nginxBlock.test(text)) return 'nginx';
  return haproxySection.test(text) ? 'haproxy' : 'json';
}
