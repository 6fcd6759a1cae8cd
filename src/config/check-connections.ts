// What is wrong where connections are looked at before anything has been read: conditions that ask for what is not known
// then, and routes of tcp listeners that do what only HTTP can.
import { compileValue, ValueError } from '../route/value.js';
import { connectionNames } from '../route/value-names.js';
import { type RawObject, rawList, rawObject, rawText } from './raw.js';
import { connectionRuleSchema } from './schema/connection-rule.js';
import type { Path, Source } from './source.js';

const routeKeys = ['match', 'upstream', 'deny', 'timeouts'];
const combining = ['all', 'any', 'not'];

/** `path` is the listener's. */
export function checkConnectionRules(source: Source, path: Path, listener: RawObject): void {
  for (const [index, written] of rawList(listener['connectionRules']).entries()) {
    const at = [...path, 'connectionRules', index];
    checkConnectionMatch(source, [...at, 'when'], rawObject(rawObject(written)['when']), false);
    const parsed = connectionRuleSchema.safeParse(written);
    if (!parsed.success) continue;
    if ((parsed.data.accept === undefined) === (parsed.data.deny === undefined))
      source.addAtValue(at, 'a rule for connections decides one thing; write one of "accept" and "deny"');
  }
}

/** `path` is the routes'. */
export function checkTcpRoutes(source: Source, path: Path, routes: unknown): void {
  for (const [index, route] of rawList(routes).map(rawObject).entries()) {
    for (const key of Object.keys(route)) {
      if (!routeKeys.includes(key))
        source.addAtKey([...path, index, key], `a route of a tcp listener has no "${key}", because no request is read; remove it`);
    }
    checkConnectionMatch(source, [...path, index, 'match'], rawObject(route['match']), true);
  }
}

function checkConnectionMatch(source: Source, path: Path, match: RawObject, hasTls: boolean): void {
  const allowed = ['client', ...(hasTls ? ['tls'] : []), 'test', ...combining];
  for (const [key, value] of Object.entries(match)) {
    if (!allowed.includes(key))
      source.addAtKey(
        [...path, key],
        `"${key}" is not known of a connection; write one of ${allowed.map((name) => `"${name}"`).join(', ')}`,
      );
    else if (key === 'test') checkTests(source, [...path, key], value, hasTls);
    else if (key === 'not') checkConnectionMatch(source, [...path, key], rawObject(value), hasTls);
    else if (combining.includes(key))
      for (const [index, one] of rawList(value).entries()) checkConnectionMatch(source, [...path, key, index], rawObject(one), hasTls);
  }
}

function checkTests(source: Source, path: Path, tests: unknown, hasTls: boolean): void {
  for (const [index, test] of rawList(tests).map(rawObject).entries()) {
    for (const key of ['header', 'responseHeader', 'cookie', 'argument'])
      if (test[key] !== undefined) source.addAtKey([...path, index, key], 'a connection has no fields and no query; remove the test');
    const value = rawText(test['value']);
    if (value === null) continue;
    const at = [...path, index, 'value'];
    try {
      compileValue(value, connectionNames);
      if (!hasTls && value.includes('${tls.')) source.addAtValue(at, 'TLS has not begun yet when these rules are asked; remove the test');
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      // What is no Value at all is told by who compiles it.
      source.addAtValue(at, `${error.message}; of a connection, addresses, ports and TLS are known`, error.offset);
    }
  }
}
