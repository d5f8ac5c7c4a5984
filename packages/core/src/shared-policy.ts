// struct shared_policy: the memory policies of a file in memory. They belong to the file, are set
// through any mapping of it, and outlive that mapping. Mirrors mm/mempolicy.c.
import type { Mempolicy } from "./mempolicy.ts";

interface PolicyRange {
  readonly start: number;
  readonly end: number;
  readonly policy: Mempolicy;
}

/** Policies of page ranges of one file; ranges never overlap. */
export class SharedPolicy {
  private ranges: PolicyRange[] = [];

  /**
   * Sets the policy of pages `[start, end)`; null takes it away.
   * @kernel mm/mempolicy.c mpol_set_shared_policy (v7.2)
   */
  set(start: number, end: number, policy: Mempolicy | null): void {
    const kept = this.ranges.flatMap((range) => [
      { ...range, end: Math.min(range.end, start) },
      { ...range, start: Math.max(range.start, end) },
    ]);
    if (policy !== null) kept.push({ start, end, policy });
    this.ranges = kept.filter((range) => range.start < range.end);
  }

  /**
   * The policy of one page, or null for the task's own.
   * @kernel mm/mempolicy.c mpol_shared_policy_lookup (v7.2)
   */
  lookup(index: number): Mempolicy | null {
    const found = this.ranges.find((range) => index >= range.start && index < range.end);
    return found?.policy ?? null;
  }
}
