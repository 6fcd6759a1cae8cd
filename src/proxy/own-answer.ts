// Answers that Limpet gives by itself, a responder's or a fault's, as heads that rules can edit like a server's.
import { STATUS_CODES } from 'node:http';
import { type Fault, faults } from '../core/errors.js';
import { type Answer, faultResponder } from '../route/responder.js';
import { BodyKind } from '../wire/framing.js';
import { ListResponseHead } from '../wire/list-head.js';
import type { WireProfile } from '../wire/profile.js';

let dateSecond = 0;
let dateText = '';

/** The value of Date, made at most once a second. RFC 9110 §6.6.1. */
function httpDate(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}

/** The head of the answer, with its framing: the length of its body, or none where the status allows none. */
export function headOfAnswer(answer: Answer): ListResponseHead {
  const { status, body } = answer;
  const head = new ListResponseHead(status, STATUS_CODES[status] ?? 'Unknown');
  head.add('Date', httpDate());
  for (const [name, value] of answer.fields) head.add(name, value);
  const isBodiless = status === 204 || status === 304;
  head.framing.kind = isBodiless ? BodyKind.none : BodyKind.length;
  head.framing.contentLength = isBodiless ? -1 : body.length;
  return head;
}

/** The answer for a fault, under the profile's own status where it has one. It tells nothing about the inside. */
export function answerForFault(fault: Fault, profile: WireProfile): Answer {
  const status = statusOf(fault, profile);
  const answer = faultResponder(fault, status).respond(undefined as never);
  if (status === 503) return { ...answer, fields: [...answer.fields, ['Retry-After', '1']] };
  if (status === 405) return { ...answer, fields: [...answer.fields, ['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS']] };
  return answer;
}

/** Nobody was there to be asked. */
const withoutServer: ReadonlySet<Fault> = new Set([faults.noServer, faults.serversFull, faults.stickyServerDown]);

function statusOf(fault: Fault, profile: WireProfile): number {
  if (fault === faults.headTooLarge) return profile.headTooLargeStatus;
  if (fault === faults.targetTooLong) return profile.targetTooLongStatus;
  if (fault.phase === 'connect' && profile.unreachableStatus !== null) return profile.unreachableStatus;
  if (withoutServer.has(fault) && profile.noServerStatus !== null) return profile.noServerStatus;
  return fault.status;
}
