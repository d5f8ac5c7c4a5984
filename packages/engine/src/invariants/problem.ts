// What a check of a world can find. Ids are stable: tests, tools and bug reports name them.

/** Every rule a world at rest obeys, with the sentence that says it. */
export const INVARIANTS = {
  "anon-exclusive-shared": "An AnonExclusive page has at most one mapping.",
  "anon-vma-chain": "A VMA and the anon_vmas it is linked to name each other, once.",
  "anon-vma-counts": "An anon_vma counts its VMAs and its children, and is dropped with the last.",
  "cache-count": "A file counts the pages of its cache.",
  "file-mappings": "A file's i_mmap holds the VMAs that map it, and each of them holds the file.",
  "folio-lost": "A frame that nothing maps, caches, references or lists as free is lost.",
  "folio-shape": "The pages of a large folio are one aligned run with the folio's order.",
  "frame-owned-twice": "A frame is free or in use, and listed as free at most once.",
  "free-count": "A node counts its free pages.",
  "interval-at-rest": "No invalidation is under way while nothing runs.",
  "large-mapcount": "A large folio's record counts all of its mappings, and its PMD mappings.",
  "large-record": "Each large folio has a record of its own, and no record outlives its folio.",
  "large-shared": "A large folio that two address spaces map says that it may be shared.",
  "large-slots": "The mm slots of a large folio name address spaces that map it.",
  "leaf-frame": "An entry names a frame in use, of a kind of memory that fits the entry.",
  "leaf-outside": "Entries lie inside mappings.",
  "leaf-rights": "An entry allows no more than its mapping does.",
  "lock-at-rest": "No folio and no mmap_lock is held while nothing runs.",
  mapcount: "A page counts the page-table entries that map it.",
  "migration-at-rest": "No migration entry is left while nothing runs.",
  "page-tables": "Every page table belongs to one tree, and no table is lost.",
  pins: "A pin belongs to a folio in use.",
  refcount: "A folio's references are its caches, its pins and declared holders.",
  "rmap-lost": "The reverse mapping of a mapped folio leads to each of its mappings.",
  "side-map": "Side tables name folios in use.",
  "swap-cache": "The swap cache and the folios in it name each other.",
  "swap-count": "A swap slot counts the entries that name it.",
  "vma-order": "The VMAs of an address space are not empty, ascend and do not overlap.",
  "writable-exclusive": "A writable private anonymous entry names an AnonExclusive page.",
} as const;

/** Id of a rule. */
export type InvariantId = keyof typeof INVARIANTS;

/** One broken rule. */
export interface Problem {
  /** Which rule; a driver's own check may use ids of its own. */
  readonly rule: string;
  /** What is wrong, with the numbers that contradict each other. */
  readonly message: string;
  /** Address space concerned. */
  readonly mmId?: number;
  /** Virtual page concerned. */
  readonly page?: number;
  /** Frame concerned. */
  readonly pfn?: number;
}

/** Where a problem is: any part may be missing. */
export type ProblemPlace = Omit<Problem, "rule" | "message">;

/** Collects problems; of a rule that is broken everywhere only the first ones are kept. */
export class ProblemSink<Rule extends string = InvariantId> {
  readonly problems: Problem[] = [];
  private readonly limit: number;
  private readonly counts: Map<string, number> = new Map();

  /** @param limit how many problems of one rule are kept. */
  constructor(limit = 20) {
    this.limit = limit;
  }

  /** Notes a problem. */
  add(rule: Rule, message: string, place: ProblemPlace = {}): void {
    const count = (this.counts.get(rule) ?? 0) + 1;
    this.counts.set(rule, count);
    if (count <= this.limit) this.problems.push({ rule, message, ...place });
  }

  /** Notes a problem unless the two numbers agree. */
  expectEqual(
    rule: Rule,
    what: string,
    actual: number,
    expected: number,
    place: ProblemPlace = {},
  ): void {
    if (actual !== expected) this.add(rule, `${what} is ${actual}, not ${expected}`, place);
  }
}

/** One problem as a line of text. */
export function formatProblem({ rule, message, mmId, page, pfn }: Problem): string {
  const where = [
    mmId === undefined ? "" : `mm ${mmId}`,
    page === undefined ? "" : `page ${page}`,
    pfn === undefined ? "" : `frame ${pfn}`,
  ].filter((part) => part !== "");
  return where.length === 0 ? `${rule}: ${message}` : `${rule}: ${message} (${where.join(", ")})`;
}
