// "maps": from what a Value reads to another Value. Its texts are checked in check-rules.ts.
import * as z from 'zod';
import { text, valueText } from './scalar.js';

const mapPatternSchema = z
  .strictObject({
    pattern: text('^/api/').describe('A regular expression that is looked for.'),
    ignoreCase: z.boolean().optional().describe('Whether the pattern takes capitals for small letters.'),
    to: valueText().describe('What the map reads then.'),
  })
  .meta({ id: 'MapPattern', title: 'Map pattern', description: 'An entry of a map, by pattern.' });

export const mapSchema = z
  .strictObject({
    value: valueText().describe('What is looked up, such as "${header.upgrade}".'),
    entries: z.record(z.string(), valueText()).prefault({}).describe('What the map reads for a text, whatever its case.'),
    patterns: z.array(mapPatternSchema).prefault([]).describe('Tried in order where there is no entry.'),
    default: valueText().prefault('').describe('What the map reads for everything else.'),
    matchCase: z.boolean().optional().describe('Whether capitals and small letters in entries differ.'),
    hosts: z.boolean().prefault(false).describe('Whether entries may be "*.example" or "www.*", of which the longest counts.'),
  })
  .meta({ id: 'Map', title: 'Map', description: 'A Value that depends on another one.' });

export type MapConfig = z.output<typeof mapSchema>;
