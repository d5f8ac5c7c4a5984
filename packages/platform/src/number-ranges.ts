// Numbers of CPUs and nodes, with neighbours put together.

/** Each number once, as ranges in ascending order. */
export function numberRanges(
  numbers: Iterable<number>,
): (readonly [first: number, last: number])[] {
  const ranges: [number, number][] = [];
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] + 1 === number) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges;
}

/** CPUs as machine documents have them: 0-3, 8. */
export function cpusAsRanges(numbers: Iterable<number>): (number | string)[] {
  return numberRanges(numbers).map(([from, to]) => (from === to ? from : `${from}-${to}`));
}
