// Moving a range of an address space into a device's memory: what a pagemap does when it is asked,
// by its own driver or by another device's. Mirrors drm_pagemap_populate_mm and
// drm_pagemap_migrate_to_devmem of drivers/gpu/drm/drm_pagemap.c.
import { EBUSY, ENOMEM, type MmStruct, type World } from "@faultline/core";
import {
  MIGRATE_PFN_VALID,
  MIGRATE_VMA_SELECT_COMPOUND,
  MIGRATE_VMA_SELECT_DEVICE_COHERENT,
  MIGRATE_VMA_SELECT_DEVICE_PRIVATE,
  MIGRATE_VMA_SELECT_SYSTEM,
  type MigrateVma,
  mmapReadLock,
  mmapReadTrylock,
  mmapReadUnlock,
  type Verb,
} from "@faultline/engine";
import { takeDeviceFolio } from "../device/device-folio.ts";
import type { PageRange } from "../device/device-stack.ts";
import { noteCopyJobs } from "../device/driver-work.ts";
import { leaveOwnPages } from "../device/leave-own-pages.ts";
import { migrateToDevice } from "../device/migrate-range.ts";
import { CopyMappings } from "../drm/copy-mappings.ts";
import type { DevmemAllocation } from "../drm/devmem-allocation.ts";
import { drmPagemapEvictToRam } from "./evict-allocation.ts";
import type { XeStack } from "./xe-stack.ts";

/**
 * Moves the range, all of it or nothing. Memory of peers with the target's owner is taken directly,
 * by a copy that the source pushes; other device memory is not selected.
 * @param timeslicePs how long CPU faults leave the pages alone.
 * @returns 0, also when every page is there already; -EBUSY when not every page can be had;
 * -ENOMEM.
 * @kernel drivers/gpu/drm/drm_pagemap.c drm_pagemap_migrate_to_devmem (v7.2)
 */
export function* drmPagemapMigrateToDevmem(
  target: XeStack,
  mm: MmStruct,
  { start, nrPages }: PageRange,
  timeslicePs: number,
): Verb {
  const { system, attached, allocations, host } = target;
  const { world } = system;
  if (!mmapReadTrylock(world, mm)) yield* mmapReadLock(world, mm);
  const vma = mm.vmaAt(start);
  if (vma === null || !vma.isAnonymous || start + nrPages > vma.vmEnd) {
    mmapReadUnlock(mm);
    return -EBUSY;
  }
  const allocation = { start, nrPages, timesliceEndPs: 0, nrUsed: 0 };
  const began = host.now();
  let isThere = false;
  let sources: readonly CopyRun[] = [];
  const mappings = new CopyMappings(system);
  const { rc, nrMoved } = yield* migrateToDevice(system, {
    vma,
    start,
    end: start + nrPages,
    flags:
      MIGRATE_VMA_SELECT_SYSTEM |
      MIGRATE_VMA_SELECT_COMPOUND |
      MIGRATE_VMA_SELECT_DEVICE_COHERENT |
      MIGRATE_VMA_SELECT_DEVICE_PRIVATE,
    pgmapOwner: attached.owner,
    target: attached,
    needsAll: target.knobs["xe.allOrNothing"],
    accept: (args) => {
      const nrOwn = countOwn(world, args, target);
      sources = runsOf(target, args);
      isThere = nrOwn === nrPages;
      if (!target.knobs["xe.allOrNothing"]) return leaveOwnPages(world, args, attached.pgmap);
      return nrOwn > 0 || args.cpages < nrPages ? -EBUSY : 0;
    },
    onCopy: (args) => {
      for (const { from, nrPages: nrCopied } of sources) {
        const copier = from ?? target;
        noteCopyJobs(world, copier.attached, copier.copyJobs(nrCopied));
      }
      return mappings.toDevice(
        target,
        args,
        (holder) => target.driver.stackOf(holder.device) ?? null,
      );
    },
    take: (order) => {
      const head =
        takeDeviceFolio(system, attached, order) || takeAfterEviction(target, allocation, order);
      if (head !== 0) allocations.add(allocation, head, 1 << order);
      return head;
    },
  });
  mappings.release();
  mmapReadUnlock(mm);
  if (isThere) return 0;
  if (rc !== 0) return rc;
  // A peer's pages are pushed by the peer; its own counters say so.
  for (const { from, nrPages: nrCopied } of sources) {
    if (from === null) target.noteCopy(nrPages, "device_copy", nrCopied);
    else from.noteCopy(nrPages, "cpu_copy", nrCopied);
  }
  target.stats.addTime(nrPages, "device_copy_us", host.now() - began);
  if (nrMoved < nrPages && target.knobs["xe.allOrNothing"]) return -EBUSY;
  allocation.timesliceEndPs = host.now() + timeslicePs;
  return 0;
}

/** Consecutive pages with one source; null for system memory. */
interface CopyRun {
  readonly from: XeStack | null;
  nrPages: number;
}

/** What has to be copied, run by run; a hole ends a run, and is not copied. */
function runsOf({ driver, system }: XeStack, { nrPages, srcFlags, srcPfn }: MigrateVma): CopyRun[] {
  const { frames } = system.world;
  const runs: CopyRun[] = [];
  let last = null as CopyRun | null;
  for (let i = 0; i < nrPages; ) {
    if (((srcFlags[i] as number) & MIGRATE_PFN_VALID) === 0) {
      last = null;
      i++;
      continue;
    }
    const pfn = srcPfn[i] as number;
    const nrHere = 1 << frames.order(pfn);
    i += nrHere;
    const holder = system.holderOf(pfn);
    const from = holder === null ? null : (driver.stackOf(holder.device) ?? null);
    if (last?.from !== from) {
      last = { from, nrPages: 0 };
      runs.push(last);
    }
    last.nrPages += nrHere;
  }
  return runs;
}

/** Collected pages that are in the target's memory already. */
function countOwn(world: World, args: MigrateVma, { attached }: XeStack): number {
  let nrOwn = 0;
  for (let i = 0; i < args.nrPages; i++) {
    if (((args.srcFlags[i] as number) & MIGRATE_PFN_VALID) === 0) continue;
    const pfn = args.srcPfn[i] as number;
    if (world.frames.pgmapOf(pfn) === attached.pgmap) nrOwn += 1 << world.frames.order(pfn);
  }
  return nrOwn;
}

/** Under pressure the oldest allocations leave, one after another, until there is room. */
function takeAfterEviction(target: XeStack, current: DevmemAllocation, order: number): number {
  for (const victim of target.allocations.all()) {
    // What is being filled is not a victim: its frames are not in any page table yet.
    if (victim === current) continue;
    if (drmPagemapEvictToRam(target, victim) === -ENOMEM) return 0;
    const head = takeDeviceFolio(target.system, target.attached, order);
    if (head !== 0) return head;
  }
  return 0;
}
