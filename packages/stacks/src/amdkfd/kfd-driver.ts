// What all GPUs of amdkfd share: the processes that use them, and an owner for each hive.
import {
  createOwnerSpace,
  type MachineDevice,
  type MmStruct,
  type OwnerSpace,
} from "@faultline/core";
import type { AttachedDevice, DeviceSystem } from "@faultline/engine";
import { KfdProcess } from "./kfd-process.ts";
import type { KfdStack } from "./kfd-stack.ts";

/** One loaded driver. */
export class KfdDriver {
  readonly system: DeviceSystem;
  readonly stacks: KfdStack[] = [];
  private readonly processes = new Map<MmStruct, KfdProcess>();
  private readonly hives = new Map<string, OwnerSpace>();
  private readonly given: ReadonlyMap<MachineDevice, OwnerSpace>;

  /** @param given owners that the design `owner.formation` gives in place of the driver's own. */
  constructor(system: DeviceSystem, given: ReadonlyMap<MachineDevice, OwnerSpace> = new Map()) {
    this.system = system;
    this.given = given;
  }

  /**
   * The hive where the GPU is in one, else the GPU itself.
   * @kernelpart drivers/gpu/drm/amd/amdkfd/kfd_svm.h SVM_ADEV_PGMAP_OWNER (v7.2) a macro
   */
  ownerOf(device: MachineDevice): OwnerSpace {
    const given = this.given.get(device);
    if (given !== undefined) return given;
    if (device.hive === null) return createOwnerSpace(device.name);
    const known = this.hives.get(device.hive);
    if (known !== undefined) return known;
    const owner = createOwnerSpace(`hive ${device.hive}`);
    this.hives.set(device.hive, owner);
    return owner;
  }

  /** The process of an address space, made at first use. */
  process(mm: MmStruct): KfdProcess {
    const known = this.processes.get(mm);
    if (known !== undefined) return known;
    const task = [...this.system.world.tasks.values()].find((one) => one.mm === mm);
    const process = new KfdProcess(mm, task?.pid ?? 0, task?.comm ?? "");
    this.processes.set(mm, process);
    return process;
  }

  /** Every process, those that were opened first in front. */
  allProcesses(): readonly KfdProcess[] {
    return [...this.processes.values()];
  }

  /** A process whose last GPU is closed is forgotten. */
  forget(mm: MmStruct): void {
    this.processes.delete(mm);
  }

  /**
   * Pages of the largest range: what the smallest of the GPUs allows.
   * @kernelpart drivers/gpu/drm/amd/amdkfd/kfd_svm.c svm_range_set_max_pages (v7.2) the minimum, as
   * GPUs are added
   */
  get maxRangePages(): number {
    return Math.min(...this.stacks.map((stack) => stack.maxRangePages));
  }

  /** The process whose pages lie on a GPU at an address that a forked child has inherited. */
  ownerOfPage(page: number, gpu: AttachedDevice): KfdProcess | undefined {
    return this.allProcesses().find(({ ranges }) => ranges.at(page)?.actualLoc === gpu);
  }

  /** The stack of an attached device. */
  stackOf(attached: AttachedDevice): KfdStack | undefined {
    return this.stacks.find((stack) => stack.attached === attached);
  }
}
