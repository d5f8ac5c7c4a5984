// What a run is asked to remember besides the rows of its faults: what was copied where, how much
// memory was in use, and, for a timeline, the slices of every fault, waits, batches and locks. A
// run without a record keeps none of it.
import { type MmStruct, STAGE_COPY } from "@faultline/core";
import { Actor } from "../actor/actor.ts";
import type { Bill } from "../price/bill.ts";
import { IDLE } from "../wait/wait-kinds.ts";
import type { FinishedWait } from "../wait/waitable.ts";
import { NumberRows } from "./number-rows.ts";
import { SliceLog } from "./slice-log.ts";
import type { StageClock } from "./stage-clock.ts";

/** No fault, no device, no queue. */
export const RECORD_NONE = -1;

/** How much is remembered. */
export interface RunRecordOptions {
  /** Slices, waits, batches and locks too, each with its time. @defaultValue false */
  readonly hasTimeline?: boolean;
  /** Faults whose slices are kept; later ones are counted. @defaultValue 2^20 */
  readonly maxFaults?: number;
}

/** A fault that has ended. */
export interface EndedFault {
  readonly startPs: number;
  /** The number of its device, or CPU_DEVICE. */
  readonly device: number;
  readonly process: number;
  readonly page: number;
  /** ACCESS_*. */
  readonly access: number;
  /** The CPU of a CPU's fault, or the queue of a device's; RECORD_NONE for neither. */
  readonly place: number;
}

/** Pages that go from one place to another. */
export interface TransferPart {
  readonly from: number;
  readonly to: number;
  nrPages: number;
}

/** Pages that are copied at a stretch. */
interface Transfer {
  readonly parts: readonly TransferPart[];
  readonly ps: number;
  /** The device that copies, or RECORD_NONE for a CPU. */
  readonly engine: number;
}

const MAX_FAULTS = 2 ** 20;

/** The record of one run; times are picoseconds, places are EFFORT_PLACE_* or NUMA nodes. */
export class RunRecord {
  readonly hasTimeline: boolean;
  /** Words that rows hold by their number. */
  readonly words: string[] = [];
  /**
   * Pages that were copied, and what that takes while nobody shares the way: what sharing adds is a
   * wait. `engine` is the device that copied them, or RECORD_NONE for a CPU.
   */
  readonly transfers: NumberRows<
    "startPs" | "durationPs" | "from" | "to" | "nrPages" | "engine" | "fault"
  > = new NumberRows(["startPs", "durationPs", "from", "to", "nrPages", "engine", "fault"]);
  /** Pages of folios in a place, from an instant on. */
  readonly usage: NumberRows<"timePs" | "place" | "nrPages"> = new NumberRows([
    "timePs",
    "place",
    "nrPages",
  ]);
  /** Faults in the order in which they ended, each with its slices and its transfers. */
  readonly faults: NumberRows<
    | "startPs"
    | "latencyPs"
    | "device"
    | "process"
    | "page"
    | "access"
    | "place"
    | "firstSlice"
    | "firstUse"
  > = new NumberRows([
    "startPs",
    "latencyPs",
    "device",
    "process",
    "page",
    "access",
    "place",
    "firstSlice",
    "firstUse",
  ]);
  readonly slices: NumberRows<"activity" | "durationPs"> = new NumberRows([
    "activity",
    "durationPs",
  ]);
  /** Transfers that served a fault, its own and those that it shared. */
  readonly uses: NumberRows<"transfer"> = new NumberRows(["transfer"]);
  /** Waits for what another holds; `object`, `waiter` and `holder` are words, or RECORD_NONE. */
  readonly waits: NumberRows<"startPs" | "endPs" | "kind" | "object" | "waiter" | "holder"> =
    new NumberRows(["startPs", "endPs", "kind", "object", "waiter", "holder"]);
  /** What a worker of a queue served at once; `worker` is a word. */
  readonly batches: NumberRows<"startPs" | "endPs" | "worker" | "nrFaults"> = new NumberRows([
    "startPs",
    "endPs",
    "worker",
    "nrFaults",
  ]);
  /** Who holds the mmap_lock of an address space from an instant on. */
  readonly locks: NumberRows<"timePs" | "mm" | "readers" | "writers"> = new NumberRows([
    "timePs",
    "mm",
    "readers",
    "writers",
  ]);
  /** Faults that ended after slices were no longer kept. */
  nrFaultsLeftOut = 0;
  private readonly maxFaults: number;
  private readonly wordIds = new Map<string, number>();
  private readonly inUse = new Map<number, number>();
  private readonly lastUsage = new Map<number, number>();
  private readonly heldLocks = new Map<number, number>();
  private readonly changedPlaces = new Set<number>();
  /** Transfers of the bill at hand. */
  private readonly pending: number[] = [];

  constructor({ hasTimeline = false, maxFaults = MAX_FAULTS }: RunRecordOptions = {}) {
    this.hasTimeline = hasTimeline;
    this.maxFaults = maxFaults;
  }

