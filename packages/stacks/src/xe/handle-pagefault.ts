// One fault of an xe device on shared memory. Mirrors xe_svm_handle_pagefault of
// drivers/gpu/drm/xe/xe_svm.c, step for step: find a chunk, migrate it, collect its pages, bind.
import {
  APERTURE_LOCAL,
  EACCES,
  EBUSY,
  EFAULT,
  EOPNOTSUPP,
  EPERM,
  type MachineDevice,
  type OwnerSpace,
  type TaskStruct,
  VM_WRITE,
} from "@faultline/core";
import type { Verb } from "@faultline/engine";
import type { DeviceAccessKind } from "../device/device-stack.ts";
import { mapRange } from "../device/map-range.ts";
import { mirrorRange, requestFlags } from "../device/mirror-range.ts";
import { checkPages } from "../drm/check-pages.ts";
import type { GpusvmRange } from "../drm/gpusvm-range.ts";
import { drmGpusvmRangeEvict, emptyScan, scanChunk, xeSvmAllocVram } from "./alloc-vram.ts";
import type { XeAttributes } from "./xe-attributes.ts";
import type { XeStack } from "./xe-stack.ts";
import type { XeVm } from "./xe-vm.ts";

const PS_PER_MS = 1_000_000_000;
/** Rounds of "go to 1" before a fault that makes no progress is acknowledged anyway. */
const MAX_ROUNDS = 16;

/** What a fault is about, decided once. */
interface XeFault {
  readonly task: TaskStruct;
  readonly page: number;
  readonly access: DeviceAccessKind;
  readonly attributes: XeAttributes;
  /** An atomic that only local memory serves. */
  readonly needVram: boolean;
  /** Where the chunk should be; null for system memory. */
  readonly target: MachineDevice | null;
  /** What HMM compares; null pulls even local pages back. */
  readonly owner: OwnerSpace | null;
  /** Pages of its chunk, once that is known. */
  nrPages: number;
}

/**
 * Serves a fault.
 * @returns 0, also when nothing was done and the device will fault again; -EACCES for an atomic
 * that the attributes forbid; -ENOENT, -EPERM, -EINVAL, -EIO for a place that cannot be mirrored;
 * what the last attempt to migrate returned where only local memory will do.
 * @kernel drivers/gpu/drm/xe/xe_svm.c xe_svm_handle_pagefault (v7.2)
 */
export function* xeSvmHandlePagefault(
  stack: XeStack,
  vm: XeVm,
  task: TaskStruct,
  page: number,
  access: DeviceAccessKind,
): Verb {
  const began = stack.host.now();
  stack.stats.add("svm_pagefault_count");
  vm.collectGarbage();
  const fault = describeFault(stack, vm, task, page, access);
  if (typeof fault === "number") return fault;
  const rc = yield* serveFault(stack, vm, fault);
  stack.stats.addTime(fault.nrPages, "pagefault_us", stack.host.now() - began);
  return rc;
}

/** Steps 4 to 8, as often as they help. */
function* serveFault(stack: XeStack, vm: XeVm, fault: XeFault): Verb {
  const { task, page, access, needVram, target } = fault;
  const { normal, vram } = stack.knobs["xe.tries"];
  let tries = needVram ? vram : normal;
  let timeslicePs = needVram ? stack.knobs["xe.timesliceMs"] * PS_PER_MS : 0;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const range = stack.chunkAt(vm, task, page, access !== "read", fault.owner);
    if (typeof range === "number") return range;
    if (needVram && !range.migrateDevmem) return -EACCES;
    const say = (rule: string): void => vm.mirror.note(rule, range.start, range.nrPages);
    if (round === 0) {
      fault.nrPages = range.nrPages;
      stack.stats.addSized(range.nrPages, "pagefault_count");
      say(needVram ? "xe-atomic" : "xe-chunk");
    }
    if (isServed(vm, range, fault)) {
      say("xe-already-served");
      stack.stats.addSized(range.nrPages, "valid_pagefault_count");
      return 0;
    }
    if (tries > 0 && (yield* shouldMigrate(stack, vm, range, fault))) {
      tries--;
      say("xe-migrate");
      const move = { task, target, timeslicePs, isNeeded: needVram };
      const rc = yield* xeSvmAllocVram(stack, vm, range, move);
      timeslicePs *= 2;
      if (rc !== 0 && needVram && tries === 0) return rc;
      if (rc !== 0 && !needVram) {
        say("xe-migrate-failed");
        const left = yield* leaveInPlace(stack, vm, range, fault);
        if (left !== 0) return left;
        tries = 0;
        continue;
      }
    }
    const rc = yield* collectAndBind(stack, vm, range, fault);
    if (rc === 0) return 0;
    const isRetried = rc === -EOPNOTSUPP || rc === -EFAULT || rc === -EPERM;
    // Anything else is logged, and the device faults again: its fault is acknowledged.
    if (!isRetried || (needVram && tries === 0)) return 0;
    timeslicePs *= 2;
  }
  return 0;
}

