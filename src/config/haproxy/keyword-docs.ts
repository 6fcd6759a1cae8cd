// The keyword table as rows of Markdown, for the page on coming from HAProxy.
import { actions } from './http-rules.js';
import { globalKeywords, type Keyword, proxyKeywords } from './keyword.js';
import { otherSections } from './sections.js';

const sectionNames: Readonly<Record<string, string>> = { G: 'global', D: 'defaults', F: 'frontend', B: 'backend', L: 'listen' };
const fates = { carried: '', noted: 'noted: ', refused: 'not supported: ' } as const;

/** Keyword | sections | what becomes of it. */
export function haproxyKeywordTable(): string {
  const rows = [...globalKeywords.values(), ...proxyKeywords.values()].map(rowOf);
  for (const [name, { rulesets, meaning, compile }] of Object.entries(actions)) {
    const keywords = rulesets.split(' ').map((ruleset) => `\`http-${ruleset === 'after' ? 'after-response' : ruleset} ${name}\``);
    rows.push(`| ${keywords.join(', ')} | as the list itself | ${compile === undefined ? 'not supported: ' : ''}${meaning} |`);
  }
  rows.push('| `http-errors` | a section | pages that "errorfiles" asks for |');
  for (const [name, { fate, meaning }] of Object.entries(otherSections))
    rows.push(`| \`${name}\` | a section | ${fates[fate]}${meaning} |`);
  return `| keyword | sections | what becomes of it |\n|---|---|---|\n${rows.join('\n')}\n`;
}

function rowOf({ name, sections, fate, meaning }: Keyword): string {
  const places = [...sections].map((letter) => sectionNames[letter]!).join(', ');
  return `| \`${name}\` | ${places} | ${fates[fate]}${meaning} |`;
}
