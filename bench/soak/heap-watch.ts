// Loaded into a proxy that runs in Node (`node --import heap-watch.js`): writes each second how much of its heap is in use, into the
// file `heap` of its working directory.

import { writeFileSync } from 'node:fs';

setInterval(() => writeFileSync('heap', String(process.memoryUsage().heapUsed)), 1_000).unref();
