import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { commandNames, commands } from '../../src/cli/commands.js';
import { helpText } from '../../src/cli/help.js';
import { parseConfig } from '../../src/config/load.js';

// The compiled test lies one folder deeper than its source.
const candidates = ['../../docs/command-line.md', '../../../docs/command-line.md'].map((path) => new URL(path, import.meta.url));
const page = readFileSync(candidates.find((url) => existsSync(url)) as URL, 'utf8');

for (const topic of [null, ...commandNames]) {
  test(`docs/command-line.md shows what \`limpet ${topic === null ? '' : `${topic} `}--help\` prints`, () => {
    assert.ok(page.includes(`\`\`\`text\n${helpText(topic)}\`\`\``), helpText(topic));
  });
}

test('every command and option is in the help, within 80 columns but for examples', () => {
  for (const name of commandNames) {
    assert.match(helpText(null), new RegExp(`^  ${name} `, 'm'));
    for (const option of Object.keys(commands[name].options)) assert.ok(helpText(name).includes(`--${option}`));
    const [explained] = helpText(name).split('Examples:');
    for (const line of explained.split('\n')) assert.ok(line.length <= 80, line);
  }
});

test('the configuration that the help shows is sound', () => {
  const text = /^ {2}\{\n[\s\S]*?^ {2}\}$/m.exec(helpText(null))?.[0] ?? '';
  assert.equal(parseConfig(text, 'x.json').problems, undefined);
});
