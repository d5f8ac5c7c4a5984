// Accesses in a pattern over a range of pages: in order, with a stride, at random, at random with
// hot pages, or as a walk over a graph. Each takes its numbers from a stream of its own, so it
// depends on nothing else.
import { ArgumentError, checkArgument, checkWholeNumber } from "@faultline/core";
import type { RandomStream } from "../random/random-stream.ts";
import { Zipf } from "../random/zipf.ts";
import { ACCESS_READ } from "../record/activities.ts";
import type { AccessStream } from "../world/access-stream.ts";

/**
 * The order in which pages are touched. `graph` reads the first eighth of the range in order, as a
 * list of edges, and after each of its pages touches `degree` of the others, few of them often.
 */
export const PATTERNS = ["sequential", "strided", "random", "zipf", "graph"] as const;

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
  /** How hot the hottest pages are, `zipf` and `graph`: 0 is not at all. @defaultValue 1 */
  readonly skew?: number;
  /** Pages touched after each page of the list, `graph` only. @defaultValue 8 */
  readonly degree?: number;
  /** ACCESS_* of accesses that change something. */
  readonly access: number;
  /** Percent of the accesses that are `access`; the others read. @defaultValue 100 */
  readonly changePercent?: number;
  readonly random: RandomStream;
  /** What a write stores. @defaultValue 0 */
  readonly valueAt?: (page: number) => number;
}

const DEFAULT_STRIDE = 16;
const DEFAULT_DEGREE = 8;
/** Of the pages of a graph, one in so many holds edges. */
const LIST_SHARE = 8;
const MAX_COUNT = 2 ** 32;

/** Accesses in a pattern. */
export class PatternStream implements AccessStream {
  page = 0;
  access: number = ACCESS_READ;
  /** Accesses that have been announced. */
  nrDone = 0;
  private readonly spec: PatternSpec;
  private readonly nextOffset: (n: number) => number;
  /** One access in so many reads the list of edges; 0 for never. */
  private readonly listEvery: number;

  constructor(spec: PatternSpec) {
    checkWholeNumber(spec.nrPages, "nrPages", 1, 2 ** 45);
    checkWholeNumber(spec.count, "count", 1, MAX_COUNT);
    const { changePercent = 100 } = spec;
    checkArgument(changePercent >= 0 && changePercent <= 100, "changePercent", "0 to 100");
    this.spec = spec;
    this.nextOffset = offsetsOf(spec);
    this.listEvery = spec.pattern === "graph" ? (spec.degree ?? DEFAULT_DEGREE) + 1 : 0;
  }

  next(): boolean {
    const { count, start, access, changePercent = 100, random } = this.spec;
    if (this.nrDone === count) return false;
    const isList = this.listEvery > 0 && this.nrDone % this.listEvery === 0;
    this.page = start + this.nextOffset(this.nrDone++);
    const isChange = changePercent === 100 || random.chance(Math.round(changePercent), 100);
    this.access = isChange && !isList ? access : ACCESS_READ;
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
    case "zipf":
      return hotOffsets(nrPages, skew, random);
    case "graph":
      return graphOffsets(spec);
    default:
      throw new ArgumentError("pattern", `${String(pattern)} is none of ${PATTERNS.join(", ")}`);
  }
}

/** Hot pages are spread over the range: rank to page is a permutation. */
function hotOffsets(nrPages: number, skew: number, random: RandomStream): (n: number) => number {
  const zipf = new Zipf(nrPages, skew);
  const places = random.permutation(nrPages);
  return () => places[zipf.draw(random)] as number;
}

/** A page of the list of edges, then the vertices that they lead to. */
function graphOffsets({ nrPages, skew = 1, degree = DEFAULT_DEGREE, random }: PatternSpec) {
  checkWholeNumber(degree, "degree", 1, 2 ** 20);
  checkArgument(nrPages >= 2, "nrPages", "a graph has a page of edges and one of vertices");
  const nrList = Math.max(1, Math.floor(nrPages / LIST_SHARE));
  const vertex = hotOffsets(nrPages - nrList, skew, random);
  return (n: number): number => {
    const edge = Math.floor(n / (degree + 1));
    return n % (degree + 1) === 0 ? edge % nrList : nrList + vertex(n);
  };
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
