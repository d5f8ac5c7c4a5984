// Who uses what in a world, counted anew from the page tables, the page caches and the swap cache.
// The checks compare what the frames, records and slots say about themselves with these counts.
import {
  type AddressSpace,
  type AnonVma,
  type MmStruct,
  type PageTable,
  type World,
} from "@faultline/core";
import { PfnCounts } from "./pfn-counts.ts";
import type { ProblemSink } from "./problem.ts";

/**
 * What a driver or another user of the engine holds of a world beyond what page tables and caches
 * show.
 */
export interface WorldHolder {
  /** Trees that took their tables from `world.tables`, such as a device's page tables. */
  readonly pageTables: readonly PageTable[];
  /** References of folios by head, that are neither mappings, cache entries nor pins. */
  readonly refs: ReadonlyMap<number, number>;
}

/** The counts of one moment. */
export interface Census {
  readonly world: World;
  readonly sink: ProblemSink;
  readonly mms: readonly MmStruct[];
  readonly files: readonly AddressSpace[];
  readonly anonVmas: readonly AnonVma[];
  /** PTEs that map a page. */
  readonly pteMaps: PfnCounts;
  /** PMD leaves that map a folio, by head. */
  readonly pmdMaps: PfnCounts;
  /** Mappings of large folios by head, then by mm. */
  readonly largeMaps: Map<number, Map<number, number>>;
  /** References that are no mappings, by head, that something accounts for. */
  readonly refs: PfnCounts;
  /** Entries of page tables and page caches per swap slot. */
  readonly swapUses: Map<number, number>;
  /** Page tables seen, to find those used twice and those lost. */
  readonly tables: Set<number>;
  /** Free blocks as the nodes list them: order + 1 of the block that starts at a frame. */
  readonly freeBlocks: PfnCounts;
}

/** Empty counts, with the objects that will be counted. */
export function createCensus(
  world: World,
  sink: ProblemSink,
  holders: readonly WorldHolder[],
): Census {
  const targets = world.allRmapTargets();
  const refs = new PfnCounts();
  refs.add(world.zeroPfn, 1);
  refs.add(world.hugeZeroPfn, 1);
  for (const { first, nrPages } of world.reserved) {
    for (let i = 0; i < nrPages; i++) refs.add(first + i, 1);
  }
  for (const [head, count] of world.frames.pins) refs.add(head, count);
  for (const holder of holders) {
    for (const [head, count] of holder.refs) refs.add(world.frames.head(head), count);
  }
  return {
    world,
    sink,
    mms: [...new Set([...world.tasks.values()].map((task) => task.mm))],
    files: targets.filter((target): target is AddressSpace => "pages" in target),
    anonVmas: targets.filter((target): target is AnonVma => "chain" in target),
    pteMaps: new PfnCounts(),
    pmdMaps: new PfnCounts(),
    largeMaps: new Map(),
    refs,
    swapUses: new Map(),
    tables: new Set(),
    freeBlocks: new PfnCounts(),
  };
}

/** Notes that a tree uses a table; false when some tree does already. */
export function countTable({ tables, sink }: Census, id: number): boolean {
  if (tables.has(id)) {
    sink.add("page-tables", `page table ${id} is used twice`);
    return false;
  }
  tables.add(id);
  return true;
}

/** Notes one more entry that names a swap slot. */
export function countSwapUse({ swapUses }: Census, slot: number): void {
  swapUses.set(slot, (swapUses.get(slot) ?? 0) + 1);
}
