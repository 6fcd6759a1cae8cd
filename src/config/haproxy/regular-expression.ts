// Regular expressions of haproxy.cfg, which HAProxy gives to PCRE.
import { literalPattern } from '../../core/literal-pattern.js';
import { SampleError } from './sample-error.js';

/** PCRE and JavaScript differ: what JavaScript cannot read is refused, not guessed at. */
export function checkPattern(pattern: string): void {
  try {
    new RegExp(pattern);
  } catch {
    throw new SampleError(`"${pattern}" is not a regular expression that Limpet can use; write it in the syntax of JavaScript`);
  }
  if (/\(\?[imsx]|\\[AzZGQE]|\[\[:|[*+?}]\+/.test(pattern))
    throw new SampleError(`"${pattern}" uses what only PCRE has; write it in the syntax of JavaScript`);
}

/** What parts the words that "dir" and "dom" look for. */
const delimiters = { dir: '/?', dom: '/?.:' } as const;

/** A pattern that finds the text, without delimiters at its ends, as whole words. */
export function wordPattern(text: string, kind: 'dir' | 'dom'): string {
  const parts = delimiters[kind];
  let [start, end] = [0, text.length];
  while (start < end && parts.includes(text[start]!)) start++;
  while (end > start && parts.includes(text[end - 1]!)) end--;
  return `(?:^|[${parts}])${literalPattern(text.slice(start, end))}(?:[${parts}]|$)`;
}
