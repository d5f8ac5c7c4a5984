// The IOMMU's own queue of page requests, between the devices and the kernel: it has a size, an
// interrupt thread empties it, and what finds it full is lost. Mirrors prq_event_thread of
// drivers/iommu/intel/prq.c. AMD's log works alike.
import type { IopfQueue, IopfRequest, IopfRespond } from "./iopf-queue.ts";

/** What became of a request that a device sent. */
export type SendOutcome =
  | "queued"
  /** Lost: its device hears nothing. */
  | "lost"
  /** Lost, but it was the last of its group, which the hardware has answered by itself. */
  | "auto-response";

/** What a device sends after its last request about an address space: nobody answers it. */
export interface StopMarker {
  readonly device: number;
  readonly isStopMarker: true;
}

/** The queue of one IOMMU. */
export class PageRequestQueue {
  private readonly limit: number;
  private readonly kernel: IopfQueue;
  private readonly isBound: (request: IopfRequest) => boolean;
  private readonly respond: IopfRespond;
  private entries: (IopfRequest | StopMarker)[] = [];
  private hasOverflowed = false;
  /** Requests that found the queue full. */
  nrLost = 0;
  /** Groups that the hardware answered, since their last request was lost. */
  nrAutoResponses = 0;
  /** Stop markers that the interrupt thread has found. */
  nrStopMarkers = 0;

  /**
   * @param limit requests it holds.
   * @param isBound whether the kernel knows a request's address space on its device.
   */
  constructor(
    limit: number,
    kernel: IopfQueue,
    isBound: (request: IopfRequest) => boolean,
    respond: IopfRespond,
  ) {
    this.limit = limit;
    this.kernel = kernel;
    this.isBound = isBound;
    this.respond = respond;
  }

  /** Requests that wait for the interrupt thread. */
  get nrEntries(): number {
    return this.entries.length;
  }

  /**
   * A device sends a request. The answer to one that is lost says that the device may try again,
   * and promises nothing: it stands in no list of answers.
   */
  send(request: IopfRequest | StopMarker): SendOutcome {
    if (this.entries.length < this.limit) {
      this.entries.push(request);
      return "queued";
    }
    this.hasOverflowed = true;
    this.nrLost++;
    if ("isStopMarker" in request || !request.isLast) return "lost";
    this.nrAutoResponses++;
    return "auto-response";
  }

  /**
   * The interrupt thread: hands every request on, and after an overflow throws the partial groups
   * away. Requests of a supervisor, and such as would read and execute, are refused. A stop marker
   * takes an entry, and nobody looks at it.
   * @kernel drivers/iommu/intel/prq.c prq_event_thread (v7.2)
   */
  prqEventThread(): void {
    for (const request of this.entries.splice(0)) {
      if ("isStopMarker" in request) {
        this.nrStopMarkers++;
        continue;
      }
      const isRefused = request.isPrivileged === true || request.isExec === true;
      if (isRefused) this.respond([request], "INVALID");
      else this.kernel.iommuReportDeviceFault(request, this.isBound(request));
    }
    if (!this.hasOverflowed) return;
    this.kernel.iopfQueueDiscardPartial();
    this.hasOverflowed = false;
  }
}
