// How a value compares with the first of several.

/** The ratio; null where the first has nothing to compare with. */
export function ratioOf(value: number, first: number | undefined): number | null {
  return first === undefined || first === 0 ? null : value / first;
}
