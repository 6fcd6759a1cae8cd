// Regular expressions of haproxy.cfg, which HAProxy gives to PCRE.
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