/**
 * What did not migrate is used where it is; under the design `policy.leaveInPlace: never` it goes
 * to system memory instead.
 */
function* leaveInPlace(stack: XeStack, vm: XeVm, range: GpusvmRange, { task }: XeFault): Verb {
  if (stack.system.world.designs["policy.leaveInPlace"] !== "never") return 0;
  return yield* drmGpusvmRangeEvict(stack, vm, task, range);
}

/** Steps 0, 2 and 3 of the flow: atomics, target and owner. */
function describeFault(
  stack: XeStack,
  vm: XeVm,
  task: TaskStruct,
  page: number,
  access: DeviceAccessKind,
): XeFault | number {
  const attributes = vm.attributes.at(page);
  const { attached, knobs } = stack;
  const isAtomic = access === "atomic" && attached.memory !== null;
  if (isAtomic && attributes.atomic === "cpu") return -EACCES;
  const needVram = isAtomic && !(attributes.atomic === "device" && knobs["xe.atomicsOnSystem"]);
  const target = needVram ? attached.device : xeVmaResolvePagemap(stack, attributes);
  const owner = target === null ? null : stack.driver.ownerOf(vm.peer);
  return { task, page, access, attributes, needVram, target, owner, nrPages: 0 };
}

/**
 * Where the pages with these attributes should be; null for system memory.
 * @kernel drivers/gpu/drm/xe/xe_svm.c xe_vma_resolve_pagemap (v7.2)
 */
export function xeVmaResolvePagemap(
  stack: XeStack,
  { preferredLocation }: XeAttributes,
): MachineDevice | null {
  if (preferredLocation === "system") return null;
  if (preferredLocation !== "default") return preferredLocation;
  const { attached, driver, knobs } = stack;
  const preferred = knobs["policy.preferred"];
  if (preferred === "system") return null;
  const peer = driver.stacks.find((one) => preferred === `peer:${one.attached.device.name}`);
  const isNear = peer !== undefined && peer.attached.owner === attached.owner;
  const { memory, device } = isNear ? peer.attached : attached;
  return memory === null ? null : device;
}

/** A valid mapping that already does what the fault asks. */
function isServed({ mirror }: XeVm, range: GpusvmRange, fault: XeFault): boolean {
  const leaf = mirror.lookup(fault.page);
  if (!range.isMapped || leaf === null) return false;
  if (fault.access !== "read" && !leaf.writable) return false;
  return !fault.needVram || (leaf.aperture === APERTURE_LOCAL && leaf.atomic);
}

/**
 * Whether the chunk is to be migrated before it is used. Leaving foreign memory in place is the
 * design `policy.leaveInPlace`.
 * @kernelpart drivers/gpu/drm/xe/xe_svm.c xe_svm_range_needs_migrate_to_vram (v7.2) and the design
 */
