// What HAProxy refuses of lines that do not fit each other, and of values of which nothing is made: said with a place.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inListen, translate } from './translated.js';

const b = 'server b 127.0.0.1:3001';

describe('lines that do not fit each other', () => {
  for (const [lines, problem] of [
    [[`${b} check-ssl`], '4:9: there is no "ca-file" to verify the server by, which is checked in TLS; write "verify none"'],
    [[`${b} agent-check`], '4:9: "agent-check" needs a port; write "agent-port" and its number'],
    [[`${b} resolvers dns`], '4:36: there is no resolvers section "dns"; write one, or another name'],
    [[`${b} track c`], '4:32: there is no server "c" in "web"; write one, or another name'],
    [[`${b} track other/c`], '4:32: there is no backend "other"; write one, or another name'],
    [[`${b} track a`], '4:32: there is nothing to track: the server "a" is not checked; write "check" behind it'],
    [[`${b} track b`], '4:32: these servers track each other; write "check" behind one of them instead'],
    [[`${b} check track a`], '4:38: a server is checked or tracks another; remove "track", or write "no-check"'],
    [[`${b} id 7`, 'server c 127.0.0.1:3002 id 07'], '5:29: the id 7 is taken already, in line 4; write another'],
    [['id 7', 'id 8'], '5:5: there is an "id" in line 4 already; remove one of them'],
    [['bind 127.0.0.1:1-2 id 7'], '4:24: an "id" is for one address; write a line for each of them'],
    [['error-log-format %[path]'], /^4:19: "path" is known while there is a request, and not here/],
  ] as const) {
    test(lines.join(', '), () => {
      const [first, ...others] = translate(inListen(...lines)).problems;
      if (typeof problem === 'string') assert.equal(first, problem);
      else assert.match(first ?? '', problem);
      // "a" has no check in any of them.
      assert.ok(others.every((other) => /nothing to track/.test(other)));
    });
  }

  test('what stands in defaults is said once, where it stands', () => {
    const { problems } = translate(`defaults\n unique-id-format %[nothing]\n${inListen()}frontend f\n mode http\n bind 127.0.0.1:8081\n`);
    assert.deepEqual(
      problems.filter((problem) => problem.startsWith('2:')),
      ['2:19: "nothing" is not a sample; write one such as hdr(host), path or src'],
    );
  });

  test('"tune.ssl.capture-buffer-size" under both of its names', () => {
    const global = 'global\n tune.ssl.capture-cipherlist-size 10\n tune.ssl.capture-buffer-size 10\n';
    assert.deepEqual(translate(`${global}${inListen()}`).problems, [
      '3:2: "tune.ssl.capture-cipherlist-size" stands in line 2 already; remove one of them',
    ]);
  });
});

describe('values in checks, which are not sent', () => {
  for (const [line, problem] of [
    ['tcp-check send-lf %[path]', '4:20: "path" is not known to the checks of a server; write another sample'],
    ['http-check send hdr a %zz', '4:24: "%zz" is not a variable; write "%%" for a percent sign'],
    ['http-check set-var(check.a) src,lowr', '4:30: "lowr" is not a converter; write one such as lower or field(1,/)'],
    ['http-check set-var(a) src', '4:13: "a" is not a variable; write one such as txn.name'],
    ['http-check set-var(check.a,maybe) src', '4:13: "maybe" is not a condition; write one such as ifexists'],
    ['tcp-check connect port 70000', '4:25: "70000" is not a port; write a number from 1 to 65535, or a sample'],
  ] as const) {
    test(line, () => assert.deepEqual(translate(inListen(line)).problems, [problem]));
  }

  test('what HAProxy takes is noted', () => {
    const lines = ['http-check send hdr %[path] %[be_name] comment uri-lf', 'http-check expect hdr name -m beg a value-lf %[src]'];
    const { problems, warnings } = translate(inListen(...lines));
    assert.deepEqual(problems, []);
    assert.equal(warnings.length, 2);
  });
});
