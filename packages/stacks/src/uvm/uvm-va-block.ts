// One VA block: 2 MiB of a VA space, the unit in which UVM serves faults. Where its pages are is
// read from the process's page table; the block itself only remembers. Mirrors uvm_va_block_t.
import {
  type DevPagemap,
  LEAF_DEVICE_EXCLUSIVE,
  LEAF_DEVICE_PRIVATE,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_TABLE,
  LEAF_WRITE,
  leafKind,
} from "@faultline/core";
import type { PageRange } from "../device/device-stack.ts";
import { UVM_ID_CPU, type UvmProcessor } from "./select-residency.ts";
import { BlockThrashing } from "./thrashing.ts";
import type { UvmStack } from "./uvm-stack.ts";
import type { UvmVaSpace } from "./uvm-va-space.ts";

/** Where a page is. */
export interface PageHome {
  /** Null for a page that nobody has touched. */
  readonly processor: UvmProcessor | null;
  /** In swap, or in the memory of another driver's device: it must come to system memory first. */
  readonly isAway: boolean;
  /** Its frame; 0 where it has none. */
  readonly pfn: number;
  /** The process may write it as it is; after fork() it may not. */
  readonly isWritable: boolean;
}

const NOWHERE: PageHome = { processor: null, isAway: false, pfn: 0, isWritable: false };

/** One block. */
export class UvmVaBlock {
  readonly space: UvmVaSpace;
  readonly start: number;
  readonly nrLeaves: number;
  /** All of its pages: what its notifier covers. */
  readonly range: PageRange;
  readonly thrashing: BlockThrashing;
  /** Pages that a GPU brings back because it must copy them before it writes. */
  readonly unsharing: Set<number> = new Set();
  /** Processors that have faulted on it before. */
  readonly users: Set<UvmProcessor> = new Set();

  constructor(space: UvmVaSpace, start: number, nrLeaves: number) {
    this.space = space;
    this.start = start;
    this.nrLeaves = nrLeaves;
    this.range = { start, nrPages: nrLeaves };
    this.thrashing = new BlockThrashing(space, this.range);
  }

  /** Page after the last one. */
  get end(): number {
    return this.start + this.nrLeaves;
  }

  /** Leaves that thrash now, numbered within the block. */
  thrashingLeaves(): ReadonlySet<number> {
    return new Set(this.thrashing.thrashingPages().map((page) => page - this.start));
  }

  /** Who holds a page now; null for a page that nobody has touched. */
  processorOf(page: number): UvmProcessor | null {
    const { pageTable } = this.space.mm;
    const slot = pageTable.slotBits(page);
    if (leafKind(slot) !== LEAF_TABLE) return this.homeOf(page).processor;
    const kind = leafKind(pageTable.bits(page));
    if (kind === LEAF_NONE) return null;
    if (kind !== LEAF_PRESENT && kind !== LEAF_DEVICE_PRIVATE) return this.homeOf(page).processor;
    const pfn = pageTable.val(page);
    const { world } = this.space.driver.system;
    if (pfn === world.zeroPfn) return null;
    return this.holderOf(world.frames.pgmapOf(pfn))?.processor ?? UVM_ID_CPU;
  }

  /** As `PageHome.isAway`, without the rest. */
  isAway(page: number): boolean {
    const { pageTable } = this.space.mm;
    if (leafKind(pageTable.slotBits(page)) !== LEAF_TABLE) return this.homeOf(page).isAway;
    const kind = leafKind(pageTable.bits(page));
    if (kind === LEAF_NONE) return false;
    if (kind !== LEAF_PRESENT && kind !== LEAF_DEVICE_PRIVATE) return true;
    const pfn = pageTable.val(page);
    const { world } = this.space.driver.system;
    const pgmap = pfn === world.zeroPfn ? null : world.frames.pgmapOf(pfn);
    return pgmap !== null && this.holderOf(pgmap) === undefined;
  }

  /** Whether a processor holds the page, and the process may not write it as it is. */
  isWriteProtected(page: number): boolean {
    const { pageTable } = this.space.mm;
    const slot = pageTable.slotBits(page);
    const bits = leafKind(slot) === LEAF_TABLE ? pageTable.bits(page) : slot;
    if ((bits & LEAF_WRITE) !== 0 || leafKind(bits) === LEAF_NONE) return false;
    const { processor, isAway } = this.homeOf(page);
    return processor !== null && !isAway;
  }

  /** The GPU of UVM whose memory that is. */
  private holderOf(pgmap: DevPagemap | null): UvmStack | undefined {
    if (pgmap === null) return undefined;
    return this.space.driver.stacks.find(({ attached }) => attached.pgmap === pgmap);
  }

  /** Where a page is now. */
  homeOf(page: number): PageHome {
    const { world } = this.space.driver.system;
    const { pageTable } = this.space.mm;
    const slot = pageTable.slotBits(page);
    const isTable = leafKind(slot) === LEAF_TABLE;
    const bits = isTable ? pageTable.bits(page) : slot;
    const kind = leafKind(bits);
    if (kind === LEAF_NONE) return NOWHERE;
    if (kind !== LEAF_PRESENT && kind !== LEAF_DEVICE_PRIVATE && kind !== LEAF_DEVICE_EXCLUSIVE) {
      return { processor: UVM_ID_CPU, isAway: true, pfn: 0, isWritable: false };
    }
    const head = isTable ? pageTable.val(page) : pageTable.slotVal(page);
    if (head === world.zeroPfn || (!isTable && head === world.hugeZeroPfn)) return NOWHERE;
    const pfn = isTable ? head : head + pageTable.indexInBlock(page);
    const pgmap = world.frames.pgmapOf(pfn);
    const holder = this.holderOf(pgmap);
    const isForeign = pgmap !== null && holder === undefined;
    return {
      processor: holder?.processor ?? UVM_ID_CPU,
      isAway: isForeign || kind === LEAF_DEVICE_EXCLUSIVE,
      pfn,
      isWritable: (bits & LEAF_WRITE) !== 0,
    };
  }

  /** Leaves of `[first, end)` by where they are, numbered within the block. */
  residentLeaves(first: number, end: number): ReadonlyMap<UvmProcessor, ReadonlySet<number>> {
    const leaves = new Map<UvmProcessor, Set<number>>();
    for (let page = first; page < end; page++) {
      const processor = this.processorOf(page);
      if (processor === null) continue;
      leavesOn(leaves, processor).add(page - this.start);
    }
    // A copy counts as being there, too.
    for (const { stack, mirror } of this.space.gpus) {
      for (const page of mirror.duplicates.keys()) {
        if (page >= first && page < end) leavesOn(leaves, stack.processor).add(page - this.start);
      }
    }
    return leaves;
  }
}

function leavesOn(leaves: Map<UvmProcessor, Set<number>>, processor: UvmProcessor): Set<number> {
  const known = leaves.get(processor) ?? new Set<number>();
  leaves.set(processor, known);
  return known;
}
