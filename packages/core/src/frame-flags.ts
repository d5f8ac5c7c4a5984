// The 16 flag bits of a page frame: the folio's order in the low four, then `enum pageflags` as far
// as behaviour depends on it. Folio-wide flags live on the head page; ANON_EXCLUSIVE is per page.

/** The bits that hold the folio's order, on its head page. */
export const FRAME_ORDER_MASK = 0x000f;
/** The page's folio is anonymous; `rmapOwner` names its anon_vma (or KSM node). */
export const FRAME_ANON = 0x0010;
/** PageAnonExclusive: exactly one mm owns the page and may map it writable. */
export const FRAME_ANON_EXCLUSIVE = 0x0020;
/** Tail page of a large folio. The head has order > 0 and this bit clear. */
export const FRAME_TAIL = 0x0040;
/** PG_swapbacked; cleared by MADV_FREE, which makes an anonymous folio lazily freeable. */
export const FRAME_SWAPBACKED = 0x0080;
/** The folio is in the swap cache; its slot is in the swap device's tables. */
export const FRAME_SWAPCACHE = 0x0100;
/** PG_dirty: the content is newer than its copy in a file or in swap. */
export const FRAME_DIRTY = 0x0200;
/** The folio is a KSM page; `rmapOwner` names the stable node. */
export const FRAME_KSM = 0x0400;
/** PG_locked: somebody holds the folio's lock. */
export const FRAME_LOCKED = 0x0800;
/** The folio has at least one GUP pin (FOLL_PIN); the count is in the frame table's side map. */
export const FRAME_PINNED = 0x1000;
/** PG_mlocked: a locked VMA maps the folio. */
export const FRAME_MLOCKED = 0x2000;
/** The page is free: in a buddy or per-node list, or on a device's free list. */
export const FRAME_FREE = 0x4000;
/** PG_referenced: the folio was used since reclaim last looked. */
export const FRAME_REFERENCED = 0x8000;
