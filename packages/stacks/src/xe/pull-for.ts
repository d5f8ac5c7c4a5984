// A card takes a range into its memory because another device asks: the second need of the
// discussion of 2024. Mirrors drm_pagemap_populate_mm of drivers/gpu/drm/drm_pagemap.c.
import { ENOLINK, EOPNOTSUPP, EBUSY, type TaskStruct } from "@faultline/core";
import type { Verb } from "@faultline/engine";
import type { DeviceStack, PageRange } from "../device/device-stack.ts";
import { drmGpusvmRangeEvict, mayEvict } from "./alloc-vram.ts";
import { drmPagemapMigrateToDevmem } from "./populate-mm.ts";
import type { XeStack } from "./xe-stack.ts";
import type { XeVm } from "./xe-vm.ts";

/**
 * Pulls chunk after chunk, those that a fault would choose. What foreigners ask for goes by way of
 * system memory, which only the design `migrate.crossDriver` allows.
 * @param from who asks.
 * @returns 0; -EOPNOTSUPP for another driver's request; -ENOLINK for that of another owner group;
 * -EBUSY when a chunk cannot be had whole; -ENOMEM.
 * @kernel drivers/gpu/drm/drm_pagemap.c drm_pagemap_populate_mm (v7.2)
 * @differs takes a range of several chunks.
 */
export function* drmPagemapPopulateMm(
  stack: XeStack,
  vm: XeVm,
  task: TaskStruct,
  { start, nrPages }: PageRange,
  from: DeviceStack,
): Verb {
  const crosses = stack.system.world.designs["migrate.crossDriver"] === "on";
  const isForeign = from.attached.owner !== stack.attached.owner;
  if (!crosses && from.name !== stack.name) return -EOPNOTSUPP;
  if (!crosses && isForeign) return -ENOLINK;
  const owner = stack.driver.ownerOf(vm.peer);
  for (let page = start; page < start + nrPages; ) {
    const range = stack.chunkAt(vm, task, page, false, owner);
    if (typeof range === "number") return range;
    if (isForeign && !mayEvict(stack, vm, range, stack)) return -EBUSY;
    if (isForeign) yield* drmGpusvmRangeEvict(stack, vm, task, range);
    const rc = yield* drmPagemapMigrateToDevmem(stack, vm.mirror.mm, range, 0);
    if (rc !== 0) return rc;
    page = range.start + range.nrPages;
  }
  return 0;
}
