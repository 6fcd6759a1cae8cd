import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { filters } from '../../src/route/filter.js';
import { compileValue, ValueError } from '../../src/route/value.js';
import { standardNames, type ValueNames } from '../../src/route/value-names.js';
import { exchangeWith, FakeExchange, responseHead } from './exchange-fixture.js';

const docs = readFileSync(findUp('docs/values.md'), 'utf8');

/** The file in the project's root, whether the tests run from their source or from the build. */
function findUp(path: string): URL {
  for (const up of ['../../', '../../../']) {
    const url = new URL(up + path, import.meta.url);
    try {
      readFileSync(url);
      return url;
    } catch {
      // One folder further up.
    }
  }
  throw new Error(`${path} is missing`);
}

const secure = {
  tls: { protocol: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256', serverName: 'www.example', resumed: false },
  scheme: 'https',
  response: responseHead([['Content-Type', 'text/html']]),
  upstreamName: 'meteor',
  serverName: 'b',
  serverAddress: '127.0.0.1:3001',
} as const;

const reads: [template: string, text: string][] = [
  ['${client.ip}', '192.0.2.7'],
  ['${client.port}', '40000'],
  ['${peer.ip}', '10.0.0.1'],
  ['${listener.name} ${listener.ip} ${listener.port}', 'web 10.0.0.2 8080'],
  ['${scheme}://${host}${target}', 'https://www.example/chat/room?x=1'],
  ['${authority}', 'Www.Example:8080'],
  ['${method} ${path}${query} ${version}', 'GET /chat/room?x=1 1.1'],
  ['${header.X-Seen}|${header.x-seen}', 'one|one'],
  ['${cookie.a}${cookie.b}', '12'],
  ['${response.status} ${response.header.content-TYPE}', '200 text/html'],
  ['${tls.protocol} ${tls.cipher} ${tls.serverName} ${tls.resumed}', 'TLSv1.3 TLS_AES_128_GCM_SHA256 www.example false'],
  ['${upstream.name}/${server.name}/${server.address}', 'meteor/b/127.0.0.1:3001'],
  ['${id}', '00112233445566778899aabbccddeeff'],
  ['[${var.user}]', '[ann]'],
];

for (const [template, text] of reads) {
  test(`${template} reads ${text}`, () => {
    const x = exchangeWith(secure, [
      ['X-Seen', 'one'],
      ['X-Seen', 'two'],
      ['Cookie', 'a=1'],
      ['Cookie', 'b=2; a=3'],
    ]);
    x.setVariable('user', 'ann');
    const value = compileValue(template);
    assert.equal(value.constant, null);
    assert.equal(value.read(x), text);
  });
}

test('what the exchange does not have reads empty', () => {
  const x = exchangeWith({ client: { ip: '', port: 0 } });
  for (const name of [
    'client.ip',
    'client.port',
    'tls.protocol',
    'tls.resumed',
    'response.status',
    'response.header.a',
    'header.a',
    'cookie.a',
    'var.a',
    'server.name',
  ]) {
    assert.equal(compileValue(`\${${name}}`).read(x), '', name);
  }
});

test('the time is that of the reading', () => {
  const before = Date.now();
  const iso = Date.parse(compileValue('${time.iso}').read(new FakeExchange()));
  const unix = Number(compileValue('${time.unix}').read(new FakeExchange()));
  const after = Date.now();
  assert.ok(iso >= before && iso <= after);
  assert.ok(unix >= Math.floor(before / 1000) && unix <= Math.floor(after / 1000));
});

const constants: [template: string, text: string][] = [
  ['', ''],
  ['plain', 'plain'],
  ['$', '$'],
  ['a $ b } {', 'a $ b } {'],
  ['$${host}', '${host}'],
  ['$$${host}', '$${host}'],
  ['$${', '${'],
  ['é', '\u00c3\u00a9'],
  ['\u010a', '\u00c4\u008a'],
];

for (const [template, text] of constants) {
  test(`${JSON.stringify(template)} is the constant ${JSON.stringify(text)}`, () => {
    assert.equal(compileValue(template).constant, text);
    assert.equal(compileValue(template).read(new FakeExchange()), text);
  });
}

test('an escape beside a name', () => {
  assert.equal(compileValue('$${a}=${method}$${').read(new FakeExchange()), '${a}=GET${');
});

const mistakes: [template: string, offset: number, message: RegExp][] = [
  ['${clientip}', 0, /unknown Value "clientip"; write "\$\{client\.ip\}"/],
  ['a ${Client.IP}', 2, /write "\$\{client\.ip\}"/],
  ['${headers.x-seen}', 0, /write "\$\{header\.x-seen\}"/],
  ['${response.headers.etag}', 0, /write "\$\{response\.header\.etag\}"/],
  ['${something.else.entirely}', 0, /^unknown Value "something.else.entirely"$/],
  ['${host', 0, /has no "}"/],
  ['ok ${host} ${', 11, /has no "}"/],
  ['${}', 0, /names nothing/],
  ['${header.}', 0, /"" is not a field name/],
  ['${header.a b}', 0, /"a b" is not a field name/],
  ['${cookie.a;b}', 0, /not a cookie name/],
  ['${var.}', 0, /not a variable name/],
  ['${constructor}', 0, /unknown Value/],
  ['${__proto__}', 0, /unknown Value/],
];

for (const [template, offset, message] of mistakes) {
  test(`${template} is refused at ${offset}`, () => {
    assert.throws(
      () => compileValue(template),
      (error) => {
        assert.ok(error instanceof ValueError);
        assert.match(error.message, message);
        assert.equal(error.offset, offset);
        return true;
      },
    );
  });
}

test('a caller can bring names of its own', () => {
  const names: ValueNames = { singles: new Map([['answer', { meaning: 'All of it.', read: () => '42' }]]), families: new Map() };
  assert.equal(compileValue('${answer}', names).read(new FakeExchange()), '42');
  assert.throws(() => compileValue('${host}', names), ValueError);
});

test('compiling throws ValueError or nothing, whatever the template', () => {
  const piece = fc.oneof(
    fc.constantFrom('$', '${', '}', '$${', '.', 'header.', 'client.ip', 'cookie.', '\r\n', '\u010d'),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      try {
        const text = compileValue(pieces.join('')).read(new FakeExchange());
        for (let i = 0; i < text.length; i++) assert.ok(text.charCodeAt(i) <= 0xff);
      } catch (error) {
        if (!(error instanceof ValueError)) throw error;
        assert.ok(error.offset >= 0 && error.offset < pieces.join('').length);
      }
    }),
    { numRuns: 2000 },
  );
});

