// proxy_cookie_path and proxy_cookie_domain: what servers say of their cookies, in terms of the paths and names that clients see.
import type { TranslationBuilder } from '../translation-builder.js';
import type { Scope } from './scope.js';
import type { Statement } from './statements.js';
import { hasVariable, type ValueTranslator } from './variables.js';

type Written = Record<string, unknown>;

/** Rules for the response, one for each attribute, since both may stand in one field. */
export function cookieRules(scope: Scope, values: ValueTranslator, builder: TranslationBuilder): Written[] {
  return [
    // A path is replaced where it begins so, a domain where it is that, whatever its case.
    ...attributeRule(scope, 'proxy_cookie_path', (from) => ({ pattern: `(;\\s*[Pp][Aa][Tt][Hh]=)${literally(from)}` }), values, builder),
    ...attributeRule(
      scope,
      'proxy_cookie_domain',
      (from) => ({ pattern: `(;\\s*domain=)\\.?${literally(from.replace(/^\./, ''))}(?=;|$)`, ignoreCase: true }),
      values,
      builder,
    ),
  ];
}

function attributeRule(
  scope: Scope,
  name: string,
  pattern: (from: string) => Written,
  values: ValueTranslator,
  builder: TranslationBuilder,
): Written[] {
  const replacements = scope.all(name).flatMap(({ args, place }: Statement): Written[] => {
    const [from = '', to] = args.map(({ text }) => text);
    if (to === undefined) {
      if (from !== 'off') builder.refuse(place, `invalid parameter "${from}"; write off, or what is replaced by what`);
      return [];
    }
    if (hasVariable(from) || from.startsWith('~')) {
      builder.lack(place, 'what is replaced is neither a pattern nor a variable; write it as it is');
      return [];
    }
    return [builder.mark({ ...pattern(from), to: `\${capture.1}${values.template(to, place)}` }, place, '')];
  });
  return replacements.length === 0 ? [] : [{ response: { replace: { 'Set-Cookie': replacements } } }];
}

/** As a pattern that finds just this. */
function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
