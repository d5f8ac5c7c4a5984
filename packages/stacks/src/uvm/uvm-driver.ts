// What all GPUs of NVIDIA UVM on a machine share: one owner for all device-private memory of the
// system, the VA spaces of processes, and the links between processors. Mirrors the module's global
// state (uvm_global.c, uvm_hmm.c) and the masks of uvm_va_space.h.
import {
  createOwnerSpace,
  type MachineDevice,
  type MmStruct,
  type OwnerSpace,
} from "@faultline/core";
import { type DeviceSystem, reachesOverLink, reachesOverPci } from "@faultline/engine";
import type { EvictionPolicy } from "./eviction-policy.ts";
import { UVM_ID_CPU, type UvmProcessor, type UvmProcessors } from "./select-residency.ts";
import type { UvmStack } from "./uvm-stack.ts";
import { UvmVaSpace } from "./uvm-va-space.ts";

/** How one processor reaches another's memory. */
export type UvmLink = "self" | "none" | "pcie" | "bar1" | "nvlink" | "c2c";

/** One loaded module. */
export class UvmDriver implements UvmProcessors {
  readonly system: DeviceSystem;
  readonly stacks: UvmStack[] = [];
  /** Policies of eviction beside those of the package. */
  readonly evictions: ReadonlyMap<string, EvictionPolicy>;
  private readonly owner: OwnerSpace = createOwnerSpace("all devices of NVIDIA UVM");
  private readonly given: ReadonlyMap<MachineDevice, OwnerSpace>;
  private readonly spaces = new Map<MmStruct, UvmVaSpace>();

  /**
   * @param given owners that the design `owner.formation` gives in place of the driver's own.
   * @param evictions policies that `uvm.evictionPolicy` may name, too.
   */
  constructor(
    system: DeviceSystem,
    given: ReadonlyMap<MachineDevice, OwnerSpace> = new Map(),
    evictions: ReadonlyMap<string, EvictionPolicy> = new Map(),
  ) {
    this.system = system;
    this.given = given;
    this.evictions = evictions;
  }

  /** The same for every device, unless a design says otherwise. */
  ownerOf(device: MachineDevice): OwnerSpace {
    return this.given.get(device) ?? this.owner;
  }

  /** The VA space of an address space, made at first use. @internal */
  space(mm: MmStruct): UvmVaSpace {
    const known = this.spaces.get(mm);
    if (known !== undefined) return known;
    const space = new UvmVaSpace(this, mm);
    this.spaces.set(mm, space);
    return space;
  }

  /** The VA space of an address space; undefined where no GPU is open. @internal */
  spaceOf(mm: MmStruct): UvmVaSpace | undefined {
    return this.spaces.get(mm);
  }

  /** Every VA space, those that were opened first in front. @internal */
  allSpaces(): Iterable<UvmVaSpace> {
    return this.spaces.values();
  }

  /** A VA space whose last GPU is closed is forgotten. */
  forget(mm: MmStruct): void {
    this.spaces.delete(mm);
  }

  /** The GPU behind a processor; undefined for the CPU. */
  stackOf(processor: UvmProcessor): UvmStack | undefined {
    return this.stacks.find((stack) => stack.processor === processor);
  }

  hasMemory(processor: UvmProcessor): boolean {
    const memory = this.stackOf(processor)?.attached.memory ?? null;
    return processor === UVM_ID_CPU || memory !== null;
  }

  canAccess(from: UvmProcessor, to: UvmProcessor): boolean {
    return this.link(from, to) !== "none";
  }

  hasNativeAtomics(from: UvmProcessor, to: UvmProcessor): boolean {
    const link = this.link(from, to);
    return link === "self" || link === "nvlink" || link === "c2c";
  }

  /** Whether the link between two processors is faster than PCIe. */
  hasFastLink(from: UvmProcessor, to: UvmProcessor): boolean {
    return this.hasNativeAtomics(from, to);
  }

  /**
   * The link by which `from` maps memory of `to`. Every GPU maps system memory; CPUs map a GPU's
   * memory only where the link is coherent, and two GPUs need NVLink, or PCI that carries requests
   * to a BAR which shows all of the memory.
   */
  link(from: UvmProcessor, to: UvmProcessor): UvmLink {
    if (from === to) return "self";
    const a = this.stackOf(from)?.attached.device;
    const b = this.stackOf(to)?.attached.device;
    if (a === undefined && b === undefined) return "self";
    if (a === undefined || b === undefined) {
      const isCoherent = (a ?? b)?.memory?.isCpuCoherent === true;
      if (isCoherent) return "c2c";
      return b === undefined ? "pcie" : "none";
    }
    if (this.ownerOf(a) !== this.ownerOf(b)) return "none";
    if (reachesOverLink(this.system, a, b)) return "nvlink";
    const hasPci = this.stackOf(from)?.knobs["uvm.linkMatrix"] === "machine";
    if (!hasPci || b.memory === null || b.visibleBytes < b.memory.sizeBytes) return "none";
    return reachesOverPci(this.system, a, b) ? "bar1" : "none";
  }
}
