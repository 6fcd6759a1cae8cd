// Numbers that a seed decides, so that a plan can be repeated. Not for secrets.

export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** An integer from 0 to 2^32 - 1. */
  next(): number {
    this.state = (this.state + 0x9e3779b9) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  /** An integer from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + (this.next() % (most - least + 1));
  }

  chance(percent: number): boolean {
    return this.next() % 100 < percent;
  }

  /** Another sequence, decided by this one's seed and the number alone. */
  static of(seed: number, ...numbers: number[]): Random {
    let mixed = seed >>> 0;
    for (const number of numbers) mixed = new Random(mixed ^ Math.imul(number + 1, 0x85ebca6b)).next();
    return new Random(mixed);
  }
}
