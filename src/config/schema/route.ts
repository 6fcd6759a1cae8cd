// A route: what it matches, what it changes, where it leads. Shape and defaults only: patterns and Values are checked
// in check-rules.ts, that there is exactly one destination and that the route can be reached in check-routes.ts.
import * as z from 'zod';
import { editsSchema } from './edits.js';
import { routeLimitsSchema, routeTimeoutsSchema } from './limits.js';
import { oneOrMore, orNull, show, token, upstreamName, valueText, wholeNumber } from './scalar.js';

const textPatterns = (what: string) =>
  z
    .record(
      z.string(),
      z.union([z.string(), z.boolean(), z.array(z.string())], {
        error: (issue) => `cannot be ${show(issue.input)}; write the ${what}'s value, true (there is one) or false (there is none) instead`,
      }),
    )
    .optional();

export const matchSchema = z
  .strictObject({
    host: oneOrMore('host', 'app.example').describe(
      'The host, without port: exact ("app.example"), or every name below ("*.app.example").',
    ),
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
  })
  .meta({
    id: 'Match',
    title: 'Match',
    description:
      'Which requests a route takes. Every key that is there must hold; of a list, one element must. Without keys it takes everything.',
  });

const respondSchema = z
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

const redirectSchema = z
  .strictObject({
    to: valueText()
      .meta({ examples: ['https://${host}${target}'] })
      .describe('The Location of the answer, with Values.'),
    status: redirectStatus
      .prefault(302)
      .describe('301 and 308 are permanent, 302 and 307 are not; 307 and 308 keep the method; 303 makes it GET.'),
  })
  .meta({ id: 'Redirect', title: 'Redirect', description: 'Sends the client elsewhere.', examples: [{ to: 'https://${host}${target}' }] });

const denySchema = z.union(
  [
    z.literal(true),
    z
      .strictObject({ status: wholeNumber({ min: 400, max: 599 }).prefault(403).describe('The status of the refusal.') })
      .meta({ id: 'Deny', title: 'Deny', description: 'A refusal.' }),
  ],
  { error: (issue) => `cannot be ${show(issue.input)}; write true or { "status": 403 } instead` },
);

function upgradeProtocol() {
  return token('a protocol', 'websocket')
    .refine((name) => name.toLowerCase() !== 'h2c', {
      error: '"h2c" is never passed on, because it would lead past the routes; write "websocket" instead',
    })
    .transform((name) => name.toLowerCase());
}

export const routeSchema = z
  .strictObject({
    match: matchSchema.prefault({}).describe('Which requests the route takes; absent: all that come this far.'),
    request: editsSchema.prefault({}).describe('Changes to the request head on its way to a server.'),
    response: editsSchema.prefault({}).describe('Changes to the response head on its way to the client.'),
    timeouts: routeTimeoutsSchema.prefault({}).describe("Deadlines that replace the listener's."),
    limits: routeLimitsSchema.prefault({}).describe("Limits that replace the listener's."),
    upgrade: z
      .array(upgradeProtocol())
      .prefault(['websocket'])
      .describe('Protocols that a client may ask to switch to. The Upgrade field of others is removed. An empty list allows none.'),
    upstream: orNull(upstreamName()).describe('Destination: the upstream with this name.'),
    respond: orNull(respondSchema).describe('Destination: an answer that Limpet gives by itself.'),
    redirect: orNull(redirectSchema).describe('Destination: a redirect.'),
    deny: orNull(denySchema).describe('Destination: a refusal; true means 403.'),
  })
  .meta({
    id: 'Route',
    title: 'Route',
    description:
      'What happens to some of the requests of a listener. Routes are tried in order and the first that matches wins. Each has exactly one destination: upstream, respond, redirect or deny.',
  });

/** What a route matches; absent keys take everything. */
export type MatchConfig = z.output<typeof matchSchema>;
