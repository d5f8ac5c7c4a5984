// Counters of a GT as debugfs gt*/stats prints them. Mirrors drivers/gpu/drm/xe/xe_gt_stats.c,
// those about shared virtual memory. Those in microseconds need a clock that runs. `copy_jobs` is
// ours: the kernel does not count what it hands to the copy engine.

const PS_PER_US = 1_000_000;
const SIZE_64K_PAGES = 16;
const SIZE_2M_PAGES = 512;

type SizeClass = "2M" | "64K" | "4K";

interface Counter {
  value: number;
}

/** Counters by name; what was never counted is absent. */
export class XeStats {
  private readonly counters = new Map<string, Counter>();
  // Whole names put together anew would take longer than the counting.
  private readonly sized: Readonly<Record<SizeClass, Map<string, Counter>>> = {
    "2M": new Map(),
    "64K": new Map(),
    "4K": new Map(),
  };

  /** As they are now. */
  get values(): ReadonlyMap<string, number> {
    return new Map([...this.counters].map(([name, { value }]) => [name, value]));
  }

  /** Adds to a counter. */
  add(name: string, value = 1): void {
    (this.counters.get(name) ?? this.begin(name)).value += value;
  }

  /** Adds to the counter of a chunk's size class: `svm_2M_pagefault_count`. */
  addSized(nrPages: number, name: string, value = 1): void {
    const size = nrPages >= SIZE_2M_PAGES ? "2M" : nrPages >= SIZE_64K_PAGES ? "64K" : "4K";
    (this.sized[size].get(name) ?? this.beginSized(size, name)).value += value;
  }

  /**
   * Adds a time to a counter of the chunk's size class, in whole microseconds.
   * @differs rounded where the kernel cuts off: a price for each page is a whole number of ps, and
   * 512 of them fall short of the microsecond by less than one.
   */
  addTime(nrPages: number, name: string, durationPs: number): void {
    const value = Math.round(durationPs / PS_PER_US);
    if (value > 0) this.addSized(nrPages, name, value);
  }

  private begin(name: string): Counter {
    const counter = { value: 0 };
    this.counters.set(name, counter);
    return counter;
  }

  private beginSized(size: SizeClass, name: string): Counter {
    const whole = `svm_${size}_${name}`;
    const counter = this.counters.get(whole) ?? this.begin(whole);
    this.sized[size].set(name, counter);
    return counter;
  }
}
