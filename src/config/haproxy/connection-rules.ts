// tcp-request connection and session: which connections are taken, as "connectionRules" of the document.
import { nearestName } from '../../core/nearest-name.js';
import { whenOf } from './http-rules.js';
import type { KnownStatement } from './keyword.js';
import type { ProxySection } from './proxy-section.js';

const steps: Readonly<Record<string, Readonly<Record<string, true>>>> = { accept: { accept: true }, reject: { deny: true } };

/** What HAProxy has beside these. */
const otherActions =
  'expect-netscaler-cip expect-proxy sc-inc-gpc sc-inc-gpc0 sc-inc-gpc1 sc-set-gpt sc-set-gpt0 set-dst set-dst-port set-mark set-src set-src-port set-tos set-var set-var-fmt silent-drop track-sc0 track-sc1 track-sc2 unset-var attach-srv'.split(
    ' ',
  );

/** Asked before TLS begins: HAProxy asks the rules of sessions behind it. */
const ofTls = /"tls"|\$\{tls\./;

export function addConnectionRule(statement: KnownStatement, proxy: ProxySection): void {
  const { report } = proxy;
  const { name } = statement.keyword;
  const [action, ...rest] = statement.args;
  const word = action!;
  const step = Object.hasOwn(steps, word.text) ? steps[word.text] : undefined;
  const known = word.text.replace(/\(.*$/, '');
  if (step === undefined && otherActions.includes(known)) {
    const message = `"${name} ${known}" is not supported; write "accept" or "reject"`;
    if (known === 'silent-drop') report.refuseGuard(word, message);
    else report.refuse(word, message);
    return;
  }
  if (step === undefined) {
    const nearest = nearestName(word.text, [...Object.keys(steps), ...otherActions]);
    report.reject(word, `"${word.text}" is not an action of ${name}${nearest === null ? '; remove it' : `; write "${nearest}" instead`}`);
    return;
  }
  const condition = proxy.acls.read(rest, proxy.useIn([name === 'tcp-request connection' ? 'connection' : 'session']));
  if (condition === undefined) {
    if (word.text === 'reject') report.keepClosed(statement);
    return;
  }
  if (ofTls.test(JSON.stringify(condition))) {
    report.refuseGuard(
      word,
      'connections are taken or refused before TLS begins; write an "http-request" rule, or leave TLS out of the condition',
    );
    return;
  }
  proxy.connectionRules.push({ value: { ...whenOf(condition), ...step }, at: statement });
  const other = proxy.connectionKeyword;
  if (other !== '' && other !== name)
    report.refuseGuard(statement, `there is one list of rules for connections; write all of them as "${other}"`);
  proxy.connectionKeyword = name;
}
