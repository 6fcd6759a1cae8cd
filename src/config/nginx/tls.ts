// ssl_* of the servers at one address as TLS of the listener.
import { knownCiphers } from '../../core/cipher-list.js';
import type { Place } from '../front-end.js';
import type { TranslationBuilder } from '../translation-builder.js';
import type { Scope } from './scope.js';
import { durationOf } from './units.js';

type Written = Record<string, unknown>;

const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

/** `chosen` is the default server's scope: its settings hold for the address, as in nginx. */
export function tlsOf(scopes: readonly Scope[], chosen: Scope, place: Place, builder: TranslationBuilder): Written {
  const certificates = [chosen, ...scopes.filter((scope) => scope !== chosen)].flatMap((scope) => certificatesOf(scope, builder));
  if (certificates.length === 0)
    builder.refuse(place, 'no "ssl_certificate" is defined for the "listen … ssl" directive; write one, and "ssl_certificate_key"');
  const protocols = chosen.all('ssl_protocols').flatMap(({ args }) => args.map(({ text }) => text));
  const written = protocols.length === 0 ? ['TLSv1.2', 'TLSv1.3'] : protocols;
  const spoken = written.filter((name) => {
    if (name === 'SSLv2' || name === 'SSLv3') builder.lack(place, `${name} is spoken by nobody any more; leave it out`);
    return versions.includes(name);
  });
  const sorted = [...spoken].sort((a, b) => versions.indexOf(a) - versions.indexOf(b));
  const timeout = chosen.find('ssl_session_timeout');
  const ciphers = ciphersOf(chosen, builder);
  const curves = chosen.text('ssl_ecdh_curve', 'auto');
  return {
    certificates: unique(certificates),
    minVersion: sorted[0] ?? 'TLSv1.2',
    maxVersion: sorted.at(-1) ?? 'TLSv1.3',
    ...(ciphers === '' ? {} : { ciphers }),
    ...(curves === 'auto' ? {} : { curves }),
    preferServerCiphers: chosen.text('ssl_prefer_server_ciphers', 'off') === 'on',
    sessionTimeout: timeout === undefined ? '5m' : (durationOf(timeout, builder) ?? '5m'),
    tickets: chosen.text('ssl_session_tickets', 'on') === 'on',
  };
}

function ciphersOf(scope: Scope, builder: TranslationBuilder): string {
  const statement = scope.find('ssl_ciphers');
  if (statement === undefined) return '';
  const { list, note } = knownCiphers(statement.args[0]!.text);
  if (note !== null) builder.note(statement.place, note);
  return list;
}

/** The certificates in force at `scope`, with their keys. */
export function certificatesOf(scope: Scope, builder: TranslationBuilder): { cert: string; key: string }[] {
  const certs = scope.all('ssl_certificate');
  const keys = scope.all('ssl_certificate_key');
  const alone = certs[keys.length];
  if (alone !== undefined) {
    builder.refuse(alone.place, `no "ssl_certificate_key" is defined for certificate "${alone.args[0]!.text}"; write one`);
    return [];
  }
  return certs.map(({ args }, index) => ({ cert: args[0]!.text, key: keys[index]!.args[0]!.text }));
}

function unique(certificates: readonly { cert: string; key: string }[]): { cert: string; key: string }[] {
  return certificates.filter((one, index) => certificates.findIndex(({ cert, key }) => cert === one.cert && key === one.key) === index);
}
