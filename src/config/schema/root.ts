// The whole configuration as one schema: types, defaults, validation, the JSON Schema for editors and the reference
// come from here. What needs more than one place of the file to be judged is in the check-*.ts files.
import * as z from 'zod';
import { listenerSchema } from './listener.js';
import { accessLogSchema, errorLogSchema } from './logs.js';
import { mapSchema } from './map.js';
import { duration, named, orNull, show, text, wholeNumber } from './scalar.js';
import { upstreamSchema } from './upstream.js';

export const rootSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where editors find the schema: "./schema.json".'),
    workers: z
      .union([wholeNumber({ min: 1, max: 1024 }), z.literal('auto')], {
        error: (issue) => `cannot be ${show(issue.input)}; write a whole number from 1 to 1024 or "auto" instead`,
      })
      .prefault(1)
      .describe('How many worker processes. "auto": one for each processor.'),
    user: orNull(text('www-data')).describe(
      'The user that workers run as once every listener is bound: a name or a number. It takes root to start with; absent: the user who starts Limpet.',
    ),
    group: orNull(text('www-data')).describe("The group that workers run as: a name or a number. Absent: the user's own."),
    shutdownTimeout: duration({ minMs: 0 })
      .prefault('30s')
      .describe('How long exchanges and tunnels under way may take to finish after SIGTERM, SIGINT or SIGQUIT.'),
    drainTimeout: duration({ minMs: 0 })
      .prefault('30s')
      .describe('How long exchanges and tunnels may go on with a server, or at a listener, that a reload has taken out.'),
    accessLog: accessLogSchema,
    errorLog: errorLogSchema.prefault({}).describe('What Limpet has to say about itself.'),
    maxClientConnections: orNull(wholeNumber({ min: 1 })).describe(
      'The most client connections in all, per worker; absent: derived from the limit of open files.',
    ),
    listeners: named(listenerSchema)
      .refine((listeners) => Object.keys(listeners).length > 0, {
        error: 'is empty; write at least one listener, such as "web": { "address": "127.0.0.1:8080", "upstream": "app" }, instead',
      })
      .meta({ defaultSnippets: [{ body: { web: { address: '127.0.0.1:8080', upstream: 'app' } } }] })
      .describe('The addresses that clients connect to, by name.'),
    maps: named(mapSchema).prefault({}).describe('Maps from one Value to another, by name: Values read them as "${map.NAME}".'),
    upstreams: named(upstreamSchema).prefault({}).describe('The groups of servers, by name.'),
  })
  .meta({ title: 'Limpet configuration', description: 'proxy.config.json' });

/** What the file says, with defaults filled in, before it is brought into the one form that the program runs on. */
export type ParsedConfig = z.output<typeof rootSchema>;
