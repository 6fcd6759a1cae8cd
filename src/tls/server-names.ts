// Which of several things (certificates, contexts) is for a server name: exact names, and wildcards for one label.

export class ServerNames<T> {
  private readonly exact = new Map<string, T>();
  /** Keyed by what follows the "*". */
  private readonly wildcards = new Map<string, T>();

  /** Names already taken stay with whom they are: the first certificate that has a name serves it. */
  add(names: readonly string[], item: T): void {
    for (const name of names) {
      const table = name.startsWith('*.') ? this.wildcards : this.exact;
      const key = name.startsWith('*.') ? name.slice(1) : name;
      if (!table.has(key)) table.set(key, item);
    }
  }

  /**
   * The item for a name as a client sends it, in any case, or null. "*.a.example" is for b.a.example, not for a.example or
   * c.b.a.example (RFC 9525 §6.3).
   */
  find(serverName: string): T | null {
    let name = serverName.toLowerCase();
    if (name.endsWith('.')) name = name.slice(0, -1);
    const item = this.exact.get(name);
    if (item !== undefined) return item;
    const dotAt = name.indexOf('.');
    return dotAt <= 0 ? null : (this.wildcards.get(name.slice(dotAt)) ?? null);
  }
}
