// Which routes of a list can match an exchange at all, found by the texts that they ask for literally: for each such text
// of the exchange one look-up, however many routes there are. Routes that ask for none are candidates always.
import { Affixes } from './affixes.js';
import type { AscendingMerge } from './ascending-merge.js';
import type { Condition } from './condition.js';
import type { ExchangeView } from './exchange-view.js';
import { countOf, type Literals, type Subject } from './literals.js';

/** So few routes are asked one after the other: looking up a text takes as long. */
const FEW_ROUTES = 6;

/** A route of many hosts and many paths stands under each pair of them, up to so many; else under the hosts alone. */
const MAX_COPIES = 100;

export interface RouteIndex {
  /** Adds the positions of all routes that may match, and of few others, as ascending lists. */
  collect(x: ExchangeView, into: AscendingMerge): void;
}

/** A route that is to be put into the index, or into a part of it. */
interface Entry {
  readonly position: number;
  /** What has not been used on the way to this part. */
  readonly literals: readonly Literals[];
  /** In how many parts it stands. */
  readonly copies: number;
}

/** The index of a list of conditions; null when there is nothing to gain by one. */
export function indexOf(conditions: readonly Condition[]): RouteIndex | null {
  const index = partFor(conditions.map(({ literals }, position) => ({ position, literals, copies: 1 })));
  return index instanceof Positions ? null : index;
}

function partFor(entries: readonly Entry[]): RouteIndex {
  const subject = entries.length <= FEW_ROUTES ? null : commonestSubject(entries);
  return subject === null ? new Positions(entries.map(({ position }) => position)) : new BySubject(subject, entries);
}

/** The subject that most of them can be found by; null if there are few of each. */
function commonestSubject(entries: readonly Entry[]): Subject | null {
  const counts = new Map<string, number>();
  let most = FEW_ROUTES;
  let commonest: Subject | null = null;
  for (const entry of entries) {
    for (const literals of entry.literals) {
      if (!isWorthItsCopies(entry, literals)) continue;
      const { subject } = literals;
      const count = (counts.get(subject.name) ?? 0) + 1;
      counts.set(subject.name, count);
      if (count <= most) continue;
      most = count;
      commonest = subject;
    }
  }
  return commonest;
}

function isWorthItsCopies({ copies }: Entry, literals: Literals): boolean {
  return copies === 1 || copies * countOf(literals) <= MAX_COPIES;
}

class Positions implements RouteIndex {
  private readonly positions: readonly number[];

  constructor(positions: readonly number[]) {
    this.positions = positions;
  }

  collect(_x: ExchangeView, into: AscendingMerge): void {
    into.add(this.positions);
  }
}

/** One text of the exchange tells which of the routes that ask for it are left. */
class BySubject implements RouteIndex {
  private readonly subject: Subject;
  private readonly exact: ReadonlyMap<string, RouteIndex>;
  private readonly beginnings: Affixes<RouteIndex>;
  private readonly endings: Affixes<RouteIndex>;
  /** Of the routes that do not ask for this text. */
  private readonly others: RouteIndex | null;

  constructor(subject: Subject, entries: readonly Entry[]) {
    const exact = new Map<string, Entry[]>();
    const beginnings = new Map<string, Entry[]>();
    const endings = new Map<string, Entry[]>();
    const others: Entry[] = [];
    for (const entry of entries) {
      const own = entry.literals.find((literals) => literals.subject.name === subject.name);
      const literals = entry.literals.filter((each) => each !== own);
      if (own === undefined || !isWorthItsCopies(entry, own)) {
        others.push({ ...entry, literals });
        continue;
      }
      const copy = { position: entry.position, literals, copies: entry.copies * countOf(own) };
      addUnderEach(exact, own.exact, copy);
      addUnderEach(beginnings, own.beginnings, copy);
      addUnderEach(endings, own.endings, copy);
    }
    this.subject = subject;
    this.exact = partsFor(exact);
    this.beginnings = new Affixes('beginning', partsFor(beginnings));
    this.endings = new Affixes('ending', partsFor(endings));
    this.others = others.length === 0 ? null : partFor(others);
  }

  collect(x: ExchangeView, into: AscendingMerge): void {
    const text = this.subject.read(x);
    const exact = this.exact.get(text);
    if (exact !== undefined) exact.collect(x, into);
    collectAffixed(this.beginnings, text, x, into);
    collectAffixed(this.endings, text, x, into);
    if (this.others !== null) this.others.collect(x, into);
  }
}

function collectAffixed(affixes: Affixes<RouteIndex>, text: string, x: ExchangeView, into: AscendingMerge): void {
  for (let i = 0; i < affixes.lengths.length; i++) {
    const part = affixes.at(text, affixes.lengths[i]!);
    if (part !== undefined) part.collect(x, into);
  }
}

function addUnderEach(lists: Map<string, Entry[]>, texts: readonly string[], entry: Entry): void {
  for (const text of texts) {
    const list = lists.get(text);
    if (list === undefined) lists.set(text, [entry]);
    else if (list.at(-1) !== entry) list.push(entry);
  }
}

function partsFor(lists: ReadonlyMap<string, readonly Entry[]>): ReadonlyMap<string, RouteIndex> {
  return new Map([...lists].map(([text, entries]) => [text, partFor(entries)]));
}
