// Page requests of devices on their way to the kernel: groups that are complete when their last
// request arrives, partial ones that an overflow throws away. Mirrors drivers/iommu/io-pgfault.c.
import type { TaskStruct } from "@faultline/core";

/** The answers to a group. */
export type IopfResponse = "SUCCESS" | "INVALID";

/** One request of a device. */
export interface IopfRequest {
  /** Which device asks. */
  readonly device: number;
  /** The address space: there is one PASID for each. */
  readonly task: TaskStruct;
  /** Number of the group it belongs to. */
  readonly group: number;
  readonly page: number;
  readonly isWrite: boolean;
  /** The group is complete. */
  readonly isLast: boolean;
}

/** Requests that belong together. */
export type IopfGroup = readonly IopfRequest[];

/** The queue of one IOMMU. */
export class IopfQueue {
  private readonly limit: number;
  private partial: IopfRequest[] = [];
  /** Groups that are complete and wait for a worker, in order of completion. */
  readonly complete: IopfGroup[] = [];
  /** Requests that an overflow has thrown away. */
  nrDiscarded = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Requests held now, in partial and in complete groups. */
  get nrHeld(): number {
    return this.partial.length + this.complete.reduce((sum, group) => sum + group.length, 0);
  }

  /**
   * Takes a request. The last one of a group collects the others of the same device and number.
   * @returns false when the queue was full: then every partial group is thrown away too.
   * @kernel drivers/iommu/io-pgfault.c iommu_report_device_fault (v7.2)
   */
  iommuReportDeviceFault(request: IopfRequest): boolean {
    if (this.nrHeld >= this.limit) {
      this.iopfQueueDiscardPartial();
      this.nrDiscarded++;
      return false;
    }
    if (!request.isLast) {
      this.partial.push(request);
      return true;
    }
    const isSame = ({ device, group }: IopfRequest): boolean =>
      device === request.device && group === request.group;
    const others = this.partial.filter(isSame);
    this.partial = this.partial.filter((one) => !isSame(one));
    this.complete.push([...others, request]);
    return true;
  }

  /**
   * Throws away the partial groups of all devices: their last request may have been lost.
   * @kernel drivers/iommu/io-pgfault.c iopf_queue_discard_partial (v7.2)
   */
  iopfQueueDiscardPartial(): void {
    this.nrDiscarded += this.partial.length;
    this.partial = [];
  }
}
