// A route: what it matches, what it changes, where it leads. Shape and defaults only: patterns and Values are checked
// in check-rules.ts, that there is exactly one destination and that the route can be reached in check-routes.ts.
import * as z from 'zod';
import { denySchema, redirectSchema, respondSchema } from './answer.js';
import { editsSchema } from './edits.js';
import { errorPagesSchema } from './error-pages.js';
import { routeLimitsSchema, routeTimeoutsSchema } from './limits.js';
import { matchSchema } from './match.js';
import { lastRuleSchema, responseRuleSchema, ruleSchema } from './rule.js';
import { orNull, text, token, upstreamName } from './scalar.js';
import { toServerSchema } from './to-server.js';

function upgradeProtocol() {
  return token('a protocol', 'websocket')
    .refine((name) => name.toLowerCase() !== 'h2c', {
      error: '"h2c" is never passed on, because it would lead past the routes; write "websocket" instead',
    })
    .transform((name) => name.toLowerCase());
}

const flatRoute = {
  name: orNull(text('fallback')).describe('By what name rules lead here ("routeTo"). Such a route may match nothing by itself.'),
  match: matchSchema.prefault({}).describe('Which requests the route takes; absent: all that come this far.'),
  final: z.boolean().optional().describe('Under "choose": "closest-path", of a beginning: when it is the longest, patterns are not asked.'),
  rules: z.array(ruleSchema).prefault([]).describe('Rules that are run in order when the route has been taken, before "request".'),
  responseRules: z.array(responseRuleSchema).prefault([]).describe('Rules that are run on the response head, after "response".'),
  lastRules: z.array(lastRuleSchema).prefault([]).describe('Rules that are run on the response head behind all else, sticky cookies too.'),
  request: editsSchema.prefault({}).describe('Changes to the request head on its way to a server.'),
  response: editsSchema.prefault({}).describe('Changes to the response head on its way to the client.'),
  timeouts: routeTimeoutsSchema.prefault({}).describe("Deadlines that replace the listener's."),
  limits: routeLimitsSchema.prefault({}).describe("Limits that replace the listener's."),
  errorPages: errorPagesSchema.prefault([]).describe('Answers in place of refusals; absent: those around the route.'),
  toServer: toServerSchema.prefault({}).describe('How requests go to servers.'),
  upgrade: z
    .array(upgradeProtocol())
    .prefault(['websocket'])
    .describe(
      'Protocols that a client may ask to switch to; "*": any but h2c. The Upgrade field of others is removed. An empty list allows none.',
    ),
  upstream: orNull(upstreamName()).describe('Destination: the upstream with this name.'),
  respond: orNull(respondSchema).describe('Destination: an answer that Limpet gives by itself.'),
  redirect: orNull(redirectSchema).describe('Destination: a redirect.'),
  deny: orNull(denySchema).describe('Destination: a refusal; true means 403, "close" that the connection is closed without an answer.'),
  choose: z
    .enum(['first', 'closest-path'])
    .prefault('first')
    .describe(
      'How one of "routes" is chosen. "first": in order, the first that matches. "closest-path": each has one "path" or "pathPattern"; an exact path wins, else the longest beginning ("/a*"), unless it is not "final" and a pattern matches.',
    ),
};

/** A route as the file says it, defaults filled in. */
export interface ParsedRoute extends z.output<z.ZodObject<typeof flatRoute>> {
  readonly routes?: readonly ParsedRoute[] | undefined;
}

export const routeSchema: z.ZodType<ParsedRoute> = z
  .strictObject({
    ...flatRoute,
    get routes(): z.ZodOptional<z.ZodArray<z.ZodType<ParsedRoute>>> {
      return z
        .array(routeSchema)
        .optional()
        .describe('Destination: routes inside this one. A request that none of them takes is answered with 404.');
    },
  })
  .meta({
    id: 'Route',
    title: 'Route',
    description:
      'What happens to some of the requests of a listener. Routes are tried in order and the first that matches wins. Each has exactly one destination: upstream, respond, redirect, deny or routes.',
  });
