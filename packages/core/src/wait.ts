// Why a verb cannot go on yet. A verb never blocks and never spins: it tells its host what it waits
// for and is called again.

export type WaitReason =
  | "folio-lock"
  | "migration-entry"
  | "notifier"
  | "mmap-lock"
  | "vma-lock"
  | "allocation"
  | "copy"
  | "userfault";

/** What a verb waits for: the object is a pfn, an mm, a subscription, … */
export interface Wait {
  readonly reason: WaitReason;
  readonly object: unknown;
}
