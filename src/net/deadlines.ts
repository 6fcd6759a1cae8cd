// Coarse shared deadlines. Everything that waits equally long stands in one list, in the order in which it began to
// wait, so that arming and disarming cost a few pointers and a tick looks only at the heads.

import { beginTurn } from '../core/clock.js';

/** How often deadlines are looked at. */
const RESOLUTION_MS = 100;

/**
 * What one tick moves the clock of the deadlines by at most. Time that the process was busy beyond it does not count:
 * nobody is late because we were, and what is armed between two ticks can never fire early.
 */
const MAX_ADVANCE_MS = 150;

/** A deadline fires up to this much late, and later by the time that the process was busy; never early. */
export const LATENESS_MS = MAX_ADVANCE_MS + RESOLUTION_MS;

/** Something that can run out of time. It is a link of its list itself, so that arming allocates nothing. */
export abstract class Waiting {
  deadlineNext: Waiting | null = null;
  deadlinePrevious: Waiting | null = null;
  deadlineList: DeadlineList | null = null;
  deadlineAtMs = 0;

  /** The time is over. The deadline is disarmed already. */
  abstract onDeadline(): void;
}

class DeadlineList {
  first: Waiting | null = null;
  last: Waiting | null = null;
  constructor(readonly durationMs: number) {}

  append(waiting: Waiting): void {
    waiting.deadlinePrevious = this.last;
    waiting.deadlineNext = null;
    if (this.last === null) this.first = waiting;
    else this.last.deadlineNext = waiting;
    this.last = waiting;
  }

  unlink(waiting: Waiting): void {
    const { deadlinePrevious, deadlineNext } = waiting;
    if (deadlinePrevious === null) this.first = deadlineNext;
    else deadlinePrevious.deadlineNext = deadlineNext;
    if (deadlineNext === null) this.last = deadlinePrevious;
    else deadlineNext.deadlinePrevious = deadlinePrevious;
    waiting.deadlineNext = null;
    waiting.deadlinePrevious = null;
  }
}

const lists = new Map<number, DeadlineList>();
let armed = 0;
let timer: NodeJS.Timeout | null = null;
/** The clock of the deadlines: moved by the tick, so that arming needs no system call. */
let clockMs = 0;
let tickedAtMs = 0;

/** Starts or restarts the deadline. `durationMs` 0: none. */
export function armDeadline(waiting: Waiting, durationMs: number): void {
  let list = waiting.deadlineList;
  if (list !== null) list.unlink(waiting);
  else armed++;
  if (durationMs === 0) {
    waiting.deadlineList = null;
    armed--;
    return;
  }
  if (list === null || list.durationMs !== durationMs) list = listOf(durationMs);
  if (timer === null) {
    tickedAtMs = performance.now();
    timer = setInterval(tick, RESOLUTION_MS).unref();
  }
  waiting.deadlineList = list;
  // The next tick may count time that has passed already: without adding it, a deadline could fire early.
  waiting.deadlineAtMs = clockMs + MAX_ADVANCE_MS + durationMs;
  list.append(waiting);
}

export function disarmDeadline(waiting: Waiting): void {
  if (waiting.deadlineList === null) return;
  waiting.deadlineList.unlink(waiting);
  waiting.deadlineList = null;
  armed--;
}

function listOf(durationMs: number): DeadlineList {
  let list = lists.get(durationMs);
  if (list === undefined) {
    list = new DeadlineList(durationMs);
    lists.set(durationMs, list);
  }
  return list;
}

function tick(): void {
  beginTurn();
  const nowMs = performance.now();
  clockMs += Math.min(nowMs - tickedAtMs, MAX_ADVANCE_MS);
  tickedAtMs = nowMs;
  for (const list of lists.values()) {
    while (list.first !== null && list.first.deadlineAtMs <= clockMs) {
      const waiting = list.first;
      disarmDeadline(waiting);
      waiting.onDeadline();
    }
    // Durations come from a config; a reload must not leave their lists behind.
    if (list.first === null && lists.size > 64) lists.delete(list.durationMs);
  }
  if (armed === 0 && timer !== null) {
    clearInterval(timer);
    timer = null;
  }
}
