// Large read buffers, lent to one connection at a time (contract 1). A lease is taken for bulk, and comes back when
// the last write that points into it has been flushed; who holds one says so by holding the buffer.

/** Bytes of one lease: large reads mean fewer system calls, and a slow reader pins at most one of them. */
export const LEASE_BYTES = 256 * 1024;

/** Leases in all, 64 MiB: beyond it bulk is copied to size, slower and bounded by what is really queued. */
const MAX_LEASES = 256;

/** Returned buffers that are kept for the next user; the rest goes to the garbage collector. */
const MAX_FREE = 32;

const free: Buffer[] = [];
let lent = 0;

/** A buffer for the sole use of the caller, or null when all are lent. */
export function takeLease(): Buffer | null {
  if (lent >= MAX_LEASES) return null;
  lent++;
  return free.pop() ?? Buffer.allocUnsafeSlow(LEASE_BYTES);
}

/** A buffer of the same size that counts as no lease, or null when all are lent. See {@link adoptLease}. */
export function spareBuffer(): Buffer | null {
  return lent >= MAX_LEASES ? null : (free.pop() ?? Buffer.allocUnsafeSlow(LEASE_BYTES));
}

/** A spare buffer becomes a lease, because a queue points into it. */
export function adoptLease(): void {
  lent++;
}

/** Gives a lease back. No write and no read may point into it any more. */
export function returnLease(buffer: Buffer): void {
  lent--;
  if (free.length < MAX_FREE) free.push(buffer);
}

/** So many are out that who does not read at the moment should not keep one. */
export function areLeasesScarce(): boolean {
  return lent > MAX_LEASES / 4;
}

/** Leases that are out now. */
export function leasesLent(): number {
  return lent;
}
