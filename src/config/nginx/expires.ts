// expires: how long caches may keep an answer, as Expires and Cache-Control.
import type { TranslationBuilder } from '../translation-builder.js';
import type { Scope } from './scope.js';
import { parseSeconds } from './units.js';

type Written = Record<string, unknown>;

/** The rule's changes to a response, or null where nothing is said. */
export function expiryFields(scope: Scope, builder: TranslationBuilder): Written | null {
  const statement = scope.find('expires');
  if (statement === undefined) return null;
  const { args, place } = statement;
  const [when = '', after] = args.map(({ text }) => text);
  if (after !== undefined || /^[$@]/.test(when)) {
    builder.lack(place, `"expires ${when}" is not supported; write a time such as 1h, epoch or max`);
    return null;
  }
  const fields = fieldsFor(when);
  return fields === null ? null : builder.mark({ set: fields }, place, `${place.file}:${place.line} expires`);
}

function fieldsFor(when: string): Written | null {
  if (when === 'epoch') return { Expires: 'Thu, 01 Jan 1970 00:00:01 GMT', 'Cache-Control': 'no-cache' };
  if (when === 'max') return { Expires: 'Thu, 31 Dec 2037 23:55:55 GMT', 'Cache-Control': 'max-age=315360000' };
  const milliseconds = parseSeconds(when.replace(/^[-+]/, ''));
  // "off", or what has been refused already.
  if (milliseconds === null) return null;
  const seconds = (milliseconds / 1000) * (when.startsWith('-') ? -1 : 1);
  const kept = Math.min(Math.max(seconds, -LONGEST), LONGEST);
  return { Expires: `\${time.unix|http-date:${kept}}`, 'Cache-Control': kept < 0 ? 'no-cache' : `max-age=${kept}` };
}

/** A hundred years of seconds, after which nobody asks. */
const LONGEST = 3_153_600_000;
