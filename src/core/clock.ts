// Time as the data path sees it: read at most once per turn of work, because an exchange asks several times.

let monotonicMs = performance.now();
let fresh = false;

/** Milliseconds on a clock that never goes back, fractional, the same value for the whole turn. */
export function nowMs(): number {
  if (!fresh) {
    monotonicMs = performance.now();
    fresh = true;
    queueMicrotask(forget);
  }
  return monotonicMs;
}

/** A new turn of work has begun: the next {@link nowMs} reads the clock again. */
export function forget(): void {
  fresh = false;
}
