// A turn of work: what was read in one round of the event loop is taken together when every socket that was ready has been
// read, and what that wrote leaves together when all of it has been taken. Reading, taking and writing by turns would
// push each other's code out of the processor's caches, which costs more than the work (bench, HTTP 100 B).
import { beginTurn } from '../core/clock.js';

/** Who reads and writes in turns. */
export interface TurnTaker {
  /** Bytes [start, end) of `buffer` were read before, and are valid until it returns. Must not throw. */
  takeArrival(buffer: Buffer, start: number, end: number): void;
  /** Writes what was gathered. */
  flush(): void;
}

/** A longer read is worth no copy, and is taken at once. */
export const MAX_ARRIVAL_BYTES = 8 * 1024;

const ROOM_BYTES = 512 * 1024;
/** What has arrived, one read behind the other. Behind each some bytes are free for who parses it in place. */
const room = Buffer.allocUnsafeSlow(ROOM_BYTES);

/** In the place of who is done, so that nobody is kept in memory. */
const nobody: TurnTaker = { takeArrival: () => {}, flush: () => {} };
const takers: TurnTaker[] = [];
const ends: number[] = [];
let roomUsed = 0;
let arrivals = 0;

const gathered: TurnTaker[] = [];
let gatheredCount = 0;
/** Somebody takes bytes right now: what is written is gathered until all is taken. */
let isTaking = false;

/** Keeps a short read until this round's sockets have all been read. */
export function arrive(taker: TurnTaker, buffer: Buffer, count: number): void {
  if (roomUsed + count > ROOM_BYTES) takeArrivals();
  if (arrivals === 0) setImmediate(takeArrivals);
  buffer.copy(room, roomUsed, 0, count);
  roomUsed += count;
  takers[arrivals] = taker;
  ends[arrivals] = roomUsed;
  arrivals++;
}

/** Takes what has arrived so far. */
export function takeArrivals(): void {
  if (isTaking || arrivals === 0) return;
  isTaking = true;
  beginTurn();
  let start = 0;
  for (let i = 0; i < arrivals; i++) {
    const end = ends[i]!;
    const taker = takers[i]!;
    takers[i] = nobody;
    taker.takeArrival(room, start, end);
    start = end;
  }
  arrivals = 0;
  roomUsed = 0;
  isTaking = false;
  writeGathered();
}

/** A read that is taken at once: what `taker` writes meanwhile leaves when it returns. */
export function takeAtOnce(taker: TurnTaker, buffer: Buffer, count: number): void {
  isTaking = true;
  beginTurn();
  taker.takeArrival(buffer, 0, count);
  isTaking = false;
  writeGathered();
}

/** `flush` is called at the end of the turn. To be asked for once. */
export function gather(taker: TurnTaker): void {
  gathered[gatheredCount++] = taker;
  if (gatheredCount === 1 && !isTaking) queueMicrotask(writeGathered);
}

function writeGathered(): void {
  // A flush may gather more (an error path that answers): the loop reads the count anew.
  for (let i = 0; i < gatheredCount; i++) {
    const taker = gathered[i]!;
    gathered[i] = nobody;
    taker.flush();
  }
  gatheredCount = 0;
}
