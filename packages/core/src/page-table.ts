// One radix tree of tables: an mm's page tables, a device's page tables, or a file's page cache.
// Page numbers are exact to 2^45, so they are split into low and high words instead of shifted.
// "Block" is the aligned range that one entry of the second-lowest level (a PMD slot) covers.
import { EFFORT_TABLE_ALLOC, EFFORT_TABLE_FREE, type EffortLog } from "./effort-log.ts";
import { LEAF_NONE, LEAF_TABLE } from "./leaf.ts";
import type { TableArena } from "./table-arena.ts";

const TWO_32 = 4294967296;

/** Bits `[shift, shift + 31)` of a page number below 2^53, as an unsigned integer. */
function bitsFrom(pageNumber: number, shift: number): number {
  const low = pageNumber >>> 0;
  const high = (pageNumber - low) / TWO_32;
  if (shift >= 32) return high >>> (shift - 32);
  if (high === 0) return low >>> shift;
  return ((low >>> shift) | (shift === 0 ? 0 : high << (32 - shift))) >>> 0;
}

/** A sparse table from page number to (bits, value) with table-sized and single leaves. */
export class PageTable {
  readonly arena: TableArena;
  readonly levels: number;
  readonly root: number;
  /** Entries per table, and so pages per block. */
  readonly blockPages: number;
  private readonly shift: number;
  private readonly mask: number;
  /** Weight of a page number's high word in `pmdKey`. */
  private readonly highScale: number;
  private cachedPmdKey = -1;
  private cachedPmdTable = 0;
  private cachedBlock = -1;
  private cachedLeafTable = 0;
  /** Where tables are accounted for; null for trees that are not the kernel's page tables. */
  private readonly effort: EffortLog | null;

  constructor(arena: TableArena, levels: number, effort: EffortLog | null = null) {
    this.effort = effort;
    this.arena = arena;
    this.levels = levels;
    this.shift = arena.tableShift;
    this.mask = arena.nrEntries - 1;
    this.highScale = 2 ** (32 - 2 * this.shift);
    this.blockPages = arena.nrEntries;
    this.root = this.allocTable();
  }

  /** Index of a page inside its block. */
  indexInBlock(page: number): number {
    return page & this.mask;
  }

  /** First page of the block that holds the page. */
  blockStart(page: number): number {
    return page - (page & this.mask);
  }

  /** Index of the page's block inside the table of its PMD slot. */
  slotIndex(page: number): number {
    return bitsFrom(page, this.shift) & this.mask;
  }

  /** The table that holds the page's PMD slot, or 0 where no upper level exists. */
  pmdTable(page: number): number {
    const key = this.pmdKey(page);
    if (key === this.cachedPmdKey) return this.cachedPmdTable;
    let table = this.root;
    for (let level = this.levels - 1; level >= 2; level--) {
      const index = bitsFrom(page, level * this.shift) & this.mask;
      if (this.arena.bits(table, index) !== LEAF_TABLE) return 0;
      table = this.arena.val(table, index);
    }
    this.cachedPmdKey = key;
    this.cachedPmdTable = table;
    return table;
  }

  /** The table that holds the page's PMD slot, created with its upper levels when absent. */
  ensurePmdTable(page: number): number {
    const found = this.pmdTable(page);
    if (found !== 0) return found;
    let table = this.root;
    for (let level = this.levels - 1; level >= 2; level--) {
      const index = bitsFrom(page, level * this.shift) & this.mask;
      if (this.arena.bits(table, index) === LEAF_NONE) {
        this.arena.set(table, index, LEAF_TABLE, this.allocTable());
      }
      table = this.arena.val(table, index);
    }
    return table;
  }

  /** Byte of the page's PMD slot: LEAF_NONE where nothing is, LEAF_TABLE where a table hangs. */
  slotBits(page: number): number {
    if (page - (page & this.mask) === this.cachedBlock) return LEAF_TABLE;
    const table = this.pmdTable(page);
    return table === 0 ? LEAF_NONE : this.arena.bits(table, this.slotIndex(page));
  }

  /** Value of the page's PMD slot: a pfn for a leaf, a table id for LEAF_TABLE. */
  slotVal(page: number): number {
    const table = this.pmdTable(page);
    return table === 0 ? 0 : this.arena.val(table, this.slotIndex(page));
  }

