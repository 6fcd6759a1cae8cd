// The host that the client asked for: exact names, and "*.example" for every name below example.
import { domainToASCII } from 'node:url';
import type { Condition } from '../condition.js';
import type { ExchangeView } from '../exchange-view.js';
import type { Literals, Subject } from '../literals.js';

const DOT = 0x2e;

/** The host without the dot that ends an absolute name. */
export function withoutLastDot(host: string): string {
  return host.length > 1 && host.charCodeAt(host.length - 1) === DOT ? host.slice(0, -1) : host;
}

const subject: Subject = { name: 'host', read: (x) => x.host };

class HostCondition implements Condition {
  readonly literals: readonly Literals[];
  private readonly names: ReadonlySet<string>;
  /** Each with the dot that it begins with. */
  private readonly endings: readonly string[];

  constructor(names: readonly string[], endings: readonly string[]) {
    this.literals = [{ subject, exact: names, beginnings: [], endings }];
    this.names = new Set(names);
    this.endings = endings;
  }

  test(x: ExchangeView): boolean {
    const { host } = x;
    if (this.names.has(host)) return true;
    for (let i = 0; i < this.endings.length; i++) {
      const ending = this.endings[i]!;
      if (host.length > ending.length && host.endsWith(ending)) return true;
    }
    return false;
  }
}

/** A host pattern in lower case, internationalised names in their ASCII form. Throws an Error that says what to write. */
function hostName(pattern: string, name: string): string {
  const isIpv6 = name.startsWith('[') && name.endsWith(']');
  const hasPort = /:\d+$/.test(name);
  if (!isIpv6 && hasPort) throw new Error(`a host has no port; write "${pattern.replace(/:\d+$/, '')}"`);
  const ascii = isIpv6 ? name : domainToASCII(withoutLastDot(name));
  if (ascii === '' || ascii.includes('*'))
    throw new Error(`"${pattern}" is not a host; write a name such as "www.example", or "*.example" for every name below example`);
  return ascii.toLowerCase();
}

/** Holds when the host meets one of the patterns. Throws an Error for a pattern that is none. */
export function hostCondition(patterns: readonly string[]): Condition {
  const names: string[] = [];
  const endings: string[] = [];
  for (const pattern of patterns) {
    if (pattern.startsWith('*.')) endings.push(`.${hostName(pattern, pattern.slice(2))}`);
    else names.push(hostName(pattern, pattern));
  }
  return new HostCondition(names, endings);
}
