#!/usr/bin/env node
// Where the program begins. Before anything else it takes SIGUSR1, at which Node would open its inspector: whoever runs
// the proxy will have its logs opened anew by it.
process.on('SIGUSR1', () => {});
await import('./program.js');
