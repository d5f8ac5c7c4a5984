// The test driver's own page table: which frame the device uses for a virtual page, and whether it
// may write. Mirrors the xarray of lib/test_hmm.c; 5 bytes a page. No references are held.
import { PageTable, type World } from "@faultline/core";
import { walkTables } from "@faultline/engine";

/** The device may only read the page. */
export const DPT_READ = 0;
/** The device holds the page exclusively (an atomic access). */
export const DPT_ATOMIC = 1;
/** The device may read and write the page. */
export const DPT_WRITE = 3;

/** Set in every entry, so that an entry with tag 0 differs from none. */
const ENTRY = 1;
const TAG_SHIFT = 1;
/** Ranges at least this long, from page 0 on, mean the whole address space. */
const WHOLE_SPACE = 2 ** 30;

/** A sparse map from virtual page to (frame, tag). */
export class MirrorTable {
  private readonly world: World;
  private table: PageTable;
  private isEmpty = true;

  constructor(world: World) {
    this.world = world;
    this.table = new PageTable(world.tables, world.geometry.levels);
  }

  /** Stores an entry over whatever was there. */
  store(page: number, pfn: number, tag: number): void {
    this.isEmpty = false;
    this.table.set(page, ENTRY | (tag << TAG_SHIFT), pfn);
  }

  /** Tag of the page's entry (DPT_*), or -1 when there is none. */
  tag(page: number): number {
    const bits = this.table.bits(page);
    return bits === 0 ? -1 : bits >>> TAG_SHIFT;
  }

  /** Frame of the page's entry. */
  pfn(page: number): number {
    return this.table.val(page);
  }

  /** Removes the entries of `[first, last]`, both included. */
  erase(first: number, last: number): void {
    if (this.isEmpty) return;
    if (first === 0 && last >= WHOLE_SPACE) {
      this.clear();
      return;
    }
    const { table } = this;
    for (let page = first; page <= last; ) {
      if (!table.hasPmdTable(page)) {
        const span = table.pmdTableSpan();
        page += span - (page % span);
        continue;
      }
      const next = table.blockStart(page) + table.blockPages;
      if (table.leafTable(page) !== 0) this.eraseInBlock(page, Math.min(last, next - 1));
      page = next;
    }
  }

  /** Removes every entry. */
  clear(): void {
    if (this.isEmpty) return;
    this.table.destroy();
    this.table = new PageTable(this.world.tables, this.world.geometry.levels);
    this.isEmpty = true;
  }

  /** The tree behind the mirror; replaced when everything is erased. */
  get tree(): PageTable {
    return this.table;
  }

  /** Visits every entry in ascending page order. */
  forEach(visit: (page: number, pfn: number, tag: number) => void): void {
    if (this.isEmpty) return;
    walkTables(this.table, {
      table: () => true,
      leaf: (page, bits, pfn) => visit(page, pfn, bits >>> TAG_SHIFT),
    });
  }

  /** Gives all tables back; the mirror is empty from then on and takes no more entries. */
  destroy(): void {
    this.isEmpty = true;
    this.table.destroy();
  }

  private eraseInBlock(first: number, last: number): void {
    const { table } = this;
    if (last - first + 1 === table.blockPages) {
      table.freeLeafTable(first);
      return;
    }
    const leaf = table.leafTable(first);
    const from = table.indexInBlock(first);
    const to = table.indexInBlock(last);
    for (let i = from; i <= to; i++) table.arena.set(leaf, i, 0, 0);
  }
}
