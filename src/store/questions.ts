// The questions of one worker that the owner of the store has not answered yet. Who waits is always told: by the answer, or
// when the owner is too slow, too busy or gone, that it is not certain.
import type { StoreAnswer } from './messages.js';

export interface Question {
  onAnswer(answer: StoreAnswer): void;
  /** There will be no answer. */
  onNoAnswer(): void;
}

/** More than an owner that is well ever has before it. */
const MAX_QUESTIONS = 20_000;

interface Asked {
  readonly question: Question;
  readonly askedMs: number;
}

export class Questions {
  /** By number, and so in the order in which they were asked. */
  private readonly open = new Map<number, Asked>();
  private last = 0;
  private timer: NodeJS.Timeout | null = null;
  private isOwnerGone = false;

  constructor(
    private readonly patienceMs: number,
    private readonly clock: () => number,
  ) {}

  get count(): number {
    return this.open.size;
  }

  /** The number to ask under; 0: the owner cannot be asked. */
  add(question: Question): number {
    if (this.isOwnerGone || this.open.size >= MAX_QUESTIONS) return 0;
    this.timer ??= setInterval(() => this.giveUpOld(), this.patienceMs / 8).unref();
    this.open.set(++this.last, { question, askedMs: this.clock() });
    return this.last;
  }

  remove(number: number): void {
    this.open.delete(number);
  }

  answer(answer: StoreAnswer): void {
    const asked = this.open.get(answer.question);
    this.remove(answer.question);
    asked?.question.onAnswer(answer);
  }

  /** Those that have waited too long. */
  giveUpOld(): void {
    if (this.open.size === 0 && this.timer !== null) {
      clearInterval(this.timer);
      this.timer = null;
    }
    const latestMs = this.clock() - this.patienceMs;
    for (const [number, { question, askedMs }] of this.open) {
      if (askedMs > latestMs) return;
      this.remove(number);
      question.onNoAnswer();
    }
  }

  ownerIsGone(): void {
    this.isOwnerGone = true;
    for (const [number, { question }] of this.open) {
      this.remove(number);
      question.onNoAnswer();
    }
  }
}
