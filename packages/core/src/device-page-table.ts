// A device's own page table: leaves of one page or of a whole block, each saying which page it
// leads to and how the device reaches it. The formats of real devices differ; what every driver
// decides, the aperture, the right and the leaf size, is what is kept, with the page's frame in
// place of its address, which follows from the frame and the aperture. 5 bytes an entry.
import { LEAF_NONE, LEAF_TABLE } from "./leaf.ts";
import { PageTable } from "./page-table.ts";
import type { TableArena } from "./table-arena.ts";

/** The device's own memory. */
export const APERTURE_LOCAL = 1;
/** Another device's memory over a private link: XGMI, NVLink, Xe Link, C2C. */
export const APERTURE_INTERCONNECT = 2;
/** Another device's memory over PCIe, by bus address or through the host bridge. */
export const APERTURE_PCIE_P2P = 3;
/** System memory. */
export const APERTURE_SYSTEM = 4;

/** Where an entry leads; an address means something only inside its aperture. */
export type Aperture =
  | typeof APERTURE_LOCAL
  | typeof APERTURE_INTERCONNECT
  | typeof APERTURE_PCIE_P2P
  | typeof APERTURE_SYSTEM;

/** Names of the apertures as reports print them. */
export const APERTURE_NAMES: Readonly<Record<Aperture, string>> = {
  [APERTURE_LOCAL]: "local",
  [APERTURE_INTERCONNECT]: "interconnect",
  [APERTURE_PCIE_P2P]: "pcie-p2p",
  [APERTURE_SYSTEM]: "system",
};

const APERTURE_MASK = 7;
/** The device may read a page. */
export const DEVICE_READ = 1;
/** The device may write a page. */
export const DEVICE_WRITE = 8;
/** The device holds a page for atomic operations. */
export const DEVICE_ATOMIC = 16;

/** What the device may do through an entry. */
export interface DeviceAccess {
  readonly writable: boolean;
  /** The device holds the page for atomic operations. @defaultValue false */
  readonly atomic?: boolean;
}

/** One translation. */
export interface DeviceTranslation extends Required<DeviceAccess> {
  readonly aperture: Aperture;
  /** Frame of the page. */
  readonly pfn: number;
  /** Pages of the leaf that translates: 1, or the pages of a block. */
  readonly leafPages: number;
}

/** Translations of one device for one address space. */
export class DevicePageTable {
  private readonly table: PageTable;
  /** Nothing was ever mapped outside `[low, high)`, so no walk need look there. */
  private low: number = Number.MAX_SAFE_INTEGER;
  private high = 0;

  constructor(arena: TableArena, levels: number) {
    this.table = new PageTable(arena, levels);
  }

  /** Pages that one large leaf covers. */
  get blockPages(): number {
    return this.table.blockPages;
  }

  /**
   * Maps `nrPages` pages from `page` on to consecutive frames. Whole blocks whose frames are
   * aligned like their addresses get one large leaf each.
   */
  map(page: number, nrPages: number, aperture: Aperture, pfn: number, access: DeviceAccess): void {
    const atomic = access.atomic === true ? DEVICE_ATOMIC : 0;
    const bits = aperture | (access.writable ? DEVICE_WRITE : 0) | atomic;
    const { table } = this;
    const end = page + nrPages;
    this.low = Math.min(this.low, page);
    this.high = Math.max(this.high, end);
    for (let at = page; at < end; ) {
      const index = table.indexInBlock(at);
      const target = pfn + (at - page);
      const isWhole = index === 0 && at + table.blockPages <= end;
      if (isWhole && target % table.blockPages === 0) {
        this.dropTable(at);
        table.setSlot(at, blockLeaf(bits), target);
        at += table.blockPages;
        continue;
      }
      this.splitBlock(at);
      table.set(at, bits, target);
      at++;
    }
  }

