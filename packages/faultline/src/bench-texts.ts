// How numbers stand in the tables of the benchmarks.
import { formatPs } from "@faultline/sim";
import { markdownTable } from "./markdown-table.ts";
import { type Alignment, plainTable } from "./plain-table.ts";

/** What stands for a number that there is not. */
export const NO_NUMBER = "-";

/** A time; a stroke where there are too few samples for it. */
export function timeCell(ps: number | null): string {
  return ps === null ? NO_NUMBER : formatPs(ps);
}

/** Bytes in MiB; nothing for none. */
export function mibCell(bytes: number): string {
  return bytes === 0 ? "" : (bytes / 2 ** 20).toFixed(1);
}

/** A table whose first columns are words and whose others are numbers. */
export function benchTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  { isMarkdown, nrWords }: { readonly isMarkdown: boolean; readonly nrWords: number },
): string {
  const aligns = head.map((_, i): Alignment => (i < nrWords ? "left" : "right"));
  return (isMarkdown ? markdownTable : plainTable)(head, rows, aligns);
}

/** Who, and what holds of them. */
export type Said = readonly [who: string, what: string];

/** All of whom something holds, once for each thing. */
export function reasonsOf(said: readonly Said[]): Said[] {
  const whos = new Map<string, Set<string>>();
  for (const [who, what] of said) whos.set(what, (whos.get(what) ?? new Set()).add(who));
  return [...whos].map(([what, names]) => [[...names].join(", "), what]);
}

/** Lines that say of whom something holds, one for each thing. */
export function reasonLines(said: readonly Said[]): string {
  return reasonsOf(said)
    .map(([who, what]) => `- ${who}: ${what}\n`)
    .join("");
}
