// Options about TLS, which stand on bind lines and, for all of them, in the global section.
import { knownCiphers } from '../../core/cipher-list.js';
import { SampleError } from './sample-error.js';

const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
const writtenVersions: Readonly<Record<string, string>> = {
  'TLSv1.0': 'TLSv1',
  'TLSv1.1': 'TLSv1.1',
  'TLSv1.2': 'TLSv1.2',
  'TLSv1.3': 'TLSv1.3',
};
const byDigits: Readonly<Record<string, string>> = { tlsv10: 'TLSv1', tlsv11: 'TLSv1.1', tlsv12: 'TLSv1.2', tlsv13: 'TLSv1.3' };

const names: Readonly<Record<string, number>> = {
  'ssl-min-ver': 1,
  'ssl-max-ver': 1,
  ciphers: 1,
  ciphersuites: 1,
  curves: 1,
  'no-tls-tickets': 0,
  'prefer-client-ciphers': 0,
  'no-sslv3': 0,
  'force-sslv3': 0,
};

/** Options that are keywords by themselves where they are for all. */
const alone: readonly string[] = ['ciphers', 'ciphersuites', 'curves'];

/** As {@link takesTlsOption}, of those that stand in one line for all. */
export function takesTlsOptionForAll(option: string): { words: number } | null {
  return alone.includes(option) ? null : takesTlsOption(option);
}

/** How many words follow the option; null if it is none of these. */
export function takesTlsOption(option: string): { words: number } | null {
  if (Object.hasOwn(names, option)) return { words: names[option]! };
  return /^(no|force)-tlsv1[0-3]$/.test(option) ? { words: 0 } : null;
}

/** Puts the option into `tls`, the document's; `note` gets what is left out of it. Throws SampleError. */
export function applyTlsOption(option: string, value: string, tls: Record<string, unknown>, note: (message: string) => void): void {
  switch (option) {
    case 'ssl-min-ver':
    case 'ssl-max-ver':
      if (!Object.hasOwn(writtenVersions, value))
        throw new SampleError(`"${value}" is not a version that is spoken; write TLSv1.0, TLSv1.1, TLSv1.2 or TLSv1.3`, value !== 'SSLv3');
      tls[option === 'ssl-min-ver' ? 'minVersion' : 'maxVersion'] = writtenVersions[value];
      return;
    case 'ciphers':
    case 'ciphersuites': {
      const { list, note: left } = knownCiphers(value);
      tls['ciphers'] = tls['ciphers'] === undefined ? list : `${tls['ciphers']}:${list}`;
      if (left !== null) note(left);
      return;
    }
    case 'curves':
      tls['curves'] = value;
      return;
    case 'no-tls-tickets':
      tls['tickets'] = false;
      return;
    case 'prefer-client-ciphers':
      tls['preferServerCiphers'] = false;
      return;
    case 'no-sslv3':
      return;
    case 'force-sslv3':
      throw new SampleError('SSLv3 is not spoken; write a version of TLS');
  }
  const version = byDigits[option.replace(/^(no|force)-/, '')]!;
  if (option.startsWith('force-')) {
    tls['minVersion'] = version;
    tls['maxVersion'] = version;
  } else {
    leaveOut(version, tls);
  }
}

/** Versions go from one to another without a gap: only the ends can be left out. */
function leaveOut(version: string, tls: Record<string, unknown>): void {
  const low = versions.indexOf((tls['minVersion'] as string | undefined) ?? 'TLSv1.2');
  const high = versions.indexOf((tls['maxVersion'] as string | undefined) ?? 'TLSv1.3');
  const at = versions.indexOf(version);
  if (at < low || at > high) return;
  if (at === low && low < high) tls['minVersion'] = versions[low + 1];
  else if (at === high && low < high) tls['maxVersion'] = versions[high - 1];
  else throw new SampleError('no version of TLS would be left; leave out fewer');
}
