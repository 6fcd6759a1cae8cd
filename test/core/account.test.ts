// Users and groups as this system knows them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findGroup, findUser } from '../../src/core/account.js';

test('a user is found by name and by number, in its own group', () => {
  assert.deepEqual(findUser('root', null), { name: 'root', uid: 0, gid: 0 });
  assert.deepEqual(findUser('0', null), { name: 'root', uid: 0, gid: 0 });
});

test('another group may be named for it, by name or by number', () => {
  const group = findGroup('daemon');
  assert.ok(group !== null);
  assert.equal(findUser('root', 'daemon')?.gid, group);
  assert.equal(findUser('root', '4711')?.gid, 4711);
});

test('a number without a name is a user where a group is named', () => {
  assert.deepEqual(findUser('3000000', '7'), { name: '3000000', uid: 3_000_000, gid: 7 });
  assert.equal(findUser('3000000', null), null);
});

test('what the system does not know is not found', () => {
  assert.equal(findUser('no-such-user', null), null);
  assert.equal(findUser('root', 'no-such-group'), null);
  assert.equal(findGroup('no-such-group'), null);
});
