// Reads answers one after the other, however their bytes are split: heads are kept as text, bodies are passed on.
// It trusts the framing: what Limpet must refuse is other tests' business.

export interface ResponseUser {
  /** A head without its empty line. Returns whether it is an answer's: what follows another one is passed by. */
  onHead(head: string): boolean;
  /** A piece of the answer's body, without framing. */
  onBody(buffer: Buffer, start: number, end: number): void;
  /** The answer is complete. */
  onAnswerEnd(): void;
}

const State = { head: 0, length: 1, chunkSize: 2, chunkData: 3, chunkEnd: 4, trailers: 5, untilClose: 6, passing: 7 } as const;

export class ResponseReader {
  private state: number = State.head;
  private text = '';
  private remaining = 0;

  constructor(private readonly user: ResponseUser) {}

  /** Returns the offset behind the answers: less than `end` once `onHead` has returned false. */
  read(buffer: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && this.state !== State.passing) {
      if (this.state === State.untilClose || this.state === State.length || this.state === State.chunkData)
        at = this.readData(buffer, at, end);
      else at = this.readText(buffer, at, end);
    }
    return at;
  }

  /** The connection has ended in order. */
  end(): void {
    if (this.state === State.untilClose) this.endAnswer();
    else if (this.state !== State.head || this.text !== '') throw new Error(`the connection ended within an answer (state ${this.state})`);
  }

  private readData(buffer: Buffer, start: number, end: number): number {
    const last = this.state === State.untilClose ? end : Math.min(end, start + this.remaining);
    this.remaining -= last - start;
    this.user.onBody(buffer, start, last);
    if (this.remaining === 0 && this.state === State.chunkData) this.state = State.chunkEnd;
    else if (this.remaining === 0 && this.state === State.length) this.endAnswer();
    return last;
  }

  private readText(buffer: Buffer, start: number, end: number): number {
    const lf = buffer.indexOf(10, start);
    const last = lf < 0 || lf >= end ? end : lf + 1;
    this.text += buffer.toString('latin1', start, last);
    if (this.text.length > 20_000) throw new Error(`not a head: ${this.text.slice(0, 100)}`);
    if (!this.text.endsWith('\n')) return last;
    if (this.state === State.head) {
      if (this.text.endsWith('\r\n\r\n')) this.takeHead();
      return last;
    }
    const line = this.text;
    this.text = '';
    if (this.state === State.chunkSize) this.takeSize(line);
    else if (line !== '\r\n') throw new Error(`not the end of a chunk: ${line.slice(0, 100)}`);
    else if (this.state === State.chunkEnd) this.state = State.chunkSize;
    else this.endAnswer();
    return last;
  }

  private takeHead(): void {
    const head = this.text.slice(0, -4);
    this.text = '';
    const isAnswer = this.user.onHead(head);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head);
    if (!isAnswer) this.state = State.passing;
    else if (/\r\ntransfer-encoding: *chunked/i.test(head)) this.state = State.chunkSize;
    else if (length === null) this.state = State.untilClose;
    else {
      this.remaining = Number(length[1]);
      this.state = State.length;
      if (this.remaining === 0) this.endAnswer();
    }
  }

  private takeSize(line: string): void {
    if (!/^[0-9a-f]+\r\n$/i.test(line)) throw new Error(`not a chunk size: ${line.slice(0, 100)}`);
    this.remaining = Number.parseInt(line, 16);
    this.state = this.remaining === 0 ? State.trailers : State.chunkData;
  }

  private endAnswer(): void {
    this.state = State.head;
    this.user.onAnswerEnd();
  }
}
