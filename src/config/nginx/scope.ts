// Inheritance: a block and the blocks around it. What a directive is at a place, as nginx merges it.
import type { Statement } from './statements.js';

export class Scope {
  constructor(
    readonly statements: readonly Statement[],
    readonly outer: Scope | null,
  ) {}

  /** The directive here, or the nearest around. */
  find(name: string): Statement | undefined {
    return this.statements.find((statement) => statement.name === name) ?? this.outer?.find(name);
  }

  /** All of the nearest block that has any: nginx inherits lists whole or not at all. */
  list(name: string): readonly Statement[] {
    const here = this.own(name);
    return here.length > 0 || this.outer === null ? here : this.outer.list(name);
  }

  /** Those of this block alone. */
  own(name: string): readonly Statement[] {
    return this.statements.filter((statement) => statement.name === name);
  }

  /** The first argument, or `absent`. */
  text(name: string, absent: string): string {
    return this.find(name)?.args[0]?.text ?? absent;
  }

  within(statements: readonly Statement[]): Scope {
    return new Scope(statements, this);
  }
}
