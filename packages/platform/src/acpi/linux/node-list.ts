// Sets of nodes or CPUs as the kernel prints them: 0-3,5.
import { cpusAsRanges } from "../../number-ranges.ts";

/** Numbers as a list of ranges; empty text for none. */
export function formatNumberList(numbers: Iterable<number>): string {
  return cpusAsRanges(numbers).join(",");
}
