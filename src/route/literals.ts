// What a condition asks for literally, so that a route table can find it by the text instead of asking it: for which text
// of the exchange, and which it must be, begin or end with.
import type { ExchangeView } from './exchange-view.js';

/** A text of the exchange. It is the same for as long as routes are asked, whichever they are. */
export interface Subject {
  /** Two of the same name read the same. */
  readonly name: string;
  read(x: ExchangeView): string;
}

/** Where the condition holds, the subject is one of `exact`, begins with one of `beginnings`, or ends with one of `endings`. */
export interface Literals {
  readonly subject: Subject;
  readonly exact: readonly string[];
  readonly beginnings: readonly string[];
  readonly endings: readonly string[];
}

export const noLiterals: readonly Literals[] = [];

export function countOf({ exact, beginnings, endings }: Literals): number {
  return exact.length + beginnings.length + endings.length;
}

/** What is asked for where all hold: of a subject that several ask for, the fewest texts. */
export function literalsOfAll(conditions: readonly { readonly literals: readonly Literals[] }[]): readonly Literals[] {
  const bySubject = new Map<string, Literals>();
  for (const literals of conditions.flatMap((condition) => condition.literals)) {
    const other = bySubject.get(literals.subject.name);
    if (other === undefined || countOf(literals) < countOf(other)) bySubject.set(literals.subject.name, literals);
  }
  return bySubject.size === 0 ? noLiterals : [...bySubject.values()];
}

/** What is asked for where one of them holds: only subjects that each of them asks for count. */
export function literalsOfAny(conditions: readonly { readonly literals: readonly Literals[] }[]): readonly Literals[] {
  const bySubject = new Map<string, Literals[]>();
  for (const literals of conditions.flatMap((condition) => condition.literals)) {
    const others = bySubject.get(literals.subject.name);
    if (others === undefined) bySubject.set(literals.subject.name, [literals]);
    else others.push(literals);
  }
  const askedByAll = [...bySubject.values()].filter((list) => list.length === conditions.length);
  return askedByAll.map((list) => ({
    subject: list[0]!.subject,
    exact: list.flatMap(({ exact }) => exact),
    beginnings: list.flatMap(({ beginnings }) => beginnings),
    endings: list.flatMap(({ endings }) => endings),
  }));
}
