// Getting a chunk into a device's memory, with the second attempt after a race, and the two things
// around it: looking where the chunk is, and sending it to system memory. Mirrors xe_svm_alloc_vram
// of drivers/gpu/drm/xe/xe_svm.c.
import {
  type DevPagemap,
  EBUSY,
  ENOLINK,
  type MachineDevice,
  type TaskStruct,
} from "@faultline/core";
import type { Verb } from "@faultline/engine";
import type { PageRange } from "../device/device-stack.ts";
import { mirrorRange, requestFlags } from "../device/mirror-range.ts";
import { type GpusvmScan, scanRange } from "../drm/scan-mm.ts";
import { drmPagemapMigrateToDevmem } from "./populate-mm.ts";
import type { XeStack } from "./xe-stack.ts";
import type { XeVm } from "./xe-vm.ts";

/** Where a chunk is. */
export interface ChunkScan {
  readonly answer: GpusvmScan;
  /** The device of the first page; null for system memory. */
  readonly holder: MachineDevice | null;
}

/** Looks without touching; the answer may be stale at once. */
export function* scanChunk(
  stack: XeStack,
  vm: XeVm,
  task: TaskStruct,
  { start, nrPages }: PageRange,
  target: DevPagemap | null,
): Verb<ChunkScan> {
  const { world } = stack.system;
  let answer: GpusvmScan = "UNPOPULATED";
  let holder: MachineDevice | null = null;
  const request = { start, nrPages, request: 0, owner: stack.driver.ownerOf(vm.peer) };
  yield* mirrorRange(stack.host, vm.mirror, task, request, (range) => {
    answer = scanRange(world, range, target);
    if (answer !== "UNPOPULATED") {
      holder = stack.system.holderOf(range.pfns[0] as number)?.device ?? null;
    }
    return 0;
  });
  return { answer, holder };
}

/**
 * Moves a chunk to the target's memory. After -EBUSY the chunk goes to system memory and is tried
 * once more, alone: the second attempt holds the lock that all migrations share.
 * @kernel drivers/gpu/drm/xe/xe_svm.c xe_svm_alloc_vram (v7.2)
 */
export function* xeSvmAllocVram(
  stack: XeStack,
  vm: XeVm,
  task: TaskStruct,
  range: PageRange,
  target: MachineDevice | null,
  timeslicePs: number,
): Verb {
  const owner = target === null ? undefined : stack.driver.stackOf(target);
  if (owner === undefined) return -ENOLINK;
  stack.stats.addSized(range.nrPages, "migrate_count");
  const { mm } = vm.mirror;
  const first = yield* drmPagemapMigrateToDevmem(owner, mm, range, timeslicePs);
  if (first !== -EBUSY) return first;
  yield* drmGpusvmRangeEvict(stack, vm, task, range);
  return yield* drmPagemapMigrateToDevmem(owner, mm, range, timeslicePs);
}

/**
 * Sends a chunk to system memory: a walk for nobody finds every device page foreign.
 * @kernel drivers/gpu/drm/drm_gpusvm.c drm_gpusvm_range_evict (v7.2)
 */
export function* drmGpusvmRangeEvict(
  stack: XeStack,
  vm: XeVm,
  task: TaskStruct,
  { start, nrPages }: PageRange,
): Verb {
  const request = { start, nrPages, request: requestFlags(false), owner: null };
  return yield* mirrorRange(stack.host, vm.mirror, task, request, () => 0);
}
