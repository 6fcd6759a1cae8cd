// "request" and "response": what is set, added and removed in a head. Names and Values are checked in check-rules.ts.
import * as z from 'zod';
import { text, valueText } from './scalar.js';

const fieldValues = () => z.record(z.string(), valueText()).prefault({});

const replacementSchema = z
  .strictObject({
    startsWith: z.string().optional().describe('The beginning of the value that is replaced.'),
    pattern: z.string().optional().describe('Or a regular expression: what it finds is replaced.'),
    ignoreCase: z.boolean().optional().describe('Whether the pattern takes capitals for small letters.'),
    whole: z.boolean().optional().describe('Whether all of the value is replaced, not only what was found in it.'),
    members: z.boolean().optional().describe('Whether the members of a list with commas are looked at one by one, each as a value.'),
    attribute: text('path')
      .optional()
      .describe('Of a cookie that is set: the attribute whose value is looked at, in place of the whole field.'),
    to: valueText().describe('What stands in its place.'),
  })
  .meta({ id: 'Replacement', title: 'Replacement', description: 'What is replaced inside the value of a field.' });

export const editsSchema = z
  .strictObject({
    set: fieldValues().describe('Fields to set: every field of that name is replaced by this one.'),
    add: fieldValues().describe('Fields to add beside those of the same name.'),
    replace: z
      .record(z.string(), z.array(replacementSchema))
      .optional()
      .describe('Fields in whose values something is replaced: of a list, the first replacement that fits.'),
    remove: z.array(z.string()).prefault([]).describe('Names of fields to remove.'),
  })
  .meta({
    id: 'Edits',
    title: 'Edits',
    description:
      'Changes to the fields of a head, in the order remove, set, add, replace. Values such as "${client.ip}" are filled in for each exchange.',
    examples: [{ set: { 'X-Real-IP': '${client.ip}' }, remove: ['X-Powered-By'] }],
  });

/** Changes to the fields of a head; the texts are Values that still have to be compiled. */
export type EditsConfig = z.output<typeof editsSchema>;
