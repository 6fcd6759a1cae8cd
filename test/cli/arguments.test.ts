import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Command, parseCommandLine } from '../../src/cli/arguments.js';

const sound: [string, Command][] = [
  ['run', { name: 'run', configFile: 'proxy.config.json', workers: null, pidFile: null, watches: false, lenient: false }],
  [
    'run a.json --workers auto --pid-file /run/x.pid',
    { name: 'run', configFile: 'a.json', workers: 'auto', pidFile: '/run/x.pid', watches: false, lenient: false },
  ],
  ['run --workers=4 a.json', { name: 'run', configFile: 'a.json', workers: 4, pidFile: null, watches: false, lenient: false }],
  ['convert --lenient nginx.conf', { name: 'convert', configFile: 'nginx.conf', lenient: true }],
  ['run -- --odd.json', { name: 'run', configFile: '--odd.json', workers: null, pidFile: null, watches: false, lenient: false }],
  ['check', { name: 'check', configFile: 'proxy.config.json', lenient: false }],
  ['check a.json', { name: 'check', configFile: 'a.json', lenient: false }],
  ['demo', { name: 'demo', argv: [] }],
  ['demo a.json', { name: 'demo', argv: ['a.json'] }],
  ['--help', { name: 'help', topic: null }],
  ['-h', { name: 'help', topic: null }],
  ['help', { name: 'help', topic: null }],
  ['help run', { name: 'help', topic: 'run' }],
  ['check a.json --help', { name: 'help', topic: 'check' }],
  ['--version', { name: 'version' }],
  ['-v', { name: 'version' }],
];

for (const [words, command] of sound) {
  test(`limpet ${words}`, () => assert.deepEqual(parseCommandLine(words.split(' ')), command));
}

const wrong: [string[], string, string | null][] = [
  [[], 'a command is missing', null],
  [['rnu'], 'there is no command "rnu"; did you mean "run"?', null],
  [['proxy.config.json'], 'there is no command "proxy.config.json"', null],
  [['help', 'chekc'], 'there is no command "chekc"; did you mean "check"?', null],
  [['--hlep'], 'there is no option "--hlep"; did you mean "--help"?', null],
  [['run', '--wrokers', '3'], 'there is no option "--wrokers"; did you mean "--workers"?', 'run'],
  [['check', '--workers', '3'], 'there is no option "--workers"', 'check'],
  [['check', '--constructor'], 'there is no option "--constructor"', 'check'],
  [['run', '-x'], 'there is no option "-x"', 'run'],
  [['run', '--workers', '0'], '--workers cannot be "0"; write a whole number from 1 to 1024, or auto', 'run'],
  [['run', '--workers', '1025'], '--workers cannot be "1025"; write a whole number from 1 to 1024, or auto', 'run'],
  [['run', '--workers'], '--workers needs a value; write --workers N|auto', 'run'],
  [['run', '--workers', '--pid-file', 'x'], '--workers needs a value; write --workers N|auto', 'run'],
  [['run', '--pid-file='], '--pid-file needs a value; write --pid-file PATH', 'run'],
  [['run', 'a.json', 'b.json'], '"b.json" is one file too many: run takes one', 'run'],
];

for (const [words, message, topic] of wrong) {
  test(`limpet ${words.join(' ')} is wrong usage`, () => {
    assert.throws(() => parseCommandLine(words), { name: 'UsageError', message, topic });
  });
}
