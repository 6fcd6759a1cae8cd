// "connectionRules": which connections a listener takes. What can be asked of a connection is checked in
// check-connections.ts.
import * as z from 'zod';
import { matchSchema } from './match.js';

export const connectionRuleSchema = z
  .strictObject({
    when: matchSchema
      .optional()
      .describe('Where the rule holds; absent: always. Nothing has been read yet: "client", and tests of addresses and ports.'),
    accept: z.literal(true).optional().describe('The connection is taken, whatever the rules behind this one say.'),
    deny: z.literal(true).optional().describe('The connection is closed, without a word.'),
  })
  .meta({
    id: 'ConnectionRule',
    title: 'Connection rule',
    description: 'Takes or refuses a connection. Of the rules of a listener the first that holds decides; without one it is taken.',
    examples: [{ when: { client: ['192.0.2.0/24'] }, deny: true }],
  });

export type ConnectionRuleConfig = z.output<typeof connectionRuleSchema>;
