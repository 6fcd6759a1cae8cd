// A condition on an exchange: which requests a route takes, and where a rule holds. Patterns are checked in check-rules.ts.
import * as z from 'zod';
import { oneOrMore, show, valueText } from './scalar.js';

const textPatterns = (what: string) =>
  z
    .record(
      z.string(),
      z.union([z.string(), z.boolean(), z.array(z.string())], {
        error: (issue) => `cannot be ${show(issue.input)}; write the ${what}'s value, true (there is one) or false (there is none) instead`,
      }),
    )
    .optional();

const testSchema = z
  .strictObject({
    value: valueText().optional().describe('What is looked at, such as "${cookie.version}".'),
    header: z.string().optional().describe('Or every request field of this name: one of several must pass.'),
    responseHeader: z.string().optional().describe('Or every response field of this name.'),
    cookie: z.string().optional().describe('Or every cookie of this name that is not empty.'),
    argument: z.string().optional().describe('Or every argument of this name in the query that has a value, as it came.'),
    members: z.boolean().optional().describe('Of a field: whether the members of a list with commas are looked at one by one.'),
    count: z
      .literal(true)
      .optional()
      .describe('Of fields, cookies and arguments: how many there are, empty fields and cookies too, is what is compared.'),
    filters: oneOrMore('filter', 'lower').describe(
      'Of fields, cookies and arguments: filters such as "lower", applied to each before it is compared. Those of a Value stand behind its name.',
    ),
    is: oneOrMore('text', 'v2').describe('It is this text, or one of these.'),
    startsWith: oneOrMore('text', 'v2-').describe('It begins so.'),
    endsWith: oneOrMore('text', '.png').describe('It ends so.'),
    contains: oneOrMore('text', 'bot').describe('This stands somewhere in it.'),
    pattern: oneOrMore('pattern', '^v[23]$').describe('This regular expression is found in it.'),
    exists: z.boolean().optional().describe('It is not empty (true), or empty (false).'),
    atLeast: z.number().optional().describe('It is a number, this one or above.'),
    atMost: z.number().optional().describe('It is a number, this one or below.'),
    ignoreCase: z.boolean().optional().describe('Whether capitals count as small letters.'),
  })
  .meta({ id: 'Test', title: 'Test', description: 'Any Value, compared. All keys that are there must hold; of a list, one element must.' });

/** A condition on an exchange; absent keys take everything. */
export interface MatchConfig extends z.output<z.ZodObject<typeof flatMatch>> {
  readonly all?: readonly MatchConfig[] | undefined;
  readonly any?: readonly MatchConfig[] | undefined;
  readonly not?: MatchConfig | undefined;
}

const flatMatch = {
  host: oneOrMore('host', 'app.example').describe('The host, without port: exact ("app.example"), or every name below ("*.app.example").'),
  path: oneOrMore('path', '/api/*').describe(
    'The path, normalised and without query: exact ("/about"), everything below ("/api/*", which takes "/api" too), or a beginning ("/v*").',
  ),
  method: oneOrMore('method', 'GET').describe('The request method, in capitals.'),
  header: textPatterns('field').describe(
    'Request fields by name: the value, a beginning ("Mozilla*"), a list of those, true (the field is there) or false (it is not).',
  ),
  cookie: textPatterns('cookie').describe(
    'Cookies by name: the value, a beginning ("v2-*"), a list of those, true (the cookie is there) or false (it is not).',
  ),
  client: oneOrMore('network', '10.0.0.0/8').describe(
    "The client's address or network, after PROXY protocol and trusted forwarded fields.",
  ),
  hostPattern: oneOrMore('pattern', '^app\\d+\\.example$').describe('A regular expression that is found in the host, in small letters.'),
  pathPattern: oneOrMore('pattern', '\\.php$').describe('A regular expression that is found in the normalised, decoded path.'),
  ignoreCase: z.boolean().optional().describe('Whether "pathPattern" takes capitals for small letters.'),
  tls: z.boolean().optional().describe('Whether the client came over TLS.'),
  test: z.array(testSchema).optional().describe('Tests of Values, all of which must hold.'),
};

export const matchSchema: z.ZodType<MatchConfig> = z
  .strictObject({
    ...flatMatch,
    get all(): z.ZodOptional<z.ZodArray<z.ZodType<MatchConfig>>> {
      return z.array(matchSchema).optional().describe('Conditions of this kind, all of which must hold.');
    },
    get any(): z.ZodOptional<z.ZodArray<z.ZodType<MatchConfig>>> {
      return z.array(matchSchema).optional().describe('Conditions of this kind, one of which must hold.');
    },
    get not(): z.ZodOptional<z.ZodType<MatchConfig>> {
      return matchSchema.optional().describe('A condition of this kind that must not hold.');
    },
  })
  .meta({
    id: 'Match',
    title: 'Match',
    description:
      'Which requests a route takes. Every key that is there must hold; of a list, one element must. Without keys it takes everything.',
  });
