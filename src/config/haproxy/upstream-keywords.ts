// balance and cookie: how a server is chosen and how clients stick to it.
import type { KnownStatement } from './keyword.js';
import type { ProxySection } from './proxy-section.js';
import { rawPath } from './sample.js';
import type { PlacedWord } from './statements.js';

const algorithms: Readonly<Record<string, unknown>> = {
  roundrobin: 'round-robin',
  'static-rr': 'static-round-robin',
  leastconn: 'least-connections',
  source: 'source',
  first: 'first',
};

export function setBalance(statement: KnownStatement, proxy: ProxySection): void {
  const [algorithm, ...options] = statement.args;
  const value = balanceOf(algorithm!, options, proxy);
  if (value !== null) proxy.balance = { value, at: algorithm! };
}

function balanceOf(algorithm: PlacedWord, options: readonly PlacedWord[], proxy: ProxySection): unknown {
  const { report } = proxy;
  const { text } = algorithm;
  if (Object.hasOwn(algorithms, text)) return algorithms[text];
  const random = /^random(?:\((\d*)\))?$/.exec(text);
  if (random !== null) {
    if (random[1] !== undefined && (Number(random[1]) < 1 || Number(random[1]) > 100)) {
      report.reject(algorithm, `"${text}" draws too few or too many; write random(2)`);
      return null;
    }
    return random[1] === undefined || random[1] === '2' ? 'random' : { by: 'random', draws: Number(random[1]) };
  }
  const unsupported = options.filter((word) => word.text !== 'whole' || text !== 'uri');
  if (text === 'uri' && unsupported.length === 0) return { by: 'hash', key: options.length > 0 ? '${target}' : rawPath };
  const header = /^hdr\(([A-Za-z0-9!#$%&'*+.^_~-]+)\)$/.exec(text);
  if (header !== null && options.length === 0) return { by: 'hash', key: `\${header.${header[1]!.toLowerCase()}}` };
  if (text === 'url_param' && options.length === 1) return { by: 'hash', key: `\${query.${options[0]!.text}}` };
  if (/^(uri|url_param|hdr\(.+\)|rdp-cookie(\(.*\))?|hash)$/.test(text))
    report.refuse(
      algorithm,
      `"balance ${statementText([algorithm, ...options])}" is not supported; write another algorithm, or leave out its options`,
    );
  else
    report.reject(
      algorithm,
      `"${text}" is not an algorithm; write roundrobin, static-rr, leastconn, source, first, random, uri, url_param or hdr(name)`,
    );
  return null;
}

function statementText(words: readonly PlacedWord[]): string {
  return words.map((word) => word.text).join(' ');
}

const hashes: readonly string[] = ['sdbm', 'djb2', 'crc32'];

export function setHashType(statement: KnownStatement, proxy: ProxySection): void {
  const [method, hash, modifier] = statement.args;
  const { report } = proxy;
  if (method!.text === 'consistent')
    report.refuse(method!, '"consistent" is not supported: hashes point into a map of the servers; write "map-based"');
  else if (method!.text !== 'map-based')
    report.reject(method!, `"${method!.text}" is not a type of hash; write "map-based" or "consistent"`);
  else if (hash?.text === 'wt6') report.refuse(hash, '"wt6" is not supported; write sdbm, djb2 or crc32');
  else if (hash !== undefined && !hashes.includes(hash.text))
    report.reject(hash, `"${hash.text}" is not a hash; write sdbm, djb2 or crc32`);
  else if (modifier !== undefined && modifier.text !== 'avalanche')
    report.reject(modifier, `"${modifier.text}" is not expected here; write "avalanche", or remove it`);
  else
    proxy.hash = { value: { ...(hash !== undefined && { hash: hash.text }), ...(modifier !== undefined && { mix: true }) }, at: statement };
}

const modes = ['rewrite', 'insert', 'prefix'];

export function setCookie(statement: KnownStatement, proxy: ProxySection): void {
  const [name, ...options] = statement.args;
  const { report } = proxy;
  const value: Record<string, unknown> = {
    policy: 'cookie',
    name: name!.text,
    mode: '',
    secure: false,
    httpOnly: false,
    indirect: false,
    noCache: false,
    preserve: false,
  };
  const attributes: string[] = [];
  for (let at = 0; at < options.length; at++) {
    const word = options[at]!;
    const needsValue = ['domain', 'attr', 'maxidle', 'maxlife'].includes(word.text);
    const next = needsValue ? options[++at] : undefined;
    if (needsValue && next === undefined) {
      report.reject(word, `"${word.text}" needs a value; write it after it`);
      return;
    }
    if (modes.includes(word.text)) {
      if (value['mode'] !== '' && value['mode'] !== word.text) {
        report.reject(word, '"rewrite", "insert" and "prefix" exclude each other; write one of them');
        return;
      }
      value['mode'] = word.text;
    } else if (word.text === 'indirect' || word.text === 'preserve' || word.text === 'secure') value[word.text] = true;
    else if (word.text === 'nocache') value['noCache'] = true;
    else if (word.text === 'httponly') value['httpOnly'] = true;
    else if (word.text === 'attr') attributes.push(next!.text);
    else if (word.text === 'domain') {
      if (value['domain'] !== undefined) {
        report.refuse(word, 'a cookie has one domain; leave out the others');
        return;
      }
      value['domain'] = next!.text;
    } else if (['postonly', 'dynamic', 'maxidle', 'maxlife'].includes(word.text)) {
      report.refuse(word, `"${word.text}" is not supported: cookies of Limpet have nothing like it`);
      return;
    } else {
      report.reject(
        word,
        `"${word.text}" is not an option of "cookie"; write one of insert, prefix, rewrite, indirect, nocache, preserve, httponly, secure, domain and attr`,
      );
      return;
    }
  }
  if (value['mode'] === '') {
    // Without a mode HAProxy only reads the cookie.
    report.refuse(name!, 'a cookie that is only read is not supported; write "insert", "prefix" or "rewrite"');
    return;
  }
  if (value['indirect'] === true && value['mode'] === 'rewrite') {
    report.reject(name!, '"indirect" does not go with "rewrite"; leave it out');
    return;
  }
  if (attributes.length > 0) value['attributes'] = attributes;
  proxy.sticky = { value, at: name! };
}
