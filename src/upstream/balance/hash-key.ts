// The text that the hashing balancers go by, as far as it is known.
import type { ExchangeView } from '../../route/exchange-view.js';
import type { ConnectionView } from '../sticky/sticky-policy.js';

/** Reads the text of an exchange. */
export interface KeyReader {
  read(x: ExchangeView): string;
}

export class HashKey {
  /** `isClientIp`: the text is the client's address and nothing else, which is known of a connection in tcp mode too. */
  constructor(
    private readonly reader: KeyReader,
    private readonly isClientIp: boolean,
  ) {}

  /** One character for each byte; '' where it is empty or not known. */
  read(x: ExchangeView | ConnectionView | null): string {
    if (x === null) return '';
    if (x.request !== null) return this.reader.read(x);
    return this.isClientIp ? x.client.ip : '';
  }
}
