// The xe driver bound to one device, untimed: shared virtual memory over drm_gpusvm and
// drm_pagemap. Binding user-space memory explicitly, page-table updates by the hardware and fences
// are left out.
import {
  APERTURE_LOCAL,
  APERTURE_SYSTEM,
  type Aperture,
  type MachineDevice,
  type MmStruct,
  type OwnerSpace,
  STAGE_RANGE_FAULT,
  type TaskStruct,
} from "@faultline/core";
import {
  type AttachedDevice,
  type DeviceSystem,
  HMM_PFN_VALID,
  hmmRangeFault,
  type PathPolicy,
  pathPolicy,
  type Verb,
  XE_PATHS,
} from "@faultline/engine";
import { attachMemory } from "../device/attach-memory.ts";
import type { DeviceMirror } from "../device/device-mirror.ts";
import type {
  DeviceAccessKind,
  DeviceAdvice,
  DeviceStack,
  PageRange,
  PrefetchRegion,
} from "../device/device-stack.ts";
import { hmmRangeOf, type MirrorRequest } from "../device/mirror-range.ts";
import type { StackHost } from "../device/stack-host.ts";
import type { NoteDma } from "../drm/dma-piece.ts";
import { type DevmemAllocation, DevmemAllocations } from "../drm/devmem-allocation.ts";
import type { ChunkRules, GpusvmRange } from "../drm/gpusvm-range.ts";
import { drmGpusvmRangeEvict } from "./alloc-vram.ts";
import { drmPagemapMigrateToRam } from "./evict-allocation.ts";
import { xeSvmHandlePagefault } from "./handle-pagefault.ts";
import { prefetchRanges } from "./prefetch-ranges.ts";
import { drmPagemapPopulateMm } from "./pull-for.ts";
import type { XeAttributes } from "./xe-attributes.ts";
import type { XeDriver, XePeer } from "./xe-driver.ts";
import { xeKnobs, type XeKnobs } from "./xe-knobs.ts";
import { xeVmMadviseIoctl } from "./xe-madvise.ts";
import { XeStats } from "./xe-stats.ts";
import { XeVm } from "./xe-vm.ts";

/** One device. */
export class XeStack implements DeviceStack {
  readonly name = "xe";
  readonly driver: XeDriver;
  readonly system: DeviceSystem;
  readonly host: StackHost;
  readonly attached: AttachedDevice;
  readonly paths: PathPolicy;
  readonly knobs: XeKnobs;
  readonly stats: XeStats = new XeStats();
  readonly allocations: DevmemAllocations = new DevmemAllocations();
  /** The pagemap's place in the owner groups; VMs have their own. */
  readonly peer: XePeer;
  /** Counts what DMA mappings take of an IOMMU that translates. @internal */
  readonly noteDma: NoteDma = (name) => this.stats.add(name);
  /** Sizes of chunks in pages, in the order in which they are tried. */
  readonly chunkPages: readonly number[];
  /** Pages that one notifier covers. */
  readonly notifierPages: number;
  private readonly vms = new Map<MmStruct, XeVm>();

  constructor(
    driver: XeDriver,
    host: StackHost,
    device: MachineDevice,
    knobs: Partial<XeKnobs> = {},
  ) {
    this.driver = driver;
    this.system = driver.system;
    this.host = host;
    this.knobs = xeKnobs(knobs);
    this.chunkPages = this.knobs["xe.chunkSizes"].map((bytes) => this.toPages(bytes));
    this.notifierPages = this.toPages(this.knobs["xe.notifierSize"]);
    this.paths = pathPolicy(this.system.world.designs, XE_PATHS);
    this.peer = driver.join(device);
    this.attached = attachMemory(this.system, device, {
      owner: driver.ownerOf(this.peer),
      migrateToRam: (fault) => drmPagemapMigrateToRam(this, fault),
      onFree: (head, order) => this.allocations.remove(head, 1 << order),
    });
    driver.stacks.push(this);
  }

  /** KiB of one page. */
  get pageKib(): number {
    return 1 << (this.system.world.geometry.pageShift - 10);
  }

  open(mm: MmStruct): DeviceMirror {
    return this.vm(mm).mirror;
  }

  close(mirror: DeviceMirror): void {
    const vm = this.vms.get(mirror.mm);
    if (vm !== undefined) this.driver.leave(vm.peer);
    this.vms.delete(mirror.mm);
    mirror.close();
  }

  /** Counts pages that the copy engine moves, for a chunk of `nrPages`. */
  noteCopy(nrPages: number, name: "device_copy" | "cpu_copy", nrCopied: number): void {
    if (nrCopied === 0) return;
    const sized = name === "device_copy" ? "device_copy_kb" : "cpu_copy_kb";
    this.stats.addSized(nrPages, sized, nrCopied * this.pageKib);
    this.stats.add("copy_jobs", this.copyJobs(nrCopied));
  }

  /** Jobs that the copy engine gets for pages in a row. */
  copyJobs(nrPages: number): number {
    const bytes = nrPages * this.pageKib * 2 ** 10;
    return Math.ceil(bytes / this.knobs["xe.copyJobBytes"]);
  }

  /** The VMs of all address spaces that have the device open. */
  openVms(): Iterable<XeVm> {
    return this.vms.values();
  }

