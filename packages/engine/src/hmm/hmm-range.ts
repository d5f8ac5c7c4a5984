// struct hmm_range: one request of a driver, its result columns, and where an interrupted walk goes
// on. Mirrors include/linux/hmm.h.
import {
  checkWholeNumber,
  type DevPagemap,
  type DmaDevice,
  type MmStruct,
  type MmuIntervalNotifier,
  type OwnerSpace,
} from "@faultline/core";
import { checkRange } from "../check-arguments.ts";
import type { HmmColumns } from "./hmm-columns-pool.ts";

/** What a request is made from. */
export interface HmmRangeSpec {
  readonly mm: MmStruct;
  /** The subscription whose sequence guards the result; null when nobody else can run. */
  readonly notifier?: MmuIntervalNotifier | null;
  readonly start: number;
  readonly end: number;
  /** HMM_PFN_REQ_* wanted for every page. @defaultValue 0, a snapshot */
  readonly defaultFlags?: number;
  /** Which bits of each page's input word count as request. @defaultValue 0 */
  readonly pfnFlagsMask?: number;
  /** Whose private memory is reported as present. @defaultValue null */
  readonly devPrivateOwner?: OwnerSpace | null;
  /** Pages the columns can hold, for ranges that are moved later. @defaultValue end - start */
  readonly capacity?: number;
  /** Columns to use, which hold that many pages. @defaultValue new ones */
  readonly columns?: HmmColumns | null;
  /** The address space the caller's device reaches; the design `owner.matchOn` may compare it. */
  readonly devPrivateSpace?: OwnerSpace | null;
  /** Who will use the pages; the design `hmm.p2pOp: targetAware` tells the pgmap's op. */
  readonly requester?: DmaDevice | null;
  /** `p2p_allow()` of the RFC: whether a page of another owner is fine as it is. */
  readonly p2pAllow?: ((pgmap: DevPagemap) => boolean) | null;
  /** Whether an own page can be reached now; the design `owner.dynamic` asks. */
  readonly isReachable?: ((pgmap: DevPagemap) => boolean) | null;
}

/** A request over `[start, end)` of an mm; entry `i` of the columns is page `start + i`. */
export class HmmRange {
  readonly mm: MmStruct;
  readonly notifier: MmuIntervalNotifier | null;
  notifierSeq = 0;
  start: number;
  end: number;
  /** Upper half of each word: HMM_PFN_* flags and the order. */
  readonly flags: Uint32Array;
  /** Lower half of each word: the page frame number. */
  readonly pfns: Uint32Array;
  defaultFlags: number;
  pfnFlagsMask: number;
  devPrivateOwner: OwnerSpace | null;
  readonly devPrivateSpace: OwnerSpace | null;
  readonly requester: DmaDevice | null;
  readonly p2pAllow: ((pgmap: DevPagemap) => boolean) | null;
  readonly isReachable: ((pgmap: DevPagemap) => boolean) | null;
  /** First page whose entry is not final yet. */
  position: number;
  /** Next page of the span being faulted, -1 when none is. */
  faultPage = -1;
  faultEnd = 0;
  isWriteFault = false;

  constructor(spec: HmmRangeSpec) {
    checkRange(spec.start, spec.end - spec.start, "start", "end");
    const capacity = spec.capacity ?? spec.end - spec.start;
    checkWholeNumber(capacity, "capacity", 0, 2 ** 32 - 1);
    this.mm = spec.mm;
    this.notifier = spec.notifier ?? null;
    this.start = spec.start;
    this.end = spec.end;
    this.flags = spec.columns?.flags ?? new Uint32Array(capacity);
    this.pfns = spec.columns?.pfns ?? new Uint32Array(capacity);
    this.defaultFlags = spec.defaultFlags ?? 0;
    this.pfnFlagsMask = spec.pfnFlagsMask ?? 0;
    this.devPrivateOwner = spec.devPrivateOwner ?? null;
    this.devPrivateSpace = spec.devPrivateSpace ?? null;
    this.requester = spec.requester ?? null;
    this.p2pAllow = spec.p2pAllow ?? null;
    this.isReachable = spec.isReachable ?? null;
    this.position = spec.start;
  }

  /** Moves the request to another range and forgets an interrupted walk. */
  moveTo(start: number, end: number): void {
    this.start = start;
    this.end = end;
    this.restart(this.notifierSeq);
  }

  /** Begins again under a fresh sequence, as a driver does after EBUSY. */
  restart(notifierSeq: number): void {
    this.notifierSeq = notifierSeq;
    this.position = this.start;
    this.faultPage = -1;
  }
}

/** The kernel's 64-bit word of entry `i`. */
export function hmmPfnWord(range: HmmRange, i: number): bigint {
  return (BigInt(range.flags[i] ?? 0) << 32n) | BigInt(range.pfns[i] ?? 0);
}
