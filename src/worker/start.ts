// Where a worker's process begins. Before anything else it takes SIGUSR1, at which Node would open its inspector: the
// signal is the supervisor's to act on, but may be sent to every process of a service.
process.on('SIGUSR1', () => {});
await import('./main.js');
