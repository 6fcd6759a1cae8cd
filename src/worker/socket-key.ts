// Which listeners of two configs are one socket: those with the same address, whatever they are called, because an address
// can be had only once. Where the system chooses the port, the name tells.
import { formatAddress, type ListenAddress } from '../net/address.js';

/** The same text for listeners that share a socket, from one config to the next. */
export function socketKey(name: string, address: ListenAddress): string {
  const text = formatAddress(address);
  return address.kind === 'tcp' && address.port === 0 ? `${text} of ${name}` : text;
}
