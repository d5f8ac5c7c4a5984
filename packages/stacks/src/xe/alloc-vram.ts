// Getting a chunk into a device's memory, with the second attempt after a race, and the two things
// around it: looking where the chunk is, and sending it to system memory. Mirrors xe_svm_alloc_vram
// of drivers/gpu/drm/xe/xe_svm.c.
import {
  type DevPagemap,
  EBUSY,
  ENOLINK,
  LEAF_DEVICE_PRIVATE,
  leafKind,
  type MachineDevice,
  type MmStruct,
  type TaskStruct,
} from "@faultline/core";
import {
  type AttachedDevice,
  type DeviceSystem,
  driverReadLock,
  driverReadTrylock,
  driverReadUnlock,
  driverWriteLock,
  driverWriteUnlock,
  type Verb,
} from "@faultline/engine";
import type { PageRange } from "../device/device-stack.ts";
import { mirrorRange, requestFlags } from "../device/mirror-range.ts";
import { type GpusvmScan, scanRange } from "../drm/scan-mm.ts";
import { drmPagemapMigrateToDevmem } from "./populate-mm.ts";
import type { XeStack } from "./xe-stack.ts";
import type { XeVm } from "./xe-vm.ts";

/** Where a chunk is. */
export interface ChunkScan {
  answer: GpusvmScan;
  /** The device of the first page; null for system memory. */
  holder: MachineDevice | null;
}

/** What a scan starts from. */
export function emptyScan(): ChunkScan {
  return { answer: "UNPOPULATED", holder: null };
}

/** Looks without touching; the answer, which `scan` gets, may be stale at once. */
export function scanChunk(
  stack: XeStack,
  vm: XeVm,
  task: TaskStruct,
  { start, nrPages }: PageRange,
  target: DevPagemap | null,
  scan: ChunkScan,
): Verb {
  const { world } = stack.system;
  const owner = stack.driver.ownerOf(vm.peer);
  const request = { start, nrPages, request: 0, owner, notified: stack.notifiedBy(start) };
  return mirrorRange(stack.host, vm.mirror, task, request, (range) => {
    scan.answer = scanRange(world, range, target);
    const isThere = scan.answer !== "UNPOPULATED";
    if (isThere) scan.holder = stack.system.holderOf(range.pfns[0] as number)?.device ?? null;
    return 0;
  });
}

/** A migration that a fault, or user space, wants. */
export interface WantedMove {
  readonly task: TaskStruct;
  readonly target: MachineDevice | null;
  /** How long CPU faults leave the pages alone. */
  readonly timeslicePs: number;
  /** Nothing but the target's memory will do, whatever a design says about peers. */
  readonly isNeeded: boolean;
}

/**
 * Moves a chunk to the target's memory. After -EBUSY nobody else migrates: the chunk goes to system
 * memory and is tried once more; under `policy.onlySystemPages` not when a peer holds a part of it.
 * @kernel drivers/gpu/drm/xe/xe_svm.c xe_svm_alloc_vram (v7.2)
 */
export function* xeSvmAllocVram(
  stack: XeStack,
  vm: XeVm,
  range: PageRange,
  move: WantedMove,
): Verb {
  const { task, target, timeslicePs } = move;
  const holder = target === null ? undefined : stack.driver.stackOf(target);
  if (holder === undefined) return -ENOLINK;
  const { stats, host } = stack;
  const began = host.now();
  stats.addSized(range.nrPages, "migrate_count");
  const { mm } = vm.mirror;
  const lock = stack.driver.migrationLock;
  if (!driverReadTrylock(lock)) yield* driverReadLock(lock);
  let rc = yield* drmPagemapMigrateToDevmem(holder, mm, range, timeslicePs);
  driverReadUnlock(lock);
  if (rc === -EBUSY && (move.isNeeded || mayEvict(stack, vm, range, holder))) {
    yield* driverWriteLock(lock);
    yield* drmGpusvmRangeEvict(stack, vm, task, range);
    rc = yield* drmPagemapMigrateToDevmem(holder, mm, range, timeslicePs);
    driverWriteUnlock(lock);
  }
  stats.addTime(range.nrPages, "migrate_us", host.now() - began);
  return rc;
}

/** Whether the design lets the chunk go to system memory on its way to `target`. */
export function mayEvict(
  { system }: XeStack,
  { mirror }: XeVm,
  { start, nrPages }: PageRange,
  { attached: target }: XeStack,
): boolean {
  const { world } = system;
  if (world.designs["policy.onlySystemPages"] === "off") return true;
  for (let page = start; page < start + nrPages; page++) {
    const holder = holderOfPage(system, mirror.mm, page);
    if (holder !== null && holder !== target) return false;
  }
  return true;
}

/** The device in whose memory a page is; null for any other page. */
function holderOfPage(
  system: DeviceSystem,
  { pageTable }: MmStruct,
  page: number,
): AttachedDevice | null {
  const isLeaf = pageTable.leafTable(page) === 0;
  const bits = isLeaf ? pageTable.slotBits(page) : pageTable.bits(page);
  if (leafKind(bits) !== LEAF_DEVICE_PRIVATE) return null;
  return system.holderOf(isLeaf ? pageTable.slotVal(page) : pageTable.val(page));
}

/**
 * Sends a chunk to system memory: a walk for nobody finds every device page foreign.
 * @kernel drivers/gpu/drm/drm_gpusvm.c drm_gpusvm_range_evict (v7.2)
 */
export function drmGpusvmRangeEvict(
  stack: XeStack,
  vm: XeVm,
  task: TaskStruct,
  { start, nrPages }: PageRange,
): Verb {
  const notified = stack.notifiedBy(start);
  const request = { start, nrPages, request: requestFlags(false), owner: null, notified };
  return mirrorRange(stack.host, vm.mirror, task, request, () => 0);
}
