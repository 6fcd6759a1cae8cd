// "errorPages": what stands in place of the refusals that Limpet gives by itself, and of servers' answers where it is asked to.
// That there is exactly one page, and what is in the texts, is checked in check-rules.ts.
import * as z from 'zod';
import { redirectSchema, respondSchema } from './answer.js';
import { show, text, valueText, wholeNumber } from './scalar.js';

/** Statuses of answers that have no body, whatever stands in for them. */
const bodiless = [204, 205, 304];

const shownStatus = z.union([z.literal('answer'), wholeNumber({ min: 200, max: 599 }).refine((status) => !bodiless.includes(status))], {
  error: (issue) => `cannot be ${show(issue.input)}; write "answer", or a status from 200 to 599 that has a body, instead`,
});

export const errorPageSchema = z
  .strictObject({
    status: z
      .array(wholeNumber({ min: 400, max: 599 }))
      .min(1, { error: 'is empty; write at least one status, such as [502, 503], instead' })
      .describe('The statuses of the refusals.'),
    respond: respondSchema.optional().describe('An answer in their place.'),
    redirect: redirectSchema.optional().describe('A redirect in their place.'),
    target: valueText()
      .optional()
      .meta({ examples: ['/sorry.html'] })
      .describe(
        'Another target, path and query, with Values: the routes are looked at again from the first, for a GET (or HEAD) without a body.',
      ),
    routeTo: text('fallback')
      .optional()
      .describe('The route with this name gets the request, its method and body too, as it was when the refusing route was taken.'),
    as: shownStatus
      .optional()
      .describe('The status that the client sees of what "target" or "routeTo" leads to; "answer": its own. Absent: the refusal\'s.'),
    ofServers: z.boolean().optional().describe('Whether answers of servers that have these statuses are replaced too.'),
    again: z
      .boolean()
      .optional()
      .describe('Whether what is refused on the way that "target" or "routeTo" leads has error pages in its turn.'),
  })
  .meta({
    id: 'ErrorPage',
    title: 'Error page',
    description: "What stands in place of a refusal of Limpet's own: exactly one of respond, redirect, target and routeTo.",
  });

export const errorPagesSchema = z.array(errorPageSchema);

export type ErrorPageConfig = z.output<typeof errorPageSchema>;
