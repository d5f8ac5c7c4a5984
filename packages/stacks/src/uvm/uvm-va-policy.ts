// What a program has advised about ranges of its memory: where pages should be, which GPUs keep
// mappings, and whether reads duplicate pages. Mirrors uvm_va_policy_t.
import type { PageRange } from "../device/device-stack.ts";
import type { UvmProcessor } from "./select-residency.ts";

/** The advice for a page. */
export interface UvmPolicy {
  /** Null where none is set. */
  readonly preferred: UvmProcessor | null;
  /** GPUs that keep mappings wherever the page is, ascending. */
  readonly accessedBy: readonly UvmProcessor[];
  readonly isReadDuplicated: boolean;
}

/** Without any advice. */
const DEFAULT_UVM_POLICY: UvmPolicy = {
  preferred: null,
  accessedBy: [],
  isReadDuplicated: false,
};

interface Span {
  readonly start: number;
  readonly end: number;
  readonly policy: UvmPolicy;
}

/** Policies by page; ranges without advice have the default. */
export class UvmPolicies {
  /** Ascending, without overlap. */
  private spans: Span[] = [];

  /** Nobody has advised anything. */
  get isEmpty(): boolean {
    return this.spans.length === 0;
  }

  /** The policy of a page. */
  at(page: number): UvmPolicy {
    if (this.spans.length === 0) return DEFAULT_UVM_POLICY;
    const span = this.spans.find(({ start, end }) => page >= start && page < end);
    return span?.policy ?? DEFAULT_UVM_POLICY;
  }

  /** Changes every policy of a range. */
  change({ start, nrPages }: PageRange, change: (policy: UvmPolicy) => UvmPolicy): void {
    const end = start + nrPages;
    const inside = this.spans.filter((span) => span.start < end && span.end > start);
    const outside = this.without(start, end);
    let at = start;
    for (const span of inside) {
      const from = Math.max(span.start, start);
      const to = Math.min(span.end, end);
      if (at < from) outside.push({ start: at, end: from, policy: change(DEFAULT_UVM_POLICY) });
      outside.push({ start: from, end: to, policy: change(span.policy) });
      at = to;
    }
    if (at < end) outside.push({ start: at, end, policy: change(DEFAULT_UVM_POLICY) });
    this.spans = outside.toSorted((a, b) => a.start - b.start);
  }

  /** Forgets the policies of `[start, end)`. */
  remove(start: number, end: number): void {
    this.spans = this.without(start, end);
  }

  /** What lies outside `[start, end)`; spans across a border are cut there. */
  private without(start: number, end: number): Span[] {
    return this.spans.flatMap((span) => {
      if (span.end <= start || span.start >= end) return [span];
      const parts: Span[] = [];
      if (span.start < start) parts.push({ ...span, end: start });
      if (span.end > end) parts.push({ ...span, start: end });
      return parts;
    });
  }
}
