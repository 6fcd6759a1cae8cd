// How long to wait before a worker that has ended is replaced: not at all, unless workers in its place keep ending. It
// keeps no time itself.

/** A worker that lived for so long was sound: whatever ended it is counted anew. */
const SOUND_AFTER_MS = 10_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

export class RestartPause {
  private endsInARow = 0;

  /** Milliseconds to wait after a worker has ended that lived for `livedMs`. */
  next(livedMs: number): number {
    if (livedMs >= SOUND_AFTER_MS) this.endsInARow = 0;
    const pauseMs = this.endsInARow === 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (this.endsInARow - 1), LONGEST_PAUSE_MS);
    this.endsInARow++;
    return pauseMs;
  }
}
