// The network that the client is in, after the PROXY protocol and trusted forwarded fields.
import { compileNetworks, type Networks } from '../../net/networks.js';
import type { Condition } from '../condition.js';
import type { ExchangeView } from '../exchange-view.js';
import { noLiterals } from '../literals.js';

class ClientCondition implements Condition {
  readonly literals = noLiterals;
  private readonly networks: Networks;
  /** The last client and its answer: exchanges of one connection come from one client, and a search costs microseconds. */
  private lastIp: string | null = null;
  private lastAnswer = false;

  constructor(networks: Networks) {
    this.networks = networks;
  }

  test(x: ExchangeView): boolean {
    const ip = x.client.ip;
    if (ip !== this.lastIp) {
      this.lastAnswer = this.networks.contains(ip);
      this.lastIp = ip;
    }
    return this.lastAnswer;
  }
}

/** Holds when the client is in one of the networks. Throws an Error that names a bad entry. */
export function clientCondition(networks: readonly string[]): Condition {
  return new ClientCondition(compileNetworks(networks));
}
