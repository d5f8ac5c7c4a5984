// Latencies and bandwidths as the table has them: 16-bit entries in one unit for all of a matrix.

/** A MiB; bandwidths are multiples of it. */
export const MIB = 1n << 20n;

/** Entries are less than this; 0xffff says that a target cannot be reached. */
export const MAX_ENTRY = 0xffffn;

/** The unit of latencies, in ns: the largest power of ten that divides them all; 0 without any. */
export function compressLatencies(values: readonly bigint[]): { readonly unit: bigint } {
  let unit = 0n;
  for (const value of values) {
    if (value === 0n) continue;
    let own = 1n;
    while (value % (own * 10n) === 0n) own *= 10n;
    if (unit === 0n || own < unit) unit = own;
  }
  return { unit };
}

/**
 * The unit of bandwidths, in bytes/s: the lowest bit that is set in any of them; and how many bits
 * lie from there to the highest one.
 */
export function compressBandwidths(values: readonly bigint[]): {
  readonly unit: bigint;
  readonly nrBits: number;
} {
  const all = values.reduce((bits, value) => bits | value, 0n);
  const unit = all & -all;
  return { unit, nrBits: unit === 0n ? 0 : (all / unit).toString(2).length };
}
