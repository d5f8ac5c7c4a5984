// The advices of madvise(2) that are modelled, under the kernel's names.

/** Takes back MADV_RANDOM and MADV_SEQUENTIAL. */
export const MADV_NORMAL = "MADV_NORMAL";
/** Accesses come in no order: nothing is read ahead. */
export const MADV_RANDOM = "MADV_RANDOM";
/** Accesses come in order: much is read ahead. */
export const MADV_SEQUENTIAL = "MADV_SEQUENTIAL";
/** Throws the pages away; locked memory is refused. */
export const MADV_DONTNEED = "MADV_DONTNEED";
/** Throws the pages away, of locked memory too. */
export const MADV_DONTNEED_LOCKED = "MADV_DONTNEED_LOCKED";
/** Lets reclaim drop the pages; a write before that keeps them. */
export const MADV_FREE = "MADV_FREE";
/** Punches a hole into the file behind a shared mapping. */
export const MADV_REMOVE = "MADV_REMOVE";
/** A child does not get the mapping. */
export const MADV_DONTFORK = "MADV_DONTFORK";
/** Takes back MADV_DONTFORK. */
export const MADV_DOFORK = "MADV_DOFORK";
/** A child finds the mapping empty. */
export const MADV_WIPEONFORK = "MADV_WIPEONFORK";
/** Takes back MADV_WIPEONFORK. */
export const MADV_KEEPONFORK = "MADV_KEEPONFORK";
/** ksmd may merge equal pages. */
export const MADV_MERGEABLE = "MADV_MERGEABLE";
/** Takes back MADV_MERGEABLE and un-merges what was merged. */
export const MADV_UNMERGEABLE = "MADV_UNMERGEABLE";
/** Huge pages are wanted. */
export const MADV_HUGEPAGE = "MADV_HUGEPAGE";
/** Huge pages are unwanted. */
export const MADV_NOHUGEPAGE = "MADV_NOHUGEPAGE";
/** Makes huge pages of what is there, now. */
export const MADV_COLLAPSE = "MADV_COLLAPSE";
/** The pages are reclaimed before others. */
export const MADV_COLD = "MADV_COLD";
/** The pages are reclaimed now. */
export const MADV_PAGEOUT = "MADV_PAGEOUT";
/** Faults the pages in as a read would, and says so when one fails. */
export const MADV_POPULATE_READ = "MADV_POPULATE_READ";
/** Faults the pages in as a write would, and says so when one fails. */
export const MADV_POPULATE_WRITE = "MADV_POPULATE_WRITE";
/** Turns the pages into guards: every access is a SIGSEGV. */
export const MADV_GUARD_INSTALL = "MADV_GUARD_INSTALL";
/** Takes guards away. */
export const MADV_GUARD_REMOVE = "MADV_GUARD_REMOVE";

/** One of the MADV_* names above. */
export type MadviseAdvice =
  | typeof MADV_NORMAL
  | typeof MADV_RANDOM
  | typeof MADV_SEQUENTIAL
  | typeof MADV_DONTNEED
  | typeof MADV_DONTNEED_LOCKED
  | typeof MADV_FREE
  | typeof MADV_REMOVE
  | typeof MADV_DONTFORK
  | typeof MADV_DOFORK
  | typeof MADV_WIPEONFORK
  | typeof MADV_KEEPONFORK
  | typeof MADV_MERGEABLE
  | typeof MADV_UNMERGEABLE
  | typeof MADV_HUGEPAGE
  | typeof MADV_NOHUGEPAGE
  | typeof MADV_COLLAPSE
  | typeof MADV_COLD
  | typeof MADV_PAGEOUT
  | typeof MADV_POPULATE_READ
  | typeof MADV_POPULATE_WRITE
  | typeof MADV_GUARD_INSTALL
  | typeof MADV_GUARD_REMOVE;

/** Every advice there is. */
export const MADVISE_ADVICE: ReadonlySet<string> = new Set<MadviseAdvice>([
  MADV_NORMAL,
  MADV_RANDOM,
  MADV_SEQUENTIAL,
  MADV_DONTNEED,
  MADV_DONTNEED_LOCKED,
  MADV_FREE,
  MADV_REMOVE,
  MADV_DONTFORK,
  MADV_DOFORK,
  MADV_WIPEONFORK,
  MADV_KEEPONFORK,
  MADV_MERGEABLE,
  MADV_UNMERGEABLE,
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
  MADV_COLLAPSE,
  MADV_COLD,
  MADV_PAGEOUT,
  MADV_POPULATE_READ,
  MADV_POPULATE_WRITE,
  MADV_GUARD_INSTALL,
  MADV_GUARD_REMOVE,
]);