  /** Writes the page's PMD slot, creating upper levels as needed. */
  setSlot(page: number, bits: number, val: number): void {
    this.cachedBlock = -1;
    this.arena.set(this.ensurePmdTable(page), this.slotIndex(page), bits, val);
  }

  /** The PTE table of the page's block, or 0 when the slot is empty or a leaf. */
  leafTable(page: number): number {
    const block = page - (page & this.mask);
    if (block === this.cachedBlock) return this.cachedLeafTable;
    const pmdTable = this.pmdTable(page);
    if (pmdTable === 0) return 0;
    const index = this.slotIndex(page);
    if (this.arena.bits(pmdTable, index) !== LEAF_TABLE) return 0;
    this.cachedBlock = block;
    this.cachedLeafTable = this.arena.val(pmdTable, index);
    return this.cachedLeafTable;
  }

  /** The PTE table of the page's block, created when the slot is empty. The slot is no leaf. */
  ensureLeafTable(page: number): number {
    const found = this.leafTable(page);
    if (found !== 0) return found;
    const table = this.allocTable();
    this.setSlot(page, LEAF_TABLE, table);
    return table;
  }

  /** Frees the PTE table of a block and leaves its slot empty. The caller has emptied it. */
  freeLeafTable(page: number): void {
    const table = this.leafTable(page);
    if (table === 0) return;
    this.setSlot(page, LEAF_NONE, 0);
    this.freeTable(table);
  }

  /** Frees the table of PMD slots around a page. The caller has emptied it. */
  freePmdTable(page: number): void {
    const pmdTable = this.pmdTable(page);
    if (pmdTable === 0 || this.levels < 3) return;
    let parent = this.root;
    for (let level = this.levels - 1; level > 2; level--) {
      parent = this.arena.val(parent, bitsFrom(page, level * this.shift) & this.mask);
    }
    this.arena.set(parent, bitsFrom(page, 2 * this.shift) & this.mask, LEAF_NONE, 0);
    this.freeTable(pmdTable);
    this.cachedPmdKey = -1;
    this.cachedBlock = -1;
  }

  /** Byte of the page's entry at the lowest level; LEAF_NONE under an empty or leaf slot. */
  bits(page: number): number {
    const table = this.leafTable(page);
    return table === 0 ? LEAF_NONE : this.arena.bits(table, page & this.mask);
  }

  /** Value of the page's entry at the lowest level. */
  val(page: number): number {
    const table = this.leafTable(page);
    return table === 0 ? 0 : this.arena.val(table, page & this.mask);
  }

  /** Writes the page's entry, creating its table when needed. The slot must not be a leaf. */
  set(page: number, bits: number, val: number): void {
    this.arena.set(this.ensureLeafTable(page), page & this.mask, bits, val);
  }

  /** True when the upper level above the PMD slot exists ("the GiB has a page table"). */
  hasPmdTable(page: number): boolean {
    return this.pmdTable(page) !== 0;
  }

  /** Pages covered by one table of PMD slots. */
  pmdTableSpan(): number {
    return this.blockPages * this.blockPages;
  }

  /** Frees every table; the tree must not be used afterwards. Leaves are the caller's business. */
  destroy(): void {
    this.freeBelow(this.root, this.levels - 1);
    this.cachedPmdKey = -1;
    this.cachedBlock = -1;
  }

  private freeBelow(table: number, level: number): void {
    if (level >= 1) {
      for (let i = 0; i < this.arena.nrEntries; i++) {
        if (this.arena.bits(table, i) !== LEAF_TABLE) continue;
        this.freeBelow(this.arena.val(table, i), level - 1);
      }
    }
    this.freeTable(table);
  }

  private allocTable(): number {
    this.effort?.add(EFFORT_TABLE_ALLOC, 1);
    return this.arena.alloc();
  }

  private freeTable(table: number): void {
    this.effort?.add(EFFORT_TABLE_FREE, 1);
    this.arena.free(table);
  }

  private pmdKey(page: number): number {
    const low = page >>> 0;
    const high = (page - low) / TWO_32;
    return high * this.highScale + (low >>> (2 * this.shift));
  }
}
