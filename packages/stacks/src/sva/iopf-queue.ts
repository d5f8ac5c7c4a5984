// Page requests of devices on their way to the kernel: groups that are complete when their last
// request arrives, partial ones that an overflow throws away. Mirrors drivers/iommu/io-pgfault.c.
import type { TaskStruct } from "@faultline/core";

/**
 * The answers to a group: FAILURE when the way to serve it is broken, after which its device asks
 * for nothing any more.
 */
export type IopfResponse = "SUCCESS" | "INVALID" | "FAILURE";

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
  /** The device wants to execute. @defaultValue false */
  readonly isExec?: boolean;
  /** The request is a supervisor's. @defaultValue false */
  readonly isPrivileged?: boolean;
  /** The group is complete. */
  readonly isLast: boolean;
}

/** Requests that belong together. */
export type IopfGroup = readonly IopfRequest[];

/** Told what a group is answered; `requests` are those of it that were known. */
export type IopfRespond = (requests: IopfGroup, response: IopfResponse) => void;

/** The kernel's side of the devices of one IOMMU. */
export class IopfQueue {
  private readonly respond: IopfRespond;
  private readonly failsGroup: number;
  private nrDispatched = 0;
  private partial: IopfRequest[] = [];
  /** Groups that are complete and wait for a worker, in order of completion. */
  complete: IopfGroup[] = [];
  /** Requests of partial groups that an overflow has thrown away. */
  nrDiscarded = 0;

  /** @param failsGroup the number of the group, from 1, that no worker takes; 0 for none. */
  constructor(respond: IopfRespond = () => {}, failsGroup = 0) {
    this.respond = respond;
    this.failsGroup = failsGroup;
  }

  /** Requests held now, in partial and in complete groups. */
  get nrHeld(): number {
    return this.partial.length + this.complete.reduce((sum, group) => sum + group.length, 0);
  }

  /**
   * Takes a request. The last one of a group collects the others of the same device and number.
   * A group that cannot be handed to a worker is answered FAILURE.
   * @param hasHandler whether somebody has bound the address space to the device; without, the
   * group is answered INVALID at once.
   * @kernel drivers/iommu/io-pgfault.c iommu_report_device_fault (v7.2)
   */
  iommuReportDeviceFault(request: IopfRequest, hasHandler = true): void {
    if (!request.isLast) {
      this.partial.push(request);
      return;
    }
    const group = [...this.takePartial(request), request];
    if (!hasHandler) this.respond(group, "INVALID");
    else if (++this.nrDispatched === this.failsGroup) this.respond(group, "FAILURE");
    else this.complete.push(group);
  }

  /**
   * Throws away the partial groups of all devices: their last request may have been lost. Nobody
   * answers them.
   * @kernel drivers/iommu/io-pgfault.c iopf_queue_discard_partial (v7.2)
   */
  iopfQueueDiscardPartial(): void {
    this.nrDiscarded += this.partial.length;
    this.partial = [];
  }

  /**
   * A device goes: what it waits for is answered INVALID.
   * @kernel drivers/iommu/io-pgfault.c iopf_queue_remove_device (v7.2)
   */
  iopfQueueRemoveDevice(device: number): void {
    const isOther = (one: IopfRequest): boolean => one.device !== device;
    this.partial = this.partial.filter(isOther);
    const gone = this.complete.filter((group) => group.some((one) => !isOther(one)));
    this.complete = this.complete.filter((group) => !gone.includes(group));
    for (const group of gone) this.respond(group, "INVALID");
  }

  private takePartial({ device, group }: IopfRequest): IopfRequest[] {
    const isSame = (one: IopfRequest): boolean => one.device === device && one.group === group;
    const others = this.partial.filter(isSame);
    this.partial = this.partial.filter((one) => !isSame(one));
    return others;
  }
}
