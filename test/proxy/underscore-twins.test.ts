// Servers of the CGI kind read '_' in a name as '-': what rules set or remove must not come a second time from the client.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withOrigin } from './origin.js';
import { type ConfigParts, get, ok, simpleConfig, withWorker } from './stage.js';

const edits = { request: { set: { 'X-User-Name': 'checked' }, remove: ['X-Secret-Key'] } };
const places: Record<string, ConfigParts> = {
  'the listener': { listener: edits },
  'the route': { listener: { routes: [{ upstream: 'app', ...edits }] } },
  'the upstream': { upstream: edits },
};

const sent = [
  'X_User_Name: forged',
  'x-user_name: forged',
  'X_USER-NAME: forged',
  'X-User-Name: forged',
  'X_Secret_Key: forged',
  'X-Secret_Key: forged',
];

for (const [where, parts] of Object.entries(places)) {
  test(`twins of fields that ${where} edits do not reach the server; other names with '_' do`, () =>
    withOrigin({ onRequest: ({ connection }) => connection.write(ok('')) }, (origin) =>
      withWorker(simpleConfig([origin.address], parts), async (stage) => {
        const client = await stage.connect();
        client.send(get('/', `${sent.join('\r\n')}\r\nX_Other: 1\r\n`));
        assert.equal((await client.readResponse()).status, 200);
        const { head, fields } = origin.requests[0]!;
        assert.doesNotMatch(head, /forged/);
        assert.equal(fields.get('x-user-name'), 'checked');
        assert.equal(fields.get('x_other'), '1');
      }),
    ));
}

test("a name with '_' that a rule itself writes goes on, and so does its twin with '-' by another rule", () =>
  withOrigin({ onRequest: ({ connection }) => connection.write(ok('')) }, (origin) =>
    withWorker(simpleConfig([origin.address], { upstream: { request: { set: { X_Mine: '1', 'X-Mine': '2' } } } }), async (stage) => {
      const client = await stage.connect();
      client.send(get('/', 'X_Mine: forged\r\n'));
      await client.readResponse();
      const { fields } = origin.requests[0]!;
      assert.deepEqual([fields.get('x_mine'), fields.get('x-mine')], ['1', '2']);
    }),
  ));
