// What the devices behind one IOMMU share: its queue of page requests, the kernel's groups of them,
// the address spaces that are bound to each device, and their PASIDs. Mirrors the parts of
// drivers/iommu/iommu-sva.c that are not about one fault.
import type { MmStruct, World } from "@faultline/core";
import { runToCompletion, type Verb } from "@faultline/engine";
import { handleIopfGroup } from "./handle-iopf.ts";
import { type IopfGroup, IopfQueue, type IopfRequest, type IopfResponse } from "./iopf-queue.ts";
import { PageRequestQueue, type SendOutcome, type StopMarker } from "./page-request-queue.ts";
import { PageResponses } from "./page-responses.ts";

/** How large its queue is, and how it is emptied. */
export interface SvaIommuSettings {
  /** Requests that the hardware's queue holds. */
  readonly queueEntries: number;
  /** Requests that arrive before the interrupt thread runs. */
  readonly drainEvery: number;
  /** The number of the group, from 1, that no worker takes; 0 for none. */
  readonly failsGroup: number;
}

/** One IOMMU. */
export class SvaIommu {
  readonly kernel: IopfQueue;
  readonly hardware: PageRequestQueue;
  /** Answers so far; they are given in the order of the groups, not of the requests. */
  readonly responses: PageResponses = new PageResponses();
  private readonly world: World;
  private readonly drainEvery: number;
  private readonly bound = new Map<number, Set<MmStruct>>();
  private readonly pasids = new Map<MmStruct, number>();
  private nrSinceDrain = 0;

  constructor(world: World, { queueEntries, drainEvery, failsGroup }: SvaIommuSettings) {
    this.world = world;
    this.drainEvery = drainEvery;
    const respond = (group: IopfGroup, response: IopfResponse): void =>
      this.responses.add(group, response);
    this.kernel = new IopfQueue(respond, failsGroup);
    const isBound = ({ device, task }: IopfRequest): boolean =>
      this.bound.get(device)?.has(task.mm) === true;
    this.hardware = new PageRequestQueue(queueEntries, this.kernel, isBound, respond);
  }

  /**
   * The number that stands for an address space on every device: one for each.
   * @kernel drivers/iommu/iommu-sva.c iommu_alloc_mm_data (v7.2)
   */
  iommuAllocMmData(mm: MmStruct): number {
    const known = this.pasids.get(mm);
    if (known !== undefined) return known;
    const pasid = this.pasids.size + 1;
    this.pasids.set(mm, pasid);
    return pasid;
  }

  /**
   * Lets a device use an address space.
   * @kernel drivers/iommu/iommu-sva.c iommu_sva_bind_device (v7.2)
   */
  iommuSvaBindDevice(device: number, mm: MmStruct): void {
    this.iommuAllocMmData(mm);
    const spaces = this.bound.get(device) ?? new Set();
    if (!spaces.has(mm)) mm.nrBoundDevices++;
    this.bound.set(device, spaces.add(mm));
  }

  /**
   * Takes an address space away from a device: what is under way is served first.
   * @kernel drivers/iommu/iommu-sva.c iommu_sva_unbind_device (v7.2)
   */
  iommuSvaUnbindDevice(device: number, mm: MmStruct): void {
    runToCompletion(this.flush());
    if (this.bound.get(device)?.delete(mm) === true) mm.nrBoundDevices--;
  }

  /** A device sends a request; the interrupt thread runs when it is its turn. */
  send(request: IopfRequest | StopMarker): SendOutcome {
    const outcome = this.hardware.send(request);
    this.nrSinceDrain++;
    if (this.nrSinceDrain >= this.drainEvery) this.drain();
    return outcome;
  }

  /** The interrupt thread, and then the workers, until nothing waits. */
  *flush(): Verb<void> {
    this.drain();
    for (let group = this.kernel.complete.shift(); group !== undefined; ) {
      this.responses.add(group, yield* handleIopfGroup(this.world, group));
      group = this.kernel.complete.shift();
    }
  }

  private drain(): void {
    this.nrSinceDrain = 0;
    this.hardware.prqEventThread();
  }
}
