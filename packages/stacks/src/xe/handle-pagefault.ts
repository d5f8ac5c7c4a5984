// One fault of an xe device on shared memory. Mirrors xe_svm_handle_pagefault of
// drivers/gpu/drm/xe/xe_svm.c, step for step: find a chunk, migrate it, collect its pages, bind.
import {
  APERTURE_LOCAL,
  type DevPagemap,
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
import {
  type ChunkScan,
  drmGpusvmRangeEvict,
  emptyScan,
  scanChunk,
  xeSvmAllocVram,
} from "./alloc-vram.ts";
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
 * Serves a fault. One verb does all of it, because each wait passes through every verb around it.
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
  const { needVram, target } = fault;
  const { normal, vram } = stack.knobs["xe.tries"];
  let tries = needVram ? vram : normal;
  let timeslicePs = needVram ? stack.knobs["xe.timesliceMs"] * PS_PER_MS : 0;
  let rc = 0;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const range = chunkOf(stack, vm, fault, round);
    if (typeof range === "number") {
      rc = range;
      break;
    }
    if (tries > 0 && mayMigrate(stack, range, fault)) {
      const scan = emptyScan();
      yield* scanChunk(stack, vm, task, range, pagemapOf(stack, target), scan);
      if (wantsMigration(stack, vm, range, fault, scan)) {
        tries--;
        const move = { task, target, timeslicePs, isNeeded: needVram };
        rc = yield* xeSvmAllocVram(stack, vm, range, move);
        timeslicePs *= 2;
        if (rc !== 0 && needVram && tries === 0) break;
        if (rc !== 0 && !needVram) {
          rc = yield* leaveInPlace(stack, vm, range, fault);
          if (rc !== 0) break;
          tries = 0;
          continue;
        }
      }
    }
    const bound = yield* collectAndBind(stack, vm, range, fault);
    // What is not tried again is logged, and the device faults anew: its fault is acknowledged.
    rc = 0;
    if (!isRetried(bound) || (needVram && tries === 0)) break;
    timeslicePs *= 2;
  }
  stack.stats.addTime(fault.nrPages, "pagefault_us", stack.host.now() - began);
  return rc;
}

/** The chunk to serve next; 0 when there is nothing left to do, or an errno. */
function chunkOf(stack: XeStack, vm: XeVm, fault: XeFault, round: number): GpusvmRange | number {
  const { task, page, access, needVram } = fault;
  const range = stack.chunkAt(vm, task, page, access !== "read", fault.owner);
  if (typeof range === "number") return range;
  if (needVram && !range.migrateDevmem) return -EACCES;
  const { start, nrPages } = range;
  if (round === 0) {
    fault.nrPages = nrPages;
    stack.stats.addSized(nrPages, "pagefault_count");
    vm.mirror.note(needVram ? "xe-atomic" : "xe-chunk", start, nrPages);
  }
  if (!isServed(vm, range, fault)) return range;
  vm.mirror.note("xe-already-served", start, nrPages);
  stack.stats.addSized(nrPages, "valid_pagefault_count");
  return 0;
}

function isRetried(rc: number): boolean {
  return rc === -EOPNOTSUPP || rc === -EFAULT || rc === -EPERM;
}

/**
 * What did not migrate is used where it is; under the design `policy.leaveInPlace: never` it goes
 * to system memory instead.
 */
function* leaveInPlace(stack: XeStack, vm: XeVm, range: GpusvmRange, { task }: XeFault): Verb {
  vm.mirror.note("xe-migrate-failed", range.start, range.nrPages);
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
  const peer = preferred === "local" ? undefined : driver.stackNamed(preferred.slice(PEER.length));
  const isNear = peer !== undefined && peer.attached.owner === attached.owner;
  const { memory, device } = isNear ? peer.attached : attached;
  return memory === null ? null : device;
}

/** What the name of a preferred device follows. */
const PEER = "peer:";

/** A valid mapping that already does what the fault asks. */
function isServed({ mirror }: XeVm, range: GpusvmRange, fault: XeFault): boolean {
  const leaf = mirror.lookup(fault.page);
  if (!range.isMapped || leaf === null) return false;
  if (fault.access !== "read" && !leaf.writable) return false;
  return !fault.needVram || (leaf.aperture === APERTURE_LOCAL && leaf.atomic);
}

/** Whether the chunk can be migrated at all before it is used. */
function mayMigrate(stack: XeStack, range: GpusvmRange, { target }: XeFault): boolean {
  if (!range.migrateDevmem || target === null) return false;
  return range.nrPages * stack.pageKib >= 64 || !stack.knobs["xe.needs64k"];
}

function pagemapOf(stack: XeStack, target: MachineDevice | null): DevPagemap | null {
  const holder = target === null ? undefined : stack.driver.stackOf(target);
  return (holder?.attached ?? stack.attached).pgmap;
}

/**
 * Whether the chunk is to be migrated before it is used, by where it is. Leaving foreign memory in
 * place is the design `policy.leaveInPlace`.
 * @kernelpart drivers/gpu/drm/xe/xe_svm.c xe_svm_range_needs_migrate_to_vram (v7.2) and the design
 */
function wantsMigration(
  stack: XeStack,
  vm: XeVm,
  { start, nrPages }: GpusvmRange,
  { needVram }: XeFault,
  { answer, holder }: ChunkScan,
): boolean {
  if (answer === "EQUAL") return false;
  const isForeign = !needVram && answer === "OTHER" && holder !== null;
  const policy = stack.system.world.designs["policy.leaveInPlace"];
  const { fabric } = stack.system.machine;
  const isLinked = isForeign && fabric.isLinked(stack.attached.device.name, holder.name);
  const isLeft = isForeign && (policy === "p2pToo" || (policy === "sameGroup" && isLinked));
  vm.mirror.note(isLeft ? "xe-left-in-place" : "xe-migrate", start, nrPages);
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
