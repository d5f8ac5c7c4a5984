// What the devices behind one IOMMU have been answered: numbers for each device, and the groups
// that were not served and whose device has not looked yet. A long run keeps no more than that.
import type { IopfGroup, IopfResponse } from "./iopf-queue.ts";

/** One group and what it was answered. */
export interface PageResponse {
  readonly device: number;
  readonly group: number;
  readonly response: IopfResponse;
  readonly nrRequests: number;
}

/** How often one device has been answered what. */
export interface ResponseCounts {
  nrSuccess: number;
  nrInvalid: number;
  nrFailure: number;
  /** Requests in the groups that were answered. */
  nrRequests: number;
}

/** The answers of one IOMMU. */
export class PageResponses {
  /** Told of each answer as it is given, in that order. */
  onResponse: ((response: PageResponse) => void) | null = null;
  private readonly counts = new Map<number, ResponseCounts>();
  private readonly refused = new Map<number, Map<number, IopfResponse>>();

  /** Takes the answer to a group. */
  add([first, ...others]: IopfGroup, response: IopfResponse): void {
    if (first === undefined) return;
    const { device, group } = first;
    const counts = this.countsOf(device);
    counts.nrRequests += others.length + 1;
    if (response === "SUCCESS") counts.nrSuccess++;
    else if (response === "INVALID") counts.nrInvalid++;
    else counts.nrFailure++;
    if (response !== "SUCCESS") this.refusedOf(device).set(group, response);
    this.onResponse?.({ device, group, response, nrRequests: others.length + 1 });
  }

  /** How a group of a device ended that was not served, and null for one that was. Asked once. */
  takeRefused(device: number, group: number): IopfResponse | null {
    const refused = this.refused.get(device);
    const response = refused?.get(group) ?? null;
    refused?.delete(group);
    return response;
  }

  /** Numbers of one device, all zero for one that has not asked. */
  countsOf(device: number): ResponseCounts {
    const known = this.counts.get(device);
    if (known !== undefined) return known;
    const counts = { nrSuccess: 0, nrInvalid: 0, nrFailure: 0, nrRequests: 0 };
    this.counts.set(device, counts);
    return counts;
  }

  private refusedOf(device: number): Map<number, IopfResponse> {
    const known = this.refused.get(device);
    if (known !== undefined) return known;
    const refused = new Map<number, IopfResponse>();
    this.refused.set(device, refused);
    return refused;
  }
}
