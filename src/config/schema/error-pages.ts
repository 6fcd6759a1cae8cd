// "errorPages": what stands in place of the refusals that Limpet gives by itself.
import * as z from 'zod';
import { respondSchema } from './answer.js';
import { wholeNumber } from './scalar.js';

const errorPageSchema = z
  .strictObject({
    status: z
      .array(wholeNumber({ min: 400, max: 599 }))
      .min(1, { error: 'is empty; write at least one status, such as [502, 503], instead' })
      .describe('The statuses of the refusals.'),
    respond: respondSchema.describe('What the client gets instead.'),
  })
  .meta({
    id: 'ErrorPage',
    title: 'Error page',
    description: "An answer in place of a refusal of Limpet's own. Answers of servers are not looked at.",
  });

export const errorPagesSchema = z.array(errorPageSchema);

export type ErrorPageConfig = z.output<typeof errorPageSchema>;
