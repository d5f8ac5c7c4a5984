// A device that uses the CPU's page tables: ATS translations that it keeps until they are
// invalidated, and page requests for what the tables do not have. There is no owner on this way:
// even its own private memory is out of its reach, and comes to system memory when it is touched.
import {
  createOwnerSpace,
  EFAULT,
  EINVAL,
  LEAF_PRESENT,
  LEAF_PROTNONE,
  LEAF_TABLE,
  LEAF_WRITE,
  leafKind,
  type MachineDevice,
  type MmStruct,
  type TaskStruct,
} from "@faultline/core";
import {
  type AttachedDevice,
  type DeviceSystem,
  type PathPolicy,
  selectPath,
  type Verb,
} from "@faultline/engine";
import { attachMemory } from "../device/attach-memory.ts";
import { DeviceMirror } from "../device/device-mirror.ts";
import type { DeviceAccessKind, DeviceStack, PageRange } from "../device/device-stack.ts";
import { migrateFaultingFolio } from "../device/migrate-faulting-folio.ts";
import { OpenMirrors } from "../device/open-mirrors.ts";
import type { StackHost } from "../device/stack-host.ts";
import { handleIopfGroup } from "./handle-iopf.ts";
import { IopfQueue, type IopfResponse } from "./iopf-queue.ts";
import { INTEL_PRI, type SvaKnobs } from "./sva-knobs.ts";

/** Everything is system memory to such a device, or it is nothing. */
const SVA_PATHS: PathPolicy = {
  rules: ["path-system"],
  decidedBy: "drivers/iommu/iommu-sva.c:iommu_sva_handle_mm",
};

/** One device. */
export class SvaStack implements DeviceStack {
  readonly name = "sva";
  readonly system: DeviceSystem;
  readonly host: StackHost;
  readonly attached: AttachedDevice;
  readonly paths: PathPolicy = SVA_PATHS;
  readonly knobs: SvaKnobs;
  readonly queue: IopfQueue;
  /** Answers so far. */
  readonly responses: IopfResponse[] = [];
  private readonly mirrors = new OpenMirrors();
  private nextGroup = 0;

  constructor(
    system: DeviceSystem,
    host: StackHost,
    device: MachineDevice,
    knobs: Partial<SvaKnobs> = {},
  ) {
    this.system = system;
    this.host = host;
    this.knobs = { ...INTEL_PRI, ...knobs };
    this.queue = new IopfQueue(this.knobs["pri.queueEntries"]);
    const owner = createOwnerSpace(`${device.name}, which nobody asks`);
    this.attached = attachMemory(system, device, {
      owner,
      migrateToRam: (fault) => migrateFaultingFolio(system, this.attached, fault),
    });
  }

  open(mm: MmStruct): DeviceMirror {
    return this.mirrors.open(mm, () => new DeviceMirror(this.system, this.attached, mm));
  }

  close(mirror: DeviceMirror): void {
    this.mirrors.close(mirror);
  }

  /**
   * An access that ATS could not translate. The device asks for as much of its request as one group
   * may hold, waits for the answer, and asks ATS again.
   */
  *fault(
    mirror: DeviceMirror,
    task: TaskStruct,
    page: number,
    access: DeviceAccessKind,
    nrLeft = 1,
  ): Verb {
    const isWrite = access !== "read";
    if (this.translate(mirror, page, isWrite)) return 0;
    const most = this.knobs["pri.stallModel"] ? 1 : this.knobs["pri.outstandingPerDevice"];
    const nrPages = Math.min(nrLeft, most);
    const group = this.nextGroup;
    this.nextGroup = (group + 1) % 2 ** this.knobs["pri.groupIndexBits"];
    for (let i = 0; i < nrPages; i++) {
      const isLast = i === nrPages - 1;
      const device = this.attached.device.index;
      const request = { device, task, group, page: page + i, isWrite, isLast };
      // A request that finds the queue full is answered by nobody: the device asks again later.
      if (!this.queue.iommuReportDeviceFault(request)) {
        mirror.note("sva-queue-full", page + i, 1);
        return 0;
      }
    }
    mirror.note("sva-page-request", page, nrPages);
    const response = yield* this.serve();
    if (response === "INVALID") return -EFAULT;
    for (let i = 0; i < nrPages; i++) this.translate(mirror, page + i, isWrite);
    return 0;
  }

  /** Without faults of its own kind there is nothing to fetch ahead. */
  *prefetch(_mirror: DeviceMirror, _task: TaskStruct, _range: PageRange): Verb {
    return -EINVAL;
  }

  /** Its memory holds nothing. */
  *evict(): Verb {
    return 0;
  }

  /** Serves every complete group; the last one's answer is this device's. */
  private *serve(): Verb<IopfResponse> {
    let last: IopfResponse = "SUCCESS";
    for (let group = this.queue.complete.shift(); group !== undefined; ) {
      last = yield* handleIopfGroup(this.system.world, group);
      this.responses.push(last);
      group = this.queue.complete.shift();
    }
    return last;
  }

  /**
   * An ATS request: the device keeps what the CPU's table says, if that allows the access.
   * @returns whether it does.
   */
  private translate(mirror: DeviceMirror, page: number, isWrite: boolean): boolean {
    const { pageTable } = mirror.mm;
    const slot = pageTable.slotBits(page);
    const isTable = leafKind(slot) === LEAF_TABLE;
    const bits = isTable ? pageTable.bits(page) : slot;
    if (leafKind(bits) !== LEAF_PRESENT || (bits & LEAF_PROTNONE) !== 0) return false;
    const writable = (bits & LEAF_WRITE) !== 0;
    if (isWrite && !writable) return false;
    const pfn = isTable
      ? pageTable.val(page)
      : pageTable.slotVal(page) + pageTable.indexInBlock(page);
    const { system, attached: requester } = this;
    const path = selectPath({ system, requester, pfn, policy: this.paths });
    return path !== null && mirror.mapRun(page, 1, path, { writable, atomic: writable }) === 0;
  }
}
