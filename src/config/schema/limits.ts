// "limits" and "timeouts": what a listener and its routes allow. Defaults are those that long-polling survives.
import * as z from 'zod';
import { duration, orNull, size, wholeNumber } from './scalar.js';

const bodyLimit = () => size().describe('The largest request body. 0 means no limit. A larger one is answered with 413.');

export const limitsSchema = z
  .strictObject({
    head: size({ minBytes: 1024, maxBytes: 1024 ** 2 })
      .prefault('16KiB')
      .describe('The largest request head: request line and fields together. A larger one is answered with 431.'),
    fields: wholeNumber({ min: 1, max: 10_000 }).prefault(100).describe('The most fields in a request head. More are answered with 431.'),
    target: size({ minBytes: 64, maxBytes: 1024 ** 2 })
      .prefault('8KiB')
      .describe('The longest request target (path and query). A longer one is answered with 414.'),
    body: bodyLimit().prefault(0),
    responseHead: size({ minBytes: 1024, maxBytes: 1024 ** 2 })
      .prefault('64KiB')
      .describe('The largest response head that a server may send. A larger one becomes a 502.'),
  })
  .meta({ id: 'Limits', title: 'Limits', description: 'What a message may measure.' });

export const routeLimitsSchema = z
  .strictObject({ body: orNull(bodyLimit()) })
  .meta({ id: 'RouteLimits', title: 'Limits of a route', description: "Replaces the listener's limit for the exchanges of this route." });

const requestBody = () => duration().describe('The longest wait for the next byte of a request body.');
const connect = () => duration().describe('How long connecting to one server may take.');
const responseHead = () =>
  duration().describe(
    "The longest wait for a server's response head. A server that has nothing to say to a long poll is silent until then.",
  );
const responseBody = () => duration().describe('The longest wait for the next byte of a response body.');
const send = () => duration().describe('The longest time for which a client may take no byte of what it is sent.');
const tunnelIdle = () =>
  duration().describe('How long a tunnel (a WebSocket, or a connection in tcp mode) lives without a byte in either direction.');
const halfClosed = () => duration().describe('How long a tunnel lives after one side has closed its half.');

export const timeoutsSchema = z
  .strictObject({
    requestHead: duration().prefault('30s').describe('The longest time for a request head to arrive whole, from its first byte.'),
    requestBody: requestBody().prefault('60s'),
    idle: duration().prefault('75s').describe('How long a client connection is kept open between two requests.'),
    connect: connect().prefault('5s'),
    responseHead: responseHead().prefault('2m'),
    responseBody: responseBody().prefault('5m'),
    send: send().prefault('60s'),
    tunnelIdle: tunnelIdle().prefault('1h'),
    halfClosed: halfClosed().prefault('30s'),
  })
  .meta({
    id: 'Timeouts',
    title: 'Timeouts',
    description: 'A deadline for each phase. None of them limits how long a busy exchange or tunnel takes in all.',
  });

export const routeTimeoutsSchema = z
  .strictObject({
    requestBody: orNull(requestBody()),
    connect: orNull(connect()),
    responseHead: orNull(responseHead()),
    responseBody: orNull(responseBody()),
    send: orNull(send()),
    tunnelIdle: orNull(tunnelIdle()),
    halfClosed: orNull(halfClosed()),
  })
  .meta({
    id: 'RouteTimeouts',
    title: 'Timeouts of a route',
    description:
      "Replace the listener's for the exchanges of this route. (requestHead and idle pass before a route is known, so they stand on the listener only.)",
  });

/** Bytes; `fields` is a count. */
export type LimitsConfig = z.output<typeof limitsSchema>;

/** Milliseconds. */
export type TimeoutsConfig = z.output<typeof timeoutsSchema>;
