// The access log's file, made here, where root's rights may be left, before workers that have none open it.
import type { Config } from '../config/config.js';
import { makeLogFile } from '../core/line-writer.js';

/** Throws an Error with the file's path when it cannot be opened. */
export function makeAccessLogFile({ accessLog, user }: Config): void {
  if (accessLog !== null && user !== null && accessLog.to.startsWith('/')) makeLogFile(accessLog.to, user);
}
