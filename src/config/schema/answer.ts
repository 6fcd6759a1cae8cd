// Answers that Limpet gives by itself: respond, redirect and deny. Their texts are checked in check-rules.ts.
import * as z from 'zod';
import { show, valueText, wholeNumber } from './scalar.js';

export const respondSchema = z
  .strictObject({
    status: wholeNumber({ min: 200, max: 599 }).prefault(200).describe('The status of the answer.'),
    body: valueText().optional().describe('The body of the answer, with Values. Absent: the status in words from 400 up, else nothing.'),
    headers: z
      .record(z.string(), valueText())
      .prefault({})
      .describe('Fields of the answer, with Values. Content-Type is text/plain unless it is set here.'),
  })
  .meta({ id: 'Respond', title: 'Respond', description: 'An answer that Limpet gives by itself.' });

const redirectStatus = z.union([z.literal(301), z.literal(302), z.literal(303), z.literal(307), z.literal(308)], {
  error: (issue) => `cannot be ${show(issue.input)}; write 301, 302, 303, 307 or 308 instead`,
});

export const redirectSchema = z
  .strictObject({
    to: valueText()
      .meta({ examples: ['https://${host}${target}'] })
      .describe('The Location of the answer, with Values.'),
    status: redirectStatus
      .prefault(302)
      .describe('301 and 308 are permanent, 302 and 307 are not; 307 and 308 keep the method; 303 makes it GET.'),
  })
  .meta({ id: 'Redirect', title: 'Redirect', description: 'Sends the client elsewhere.', examples: [{ to: 'https://${host}${target}' }] });

export const denySchema = z.union(
  [
    z.literal(true),
    z.literal('close'),
    z
      .strictObject({ status: wholeNumber({ min: 400, max: 599 }).prefault(403).describe('The status of the refusal.') })
      .meta({ id: 'Deny', title: 'Deny', description: 'A refusal.' }),
  ],
  { error: (issue) => `cannot be ${show(issue.input)}; write true, "close" or { "status": 403 } instead` },
);
