// Sets of networks, as written in trustedProxies, proxyProtocol.from and match.client. It does not resolve names.
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { plainIp } from '../core/ip-address.js';

export interface Networks {
  /** Whether the address is in one of the networks. IPv4-mapped IPv6 counts as IPv4; '' is the peer of a unix socket. Never throws. */
  contains(ip: string): boolean;
}

/** The set that contains nothing: what an absent list means. */
export const noNetworks: Networks = { contains: () => false };

/**
 * Compiles a list of addresses ("192.0.2.7", "2001:db8::1"), networks ("10.0.0.0/8", "fc00::/7") and "unix" for peers on unix sockets.
 * Host bits beyond the prefix are ignored. Throws an Error that names the entry and what to write.
 */
export function compileNetworks(list: readonly string[]): Networks {
  if (list.length === 0) return noNetworks;
  return new CompiledNetworks(list);
}

class CompiledNetworks implements Networks {
  // One for each family: a single list would find IPv4 addresses in ::/0, as the IPv4-mapped ones that they are there.
  private readonly ipv4 = new BlockList();
  private readonly ipv6 = new BlockList();
  private containsUnix = false;

  constructor(list: readonly string[]) {
    for (const entry of list) this.add(entry);
  }

  contains(ip: string): boolean {
    if (ip === '') return this.containsUnix;
    const plain = plainIp(ip);
    return plain.includes(':') ? this.ipv6.check(plain, 'ipv6') : this.ipv4.check(plain, 'ipv4');
  }

  private add(entry: string): void {
    if (entry === 'unix') {
      this.containsUnix = true;
      return;
    }
    const slashAt = entry.indexOf('/');
    const written = slashAt < 0 ? entry : entry.slice(0, slashAt);
    const isIpv6 = isIPv6(written) && !written.includes('%');
    if (!isIpv6 && !isIPv4(written)) {
      throw new Error(`"${entry}" is not a network; write an address such as 192.0.2.7, a network such as 10.0.0.0/8, or unix`);
    }
    const maxBits = isIpv6 ? 128 : 32;
    const bits = slashAt < 0 ? maxBits : prefixBits(entry.slice(slashAt + 1));
    if (bits < 0 || bits > maxBits)
      throw new Error(`"${entry}" has a bad prefix length; write a number from 0 to ${maxBits} after the slash`);
    // Addresses are compared in plain form, so a network inside the mapped range is stored as the IPv4 network that it means.
    const plain = plainIp(written);
    if (isIpv6 && isIPv4(plain) && bits >= 96) this.ipv4.addSubnet(plain, bits - 96, 'ipv4');
    else if (isIpv6) this.ipv6.addSubnet(written, bits, 'ipv6');
    else this.ipv4.addSubnet(written, bits, 'ipv4');
  }
}

function prefixBits(text: string): number {
  return /^(?:0|[1-9][0-9]{0,2})$/.test(text) ? Number(text) : -1;
}
