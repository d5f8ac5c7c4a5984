// A device that uses the CPU's page tables: ATS translations that it keeps until they are
// invalidated, and page requests for what the tables do not have. There is no owner on this way:
// even its own private memory is out of its reach, and comes to system memory when it is touched.
// Memory that is a NUMA node is the kernel's, and every device's own.
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
  ATS_PATHS,
  type AttachedDevice,
  type DeviceSystem,
  type PathPolicy,
  selectPath,
  sysMovePages,
  type Verb,
} from "@faultline/engine";
import { attachMemory } from "../device/attach-memory.ts";
import { DeviceMirror } from "../device/device-mirror.ts";
import type { DeviceAccessKind, DeviceStack, PageRange } from "../device/device-stack.ts";
import { migrateFaultingFolio } from "../device/migrate-faulting-folio.ts";
import { OpenMirrors } from "../device/open-mirrors.ts";
import type { ServiceModel } from "../device/service-model.ts";
import type { StackHost } from "../device/stack-host.ts";
import { fillByMigration } from "./fill-by-migration.ts";
import type { IopfRequest } from "./iopf-queue.ts";
import { SvaIommu } from "./sva-iommu.ts";
import { type SvaKnobs, svaKnobs } from "./sva-knobs.ts";

/** uvm_perf_fault_batch_count of the driver that has one thread for faults by ATS. */
const ONE_THREAD: ServiceModel = { nrQueues: 1, nrWorkers: 1, batch: 256 };

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
  readonly paths: PathPolicy;
  readonly knobs: SvaKnobs;
  /** Shared with the other devices behind it. */
  readonly iommu: SvaIommu;
  readonly service?: ServiceModel;
  /** Stalled accesses whose event was lost. */
  nrLostEvents = 0;
  /** Accesses that needed a page request after the device had to stop making them. */
  nrAfterFailure = 0;
  private readonly mirrors = new OpenMirrors();
  private nextGroup = 0;
  /** A group was answered FAILURE: PCI has such a device make no more page requests. */
  private hasFailed = false;
  /** Pages in the next group: one after an answer that did not help, then twice as many a time. */
  private groupPages = Number.POSITIVE_INFINITY;

  /** @param iommu by default the device has one for itself. */
  constructor(
    system: DeviceSystem,
    host: StackHost,
    device: MachineDevice,
    knobs: Partial<SvaKnobs> = {},
    iommu?: SvaIommu,
  ) {
    this.system = system;
    this.host = host;
    this.knobs = svaKnobs(knobs);
    if (this.knobs["ats.oneThread"]) this.service = ONE_THREAD;
    this.paths = device.memory?.node === undefined ? SVA_PATHS : ATS_PATHS;
    this.iommu = iommu ?? svaIommu(system, [knobs]);
    const owner = createOwnerSpace(`${device.name}, which nobody asks`);
    this.attached = attachMemory(system, device, {
      owner,
      migrateToRam: (fault) => migrateFaultingFolio(system, this.attached, fault),
    });
  }

  open(mm: MmStruct): DeviceMirror {
    return this.mirrors.open(mm, () => {
      this.iommu.iommuSvaBindDevice(this.attached.device.index, mm);
      return new DeviceMirror(this.system, this.attached, mm);
    });
  }

  /** A device that sends page requests says with a stop marker that none will follow. */
  close(mirror: DeviceMirror): void {
    const { iommu, knobs } = this;
    const { index: device } = this.attached.device;
    if (!knobs["pri.stallModel"]) iommu.send({ device, isStopMarker: true });
    iommu.iommuSvaUnbindDevice(device, mirror.mm);
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
    if (this.hasFailed) {
      this.nrAfterFailure++;
      return -EFAULT;
    }
    if (this.knobs["ats.fillByMigration"]) {
      yield* fillByMigration(this.system, this.attached, task, page);
      if (this.translate(mirror, page, isWrite)) return 0;
    }
    const nrPages = Math.min(nrLeft, this.mostPages());
    const outcome = this.knobs["pri.stallModel"]
      ? yield* this.stall(mirror, task, page, nrPages, isWrite)
      : yield* this.askForGroup(mirror, task, page, nrPages, isWrite);
    if (outcome !== 0) return outcome;
    let isHelped = true;
    for (let i = 0; i < nrPages; i++) isHelped &&= this.translate(mirror, page + i, isWrite);
    this.groupPages = isHelped ? this.groupPages * 2 : 1;
    return 0;
  }

  /**
   * Memory that is a NUMA node can be filled ahead, by move_pages(); for other memory there is
   * nothing that could bring pages in.
   */
  *prefetch(_mirror: DeviceMirror, task: TaskStruct, range: PageRange): Verb {
    const node = this.attached.device.memory?.node;
    return node === undefined ? -EINVAL : yield* this.moveTo(node, task, range);
  }

  /** Pages of the device's node go to the nearest one; other memory of the device holds nothing. */
  *evict(_mirror: DeviceMirror, task: TaskStruct, range: PageRange): Verb {
    const { memory, node } = this.attached.device;
    return memory?.node === undefined ? 0 : yield* this.moveTo(Math.max(0, node), task, range);
  }

  private *moveTo(node: number, task: TaskStruct, { start, nrPages }: PageRange): Verb {
    const pages = Array.from({ length: nrPages }, (_, i) => start + i);
    const nodes = pages.map(() => node);
    const status = new Int32Array(nrPages);
    const rc = yield* sysMovePages(this.system.world, task, { pages, nodes, status });
    return Math.min(rc, 0);
  }

  /** Numbers of the IOMMU are those of all devices behind it. */
  counters(): ReadonlyMap<string, number> {
    const { responses, hardware, kernel } = this.iommu;
    const own = responses.countsOf(this.attached.device.index);
    return new Map([
      ["responses_success", own.nrSuccess],
      ["responses_invalid", own.nrInvalid],
      ["responses_failure", own.nrFailure],
      ["requests_served", own.nrRequests],
      ["requests_lost", hardware.nrLost],
      ["auto_responses", hardware.nrAutoResponses],
      ["partial_discarded", kernel.nrDiscarded],
      ["lost_events", this.nrLostEvents],
      ["stop_markers", hardware.nrStopMarkers],
      ["after_failure", this.nrAfterFailure],
    ]);
  }

  private mostPages(): number {
    if (this.knobs["pri.stallModel"]) return this.knobs["pri.stallsInFlight"];
    const { "pri.outstandingPerDevice": outstanding, "pri.requestPages": wanted } = this.knobs;
    return Math.min(outstanding, wanted, this.groupPages);
  }

  /**
   * One group. Where the queue was full for its last request, the hardware has answered, and the
   * device asks ATS again, in vain.
   */
  private *askForGroup(
    mirror: DeviceMirror,
    task: TaskStruct,
    page: number,
    nrPages: number,
    isWrite: boolean,
  ): Verb {
    const { iommu } = this;
    const group = this.takeGroup();
    const device = this.attached.device.index;
    for (let i = 0; i < nrPages; i++) {
      const isLast = i === nrPages - 1;
      const request = { device, task, group, page: page + i, isWrite, isLast };
      this.send(mirror, request);
    }
    mirror.note("sva-page-request", page, nrPages);
    yield* iommu.flush();
    return this.isRefused(group) ? -EFAULT : 0;
  }

  /** @returns whether the request is in the queue. */
  private send(mirror: DeviceMirror, request: IopfRequest): boolean {
    if (this.iommu.send(request) === "queued") return true;
    mirror.note("sva-queue-full", request.page, 1);
    return false;
  }

  /** Each access is a group of its own; one whose event is lost ends there. */
  private *stall(
    mirror: DeviceMirror,
    task: TaskStruct,
    page: number,
    nrPages: number,
    isWrite: boolean,
  ): Verb {
    const { iommu } = this;
    const device = this.attached.device.index;
    let nrLost = 0;
    const groups: number[] = [];
    for (let i = 0; i < nrPages; i++) {
      const group = this.takeGroup();
      groups.push(group);
      const request = { device, task, group, page: page + i, isWrite, isLast: true };
      if (!this.send(mirror, request)) nrLost++;
    }
    mirror.note("sva-page-request", page, nrPages);
    yield* iommu.flush();
    this.nrLostEvents += nrLost;
    const nrRefused = groups.filter((group) => this.isRefused(group)).length;
    return nrLost + nrRefused > 0 ? -EFAULT : 0;
  }

  private takeGroup(): number {
    const group = this.nextGroup;
    this.nextGroup = (group + 1) % 2 ** this.knobs["pri.groupIndexBits"];
    return group;
  }

  /** Whether this device's group was not served; a failure is remembered. */
  private isRefused(group: number): boolean {
    const response = this.iommu.responses.takeRefused(this.attached.device.index, group);
    this.hasFailed ||= response === "FAILURE";
    return response !== null;
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

/** An IOMMU for devices with these knobs; the first one's say counts. */
export function svaIommu(
  { world }: DeviceSystem,
  [first = {}]: readonly Partial<SvaKnobs>[],
): SvaIommu {
  const knobs = svaKnobs(first ?? {});
  return new SvaIommu(world, {
    queueEntries: knobs["pri.queueEntries"],
    drainEvery: knobs["pri.drainEvery"],
    failsGroup: knobs["pri.failsGroup"],
  });
}
