// Why a verb cannot go on yet. A verb never blocks and never spins: it tells its host what it waits
// for and is called again.

/** The kinds of things a verb can wait for. */
export type WaitReason =
  | "folio-lock"
  | "migration-entry"
  | "notifier"
  | "mmap-lock"
  | "vma-lock"
  | "driver-lock"
  | "allocation"
  | "copy"
  | "device"
  | "userfault"
  | "refault"
  | "spin";

/**
 * Waits that time alone ends: a copy engine at work, a device that programs its page table, faults
 * without effect on a page that its driver keeps for a while, a loop that cannot end before its
 * budget is used up. Every other wait needs another actor.
 */
export const TIMED_WAITS: ReadonlySet<WaitReason> = new Set(["copy", "device", "refault", "spin"]);

/**
 * The object of a `spin`: a CPU is busy until then, by the clock of the driver's host. Also that of
 * a `refault` where the driver says for how long it keeps the page.
 */
export interface SpinEnd {
  readonly untilPs: number;
}

/** What a verb waits for: the object is a pfn, an mm, a subscription, … */
export interface Wait {
  readonly reason: WaitReason;
  readonly object: unknown;
  /**
   * When time alone ends it: a driver keeps the page so long, and faults without effect until then.
   * Who has no clock waits as for anything else.
   */
  readonly untilPs?: number;
}
