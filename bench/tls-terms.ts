// A cell's TLS terms in the words that configurations use. It is about names only.

import type { Cell, TlsVersion } from './cells.js';

export interface TlsNames {
  readonly lowest: TlsVersion;
  readonly highest: TlsVersion;
  /** For TLS 1.2, separated by colons. */
  readonly ciphers: string;
  /** For TLS 1.3, separated by colons. */
  readonly suites: string;
  /** Sessions are resumed by ids that the server keeps, not by tickets. */
  readonly byId: boolean;
}

const CIPHERS = 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256';
const SUITES = 'TLS_AES_128_GCM_SHA256';

export function tlsNames({ tls, load }: Cell): TlsNames {
  const suite = tls?.suite;
  const isOfTls13 = suite?.startsWith('TLS_') ?? false;
  return {
    lowest: tls?.version ?? 'TLSv1.2',
    highest: tls?.version ?? 'TLSv1.3',
    ciphers: suite === undefined || isOfTls13 ? CIPHERS : suite,
    suites: isOfTls13 && suite !== undefined ? suite : SUITES,
    byId: load === 'resume-id',
  };
}

/** 'TLSv1.2 TLSv1.3', or one of them. */
export function protocolList({ lowest, highest }: TlsNames): string {
  return lowest === highest ? lowest : `${lowest} ${highest}`;
}
