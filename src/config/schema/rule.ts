// "rules" and "responseRules": conditions and the steps that are taken where they hold. What is in the texts is checked in
// check-rules.ts.
import * as z from 'zod';
import { denySchema, redirectSchema, respondSchema } from './answer.js';
import { editsSchema } from './edits.js';
import { matchSchema } from './match.js';
import { text, valueText } from './scalar.js';

const when = () => matchSchema.optional().describe('Where the rule holds; absent: always.');
const variables = () =>
  z.record(z.string(), valueText()).optional().describe('Variables of the exchange, by name: other Values read them as "${var.NAME}".');
const stop = () => z.literal(true).optional().describe('The remaining rules of this list are left out.');

const rewriteSchema = z
  .strictObject({
    pattern: text('^/old/(.*)$').describe('A regular expression that is looked for in the normalised, decoded path.'),
    ignoreCase: z.boolean().optional().describe('Whether the pattern takes capitals for small letters.'),
    to: valueText().describe(
      'The new path, with Values such as "${capture.1}". The query stays; one that is written here stands in front of it, and a "?" at the end drops it.',
    ),
    after: z
      .enum(['next', 'stop', 'route-again'])
      .prefault('next')
      .describe('What follows: the next rule, none of the remaining rules of this list, or another look at the routes.'),
  })
  .meta({ id: 'Rewrite', title: 'Rewrite', description: 'Another path, where a pattern is found in the present one.' });

const pathPrefixSchema = z
  .strictObject({
    from: text('/app/').describe('The beginning of the decoded path.'),
    to: valueText().describe('What stands in its place.'),
  })
  .meta({ id: 'PathPrefix', title: 'Path prefix', description: 'Another beginning of the path.' });

const flatRule = {
  when: when(),
  variables: variables(),
  request: editsSchema.optional().describe('Changes to the request head.'),
  response: editsSchema.optional().describe('Changes to the response head, later, when there is one.'),
  target: valueText().optional().describe('Another request target, path and query.'),
  pathPrefix: pathPrefixSchema.optional().describe('Another beginning of the path; the rest and the query stay.'),
  rewrite: rewriteSchema.optional().describe('Another path, where a pattern is found in the present one.'),
  respond: respondSchema.optional().describe('An answer that Limpet gives by itself.'),
  redirect: redirectSchema.optional().describe('A redirect.'),
  deny: denySchema.optional().describe('A refusal; true means 403, "close" that the connection is closed without an answer.'),
  routeTo: text('fallback')
    .optional()
    .describe(
      'The exchange takes the route with this name, which may be a Value: where no route has the name that it reads, the rules go on.',
    ),
  routeAgain: z.literal(true).optional().describe('Routes are looked at again, at most ten times for an exchange.'),
  stop: stop(),
};

/** A rule as the file says it, defaults filled in. */
export interface RuleConfig extends z.output<z.ZodObject<typeof flatRule>> {
  readonly rules?: readonly RuleConfig[] | undefined;
}

export const ruleSchema: z.ZodType<RuleConfig> = z
  .strictObject({
    ...flatRule,
    get rules(): z.ZodOptional<z.ZodArray<z.ZodType<RuleConfig>>> {
      return z.array(ruleSchema).optional().describe('A list of rules of its own: "stop" inside ends it and nothing else.');
    },
  })
  .meta({
    id: 'Rule',
    title: 'Rule',
    description: 'A condition and steps, taken in the order of this table, before a server is chosen.',
  });

const flatLastRule = {
  when: when(),
  of: z
    .enum(['server', 'limpet'])
    .optional()
    .describe("Whose responses the rule is for: a server's, or answers of Limpet's own; absent: both."),
  variables: variables(),
  response: editsSchema.optional().describe('Changes to the response head.'),
  stop: stop(),
};

/** A last rule as the file says it, defaults filled in. */
export interface LastRuleConfig extends z.output<z.ZodObject<typeof flatLastRule>> {
  readonly rules?: readonly LastRuleConfig[] | undefined;
}

export const lastRuleSchema: z.ZodType<LastRuleConfig> = z
  .strictObject({
    ...flatLastRule,
    get rules(): z.ZodOptional<z.ZodArray<z.ZodType<LastRuleConfig>>> {
      return z.array(lastRuleSchema).optional().describe('A list of rules of its own: "stop" inside ends it and nothing else.');
    },
  })
  .meta({
    id: 'LastRule',
    title: 'Last rule',
    description:
      'A condition and steps, taken on every final response head as it goes out, sticky cookie and all, when nothing else is done to it any more.',
  });

const flatResponseRule = {
  ...flatLastRule,
  respond: respondSchema.optional().describe("An answer in place of a server's response, of which the client sees nothing."),
  redirect: redirectSchema.optional().describe("A redirect in place of a server's response."),
  deny: denySchema
    .optional()
    .describe('A refusal in place of a server\'s response; true means 403, and "close" that the connection is closed without an answer.'),
};

/** A response rule as the file says it, defaults filled in. */
export interface ResponseRuleConfig extends z.output<z.ZodObject<typeof flatResponseRule>> {
  readonly rules?: readonly ResponseRuleConfig[] | undefined;
}

export const responseRuleSchema: z.ZodType<ResponseRuleConfig> = z
  .strictObject({
    ...flatResponseRule,
    get rules(): z.ZodOptional<z.ZodArray<z.ZodType<ResponseRuleConfig>>> {
      return z.array(responseRuleSchema).optional().describe('A list of rules of its own: "stop" inside ends it and nothing else.');
    },
  })
  .meta({
    id: 'ResponseRule',
    title: 'Response rule',
    description:
      "A condition and steps, taken on every final response head: a server's, or an answer of Limpet's own. An answer that a rule gives in place of a server's response goes through the rules once more, and is not replaced again.",
  });
