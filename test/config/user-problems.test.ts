// What is wrong with "user", "group" and the permissions of sockets.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../src/config/load.js';
import { assertProblems, atTop, listener } from './marked-config.js';

const cases: [string, string, string][] = [
  ['a user that does not exist', atTop('"user": ▸"no-such-user",'), 'there is no user "no-such-user"; write one of /etc/passwd instead'],
  ['a user that is a number', atTop('"user": ▸33,'), '"user" cannot be 33; write "33" instead'],
  [
    'a user without a name and without a group',
    atTop('"user": ▸"3000000",'),
    'user 3000000 has no name here, and so no group of its own; write "group": with one',
  ],
  [
    'a group that does not exist',
    atTop('"user": "root", "group": ▸"no-such-group",'),
    'there is no group "no-such-group"; write one of /etc/group instead',
  ],
  ['a group without a user', atTop('▸"group": "root",'), '"group" says in which group "user" is; write "user": with the name of one'],
  [
    'permissions that are not octal',
    listener('{ "address": "unix:web.sock", "socketMode": ▸"rw", "upstream": "app" }'),
    '"socketMode" cannot be "rw"; write three octal digits, such as "660", instead',
  ],
  [
    'permissions of what has no file',
    listener('{ "address": ":80", ▸"socketMode": "660", "upstream": "app" }'),
    'only a unix socket has a file with permissions; remove "socketMode"',
  ],
];

for (const [what, text, message] of cases) test(what, () => assertProblems(text, [message]));

test('the user is kept as the system numbers it', () => {
  const text = '{ "user": "root", "group": "4711", "listeners": { "web": { "address": ":80", "routes": [{ "deny": true }] } } }';
  assert.deepEqual(parseConfig(text, 'x.json').config?.user, { name: 'root', uid: 0, gid: 4711 });
});
