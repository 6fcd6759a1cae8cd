// "accessLog" and "errorLog".
import * as z from 'zod';
import { nearestName } from '../../core/nearest-name.js';
import { duration, show, size, text, valueText } from './scalar.js';

const accessLogFormat = valueText()
  .refine((format) => format === 'combined' || format === 'json' || format.includes('${'), {
    error: (issue) => {
      const meant = nearestName(String(issue.input), ['combined', 'json']);
      const others = meant === null ? '"combined", "json" or a text with Values such as "${client.ip} ${response.status}"' : `"${meant}"`;
      return `cannot be ${show(issue.input)}; write ${others} instead`;
    },
  })
  .prefault('combined')
  .describe('"combined" (as Apache and nginx write it, and more), "json", or a text with Values.');

const accessLogFileSchema = z
  .strictObject({
    format: accessLogFormat,
    to: text('logs/access.log').prefault('stdout').describe('"stdout", "stderr" or a file.'),
    buffer: size({ maxBytes: 64 * 1024 ** 2 })
      .prefault('64KiB')
      .describe('Lines are gathered until there is so much to write …'),
    flushInterval: duration().prefault('1s').describe('… or so much time has passed.'),
    maxPending: size({ minBytes: 1024 })
      .prefault('8MiB')
      .describe('The most that waits for a slow disk. Lines beyond it are dropped and counted.'),
  })
  .meta({ id: 'AccessLog', title: 'Access log', description: 'One line for each exchange and tunnel.' });

export const accessLogSchema = z
  .union([z.literal('off').transform(() => null), accessLogFileSchema], {
    error: (issue) => `cannot be ${show(issue.input)}; write "off" or an object such as { "to": "logs/access.log" } instead`,
  })
  .prefault({})
  .describe('One line for each exchange and tunnel; "off" for none.');

export const errorLogSchema = z
  .strictObject({
    level: z.enum(['error', 'warn', 'info', 'debug']).prefault('info').describe('The least important level that is written.'),
    to: text('logs/error.log').prefault('stderr').describe('"stderr", "stdout" or a file.'),
  })
  .meta({ id: 'ErrorLog', title: 'Error log', description: 'What Limpet has to say about itself.' });

export type AccessLogConfig = z.output<typeof accessLogFileSchema>;
export type ErrorLogConfig = z.output<typeof errorLogSchema>;
