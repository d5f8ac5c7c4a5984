// The end of an address space: everything is unmapped and every table freed. Mirrors mm/mmap.c.
import {
  EFFORT_VMA_CHANGE,
  MMU_NOTIFY_RELEASE,
  MMU_NOTIFY_UNMAP,
  type MmStruct,
  type World,
} from "@faultline/core";
import { releaseFile } from "../file/release-file.ts";
import {
  mmuNotifierInvalidateRangeEnd,
  mmuNotifierInvalidateRangeStart,
  settle,
} from "../notify.ts";
import { unlinkAnonVmas } from "../rmap/anon-vma.ts";
import type { Verb } from "../verb.ts";
import { freePageTables } from "../zap/free-page-tables.ts";
import { ZAP_ALL, zapRange } from "../zap/zap-range.ts";

/** Past every page number. */
const EVERYWHERE = 2 ** 52;

/**
 * Unmaps everything. Nobody uses the address space any more.
 * @kernel mm/mmap.c exit_mmap (v7.2)
 */
export function* exitMmap(world: World, mm: MmStruct): Verb<void> {
  const release = mmuNotifierInvalidateRangeStart(world, mm, MMU_NOTIFY_RELEASE, 0, EVERYWHERE);
  yield* settle(release);
  mmuNotifierInvalidateRangeEnd(release);
  const unmap = mmuNotifierInvalidateRangeStart(world, mm, MMU_NOTIFY_UNMAP, 0, EVERYWHERE);
  yield* settle(unmap);
  for (const vma of mm.vmas) zapRange(world, vma, vma.vmStart, vma.vmEnd, ZAP_ALL);
  mmuNotifierInvalidateRangeEnd(unmap);
  for (const vma of mm.vmas.slice()) {
    // Tables that the next mapping shares are freed with it.
    const ceiling = mm.vmas[1]?.vmStart ?? EVERYWHERE;
    freePageTables(mm, vma.vmStart, vma.vmEnd, 0, ceiling);
    unlinkAnonVmas(world, vma);
    mm.removeVma(vma);
    world.effort.add(EFFORT_VMA_CHANGE, 1);
    releaseFile(world, vma);
  }
  mm.pageTable.destroy();
  mm.isAlive = false;
}
