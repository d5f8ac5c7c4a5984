// One retry fault of an AMD GPU. Mirrors svm_range_restore_pages of
// drivers/gpu/drm/amd/amdkfd/kfd_svm.c.
import {
  EACCES,
  EAGAIN,
  EBUSY,
  EFAULT,
  EPERM,
  type TaskStruct,
  VM_READ,
  VM_WRITE,
  type VmAreaStruct,
} from "@faultline/core";
import { type AttachedDevice, mmapWriteLock, mmapWriteUnlock, type Verb } from "@faultline/engine";
import type { DeviceMirror } from "../device/device-mirror.ts";
import { leaveInPlace, type SvmLocation, svmRangeBestRestoreLocation } from "./best-location.ts";
import type { KfdProcess } from "./kfd-process.ts";
import type { KfdStack } from "./kfd-stack.ts";
import type { RetryFault } from "./retry-faults.ts";
import { KFD_MIGRATE_TRIGGER_PAGEFAULT_GPU } from "./smi-events.ts";
import { svmMigrateToVram, svmMigrateVramToRam, type SvmMove } from "./svm-migrate.ts";
import { hasSvmFlag } from "./svm-flags.ts";
import type { RangeSizes, SvmRange, SvmRangeList } from "./svm-range.ts";
import { svmRangeValidateAndMap } from "./validate-and-map.ts";

const PS_PER_MS = 1_000_000_000;

/**
 * Serves a retry fault.
 * @returns 0, also when the fault was a duplicate, its mapping is gone or its pages kept changing;
 * -EFAULT without XNACK,
 * and where nothing is mapped and no range was;
 * -EAGAIN for one that an unmapping has made void, and that the GPU raises again where it matters;
 * -EPERM for an access that the mapping forbids; -EACCES where the GPU has no right to the range.
 * @kernel drivers/gpu/drm/amd/amdkfd/kfd_svm.c svm_range_restore_pages (v7.2)
 */
export function* svmRangeRestorePages(
  stack: KfdStack,
  mirror: DeviceMirror,
  task: TaskStruct,
  { page, access, timestampPs }: RetryFault,
): Verb {
  const { attached, driver, host, knobs, retryCounters } = stack;
  const beganPs = host.now();
  const hasXnack = knobs["kfd.xnack"];
  if (!hasXnack) return -EFAULT;
  const process = driver.process(mirror.mm);
  if (timestampPs < process.checkpointPs) {
    mirror.note("kfd-drained", page, 1);
    retryCounters.retry_drained++;
    return -EAGAIN;
  }
  const range = process.ranges.at(page) ?? (yield* createUnregistered(stack, process, page));
  if (range === null) return -EFAULT;
  const vma = mirror.mm.vmaAt(page);
  // A range without its mapping is one that an unmapping has not reached yet: the fault is stale.
  if (vma === null) return 0;
  const isWrite = access !== "read";
  if ((vma.vmFlags & (isWrite ? VM_WRITE : VM_READ)) === 0) return -EPERM;
  if (isDuplicate(stack, mirror, range, page, isWrite)) {
    mirror.note("kfd-already-served", page, 1);
    retryCounters.retry_recent++;
    return 0;
  }
  const best = svmRangeBestRestoreLocation(range, attached, hasXnack);
  const location = leaveInPlace(stack, range, best);
  const granule = granuleOf(range, page);
  mirror.note(ruleOf(location, attached), granule.start, granule.nrPages);
  if (location === null) return -EACCES;
  const letter = isWrite ? "W" : "R";
  stack.emit(process, { kind: "PAGE_FAULT_START", page, node: stack.gpuId, letter }, beganPs);
  const trigger = KFD_MIGRATE_TRIGGER_PAGEFAULT_GPU;
  const move = { process, range, task, trigger, ...granule };
  const hasMoved = yield* place(stack, move, location);
  let rc = yield* svmRangeValidateAndMap(stack, mirror, task, range, granule);
  const leaf = mirror.lookup(page);
  const isReadOnly = hasSvmFlag(range.flags, "KFD_IOCTL_SVM_FLAG_GPU_RO");
  if (rc === 0 && isWrite && !isReadOnly && leaf !== null && !leaf.writable) {
    rc = yield* breakCow(stack, move, leaf.pfn);
  }
  // What could not be collected in time is no error: the GPU faults again.
  if (rc === -EBUSY) {
    retryCounters.retry_busy++;
    rc = 0;
  }
  const end = hasMoved ? "M" : "U";
  stack.emit(process, { kind: "PAGE_FAULT_END", page, node: stack.gpuId, letter: end });
  return rc;
}