test('every name is in docs/values.md with its meaning', () => {
  for (const [name, { meaning }] of standardNames.singles) assert.ok(docs.includes(`| \`${name}\` | ${meaning} |`), name);
  for (const [prefix, { meaning }] of standardNames.families) assert.ok(docs.includes(`| \`${prefix}NAME\` | ${meaning} |`), prefix);
});

test('docs/values.md lists no name that does not exist', () => {
  const listed = [...docs.matchAll(/^\| `([^`]+)` \|/gm)].map((row) => row[1]!).filter((name) => !filters.has(name));
  assert.ok(listed.length >= 25);
  for (const name of listed) assert.doesNotThrow(() => compileValue(`\${${name}}`), name);
});

test('every filter is in docs/values.md with its meaning', () => {
  for (const [name, { meaning }] of filters) assert.ok(docs.includes(`| \`${name}\` | ${meaning} |`), name);
});

test('filters change what was read, from left to right', () => {
  const x = exchangeWith({ path: '/a%2fB' }, [['X-List', 'One,,Two,Three']]);
  const read = (template: string) => compileValue(template).read(x);
  assert.equal(read('${path|decode|lower}'), '/a/b');
  assert.equal(read('${header.x-list|word:2:,|upper}'), 'TWO');
  assert.equal(read('<${header.x-list|field:2:,}>'), '<>');
  assert.equal(read('${header.x-list|word:-1:,}'), 'Three');
  assert.equal(read('${method|md5}'), '7528035a93ee69cedb1dbddb2f0bfcc8');
  assert.equal(
    compileValue('${header.x-at|http-date:-60}').read(exchangeWith({}, [['X-At', '1700000000']])),
    'Tue, 14 Nov 2023 22:12:20 GMT',
  );
  assert.equal(read('<${method|http-date}>'), '<>');
  assert.equal(read('${path.decoded|encode}'), '/a/B');
  assert.equal(read('${header.x-list|replace:/,+/$&/}'), 'One$&Two,Three');
  assert.equal(read('${header.x-list|replace:/T[a-z]/-/gi}'), 'One,,-o,-ree');
});

test('a filter that does not exist, or has the wrong argument, is refused with what to write', () => {
  assert.throws(() => compileValue('${host|lwer}'), /unknown filter "lwer"; write "lower"/);
  assert.throws(() => compileValue('${host|word:x}'), /the filter "word:x": write a position and separators/);
  assert.throws(() => compileValue('${host|lower:1}'), /it takes no argument/);
  assert.throws(() => compileValue('${time.unix|http-date:1h}'), /write how many seconds later/);
  assert.throws(() => compileValue('${host|replace:a}'), /write a pattern and a text/);
  assert.throws(() => compileValue('${host|replace:/(/x/}'), /Invalid regular expression/);
  assert.throws(() => compileValue('${host|replace:/a/b/gg}'), /Invalid flags/);
});
