// Heads kept as a list of fields: the backing of answers that Limpet makes itself, and the one that fits HTTP/2.
import { FieldId, idOfAnyName } from './field-id.js';
import { Framing } from './framing.js';
import type { KeptFields, MessageHead, ResponseHead } from './message-head.js';

export class ListFields implements MessageHead {
  readonly framing = new Framing();
  readonly hasPlainLine = false;
  readonly hasPlainLength = false;
  private names: string[] = [];
  private values: string[] = [];

  get(name: string): string | undefined {
    for (let i = 0; i < this.names.length; i++) {
      if (this.names[i]!.toLowerCase() === name) return this.values[i];
    }
    return undefined;
  }

  getAll(name: string): string[] {
    return this.values.filter((_, i) => this.names[i]!.toLowerCase() === name);
  }

  set(name: string, value: string): void {
    this.remove(name.toLowerCase());
    this.add(name, value);
  }

  add(name: string, value: string): void {
    this.names.push(name);
    this.values.push(value);
  }

  remove(name: string): void {
    for (let i = this.names.length - 1; i >= 0; i--) {
      if (this.names[i]!.toLowerCase() !== name) continue;
      this.names.splice(i, 1);
      this.values.splice(i, 1);
    }
  }

  keepFields(): KeptFields {
    return { ids: [], names: [...this.names], values: [...this.values] };
  }

  restoreFields({ names, values }: KeptFields): void {
    this.names = [...names];
    this.values = [...values];
  }

  /** No list comes again. */
  written(): string {
    return '';
  }

  keepWritten(): void {}

  writeFields(out: string, dropped: Uint8Array): string {
    for (let i = 0; i < this.names.length; i++) {
      const name = this.names[i]!;
      const id = idOfAnyName(name);
      if (id === FieldId.other || dropped[id] !== 1) out += `${name}: ${this.values[i]}\r\n`;
    }
    return out;
  }
}

/** The head of an answer of ours. */
export class ListResponseHead extends ListFields implements ResponseHead {
  readonly upgrade = '';

  constructor(
    public status: number,
    public reason: string,
  ) {
    super();
  }
}
