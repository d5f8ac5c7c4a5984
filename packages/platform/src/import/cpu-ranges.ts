// CPU numbers as machine documents have them.

/** Numbers with neighbours put together: 0-3, 8. */
export function cpusAsRanges(numbers: readonly number[]): (number | string)[] {
  const runs: [number, number][] = [];
  for (const n of numbers.toSorted((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] + 1 === n) last[1] = n;
    else runs.push([n, n]);
  }
  return runs.map(([from, to]) => (from === to ? from : `${from}-${to}`));
}
