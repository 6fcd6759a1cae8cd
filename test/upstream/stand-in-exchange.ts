// An exchange with as much in it as balancers and sticky policies ask for, made from plain lists of fields.
import type { ExchangeView } from '../../src/route/exchange-view.js';
import type { ConnectionView } from '../../src/upstream/sticky/sticky-policy.js';
import type { MessageHead, RequestHead, ResponseHead } from '../../src/wire/message-head.js';

export type FieldList = [name: string, value: string][];

type Fields = Pick<MessageHead, 'get' | 'getAll' | 'set' | 'add' | 'remove'>;

class ListedFields implements Fields {
  constructor(readonly list: FieldList) {}

  get(name: string): string | undefined {
    return this.getAll(name)[0];
  }

  getAll(name: string): string[] {
    return this.list.filter(([own]) => own.toLowerCase() === name).map(([, value]) => value);
  }

  set(name: string, value: string): void {
    this.remove(name.toLowerCase());
    this.add(name, value);
  }

  add(name: string, value: string): void {
    this.list.push([name, value]);
  }

  remove(name: string): void {
    for (let i = this.list.length - 1; i >= 0; i--) {
      if (this.list[i][0].toLowerCase() === name) this.list.splice(i, 1);
    }
  }
}

/**
 * A response head that shows its fields. The casts here stand for the parts of heads and exchanges that nothing under
 * upstream/ touches.
 */
export function responseOf(status: number, list: FieldList = []): ResponseHead & { readonly list: FieldList } {
  return Object.assign(new ListedFields(list), { status }) as unknown as ResponseHead & { readonly list: FieldList };
}

/** A connection in TCP mode from that address. */
export function connectionFrom(ip: string): ConnectionView {
  return { client: { ip, port: 1024 }, request: null };
}

/** An exchange whose request has one Cookie field for each of `cookies`. */
export function exchangeWithCookies(cookies: readonly string[], scheme: 'http' | 'https' = 'http'): ExchangeView {
  return exchangeFrom('192.0.2.1', { cookies, scheme });
}

export function exchangeFrom(
  ip: string,
  { cookies = [], scheme = 'http', target = '/' }: { cookies?: readonly string[]; scheme?: 'http' | 'https'; target?: string } = {},
): ExchangeView {
  const fields = new ListedFields(cookies.map((value) => ['Cookie', value]));
  const request = Object.assign(fields, { target }) as unknown as RequestHead;
  return { scheme, request, client: { ip, port: 1024 } } as ExchangeView;
}