  /** Removes the translations of `[page, page + nrPages)`; a large leaf keeps its other pages. */
  unmap(page: number, nrPages: number): void {
    const { table } = this;
    const end = Math.min(page + nrPages, this.high);
    for (let at = Math.max(page, this.low); at < end; ) {
      if (!table.hasPmdTable(at)) {
        const span = table.pmdTableSpan();
        at += span - (at % span);
        continue;
      }
      const blockEnd = table.blockStart(at) + table.blockPages;
      const to = Math.min(end, blockEnd);
      const isWhole = table.indexInBlock(at) === 0 && to === blockEnd;
      if (isWhole) this.dropTable(at);
      else if (table.slotBits(at) !== LEAF_NONE) {
        this.splitBlock(at);
        for (let one = at; one < to; one++) table.set(one, LEAF_NONE, 0);
      }
      at = to;
    }
  }

  /** The translation of a page, or null when the device would fault. */
  lookup(page: number): DeviceTranslation | null {
    const { table } = this;
    const slot = table.slotBits(page);
    if (slot === LEAF_NONE) return null;
    if (slot !== LEAF_TABLE) {
      const pfn = table.slotVal(page) + table.indexInBlock(page);
      return translation(slot >>> BLOCK_SHIFT, pfn, table.blockPages);
    }
    const bits = table.bits(page);
    return bits === LEAF_NONE ? null : translation(bits, table.val(page), 1);
  }

  /**
   * What the device may do with a page, DEVICE_*, without the rest of its translation.
   * @returns 0 when the device would fault.
   */
  rights(page: number): number {
    const { table } = this;
    const slot = table.slotBits(page);
    if (slot === LEAF_NONE) return 0;
    const bits = slot === LEAF_TABLE ? table.bits(page) : slot >>> BLOCK_SHIFT;
    return bits === LEAF_NONE ? 0 : DEVICE_READ | (bits & (DEVICE_WRITE | DEVICE_ATOMIC));
  }

  /** Visits the leaves that touch `[page, page + nrPages)`, ascending, cut to that range. */
  forEach(
    page: number,
    nrPages: number,
    visit: (page: number, nrPages: number, leaf: DeviceTranslation) => void,
  ): void {
    const { table } = this;
    const end = Math.min(page + nrPages, this.high);
    for (let at = Math.max(page, this.low); at < end; ) {
      if (!table.hasPmdTable(at)) {
        const span = table.pmdTableSpan();
        at += span - (at % span);
        continue;
      }
      const to = Math.min(end, table.blockStart(at) + table.blockPages);
      const slot = table.slotBits(at);
      const isBlock = slot !== LEAF_NONE && slot !== LEAF_TABLE;
      const step = isBlock ? to - at : 1;
      for (; slot !== LEAF_NONE && at < to; at += step) {
        const leaf = this.lookup(at);
        if (leaf !== null) visit(at, step, leaf);
      }
      at = to;
    }
  }

  /** Gives every table back; the object must not be used afterwards. */
  destroy(): void {
    this.table.destroy();
  }

  /** Replaces a large leaf over the page by single pages that translate alike. */
  private splitBlock(page: number): void {
    const { table } = this;
    const slot = table.slotBits(page);
    if (slot === LEAF_NONE || slot === LEAF_TABLE) return;
    const value = table.slotVal(page);
    const start = table.blockStart(page);
    table.setSlot(page, LEAF_NONE, 0);
    for (let i = 0; i < table.blockPages; i++) {
      table.set(start + i, slot >>> BLOCK_SHIFT, value + i);
    }
  }

  /** Leaves the block without translations. */
  private dropTable(page: number): void {
    const { table } = this;
    if (table.slotBits(page) === LEAF_TABLE) table.freeLeafTable(page);
    else if (table.slotBits(page) !== LEAF_NONE) table.setSlot(page, LEAF_NONE, 0);
  }
}

/** Slots share their byte with LEAF_TABLE, so a large leaf keeps its bits above the kind. */
const BLOCK_SHIFT = 3;

function blockLeaf(bits: number): number {
  return (bits << BLOCK_SHIFT) & 0xff;
}

function translation(bits: number, pfn: number, leafPages: number): DeviceTranslation {
  return {
    aperture: (bits & APERTURE_MASK) as Aperture,
    writable: (bits & DEVICE_WRITE) !== 0,
    atomic: (bits & DEVICE_ATOMIC) !== 0,
    pfn,
    leafPages,
  };
}
