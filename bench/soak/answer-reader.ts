// Reads one HTTP/1.1 answer and compares its body with the bytes that it should have, as they come. It knows no socket.

const HEAD_LIMIT = 16 * 1024;

type State = 'head' | 'length' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailers' | 'done';

export class AnswerReader {
  /** What is wrong with the answer, or undefined so far. */
  fault: string | undefined;
  /** The connection cannot be used again. */
  closes = false;
  /** The complete head, '' before it is there. */
  head = '';
  private state: State = 'head';
  private line = '';
  private missing = 0;
  private at = 0;
  private readonly expected: Buffer;

  constructor(expected: Buffer) {
    this.expected = expected;
  }

  get isDone(): boolean {
    return this.state === 'done' || this.fault !== undefined;
  }

  take(bytes: Buffer): void {
    let start = 0;
    while (start < bytes.length && !this.isDone) start = this.step(bytes, start);
    if (start < bytes.length && this.fault === undefined) this.fault = 'more bytes than the answer';
  }

  /** Where the next step begins. */
  private step(bytes: Buffer, start: number): number {
    if (this.state === 'length' || this.state === 'chunk') return this.takeBody(bytes, start);
    const end = bytes.indexOf('\n', start);
    this.line += bytes.toString('latin1', start, end < 0 ? bytes.length : end + 1);
    if (this.line.length > HEAD_LIMIT) this.fault = 'a line without end';
    if (end < 0) return bytes.length;
    if (this.state === 'head' && !this.line.endsWith('\r\n\r\n')) return end + 1;
    const line = this.line;
    this.line = '';
    this.takeLine(line);
    return end + 1;
  }

  private takeLine(line: string): void {
    if (this.state === 'head') {
      this.takeHead(line);
    } else if (this.state === 'chunk-size') {
      this.missing = Number.parseInt(line, 16);
      if (!/^[0-9a-f]+(;.*)?\r\n$/i.test(line)) this.fault = 'no chunk where one is due';
      this.state = this.missing === 0 ? 'trailers' : 'chunk';
    } else if (this.state === 'chunk-end') {
      if (line !== '\r\n') this.fault = 'a chunk of another length';
      this.state = 'chunk-size';
    } else if (line === '\r\n') {
      this.end();
    }
  }

  private takeHead(head: string): void {
    this.head = head;
    const status = head.slice(9, 12);
    if (!head.startsWith('HTTP/1.1 200 ')) this.fault = `status ${status}`;
    this.closes = /^connection: *close\r$/im.test(head);
    const length = /^content-length: *(\d+)\r$/im.exec(head)?.[1];
    if (/^transfer-encoding: *chunked\r$/im.test(head)) {
      this.state = 'chunk-size';
    } else {
      this.missing = Number(length ?? 0);
      this.state = 'length';
      if (this.missing === 0) this.end();
    }
  }

  private takeBody(bytes: Buffer, start: number): number {
    const end = Math.min(bytes.length, start + this.missing);
    const next = this.at + end - start;
    if (bytes.compare(this.expected, this.at, Math.min(next, this.expected.length), start, end) !== 0) this.fault = 'wrong bytes';
    this.at = next;
    this.missing -= end - start;
    if (this.missing === 0 && this.state === 'chunk') this.state = 'chunk-end';
    else if (this.missing === 0) this.end();
    return end;
  }

  private end(): void {
    if (this.at !== this.expected.length) this.fault ??= `${this.at} bytes instead of ${this.expected.length}`;
    this.state = 'done';
  }
}
