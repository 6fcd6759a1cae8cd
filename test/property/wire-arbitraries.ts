// Generates requests and chunked bodies for the property tests: mostly well formed, with faults of the kinds that
// readers have disagreed about mixed in, so that both answers, taken and refused, come up often.
import fc from 'fast-check';

/** The first of the choices most of the time, so that several oddities rarely come together. */
function mostly<T>(usual: T, ...odd: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof({ weight: 10, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...odd) });
}

const lineEnd = fc.oneof(
  { weight: 60, arbitrary: fc.constant('\r\n') },
  { weight: 1, arbitrary: fc.constantFrom('\n', '\r', '\r\r\n', '\n\r') },
);

const method = mostly('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'get', 'BREW', 'G<T', '');
const target = mostly('/', '/a/b?c=d', '/a%20b', '*', 'http://a/b', 'http://b', 'a', '/a b', '/a#b', '/\x00', '/\xe4', '//a', '/a|"{}');
const version = mostly('HTTP/1.1', 'HTTP/1.0', 'HTTP/1.2', 'HTTP/2.0', 'http/1.1', 'HTTP/1.10', '');

const plainName = fc.constantFrom('X', 'Accept', 'x-y', 'Cookie', "A!#$%&'*+-.^`|~9", 'User-Agent', 'x_y');
const plainValue = fc.constantFrom('a', '', 'a b', 'a, b', '\xe4\xff', '"q"', 'a:b', '\ta', '=;?');
const oddName = fc.constantFrom('', 'X ', 'X[]', 'X\t', '\xe4', 'X\x00', ' X', 'X Y', '(x)');
const oddValue = fc.constantFrom('a\x00b', 'a\rb', '\x07', 'a\x7f', 'a\nb', 'a\r\n b', 'a\x0bb');

const otherField = fc
  .tuple(
    fc.oneof({ weight: 12, arbitrary: plainName }, { weight: 1, arbitrary: oddName }),
    mostly(': ', ':', ':\t', ' : ', ''),
    fc.oneof({ weight: 12, arbitrary: plainValue }, { weight: 1, arbitrary: oddValue }),
  )
  .map((parts) => parts.join(''));

const hostField = mostly('Host: a', 'hOsT: a', 'Host:', 'Host: a:80', 'Host: a b', 'Host: a/b', 'Host: [::1]', 'Host : a', 'X: no host');
const connectionField = fc.constantFrom(
  'Connection: close',
  'Connection: keep-alive',
  'Connection: x-y, keep-alive',
  'Connection:',
  'Keep-Alive: timeout=5',
);

const lengthField = fc
  .tuple(
    fc.constantFrom('Content-Length', 'content-length'),
    mostly(': ', ':', ' : '),
    mostly('5', '05', '0', '', '+5', '-5', '5 5', '5, 5', '0x5', '5\xa0', '6'),
  )
  .map((parts) => parts.join(''));
const codingField = fc
  .tuple(
    fc.constantFrom('Transfer-Encoding', 'transfer-encoding'),
    mostly(': ', ':', ' : '),
    mostly(
      'chunked',
      'Chunked',
      'gzip',
      'gzip, chunked',
      'chunked, chunked',
      'identity',
      '',
      ' chunked\t',
      '\x0bchunked',
      '\xa0chunked',
      'chunked;q=1',
      'chunked,',
    ),
  )
  .map((parts) => parts.join(''));

const framing = fc.oneof(
  { weight: 3, arbitrary: fc.constant<string[]>([]) },
  { weight: 6, arbitrary: fc.tuple(lengthField) },
  { weight: 6, arbitrary: fc.tuple(codingField) },
  { weight: 1, arbitrary: fc.tuple(lengthField, lengthField) },
  { weight: 1, arbitrary: fc.tuple(lengthField, codingField) },
  { weight: 1, arbitrary: fc.tuple(codingField, lengthField) },
  { weight: 1, arbitrary: fc.tuple(codingField, codingField) },
);

/** A head with its empty line, latin1. It may hold anything that a malicious client could send, but ends where it seems to. */
export const requestHead: fc.Arbitrary<string> = fc
  .record({
    before: mostly('', '\r\n', '\n', ' '),
    line: fc.tuple(method, mostly(' ', '  ', '\t'), target, mostly(' ', '  ', ''), version).map((parts) => parts.join('')),
    fields: fc.tuple(hostField, framing, fc.array(otherField, { maxLength: 3 }), fc.option(connectionField, { nil: null, freq: 3 })),
    shuffled: fc.boolean(),
    ends: fc.array(lineEnd, { minLength: 10, maxLength: 10 }),
  })
  .map(({ before, line, fields: [host, framed, others, connection], shuffled, ends }) => {
    const fields = [host, ...framed, ...others, ...(connection === null ? [] : [connection])];
    const lines = [line, ...(shuffled ? fields.reverse() : fields)];
    return `${before}${lines.map((text, index) => text + ends[index]).join('')}\r\n`;
  });

const statusLine = mostly(
  'HTTP/1.1 200 OK',
  'HTTP/1.1 404 Not Found',
  'HTTP/1.1 304 Not Modified',
  'HTTP/1.1 204 No Content',
  'HTTP/1.1 200',
  'HTTP/1.0 200 OK',
  'HTTP/1.1 99 OK',
);

/** The same for what a server sends. */
export const responseHead: fc.Arbitrary<string> = fc
  .tuple(statusLine, requestHead)
  .map(([line, text]) => `${line}\r\n${text.slice(text.indexOf('\n') + 1)}`);

const chunkData = fc.constantFrom('a', 'hello', '0\r\n\r\n', '0123456789abcdef', '\r\n', '\x00\xff');
const sizeSuffix = mostly('', ';a=b', ';a', ';a="b c"', ' ;a', ' ', '\t', ' 5', ',', '\x00', ';\n', ';\x00');
const chunk = fc
  .tuple(chunkData, mostly(0, 1, -1), mostly('', '0', '00', '+', '-', '0x', ' '), sizeSuffix, lineEnd, lineEnd)
  .map(
    ([data, error, prefix, suffix, end, dataEnd]) =>
      `${prefix}${Math.max(0, data.length + error).toString(16)}${suffix}${end}${data}${dataEnd}`,
  );
const trailer = fc.tuple(otherField, lineEnd).map((parts) => parts.join(''));

/** A chunked body and what follows it, latin1. */
export const chunkedBody: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(chunk, { maxLength: 4 }),
    mostly('0', '000', ''),
    sizeSuffix,
    lineEnd,
    fc.array(trailer, { maxLength: 2 }),
    lineEnd,
    mostly('', 'GET / HTTP/1.1\r\n'),
  )
  .map(([chunks, size, suffix, end, trailers, last, rest]) => `${chunks.join('')}${size}${suffix}${end}${trailers.join('')}${last}${rest}`);

/** Where to cut a text: the pieces together are the text. */
export function cutAt(text: string, cuts: readonly number[]): string[] {
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => text.slice(from, places[index]));
}

export const cuts: fc.Arbitrary<number[]> = fc.array(fc.nat({ max: 4096 }), { maxLength: 8 });