function* shouldMigrate(
  stack: XeStack,
  vm: XeVm,
  range: GpusvmRange,
  { target, needVram, task }: XeFault,
): Verb<boolean> {
  if (!range.migrateDevmem || target === null) return false;
  if (range.nrPages * stack.pageKib < 64 && stack.knobs["xe.needs64k"]) return false;
  const { pgmap } = stack.driver.stackOf(target)?.attached ?? stack.attached;
  const scan = emptyScan();
  yield* scanChunk(stack, vm, task, range, pgmap, scan);
  if (scan.answer === "EQUAL") return false;
  if (needVram || scan.answer !== "OTHER" || scan.holder === null) return true;
  const policy = stack.system.world.designs["policy.leaveInPlace"];
  const { fabric } = stack.system.machine;
  const isLinked = fabric.isLinked(stack.attached.device.name, scan.holder.name);
  const isLeft = policy === "p2pToo" || (policy === "sameGroup" && isLinked);
  if (isLeft) vm.mirror.note("xe-left-in-place", range.start, range.nrPages);
  return !isLeft;
}

/**
 * Steps 7 and 8: the pages of the chunk, checked and mapped. Pages that cannot be mapped together
 * go to system memory first.
 */
export function* collectAndBind(
  stack: XeStack,
  vm: XeVm,
  range: GpusvmRange,
  { task, access, attributes, needVram, owner, page }: XeFault,
): Verb {
  const { system, host } = stack;
  const isWritable = ((vm.mirror.mm.vmaAt(page)?.vmFlags ?? 0) & VM_WRITE) !== 0;
  const request = {
    start: range.start,
    nrPages: range.nrPages,
    request: requestFlags(isWritable),
    owner,
    notified: stack.notifiedBy(range.start),
  };
  const rules = {
    mixedAllowed: stack.knobs["xe.mixedAllowed"],
    devmemOnly: needVram,
    allocationOf: (pfn: number) => stack.allocationOf(pfn),
  };
  const began = host.now();
  const rc = yield* mirrorRange(host, vm.mirror, task, request, (found) => {
    stack.stats.addTime(range.nrPages, "get_pages_us", host.now() - began);
    const problem = range.isUnmapped ? -EFAULT : checkPages(system.world, found, rules);
    if (problem !== 0) return problem;
    vm.mirror.unmap(range.start, range.nrPages);
    vm.dma.begin(found);
    let isReached = true;
    const unmapped = mapRange(vm.mirror, found, {
      paths: stack.paths,
      isAtomic: ({ aperture }) => stack.isAtomic(aperture, attributes.atomic),
      onNoPath: () => {
        isReached = false;
      },
    });
    vm.dma.end();
    if (unmapped === 0 && isReached) return 0;
    vm.mirror.unmap(range.start, range.nrPages);
    // Only designs give an owner to what no path reaches; such a chunk has to move.
    return unmapped === 0 ? -EOPNOTSUPP : unmapped;
  });
  if (rc === -EOPNOTSUPP) {
    vm.mirror.note("xe-mixed-chunk", range.start, range.nrPages);
    yield* drmGpusvmRangeEvict(stack, vm, task, range);
  }
  if (rc !== 0) return rc;
  range.isMapped = true;
  // The card writes its page table: the fence of the bind is waited for.
  const bound = host.now();
  yield { reason: "device", object: vm.mirror };
  stack.stats.addTime(range.nrPages, "bind_us", host.now() - bound);
  const leaf = vm.mirror.lookup(page);
  if (access === "read" || leaf === null || leaf.writable || !isWritable) return 0;
  return yield* breakCow(stack, vm, task, page);
}

/**
 * A write to an own page that fork has made read-only: HMM reports it as it is and never faults it,
 * so a walk for nobody does, which copies it.
 * @returns -EBUSY when that went well: the device faults again.
 */
function* breakCow(stack: XeStack, { mirror }: XeVm, task: TaskStruct, page: number): Verb {
  const notified = stack.notifiedBy(page);
  const request = { start: page, nrPages: 1, request: requestFlags(true), owner: null, notified };
  const rc = yield* mirrorRange(stack.host, mirror, task, request, () => 0);
  return rc === 0 ? -EBUSY : rc;
}
