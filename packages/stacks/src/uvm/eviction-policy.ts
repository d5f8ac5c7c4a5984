// Which of a GPU's memory leaves first when it is full. The module's own way is by 2 MiB, least
// recently allocated first; the others are those that gpgpu-sim's UVMSmart has, under its names.
// A driver sees faults and no accesses that hit, so recency and frequency are those of faults.

/** Memory in units of some pages: what is used, and what should go. */
export interface EvictionOrder {
  /** A unit holds pages that it did not hold. */
  added(first: number): void;
  removed(first: number): void;
  /** A fault on a page of the unit was served. */
  used(first: number): void;
  /** Units in the order in which they should go; some may be gone or come while it is walked. */
  inOrder(): Iterable<number>;
}

/** How a policy works. */
export interface EvictionPolicy {
  /** log2 of the bytes of a unit. */
  readonly unitShift: number;
  readonly order: () => EvictionOrder;
  /** Whether what is chosen grows to the subtree around it that is left less than half full. */
  readonly isTree?: boolean;
}

/** `uvm.evictionPolicy`, by name. */
export const UVM_EVICTION_POLICIES: Readonly<Record<string, EvictionPolicy>> = {
  "allocation-2m": { unitShift: 21, order: () => new ByTime(false) },
  "lru-2m": { unitShift: 21, order: () => new ByTime(true) },
  "lfu-2m": { unitShift: 21, order: () => new ByCount() },
  "sl-64k": { unitShift: 16, order: () => new ByTime(true) },
  "lru-4k": { unitShift: 12, order: () => new ByTime(true) },
  "random-4k": { unitShift: 12, order: () => new AtRandom() },
  tbn: { unitShift: 16, order: () => new ByTime(true), isTree: true },
};

/** By the time of allocation or, when uses count too, of the last fault. */
class ByTime implements EvictionOrder {
  private readonly units = new Set<number>();
  private readonly isUseCounted: boolean;

  constructor(isUseCounted: boolean) {
    this.isUseCounted = isUseCounted;
  }

  added(first: number): void {
    this.units.add(first);
  }

  removed(first: number): void {
    this.units.delete(first);
  }

  used(first: number): void {
    if (this.isUseCounted && this.units.delete(first)) this.units.add(first);
  }

  inOrder(): Iterable<number> {
    return this.units;
  }
}

/** By the number of faults; among equals the one that was allocated first. */
class ByCount implements EvictionOrder {
  private readonly counts = new Map<number, number>();

  added(first: number): void {
    this.counts.set(first, 0);
  }

  removed(first: number): void {
    this.counts.delete(first);
  }

  used(first: number): void {
    const count = this.counts.get(first);
    if (count !== undefined) this.counts.set(first, count + 1);
  }

  inOrder(): Iterable<number> {
    const byCount = [...this.counts].toSorted(([, a], [, b]) => a - b);
    return byCount.map(([first]) => first);
  }
}

/** Each unit alike, by a generator of its own: the same units in the same order in every run. */
class AtRandom implements EvictionOrder {
  private readonly units: number[] = [];
  private readonly places = new Map<number, number>();
  private state = 0x9e3779b9;

  added(first: number): void {
    this.places.set(first, this.units.length);
    this.units.push(first);
  }

  removed(first: number): void {
    const place = this.places.get(first);
    const last = this.units.pop();
    this.places.delete(first);
    if (place === undefined || last === undefined || last === first) return;
    this.units[place] = last;
    this.places.set(last, place);
  }

  used(): void {}

  *inOrder(): Iterable<number> {
    const tried = new Set<number>();
    while (tried.size < this.units.length) {
      const unit = this.units[this.next() % this.units.length] as number;
      if (!tried.has(unit)) yield unit;
      tried.add(unit);
    }
  }

  /** Marsaglia's xorshift with 32 bits. */
  private next(): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return this.state >>> 0;
  }
}
