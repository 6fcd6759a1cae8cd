// proxy_cookie_path and proxy_cookie_domain: what servers say of their cookies, in terms of the paths and names that clients see.
import { literalPattern } from '../../core/literal-pattern.js';
import type { TranslationBuilder } from '../translation-builder.js';
import { javascriptPattern } from './rewrite-rules.js';
import type { Scope } from './scope.js';
import type { Statement } from './statements.js';
import { capturesOf, hasVariable, type ValueTranslator } from './variables.js';

type Written = Record<string, unknown>;

/** Rules for the response, one for each attribute, since both may stand in one field. */
export function cookieRules(scope: Scope, values: ValueTranslator, builder: TranslationBuilder): Written[] {
  return (['path', 'domain'] as const).flatMap((attribute) => {
    const replacements = scope
      .all(`proxy_cookie_${attribute}`)
      .flatMap((statement) => replacementOf(statement, attribute, values, builder));
    return replacements.length === 0 ? [] : [{ response: { replace: { 'Set-Cookie': replacements } } }];
  });
}

function replacementOf(
  { args, place }: Statement,
  attribute: 'path' | 'domain',
  values: ValueTranslator,
  builder: TranslationBuilder,
): Written[] {
  const [from = '', to] = args.map(({ text }) => text);
  if (to === undefined) return [];
  const found = from.startsWith('~') ? { ...patternOf(from, attribute), whole: true } : literally(from, attribute);
  if (!from.startsWith('~') && hasVariable(from)) {
    builder.lack(place, 'what is replaced is no variable; write it as it is, or a pattern');
    return [];
  }
  return [builder.mark({ attribute, ...found, to: values.with(capturesOf(from)).template(to, place) }, place, '')];
}

/** Domains have no case. */
function patternOf(from: string, attribute: 'path' | 'domain'): Written {
  const ignoresCase = from.startsWith('~*') || attribute === 'domain';
  return { pattern: javascriptPattern(from.replace(/^~\*?/, '')), ...(ignoresCase ? { ignoreCase: true } : {}) };
}

/** A path is replaced where it begins so, a domain where it is that: a dot in front stays there. */
function literally(from: string, attribute: 'path' | 'domain'): Written {
  if (attribute === 'path') return { startsWith: from };
  const name = literalPattern(from.replace(/^\./, ''));
  return { pattern: `(?<=^\\.?)${name}$`, ignoreCase: true };
}
