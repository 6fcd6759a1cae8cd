// A request head as HTTP/2 brings it: a list of fields and pseudo-fields. Just as much as it takes to show that the
// interface of heads asks for nothing that such a list does not have.
import type { IncomingHttpHeaders } from 'node:http2';
import { FieldId, idOfAnyName } from '../../src/wire/field-id.js';
import { BodyKind, parseContentLength } from '../../src/wire/framing.js';
import { ListFields } from '../../src/wire/list-head.js';
import type { RequestHead } from '../../src/wire/message-head.js';

export class Http2RequestHead extends ListFields implements RequestHead {
  method: string;
  target: string;
  readonly authority: string;
  readonly version = 20;
  readonly expectsContinue: boolean;
  readonly upgrade = '';
  hasForwardedFields = false;
  hasUnderscores = false;
  isAddedTo = false;
  private readonly received: string[] = [];
  private isReceived = false;

  /** `endsHere`: no body follows. */
  constructor(headers: IncomingHttpHeaders, endsHere: boolean) {
    super();
    this.method = String(headers[':method']);
    this.target = String(headers[':path']);
    this.authority = String(headers[':authority'] ?? headers.host ?? '');
    if (this.authority !== '') super.add('host', this.authority);
    for (const [name, value] of Object.entries(headers)) {
      if (name.startsWith(':') || name === 'host' || value === undefined) continue;
      for (const one of Array.isArray(value) ? value : [value]) super.add(name, one);
      this.received.push(name);
      if (name.includes('_')) this.hasUnderscores = true;
      const id = idOfAnyName(name);
      if (id >= FieldId.xForwardedFor && id <= FieldId.sslClient) this.hasForwardedFields = true;
    }
    this.isReceived = true;
    const length = this.get('content-length');
    if (endsHere) this.framing.kind = BodyKind.none;
    else this.framing.kind = length === undefined ? BodyKind.chunked : BodyKind.length;
    this.framing.contentLength = this.framing.kind === BodyKind.length ? parseContentLength(length!) : -1;
    this.expectsContinue = !endsHere && this.get('expect')?.toLowerCase() === '100-continue';
  }

  override add(name: string, value: string): void {
    super.add(name, value);
    if (this.isReceived) this.isAddedTo = true;
  }

  removeTwins(names: ReadonlySet<string>): void {
    for (const name of this.received) {
      if (name.includes('_') && names.has(name.replaceAll('_', '-'))) this.remove(name);
    }
  }

  removeForwardedFields(): void {
    for (const name of this.received) {
      const id = idOfAnyName(name);
      if (id >= FieldId.xForwardedFor && id <= FieldId.sslClient) this.remove(name);
    }
    this.hasForwardedFields = false;
  }
}
