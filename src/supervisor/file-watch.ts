// Notices that one of several files is another one than before, or has other contents, and has stopped changing. It looks
// every so often instead of having the system tell: an editor puts a new file in the old one's place, a link is turned to
// another folder, a network's file system tells nothing, and a look finds all of it.
import { stat } from 'node:fs/promises';

const INTERVAL_MS = 500;

export class FileWatch {
  private timer: NodeJS.Timeout | null = null;
  /** As it was when {@link onChange} was last called, or at the start. */
  private known = '';
  /** As it was at the last look. */
  private seen = '';

  /** `files`: asked at each look, paths. */
  constructor(
    private readonly files: () => readonly string[],
    private readonly onChange: () => void,
  ) {}

  async start(): Promise<void> {
    this.known = await signatureOf(this.files());
    this.seen = this.known;
    this.timer = setInterval(() => void this.look(), INTERVAL_MS);
    this.timer.unref();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  private async look(): Promise<void> {
    const now = await signatureOf(this.files());
    // Whoever is still writing is waited for.
    const isSettled = now === this.seen;
    this.seen = now;
    if (!isSettled || now === this.known || this.timer === null) return;
    this.known = now;
    this.onChange();
  }
}

async function signatureOf(files: readonly string[]): Promise<string> {
  const parts = await Promise.all(files.map(async (file) => `${file} ${await signatureOfOne(file)}`));
  return parts.join('\n');
}

/** Follows links. */
async function signatureOfOne(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unreadable';
  }
}
