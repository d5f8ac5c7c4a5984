// The event streams of several GPUs as one text. A program reads the descriptor of each GPU; what
// it has read lies in the order of the times.

interface Placed {
  readonly line: string;
  readonly atNs: number;
}

/**
 * Lines of all streams, each with its line break; at the same time the first stream goes first.
 * @param streams lines of a GPU each, in the order in which they came.
 */
export function mergedSmiText(streams: readonly (readonly string[])[]): string {
  const all = streams.flatMap(placed);
  all.sort((a, b) => a.atNs - b.atNs);
  return all.map(({ line }) => `${line}\n`).join("");
}

/** Lines with the time in which they came: never before the one above, whatever they tell. */
function placed(lines: readonly string[]): Placed[] {
  let atNs = 0;
  return lines.map((line) => {
    const [, told] = /^[0-9a-f]+ ([0-9]+) -/u.exec(line) ?? [];
    atNs = Math.max(atNs, Number(told ?? 0));
    return { line, atNs };
  });
}
