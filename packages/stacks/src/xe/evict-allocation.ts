// Bringing a whole allocation back to system memory: after a CPU fault, through the address space,
// and under memory pressure, by its frames alone. Mirrors drivers/gpu/drm/drm_pagemap.c.
import { EBUSY, ENOMEM, invariant } from "@faultline/core";
import { type FaultContext, runToCompletion, VM_FAULT_SIGBUS } from "@faultline/engine";
import { noteCopyJobs } from "../device/driver-work.ts";
import { evictFrames } from "../device/evict-frames.ts";
import { migrateToSystem } from "../device/migrate-range.ts";
import { CopyMappings } from "../drm/copy-mappings.ts";
import type { DevmemAllocation } from "../drm/devmem-allocation.ts";
import type { XeStack } from "./xe-stack.ts";

/** How often an eviction tries pages that could not leave. */
const EVICT_TRIES = 3;

/**
 * A CPU touched a device page. Inside its timeslice nothing moves and the CPU faults again;
 * afterwards the whole allocation comes back, clipped to the VMA.
 * @returns VM_FAULT_* bits.
 * @kernel drivers/gpu/drm/drm_pagemap.c drm_pagemap_migrate_to_ram (v7.2)
 */
export function drmPagemapMigrateToRam(stack: XeStack, fault: FaultContext): number {
  const { vma, page, pfn, task } = fault;
  const allocation = stack.allocations.of(pfn);
  invariant(allocation !== undefined, `frame ${pfn} is in no allocation`);
  if (stack.host.now() < allocation.timesliceEndPs) {
    fault.world.keptUntilPs = allocation.timesliceEndPs;
    return 0;
  }
  const first = page - (page % allocation.nrPages);
  const start = Math.max(first, vma.vmStart);
  const end = Math.min(first + allocation.nrPages, vma.vmEnd);
  const range = { vma, start, end, faultPage: pfn };
  const began = stack.host.now();
  const mappings = new CopyMappings(stack.system);
  const { rc, nrMoved } = runToCompletion(
    migrateToSystem(stack.system, {
      from: stack.attached,
      task,
      range,
      onCopy: (args) => {
        noteCopyJobs(stack.system.world, stack.attached, stack.copyJobs(args.cpages));
        return mappings.toSystem(stack, args);
      },
    }),
  );
  mappings.release();
  stack.noteCopy(allocation.nrPages, "cpu_copy", nrMoved);
  stack.stats.addTime(allocation.nrPages, "cpu_copy_us", stack.host.now() - began);
  return rc === 0 ? 0 : VM_FAULT_SIGBUS;
}

/**
 * Empties an allocation without its address space.
 * @returns 0; -EBUSY when pages are held after three tries; -ENOMEM when system memory is full.
 * @kernel drivers/gpu/drm/drm_pagemap.c drm_pagemap_evict_to_ram (v7.2)
 */
export function drmPagemapEvictToRam(stack: XeStack, allocation: DevmemAllocation): number {
  const { world } = stack.system;
  for (let attempt = 0; attempt < EVICT_TRIES && allocation.nrUsed > 0; attempt++) {
    const frames = stack.allocations.framesOf(allocation);
    const heads = frames.filter((pfn) => world.frames.head(pfn) === pfn);
    const nrBefore = allocation.nrUsed;
    const mappings = new CopyMappings(stack.system);
    const hasRoom = evictFrames(stack.system, stack.attached, heads, (words) => {
      return mappings.toSystem(stack, words);
    });
    mappings.release();
    stack.noteCopy(allocation.nrPages, "cpu_copy", nrBefore - allocation.nrUsed);
    if (!hasRoom && heads.length > 0 && attempt === EVICT_TRIES - 1) return -ENOMEM;
  }
  return allocation.nrUsed === 0 ? 0 : -EBUSY;
}
