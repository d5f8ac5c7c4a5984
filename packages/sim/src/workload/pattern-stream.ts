// Accesses in a pattern over a range of pages: in order, with a stride, at random, or at random
// with hot pages. Each takes its numbers from a stream of its own, so it depends on nothing else.
import { ArgumentError, checkArgument, checkWholeNumber } from "@faultline/core";
import type { RandomStream } from "../random/random-stream.ts";
import { Zipf } from "../random/zipf.ts";
import { ACCESS_READ } from "../record/activities.ts";
import type { AccessStream } from "../world/access-stream.ts";

/** The order in which pages are touched. */
export const PATTERNS = ["sequential", "strided", "random", "zipf"] as const;

/** One of them. */
export type Pattern = (typeof PATTERNS)[number];

/** What is touched, and how. */
export interface PatternSpec {
  readonly pattern: Pattern;
  readonly start: number;
  readonly nrPages: number;
  /** Accesses in all; a pattern that reaches the end of the range begins again. */
  readonly count: number;
  /** Pages from one access to the next, `strided` only. @defaultValue 16 */
  readonly stride?: number;
  /** How hot the hottest pages are, `zipf` only: 0 is not at all. @defaultValue 1 */
  readonly skew?: number;
  /** ACCESS_* of accesses that change something. */
  readonly access: number;
  /** Percent of the accesses that are `access`; the others read. @defaultValue 100 */
  readonly changePercent?: number;
  readonly random: RandomStream;
  /** What a write stores. @defaultValue 0 */
  readonly valueAt?: (page: number) => number;
}

const DEFAULT_STRIDE = 16;
const MAX_COUNT = 2 ** 32;

/** Accesses in a pattern. */
export class PatternStream implements AccessStream {
  page = 0;
  access: number = ACCESS_READ;
  /** Accesses that have been announced. */
  nrDone = 0;
  private readonly spec: PatternSpec;
  private readonly nextOffset: (n: number) => number;

  constructor(spec: PatternSpec) {
    checkWholeNumber(spec.nrPages, "nrPages", 1, 2 ** 45);
    checkWholeNumber(spec.count, "count", 1, MAX_COUNT);
    const { changePercent = 100 } = spec;
    checkArgument(changePercent >= 0 && changePercent <= 100, "changePercent", "0 to 100");
    this.spec = spec;
    this.nextOffset = offsetsOf(spec);
  }

  next(): boolean {
    const { count, start, access, changePercent = 100, random } = this.spec;
    if (this.nrDone === count) return false;
    this.page = start + this.nextOffset(this.nrDone++);
    const isChange = changePercent === 100 || random.chance(Math.round(changePercent), 100);
    this.access = isChange ? access : ACCESS_READ;
    return true;
  }

  /** Pages that a request in order still wants; patterns of another order ask page by page. */
  get nrLeft(): number {
    const { pattern, start, nrPages, count } = this.spec;
    if (pattern !== "sequential") return 1;
    return Math.min(start + nrPages - this.page, count - this.nrDone + 1);
  }

  get value(): number {
    return this.spec.valueAt?.(this.page) ?? 0;
  }
}

/** Offsets into the range by number of the access. */
function offsetsOf(spec: PatternSpec): (n: number) => number {
  const { pattern, nrPages, random, stride = DEFAULT_STRIDE, skew = 1 } = spec;
  switch (pattern) {
    case "sequential":
      return (n) => n % nrPages;
    case "strided":
      checkWholeNumber(stride, "stride", 1, 2 ** 45);
      return stridedOffsets(nrPages, Math.min(stride, nrPages));
    case "random":
      return () => random.below(nrPages);
    case "zipf": {
      const zipf = new Zipf(nrPages, skew);
      // Hot pages are spread over the range: rank to page is a permutation.
      const places = random.permutation(nrPages);
      return () => places[zipf.draw(random)] as number;
    }
    default:
      throw new ArgumentError("pattern", `${String(pattern)} is none of ${PATTERNS.join(", ")}`);
  }
}

/** Every stride-th page, then every stride-th from the second on, until all were touched. */
function stridedOffsets(nrPages: number, stride: number): (n: number) => number {
  let at = -stride;
  let lane = 0;
  return () => {
    at += stride;
    if (at >= nrPages) {
      lane = (lane + 1) % stride;
      at = lane;
    }
    return at;
  };
}
