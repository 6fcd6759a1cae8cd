// charset: what an answer's Content-Type says of its letters, where it says nothing.
import type { TranslationBuilder } from '../translation-builder.js';
import type { Scope } from './scope.js';

type Written = Record<string, unknown>;

/** The types that nginx takes for text. */
const texts = ['text/html', 'text/xml', 'text/plain', 'text/vnd\\.wap\\.wml', 'application/javascript', 'application/rss\\+xml'];

/** The rule for the response, or null where nothing is said. Bodies stay as they are, as in nginx without a "charset_map". */
export function charsetRule(scope: Scope, builder: TranslationBuilder): Written | null {
  const statement = scope.find('charset');
  const charset = statement?.args[0]?.text ?? 'off';
  if (statement === undefined || charset === 'off') return null;
  const { place } = statement;
  if (!/^[A-Za-z0-9_-]+$/.test(charset)) {
    builder.lack(place, `"charset ${charset}" is not supported; write the name of one, such as utf-8`);
    return null;
  }
  const rule = {
    response: {
      replace: { 'Content-Type': [{ pattern: `^(${texts.join('|')})$`, ignoreCase: true, to: `\${capture.1}; charset=${charset}` }] },
    },
  };
  return builder.mark(rule, place, `${place.file}:${place.line} charset`);
}
