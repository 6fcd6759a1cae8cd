// Inheritance: a block and the blocks around it. What is in force at a place, as the table of directives says.
import { directives } from './directives.js';
import type { Statement } from './statements.js';

export class Scope {
  constructor(
    readonly statements: readonly Statement[],
    readonly outer: Scope | null,
  ) {}

  /** The directives of this name that are in force here. Throws for a name of which the table says that no block has its own. */
  all(name: string): readonly Statement[] {
    const outcome = directives.get(name)?.[0]?.outcome;
    if (outcome?.kind !== 'carried' || outcome.inherits === 'one for all') throw new Error(`"${name}" is not carried over block by block`);
    const names = outcome.listed ?? [name];
    if (outcome.inherits === 'none') return this.own(names);
    for (let at: Scope | null = this; at !== null; at = at.outer) {
      const found = at.own(names);
      if (found.length > 0) return found;
    }
    return [];
  }

  /** The first of them; what stands once in a block is the only one. */
  find(name: string): Statement | undefined {
    return this.all(name)[0];
  }

  /** The first argument, or `absent`. */
  text(name: string, absent: string): string {
    return this.find(name)?.args[0]?.text ?? absent;
  }

  private own(names: readonly string[]): readonly Statement[] {
    return this.statements.filter(({ name }) => names.includes(name));
  }
}
