// Protocol profiles: the few points where peers read the same bytes differently. Strict is ours; the other two
// are what users of those programs rely on. Whichever is chosen, a message has exactly one reading.
import { type Fault, faults } from '../core/errors.js';

export interface WireProfile {
  readonly name: 'strict' | 'nginx' | 'haproxy';
  /** A bare LF ends a line of a head. RFC 9112 §2.2. */
  readonly acceptsBareLf: boolean;
  /** A folded line is joined with one space instead of refused. RFC 9112 §5.2. */
  readonly unfoldsLines: boolean;
  /** CGI-style servers read '_' in a name as '-': drop all such fields, or those that would then be read as one that Limpet sets or trusts. */
  readonly underscoreNames: 'pass' | 'drop-twins' | 'drop';
  /** An HTTP/1.1 request without Host is refused. RFC 9112 §3.2. */
  readonly requiresHost: boolean;
  /** Two Host fields with the same value are taken as one. */
  readonly acceptsTwinHosts: boolean;
  /** An absolute-form target whose authority differs from Host is refused instead of winning. RFC 9112 §3.2.2. */
  readonly refusesOtherAuthority: boolean;
  /** Content-Length beside Transfer-Encoding: chunked is dropped, the connection closing afterwards, instead of refused. RFC 9112 §6.3. */
  readonly chunkedBeatsLength: boolean;
  /** Two Content-Length fields with the same value are taken as one. RFC 9110 §8.6. */
  readonly acceptsTwinLengths: boolean;
  /** Transfer-Encoding is read in HTTP/1.0, the connection closing afterwards, instead of refused. RFC 9112 §6.1. */
  readonly acceptsChunkedInHttp10: boolean;
  /** TRACE is refused, whatever a route says. */
  readonly refusesTrace: boolean;
  /** The last transfer coding is not chunked. */
  readonly lastCodingFault: Fault;
  /** Another coding stands before chunked. */
  readonly earlierCodingFault: Fault;
  /** An upgrade that comes with a body is refused, instead of passed without the upgrade. */
  readonly refusesUpgradeWithBody: boolean;
  /** Fields that tell who the client is are removed unless they come from a trusted proxy; else they pass like any other. */
  readonly guardsForwardedFields: boolean;
  /** The status for a head beyond its limits. */
  readonly headTooLargeStatus: number;
  readonly targetTooLongStatus: number;
  /** The status when no connection to a server came about; null: the fault's own. */
  readonly unreachableStatus: number | null;
  /** The status when there is no server that may be asked; null: the fault's own. */
  readonly noServerStatus: number | null;
}

const strict: WireProfile = {
  name: 'strict',
  acceptsBareLf: false,
  unfoldsLines: false,
  underscoreNames: 'drop-twins',
  requiresHost: true,
  acceptsTwinHosts: false,
  refusesOtherAuthority: false,
  chunkedBeatsLength: false,
  acceptsTwinLengths: true,
  acceptsChunkedInHttp10: false,
  refusesTrace: false,
  lastCodingFault: faults.badFraming,
  earlierCodingFault: faults.unknownCoding,
  refusesUpgradeWithBody: true,
  guardsForwardedFields: true,
  headTooLargeStatus: 431,
  targetTooLongStatus: 414,
  unreachableStatus: null,
  noServerStatus: null,
};

const nginx: WireProfile = {
  ...strict,
  name: 'nginx',
  acceptsBareLf: true,
  underscoreNames: 'drop',
  acceptsTwinLengths: false,
  refusesTrace: true,
  lastCodingFault: faults.unknownCoding,
  refusesUpgradeWithBody: false,
  guardsForwardedFields: false,
  headTooLargeStatus: 400,
  noServerStatus: 502,
};

const haproxy: WireProfile = {
  ...strict,
  name: 'haproxy',
  acceptsBareLf: true,
  unfoldsLines: true,
  underscoreNames: 'pass',
  requiresHost: false,
  acceptsTwinHosts: true,
  refusesOtherAuthority: true,
  chunkedBeatsLength: true,
  acceptsChunkedInHttp10: true,
  earlierCodingFault: faults.refusedCoding,
  refusesUpgradeWithBody: false,
  guardsForwardedFields: false,
  headTooLargeStatus: 400,
  targetTooLongStatus: 400,
  unreachableStatus: 503,
};

export const profiles = { strict, nginx, haproxy } as const;
