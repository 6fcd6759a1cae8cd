// Time as the data path sees it: read at most once per turn of work, because an exchange asks several times.

let monotonicMs = 0;
let isFresh = false;

/** Milliseconds on a clock that never goes back, fractional, the same value for the whole turn. */
export function nowMs(): number {
  if (!isFresh) {
    monotonicMs = performance.now();
    isFresh = true;
  }
  return monotonicMs;
}

/**
 * A new turn of work begins: the next {@link nowMs} reads the clock again. Whoever is called by Node says so: reads and
 * events of connections, the tick of the deadlines, accepting. (A microtask that does it by itself costs more than all
 * that it saves.)
 */
export function beginTurn(): void {
  isFresh = false;
}
