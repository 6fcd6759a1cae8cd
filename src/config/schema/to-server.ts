// "toServer": how a route's requests go to servers.
import * as z from 'zod';
import { flag, orNull, size } from './scalar.js';

export const toServerSchema = z
  .strictObject({
    httpVersion: orNull(z.enum(['1.0', '1.1'])).describe(
      'The version of the requests; absent: 1.1. With 1.0 a request body is awaited whole, since it has to have a length.',
    ),
    keepAlive: orNull(flag()).describe(
      'Whether connections to servers are used again; absent: with 1.1 they are, with 1.0 they are not. Without, servers get "Connection: close".',
    ),
    buffer: orNull(size({ maxBytes: 256 * 1024 ** 2 })).describe(
      'Request bodies up to this size are awaited whole, in memory, before a server is chosen. A longer one goes on as it comes if it has a length, and is refused with 413 if it has none. Absent or 0: none is awaited; with 1.0, 1MiB.',
    ),
  })
  .meta({
    id: 'ToServer',
    title: 'To server',
    description: 'How requests go to servers. What is absent is as around the route.',
  });

export type ToServer = z.output<typeof toServerSchema>;