/** What a location means, for a recorder. */
function ruleOf(location: SvmLocation | null, gpu: AttachedDevice): string {
  if (location === null) return "kfd-no-access";
  if (location === "system") return "kfd-restore-system";
  return location === gpu ? "kfd-restore-local" : "kfd-restore-in-place";
}

/** The granule of a page, clipped to its range. */
export function granuleOf(
  range: SvmRange,
  page: number,
): { readonly start: number; readonly nrPages: number } {
  const size = 2 ** range.granularity;
  const aligned = page - (page % size);
  const start = Math.max(range.start, aligned);
  const end = Math.min(range.start + range.nrPages, aligned + size);
  return { start, nrPages: end - start };
}

/**
 * A fault on memory that nobody has registered makes a range, under mmap_lock: the block of default
 * granularity, clipped to its mapping and to its neighbours. The program's heap and stack stay in
 * system memory.
 * @returns null where nothing is mapped.
 * @kernelpart drivers/gpu/drm/amd/amdkfd/kfd_svm.c svm_range_create_unregistered_range (v7.2)
 * without buffer objects, which would leave a range of one page
 */
function* createUnregistered(
  { system, knobs, rangeSizes }: KfdStack,
  { mm, ranges }: KfdProcess,
  page: number,
): Verb<SvmRange | null> {
  yield* mmapWriteLock(system.world, mm);
  const vma = mm.vmaAt(page);
  const known = ranges.at(page);
  if (vma !== null && known === undefined) {
    addUnregistered(ranges, vma, page, 2 ** knobs["kfd.granularityLog2"], rangeSizes);
  }
  mmapWriteUnlock(mm);
  return ranges.at(page) ?? null;
}

/** @param size pages of the block. */
function addUnregistered(
  ranges: SvmRangeList,
  vma: VmAreaStruct,
  page: number,
  size: number,
  sizes: RangeSizes,
): void {
  let start = Math.max(vma.vmStart, page - (page % size));
  let end = Math.min(vma.vmEnd, page - (page % size) + size);
  for (const other of ranges.overlapping(start, end)) {
    if (other.start > page) end = Math.min(end, other.start);
    else start = Math.max(start, other.start + other.nrPages);
  }
  ranges.cover(start, end, sizes);
  const range = ranges.at(page);
  const staysInSystem = vma.isInitialHeap || vma.isInitialStack;
  if (range !== undefined && staysInSystem) range.preferredLoc = "system";
}

/**
 * A second fault on what was mapped just now.
 * @differs the kernel skips for 2 ms whatever happened since; here an entry must be there as well,
 * because a host without a clock never gets past those 2 ms
 */
function isDuplicate(
  { attached, host, knobs }: KfdStack,
  mirror: DeviceMirror,
  range: SvmRange,
  page: number,
  isWrite: boolean,
): boolean {
  const validatedPs = range.validatedPs.get(attached);
  if (validatedPs === undefined) return false;
  if (host.now() - validatedPs >= knobs["kfd.dupFaultWindowMs"] * PS_PER_MS) return false;
  const leaf = mirror.lookup(page);
  return leaf !== null && (leaf.writable || !isWrite);
}

/** Step 8: moves the granule to where it should be. True when that was tried and went well. */
function* place(stack: KfdStack, move: SvmMove, location: unknown): Verb<boolean> {
  const { range } = move;
  const { driver, attached } = stack;
  const holder = range.actualLoc;
  if (location === "system") {
    const from = holder === null ? undefined : driver.stackOf(holder);
    return from !== undefined && (yield* svmMigrateVramToRam(from, move)) === 0;
  }
  const to = driver.stacks.find((one) => one.attached === location) ?? stack;
  if ((yield* svmMigrateToVram(to, move)) === 0) return true;
  // Without room the data of another GPU comes to system memory; that of this one stays usable.
  if (range.actualLoc === null || range.actualLoc === attached) return false;
  const from = driver.stackOf(range.actualLoc);
  return from !== undefined && (yield* svmMigrateVramToRam(from, move)) === 0;
}

/**
 * A write to a device page that fork made read-only: HMM never faults an own page, so it goes to
 * system memory, where the next walk copies it.
 */
function* breakCow(stack: KfdStack, move: SvmMove, pfn: number): Verb {
  // Not the range's location: a forked child's range starts without one.
  const holder = stack.system.holderOf(pfn);
  const from = holder === null ? undefined : stack.driver.stackOf(holder);
  if (from === undefined) return 0;
  yield* svmMigrateVramToRam(from, move);
  const { process, range, task } = move;
  const mirror = stack.open(process.mm);
  return yield* svmRangeValidateAndMap(stack, mirror, task, range, move);
}