  /** Somewhere to keep the slices of faults that follow each other; null without a timeline. */
  sliceLog(): SliceLog | null {
    return this.hasTimeline ? new SliceLog() : null;
  }

  /** Folios came into use in a place, or went out of it. */
  allocate(place: number, nrPages: number): void {
    this.inUse.set(place, (this.inUse.get(place) ?? 0) + nrPages);
    this.changedPlaces.add(place);
  }

  /** A bill has copies, whose time has yet to come; parts follow each other. @internal */
  transfer({ parts, ps, engine }: Transfer, clock: StageClock | null): void {
    const total = parts.reduce((sum, { nrPages }) => sum + nrPages, 0);
    let doneBefore = 0;
    for (const { from, to, nrPages } of parts) {
      const endPs = Math.round((ps * (doneBefore + nrPages)) / total);
      const durationPs = endPs - Math.round((ps * doneBefore) / total);
      doneBefore += nrPages;
      // A copy within one place is copy-on-write or a collapse: nothing moves.
      if (from === to) continue;
      const fault = RECORD_NONE;
      const row = this.transfers.add({ startPs: 0, durationPs, from, to, nrPages, engine, fault });
      this.pending.push(row);
      clock?.slices?.transfers.push(row);
    }
  }

  /** The bill's time begins: everything of it has its place in time now. @internal */
  begin(bill: Pick<Bill, "stagePs">, nowPs: number): void {
    for (const place of this.changedPlaces) this.noteUsage(place, nowPs);
    this.changedPlaces.clear();
    let startPs = nowPs + timeBeforeCopy(bill);
    for (const row of this.pending) {
      this.transfers.set(row, "startPs", startPs);
      startPs += this.transfers.at(row, "durationPs");
    }
    this.pending.length = 0;
  }

  /** Keeps a fault whose clock has finished. */
  fault({ place, ...fault }: EndedFault, { slices, breakdown }: StageClock): void {
    if (slices === null) return;
    if (this.faults.nrRows >= this.maxFaults) {
      this.nrFaultsLeftOut++;
      return;
    }
    const row = this.faults.add({
      ...fault,
      place,
      latencyPs: breakdown.totalPs(),
      firstSlice: this.slices.nrRows,
      firstUse: this.uses.nrRows,
    });
    for (const [at, activity] of slices.activities.entries()) {
      this.slices.add({ activity, durationPs: slices.durationsPs[at] as number });
    }
    for (const transfer of slices.transfers) {
      this.uses.add({ transfer });
      const { transfers } = this;
      if (transfers.at(transfer, "fault") === RECORD_NONE) transfers.set(transfer, "fault", row);
    }
  }

  /** Keeps a wait for something that another has; can be `sim.onWait`. */
  wait({ waiter, waitable, kind, holder, endPs, waitedPs }: FinishedWait): void {
    if (kind === IDLE || waitedPs === 0 || waitable.isWork || waitable instanceof Actor) return;
    this.waits.add({
      startPs: endPs - waitedPs,
      endPs,
      kind,
      object: this.wordId(waitable.label(waiter)),
      waiter: this.wordId(waiter.name),
      holder: holder === null ? RECORD_NONE : this.wordId(holder.name),
    });
  }

  /** A worker has served faults. */
  batch(worker: string, startPs: number, endPs: number, nrFaults: number): void {
    if (!this.hasTimeline) return;
    this.batches.add({ worker: this.wordId(worker), startPs, endPs, nrFaults });
  }

  /** Looks at an mmap_lock after every step that may have changed it. */
  lock({ mmId, mmapLock }: MmStruct, nowPs: number): void {
    const { readers, writer } = mmapLock;
    const state = 2 * readers + (writer ? 1 : 0);
    if ((this.heldLocks.get(mmId) ?? 0) === state) return;
    this.heldLocks.set(mmId, state);
    this.locks.add({ timePs: nowPs, mm: mmId, readers, writers: writer ? 1 : 0 });
  }

  private noteUsage(place: number, timePs: number): void {
    const nrPages = this.inUse.get(place) ?? 0;
    const last = this.lastUsage.get(place);
    if (last !== undefined && this.usage.at(last, "timePs") === timePs) {
      this.usage.set(last, "nrPages", nrPages);
    } else {
      this.lastUsage.set(place, this.usage.add({ timePs, place, nrPages }));
    }
  }

  private wordId(word: string): number {
    let id = this.wordIds.get(word);
    if (id === undefined) {
      id = this.words.push(word) - 1;
      this.wordIds.set(word, id);
    }
    return id;
  }
}

function timeBeforeCopy({ stagePs }: Pick<Bill, "stagePs">): number {
  let beforePs = 0;
  for (let stage = 0; stage < STAGE_COPY; stage++) beforePs += stagePs[stage] as number;
  return beforePs;
}
