// What is wrong when a listener's address cannot be had, in words.

/** One clear line for the system's error. */
export function bindProblem(name: string, error: NodeJS.ErrnoException): string {
  const where = `listener "${name}"`;
  switch (error.code) {
    case 'EADDRINUSE':
      return `${where}: its address is in use by another program; stop that, or write another address`;
    case 'EACCES':
      return `${where}: no right to bind its address; ports below 1024 need root or CAP_NET_BIND_SERVICE`;
    case 'EADDRNOTAVAIL':
      return `${where}: its address is none of this machine's`;
    default:
      return `${where}: ${error.message}`;
  }
}
