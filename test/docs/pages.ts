// The project's pages in Markdown, and the parts of them that tests look at. It judges nothing.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository, with a slash at its end. The compiled file lies one folder deeper than its source. */
export const root = ['../../', '../../../']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(`${path}package.json`)) as string;

/** Paths of all pages, relative to the root. */
export const pagePaths: readonly string[] = ['.', 'docs', 'bench', 'certs']
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
  .filter((path) => path.endsWith('.md'));

export function readPage(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

export interface FencedBlock {
  readonly page: string;
  /** Where its first line stands in the page, from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

export function fencedBlocks(page: string): FencedBlock[] {
  const text = readPage(page);
  return Array.from(text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm), (match) => ({
    page,
    line: text.slice(0, match.index).split('\n').length + 1,
    language: match[1],
    text: match[2],
  }));
}

/** The page without its fenced blocks, in which nothing is a link or a heading. */
function prose(page: string): string {
  return readPage(page).replace(/^```\w*\n[\s\S]*?^```$/gm, '');
}

/** Targets of links and images that lead to files of the repository: the path from its root, and the anchor or ''. */
export function localLinks(page: string): { readonly written: string; readonly path: string; readonly anchor: string }[] {
  const targets = Array.from(prose(page).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g), (match) => match[1] ?? match[2]);
  return targets
    .filter((written) => !/^[a-z]+:/i.test(written))
    .map((written) => {
      const [file, anchor = ''] = written.split('#');
      return { written, path: file === '' ? page : join(dirname(page), file), anchor };
    });
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchors(page: string): Set<string> {
  return new Set(
    Array.from(prose(page).matchAll(/^#+ (.+)$/gm), (match) =>
      match[1]
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
