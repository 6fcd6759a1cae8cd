// Runs the program named by the first argument with the arguments after it, and asks it to finish when stdin
// ends: the demo holds the other end, so that happens also when the demo is killed.

import { pathToFileURL } from 'node:url';

process.stdin.on('error', () => {});
process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM'));
process.stdin.resume();
// Watching must not keep a program alive that has finished. A pipe is a socket here, which can be let go of.
if ('unref' in process.stdin) process.stdin.unref();

const [node, , main, ...args] = process.argv;
process.argv = [node, main, ...args];
await import(pathToFileURL(main).href);
