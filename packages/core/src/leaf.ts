// The encoding of one page-table entry: a byte of kind and flags beside a 32-bit value.
// Mirrors include/linux/leafops.h and pgtable.h; soft-dirty is left out.
// kind             value                     flags that mean something
// LEAF_NONE        0                         none
// LEAF_PRESENT     pfn                       WRITE YOUNG DIRTY UFFD_WP PROTNONE
// LEAF_SWAP        slot                      UFFD_WP EXCLUSIVE
// LEAF_MIGRATION   pfn of the source         WRITE YOUNG DIRTY UFFD_WP EXCLUSIVE
// LEAF_DEVICE_PRIVATE and _EXCLUSIVE: pfn (of the device, of the system); WRITE UFFD_WP
// LEAF_MARKER      MARKER_*                  none
// LEAF_TABLE       table id (upper levels)   none

/** Nothing is mapped. Value: 0. */
export const LEAF_NONE = 0;
/** Memory is mapped. Value: its pfn. */
export const LEAF_PRESENT = 1;
/** The page is in swap. Value: its slot. */
export const LEAF_SWAP = 2;
/** The page is on its way. Value: the pfn it leaves. */
export const LEAF_MIGRATION = 3;
/** The page is in memory that no CPU reaches. Value: the pfn of the device's frame. */
export const LEAF_DEVICE_PRIVATE = 4;
/** A device has the page for itself. Value: the pfn of the system's frame. */
export const LEAF_DEVICE_EXCLUSIVE = 5;
/** Nothing is mapped, and that means something. Value: MARKER_*. */
export const LEAF_MARKER = 6;
/** A page table of the next level. Value: its id. */
export const LEAF_TABLE = 7;

/** Mask of the kind inside an entry's byte. */
export const LEAF_KIND_MASK = 7;

/** The entry allows writes. */
export const LEAF_WRITE = 8;
/** The page was used through this entry. */
export const LEAF_YOUNG = 16;
/** The page was written through this entry. */
export const LEAF_DIRTY = 32;
/** userfaultfd protects the page against writes. */
export const LEAF_UFFD_WP = 64;
/** On a present entry: a NUMA hinting entry, accessible by its VMA yet not by the hardware. */
export const LEAF_PROTNONE = 128;
/** On a swap or migration entry: the page was AnonExclusive. Shares its bit with PROTNONE. */
export const LEAF_EXCLUSIVE = 128;

/** The page that comes here will be write-protected by userfaultfd. */
export const MARKER_UFFD_WP = 1;
/** A guard: every access is a SIGSEGV. */
export const MARKER_GUARD = 2;
/** Poison: every access is a SIGBUS. */
export const MARKER_POISON = 3;

/** The kind of an entry (`LEAF_*`) from its byte. */
export function leafKind(bits: number): number {
  return bits & LEAF_KIND_MASK;
}

/** True for a present entry that the hardware would honour: not a NUMA hinting entry. */
export function isPresentAccessible(bits: number): boolean {
  return (bits & (LEAF_KIND_MASK | LEAF_PROTNONE)) === LEAF_PRESENT;
}

/** True for a present NUMA hinting entry (`pte_protnone`). */
export function isProtnone(bits: number): boolean {
  return (bits & (LEAF_KIND_MASK | LEAF_PROTNONE)) === (LEAF_PRESENT | LEAF_PROTNONE);
}