  /** The VM of an address space, made at first use: it joins an owner group of its own accord. */
  vm(mm: MmStruct): XeVm {
    const known = this.vms.get(mm);
    if (known !== undefined) return known;
    const vm = new XeVm(this, this.driver.join(this.attached.device), mm);
    this.vms.set(mm, vm);
    return vm;
  }

  fault(mirror: DeviceMirror, task: TaskStruct, page: number, access: DeviceAccessKind): Verb {
    return xeSvmHandlePagefault(this, this.vm(mirror.mm), task, page, access);
  }

  /** Moves chunk after chunk to where the attributes want them, and binds them. */
  *prefetch(mirror: DeviceMirror, task: TaskStruct, range: PageRange): Verb {
    return yield* prefetchRanges(this, this.vm(mirror.mm), task, range, "preferred");
  }

  /** DRM_XE_VM_BIND_OP_PREFETCH with a region: an index, 0 for system memory, -1 for advice. */
  *prefetchTo(
    mirror: DeviceMirror,
    task: TaskStruct,
    range: PageRange,
    region: PrefetchRegion,
  ): Verb {
    return yield* prefetchRanges(this, this.vm(mirror.mm), task, range, region);
  }

  /**
   * A fault of the type prefetch; one that fails is acknowledged like any other.
   * @kernelpart drivers/gpu/drm/xe/xe_pagefault.c xe_pagefault_service (v7.2) XE_PAGEFAULT_ACCESS_*
   * with the modifier
   */
  *prefetchFault(mirror: DeviceMirror, task: TaskStruct, page: number): Verb {
    yield* xeSvmHandlePagefault(this, this.vm(mirror.mm), task, page, "read");
    return 0;
  }

  *evict(mirror: DeviceMirror, task: TaskStruct, range: PageRange): Verb {
    return yield* drmGpusvmRangeEvict(this, this.vm(mirror.mm), task, range);
  }

  /**
   * Sets attributes; what they change loses its translations.
   * @returns 0; -EINVAL for advice that xe does not know, or an index beyond the table; -ENOLINK
   * for a preferred location outside the VM's owner group.
   */
  *advise(mirror: DeviceMirror, _task: TaskStruct, range: PageRange, advice: DeviceAdvice): Verb {
    return xeVmMadviseIoctl(this, this.vm(mirror.mm), range, advice);
  }

  /** Another device asks this one to pull a range. */
  *pullFor(from: DeviceStack, mirror: DeviceMirror, task: TaskStruct, range: PageRange): Verb {
    return yield* drmPagemapPopulateMm(this, this.vm(mirror.mm), task, range, from);
  }

  counters(): ReadonlyMap<string, number> {
    return this.stats.values;
  }

  /** The chunk of a page, a new one where there is none, after those that went; or an errno. */
  chunkAt(
    vm: XeVm,
    task: TaskStruct,
    page: number,
    isWrite: boolean,
    owner: OwnerSpace | null,
  ): GpusvmRange | number {
    vm.collectGarbage();
    const vma = vm.mirror.mm.vmaAt(page);
    return vm.ranges.findOrInsert(vma, page, isWrite, () => this.rulesFor(vm, task, page, owner));
  }

  /** What decides about a new chunk. */
  private rulesFor(vm: XeVm, task: TaskStruct, page: number, owner: OwnerSpace | null): ChunkRules {
    const { memory } = this.attached;
    return {
      chunkPages: this.chunkPages,
      notifierPages: this.notifierPages,
      checkPages: memory === null ? 0 : this.toPages(this.knobs["xe.checkThreshold"]),
      hasDeviceMemory: memory !== null,
      mirrored: vm.attributes.vmaOf(page),
      isPresent: (start: number, nrPages: number) =>
        isPresent(vm, task, { start, nrPages, request: 0, owner }),
    };
  }

  /** Pages that the notifier of a page covers. */
  notifiedBy(page: number): PageRange {
    const nrPages = this.notifierPages;
    return { start: page - (page % nrPages), nrPages };
  }

  private toPages(bytes: number): number {
    return Math.max(1, Math.floor(bytes / (this.pageKib * 2 ** 10)));
  }

  /** Whether an entry may carry atomic operations. */
  isAtomic(aperture: Aperture, atomic: XeAttributes["atomic"]): boolean {
    if (aperture === APERTURE_LOCAL) return atomic !== "cpu";
    const isSystem = aperture === APERTURE_SYSTEM || this.attached.memory !== null;
    return isSystem && atomic === "device" && this.knobs["xe.atomicsOnSystem"];
  }

  /** The allocation that a frame of any xe device is in. */
  allocationOf(pfn: number): DevmemAllocation | undefined {
    const holder = this.system.holderOf(pfn);
    return holder === null ? undefined : this.driver.stackOf(holder.device)?.allocations.of(pfn);
  }
}

/** Device pages of the own group count as present, foreign ones do not. */
function isPresent({ mirror }: XeVm, task: TaskStruct, request: MirrorRequest): boolean {
  const range = hmmRangeOf(mirror, request);
  range.restart(mirror.mm.notifierSubscriptions?.readBegin(mirror.notifier) ?? 0);
  const { world } = mirror.system;
  const stage = world.effort.enterStage(STAGE_RANGE_FAULT);
  const rc = hmmRangeFault(world, task, range);
  world.effort.enterStage(stage);
  if (rc !== 0) return false;
  return range.flags.every((flags) => (flags & HMM_PFN_VALID) !== 0);
}
