// Responders: answers that Limpet gives itself. They say what the answer is; framing it, and leaving out the body
// where none may be (HEAD), is the writer's work.
import { STATUS_CODES } from 'node:http';
import { type Fault, faults } from '../core/errors.js';
import type { ExchangeView } from './exchange-view.js';

/** What is answered. It may be shared between exchanges: nobody changes it. Where the fault's status is 0, nothing is. */
export interface Answer {
  /** 200 to 599; 0 where nothing is answered. */
  readonly status: number;
  /** Names and values, safe to write; no framing or hop-by-hop fields. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** A string has one character for each byte (latin1). */
  readonly body: string | Buffer;
}

export interface Responder {
  /** The fault that the answer tells the client, for the access log; null when it is an ordinary answer. */
  readonly fault: Fault | null;
  /** The answer for this exchange. Nothing is allocated when it is the same for all. */
  respond(x: ExchangeView): Answer;
}

/** Gives everyone the same answer. */
export class FixedResponder implements Responder {
  readonly fault: Fault | null;
  readonly answer: Answer;

  constructor(answer: Answer, fault: Fault | null = null) {
    this.answer = answer;
    this.fault = fault;
  }

  respond(): Answer {
    return this.answer;
  }
}

/** "404 Not Found", a line of plain text: what stands in a body when nobody has written one. */
export function statusText(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? 'Unknown'}\n`;
}

/** A status in plain text, not to be stored by caches. */
export function statusAnswer(status: number): Answer {
  return { status, fields: statusFields, body: statusText(status) };
}

const statusFields = [
  ['Content-Type', 'text/plain; charset=utf-8'],
  ['Cache-Control', 'no-store'],
] as const;

/** Closes the connection without an answer. */
export const closingResponder: Responder = new FixedResponder({ status: 0, fields: [], body: '' }, faults.closedByRule);

/**
 * The responder for a fault, its status in plain text, not to be stored by caches; `status` replaces the fault's
 * own. Throws RangeError for a fault with which nothing can be sent (status 0). Meant to be made once, not for each
 * exchange.
 */
export function faultResponder(fault: Fault, status: number = fault.status): Responder {
  if (status === 0) throw new RangeError(`nothing can be sent for the fault ${fault.code}`);
  return new FixedResponder(statusAnswer(status), fault);
}
