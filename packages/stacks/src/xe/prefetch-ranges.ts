// Prefetching of user space: chunk after chunk, to where it says or the attributes want it. Mirrors
// the part of drivers/gpu/drm/xe/xe_vm.c that is about shared virtual memory.
import { ENODATA, type TaskStruct } from "@faultline/core";
import type { Verb } from "@faultline/engine";
import type { PageRange, PrefetchRegion } from "../device/device-stack.ts";
import { drmGpusvmRangeEvict, xeSvmAllocVram } from "./alloc-vram.ts";
import { collectAndBind, xeVmaResolvePagemap } from "./handle-pagefault.ts";
import type { XeStack } from "./xe-stack.ts";
import type { XeVm } from "./xe-vm.ts";

/**
 * Moves chunks, one after another, and binds them.
 * @returns 0; -ENODATA when a chunk could not be had: user space may repeat the call; or why there
 * is no chunk.
 * @kernel drivers/gpu/drm/xe/xe_vm.c prefetch_ranges (v7.2)
 */
export function* prefetchRanges(
  stack: XeStack,
  vm: XeVm,
  task: TaskStruct,
  { start, nrPages }: PageRange,
  region: PrefetchRegion,
): Verb {
  vm.collectGarbage();
  for (let page = start; page < start + nrPages; ) {
    const attributes = vm.attributes.at(page);
    const own = stack.attached.memory === null ? null : stack.attached.device;
    const named = region === "local" ? own : null;
    const target = region === "preferred" ? xeVmaResolvePagemap(stack, attributes) : named;
    const owner = target === null ? null : stack.driver.ownerOf(vm.peer);
    const range = stack.chunkAt(vm, task, page, false, owner);
    if (typeof range === "number") return range;
    const isMoved = target !== null && range.migrateDevmem;
    const move = { task, target, timeslicePs: 0, isNeeded: false };
    const rc = isMoved
      ? yield* xeSvmAllocVram(stack, vm, range, move)
      : yield* drmGpusvmRangeEvict(stack, vm, task, range);
    if (rc !== 0) return -ENODATA;
    const access = "read" as const;
    const fault = { task, page, access, attributes, needVram: false, target, owner, nrPages: 0 };
    if ((yield* collectAndBind(stack, vm, range, fault)) !== 0) return -ENODATA;
    page = range.start + range.nrPages;
  }
  return 0;
}
