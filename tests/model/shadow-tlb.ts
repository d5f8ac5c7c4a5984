// A device that watches an address space: it remembers every translation and drops those that an
// invalidation names. What it still remembers after a step must be what the page tables say, else
// somebody changed an entry without telling.
import {
  LEAF_DEVICE_PRIVATE,
  LEAF_KIND_MASK,
  LEAF_PRESENT,
  LEAF_PROTNONE,
  LEAF_WRITE,
  type MmStruct,
  MmuIntervalNotifier,
  type MmuNotifierRange,
  MmuNotifierSubscriptions,
  mmuIntervalSetSeq,
} from "@faultline/core";
import { walkTables } from "@faultline/engine";

interface Translation {
  readonly pfn: number;
  readonly canWrite: boolean;
}

/** The translations of one address space. */
export class ShadowTlb {
  readonly mm: MmStruct;
  /** What was wrong with the events so far. */
  readonly problems: string[] = [];
  private translations: Map<number, Translation> = new Map();

  constructor(mm: MmStruct) {
    this.mm = mm;
    mm.notifierSubscriptions ??= new MmuNotifierSubscriptions();
    mm.notifierSubscriptions.insert(
      new MmuIntervalNotifier(mm, 0, Number.MAX_SAFE_INTEGER, (notifier, range, seq) => {
        mmuIntervalSetSeq(notifier, seq);
        this.invalidate(range, seq);
      }),
    );
    this.translations = this.read();
  }

  /** Looks at the page tables again; returns what was remembered wrongly, or null. */
  refresh(): string | null {
    const current = this.mm.isAlive ? this.read() : new Map<number, Translation>();
    const [problem = null] = this.problems.splice(0);
    if (problem !== null) return problem;
    for (const [page, { pfn, canWrite }] of this.translations) {
      const now = current.get(page);
      const place = `page ${page} of mm ${this.mm.mmId}`;
      if (now?.pfn !== pfn) return `${place} left frame ${pfn} without an invalidation`;
      if (canWrite && !now.canWrite) return `${place} became read-only without an invalidation`;
    }
    this.translations = current;
    return null;
  }

  private invalidate({ event, start, end }: MmuNotifierRange, seq: number): void {
    if (start >= end) this.problems.push(`${event} for the empty range ${start}-${end}`);
    if (seq % 2 !== 1) this.problems.push(`${event} with the even sequence ${seq}`);
    if (!this.mm.isAlive) this.problems.push(`${event} for an address space that has ended`);
    for (const page of this.translations.keys()) {
      if (page >= start && page < end) this.translations.delete(page);
    }
  }

  private read(): Map<number, Translation> {
    const found = new Map<number, Translation>();
    walkTables(this.mm.pageTable, {
      table: () => true,
      leaf: (first, bits, val, level) => {
        if (!isUsable(bits)) return;
        const nrPages = level === 0 ? 1 : this.mm.pageTable.blockPages;
        const canWrite = (bits & LEAF_WRITE) !== 0;
        for (let i = 0; i < nrPages; i++) found.set(first + i, { pfn: val + i, canWrite });
      },
    });
    return found;
  }
}

function isUsable(bits: number): boolean {
  const kind = bits & LEAF_KIND_MASK;
  if (kind === LEAF_PRESENT) return (bits & LEAF_PROTNONE) === 0;
  return kind === LEAF_DEVICE_PRIVATE;
}
