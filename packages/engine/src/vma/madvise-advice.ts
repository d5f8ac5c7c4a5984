// The advices of madvise(2) that are modelled, under the kernel's names.

export const MADV_NORMAL = "MADV_NORMAL";
export const MADV_RANDOM = "MADV_RANDOM";
export const MADV_SEQUENTIAL = "MADV_SEQUENTIAL";
export const MADV_DONTNEED = "MADV_DONTNEED";
export const MADV_DONTNEED_LOCKED = "MADV_DONTNEED_LOCKED";
export const MADV_FREE = "MADV_FREE";
export const MADV_REMOVE = "MADV_REMOVE";
export const MADV_DONTFORK = "MADV_DONTFORK";
export const MADV_DOFORK = "MADV_DOFORK";
export const MADV_WIPEONFORK = "MADV_WIPEONFORK";
export const MADV_KEEPONFORK = "MADV_KEEPONFORK";
export const MADV_MERGEABLE = "MADV_MERGEABLE";
export const MADV_UNMERGEABLE = "MADV_UNMERGEABLE";
export const MADV_HUGEPAGE = "MADV_HUGEPAGE";
export const MADV_NOHUGEPAGE = "MADV_NOHUGEPAGE";
export const MADV_COLLAPSE = "MADV_COLLAPSE";
export const MADV_COLD = "MADV_COLD";
export const MADV_PAGEOUT = "MADV_PAGEOUT";
export const MADV_POPULATE_READ = "MADV_POPULATE_READ";
export const MADV_POPULATE_WRITE = "MADV_POPULATE_WRITE";
export const MADV_GUARD_INSTALL = "MADV_GUARD_INSTALL";
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
