// The names of variables, which samples are kept under: a scope, a dot and what follows it.
import { SampleError } from './sample-error.js';

/** Throws SampleError. */
export function checkVariable(name: string): void {
  if (!/^(?:proc|sess|txn|req|res|check)\.[A-Za-z0-9_.]+$/.test(name))
    throw new SampleError(`"${name}" is not a variable; write one such as txn.name`, true);
}
