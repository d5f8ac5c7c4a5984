// The xe driver bound to one device, untimed: shared virtual memory over drm_gpusvm and
// drm_pagemap. Binding user-space memory explicitly, page-table updates by the hardware and fences
// are left out.
import {
  APERTURE_LOCAL,
  APERTURE_SYSTEM,
  type Aperture,
  EINVAL,
  ENODATA,
  ENOLINK,
  EOPNOTSUPP,
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
  HmmRange,
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
} from "../device/device-stack.ts";
import type { StackHost } from "../device/stack-host.ts";
import { type DevmemAllocation, DevmemAllocations } from "../drm/devmem-allocation.ts";
import type { ChunkRules } from "../drm/gpusvm-range.ts";
import { xeSvmAllocVram, drmGpusvmRangeEvict } from "./alloc-vram.ts";
import { drmPagemapMigrateToRam } from "./evict-allocation.ts";
import { collectAndBind, xeVmaResolvePagemap, xeSvmHandlePagefault } from "./handle-pagefault.ts";
import { drmPagemapMigrateToDevmem } from "./populate-mm.ts";
import type { XeAttributes } from "./xe-attributes.ts";
import type { XeDriver, XePeer } from "./xe-driver.ts";
import { DEFAULT_XE_KNOBS, type XeKnobs } from "./xe-knobs.ts";
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
    this.knobs = { ...DEFAULT_XE_KNOBS, ...knobs };
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
    return 2 ** (this.system.world.geometry.pageShift - 10);
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

  /** The VM of an address space, made at first use: it joins an owner group of its own accord. */
  vm(mm: MmStruct): XeVm {
    const known = this.vms.get(mm);
    if (known !== undefined) return known;
    const vm = new XeVm(this, this.driver.join(this.attached.device), mm);
    this.vms.set(mm, vm);
    return vm;
  }

  *fault(mirror: DeviceMirror, task: TaskStruct, page: number, access: DeviceAccessKind): Verb {
    return yield* xeSvmHandlePagefault(this, this.vm(mirror.mm), task, page, access);
  }

  /**
   * Moves chunk after chunk to where the attributes want them, and binds them.
   * @returns 0, or -ENODATA when a chunk could not be had: user space may repeat the call.
   * @kernelpart drivers/gpu/drm/xe/xe_vm.c prefetch_ranges (v7.2) region -1, serially
   */
  *prefetch(mirror: DeviceMirror, task: TaskStruct, { start, nrPages }: PageRange): Verb {
    const vm = this.vm(mirror.mm);
    for (let page = start; page < start + nrPages; ) {
      const attributes = vm.attributes.at(page);
      const target = xeVmaResolvePagemap(this, attributes);
      const owner = target === null ? null : this.driver.ownerOf(vm.peer);
      const vma = mirror.mm.vmaAt(page);
      const range = vm.ranges.findOrInsert(vma, page, false, this.chunkRules(vm, owner));
      if (typeof range === "number") return range;
      if (target !== null && range.migrateDevmem) {
        const rc = yield* xeSvmAllocVram(this, vm, task, range, target, 0);
        if (rc !== 0) return -ENODATA;
      }
      const fault = {
        task,
        page,
        access: "read" as const,
        attributes,
        needVram: false,
        target,
        owner,
      };
      if ((yield* collectAndBind(this, vm, range, fault)) !== 0) return -ENODATA;
      page = range.start + range.nrPages;
    }
    return 0;
  }

  *evict(mirror: DeviceMirror, task: TaskStruct, range: PageRange): Verb {
    return yield* drmGpusvmRangeEvict(this, this.vm(mirror.mm), task, range);
  }

  /**
   * Preferred location and atomics; a foreign pagemap outside the VM's owner group is -ENOLINK.
   * @kernelpart drivers/gpu/drm/xe/xe_vm_madvise.c xe_vm_madvise_ioctl (v7.2) two of its attributes
   */
  *advise(
    mirror: DeviceMirror,
    _task: TaskStruct,
    range: PageRange,
    { preferredLocation, atomic, ...others }: DeviceAdvice,
  ): Verb {
    if (Object.keys(others).length > 0) return -EINVAL;
    const vm = this.vm(mirror.mm);
    const isDevice = preferredLocation !== undefined && typeof preferredLocation !== "string";
    if (isDevice && !this.isInGroup(vm, preferredLocation)) return -ENOLINK;
    vm.attributes.change(range, {
      ...(preferredLocation === undefined ? {} : { preferredLocation }),
      ...(atomic === undefined ? {} : { atomic }),
    });
    vm.zap(range.start, range.nrPages);
    return 0;
  }

  /**
   * Another device asks this one to pull a range. Chunks are those that a fault would choose.
   * @returns 0; -EOPNOTSUPP for another driver's request; -EBUSY when a chunk cannot be had whole.
   * @kernelpart drivers/gpu/drm/drm_pagemap.c drm_pagemap_populate_mm (v7.2) over several chunks
   */
  *pullFor(
    from: DeviceStack,
    mirror: DeviceMirror,
    task: TaskStruct,
    { start, nrPages }: PageRange,
  ): Verb {
    const isAsked = from.name === "xe" || this.system.world.designs["migrate.crossDriver"] === "on";
    if (!isAsked) return -EOPNOTSUPP;
    const vm = this.vm(mirror.mm);
    const rules = this.chunkRules(vm, this.driver.ownerOf(vm.peer));
    for (let page = start; page < start + nrPages; ) {
      const range = vm.ranges.findOrInsert(mirror.mm.vmaAt(page), page, false, rules);
      if (typeof range === "number") return range;
      const isForeign = from.attached.owner !== this.attached.owner;
      if (isForeign) yield* drmGpusvmRangeEvict(this, vm, task, range);
      const rc = yield* drmPagemapMigrateToDevmem(this, mirror.mm, range, 0);
      if (rc !== 0) return rc;
      page = range.start + range.nrPages;
    }
    return 0;
  }

  counters(): ReadonlyMap<string, number> {
    return this.stats.values;
  }

  /** What decides about new chunks of a VM. */
  chunkRules(vm: XeVm, owner: OwnerSpace | null): ChunkRules {
    const pageBytes = this.pageKib * 2 ** 10;
    const toPages = (bytes: number): number => Math.max(1, Math.floor(bytes / pageBytes));
    return {
      chunkPages: this.knobs["xe.chunkSizes"].map(toPages),
      notifierPages: toPages(this.knobs["xe.notifierSize"]),
      checkPages: this.attached.memory === null ? 0 : toPages(this.knobs["xe.checkThreshold"]),
      hasDeviceMemory: this.attached.memory !== null,
      isPresent: (start, nrPages) => this.isPresent(vm, start, nrPages, owner),
    };
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

  private isInGroup(vm: XeVm, device: MachineDevice): boolean {
    const peer = this.driver.stackOf(device);
    return peer !== undefined && peer.attached.owner === this.driver.ownerOf(vm.peer);
  }

  /** Device pages of the own group count as present, foreign ones do not. */
  private isPresent(
    { mirror }: XeVm,
    start: number,
    nrPages: number,
    devPrivateOwner: OwnerSpace | null,
  ): boolean {
    const { world } = this.system;
    const { mm } = mirror;
    const range = new HmmRange({ mm, start, end: start + nrPages, devPrivateOwner });
    const [task] = world.tasks.values();
    if (task === undefined) return false;
    const stage = world.effort.enterStage(STAGE_RANGE_FAULT);
    const rc = hmmRangeFault(world, task, range);
    world.effort.enterStage(stage);
    if (rc !== 0) return false;
    return range.flags.every((flags) => (flags & HMM_PFN_VALID) !== 0);
  }
}
