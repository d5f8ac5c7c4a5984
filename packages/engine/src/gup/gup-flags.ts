// What a get_user_pages call asks for. Mirrors the FOLL_* flags of include/linux/mm_types.h.

/** The caller will write to the pages. */
export const FOLL_WRITE = 1;
/** Take a reference on each page. */
export const FOLL_GET = 2;
/** Ignore that the VMA forbids the access, as populating a mapping does. */
export const FOLL_FORCE = 8;
/** Split a huge PMD and hand out the small page. */
export const FOLL_SPLIT_PMD = 128;
/** Pin each page: it stays where it is and is not shared by fork. */
export const FOLL_PIN = 256;
/** The pin lasts: pages must be in memory that allows that. */
export const FOLL_LONGTERM = 512;
/** The pages belong to another process. */
export const FOLL_REMOTE = 1024;
/** MADV_POPULATE_*: a forbidding VMA is -EINVAL, a hole -ENOMEM. */
export const FOLL_MADV_POPULATE = 2048;

/**
 * Ours: the call cannot go on yet and `world.pendingWait` says why. Call it again. The number is
 * none that user space ever sees.
 */
export const GUP_WAIT: number = -512;
