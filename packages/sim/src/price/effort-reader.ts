// Turns the effort log into time: reads what one step of a verb has written, prices it stage by
// stage, and clears it. Under a clock the log is read after every step, so nothing is ever dropped.
import {
  EFFORT_DRIVER_COPY_JOB,
  EFFORT_DRIVER_RANGE,
  EFFORT_DRIVER_WORK,
  EFFORT_FOLIO_ALLOC,
  EFFORT_FOLIO_FREE,
  EFFORT_LOCK,
  EFFORT_PAGE_COPY,
  EFFORT_PAGE_ZERO,
  EFFORT_PLACE_DEVICE,
  EFFORT_PLACE_SWAP,
  EFFORT_TLB_FLUSH,
  NO_STAGE,
  STAGE_COPY,
  STAGE_INVALIDATE,
  STAGE_NAMES,
  type World,
} from "@faultline/core";
import { type CopyPath, PRICE_ORIGINS } from "@faultline/profiles";
import type { SharedCpus } from "../world/shared-cpus.ts";
import type { Traffic } from "../world/traffic.ts";
import { RECORD_NONE, type RunRecord } from "../record/run-record.ts";
import type { Work } from "../world/work.ts";
import type { CopyRoutes } from "../copy/copy-routes.ts";
import { KERNEL_STAGES } from "./kernel-stages.ts";
import {
  NR_EFFORT_BASES,
  PER_CPU,
  PER_FIRST_RANGE,
  PER_FLUSH,
  PER_FOLIO,
  PER_ITEM,
  PER_HUGE_UNIT,
  PER_PAGE,
  PER_RANGE,
  PER_SECONDARY,
  PER_UNIT,
  type PriceSheet,
} from "./price-sheet.ts";

const ASSUMED = PRICE_ORIGINS.indexOf("assumed");

/** Reads the log of one world. */
export class EffortReader {
  /** All that was billed, by where its prices come from: PRICE_ORIGINS. */
  readonly originPs: Float64Array = new Float64Array(PRICE_ORIGINS.length);
  /** CPUs that flushes interrupt; null where everybody has one of his own. */
  cpus: SharedCpus | null = null;
  /** Told of every page that is copied. */
  private readonly traffic: Traffic | null;
  private readonly world: World;
  private readonly sheets: readonly PriceSheet[];
  private readonly pageBytes: number;
  private readonly record: RunRecord | null;
  private readonly links: CopyRoutes | null;
  // Transfers of the step at hand: pages of one step that go the same way are one transfer, in as
  // many jobs as its driver says.
  private copyPath: CopyPath = "to_device";
  private copyFrom = 0;
  private copyTo = 0;
  private copyPages = 0;
  private copyJobs = 0;
  // Single pages of the step at hand, by stage, and the device that handles them.
  private readonly singles = new Float64Array(STAGE_NAMES.length);
  private singlesMask = 0;
  private singlesPlace = 0;

  /**
   * @param sheets prices of the devices, by their position in the machine.
   * @param links what copies share. @defaultValue nothing
   */
  constructor(
    world: World,
    sheets: readonly PriceSheet[],
    links: CopyRoutes | null = null,
    traffic: Traffic | null = null,
    record: RunRecord | null = null,
  ) {
    this.world = world;
    this.record = record;
    this.sheets = sheets;
    this.traffic = traffic;
    this.links = links;
    this.pageBytes = 2 ** world.geometry.pageShift;
  }

  /** Bills what is in the log to `work`, and clears the log. */
  read(work: Work): void {
    this.readItems(work);
    this.endTransfer(work);
    this.copyJobs = 0;
    this.endSingles(work);
  }

  /** The same in the middle of a step, when the log is full. */
  readItems(work: Work): void {
    const { effort } = this.world;
    const { length, kind } = effort;
    for (let i = 0; i < length; i++) {
      if (kind[i] === EFFORT_DRIVER_WORK) this.readDriverWork(work, i);
      else if (kind[i] === EFFORT_DRIVER_RANGE) this.readRange(work, i);
      else if (kind[i] === EFFORT_DRIVER_COPY_JOB) this.copyJobs += effort.count[i] as number;
      else this.readKernelEffort(work, i);
    }
    effort.clear();
  }

  private addStageOf(
    sheet: PriceSheet,
    work: Work,
    stage: number,
    basis: number,
    count: number,
  ): void {
    const slot = sheet.slot(stage, basis);
    const origin = sheet.table.stageOrigin[slot] as number;
    if (origin === 0) return;
    this.add(work, stage, (sheet.table.stagePs[slot] as number) * count, origin);
    work.clock?.witness?.chargeStage(sheet, stage, basis, count);
  }

  /** A flush of a device's TLB, which no CPU does. */
  private addInvalidation(sheet: PriceSheet, work: Work, nrFlushes: number): void {
    const { bill } = work;
    const beforePs = bill.totalPs;
    this.addStageOf(sheet, work, STAGE_INVALIDATE, PER_FLUSH, nrFlushes);
    bill.offCpuPs += bill.totalPs - beforePs;
  }

  private readRange(work: Work, i: number): void {
    const { effort } = this.world;
    work.rangeMask = 0;
    if (effort.order[i] === 0) return;
    const sheet = this.sheetOf(effort.from[i] as number, work);
    for (let stage = 0; stage < STAGE_NAMES.length; stage++) {
      this.addStageOf(sheet, work, stage, PER_FIRST_RANGE, effort.count[i] as number);
    }
  }

  private readDriverWork(work: Work, i: number): void {
    const { effort } = this.world;
    const stage = effort.stages[i] as number;
    const count = effort.count[i] as number;
    const sheet = this.sheetOf(effort.from[i] as number, work);
    if (stage === STAGE_INVALIDATE) {
      this.addInvalidation(sheet, work, count);
      return;
    }
    if ((work.rangeMask & (1 << stage)) === 0) {
      work.rangeMask |= 1 << stage;
      this.addStageOf(sheet, work, stage, PER_RANGE, 1);
    }
    const order = effort.order[i] as number;
    this.addStageOf(sheet, work, stage, PER_PAGE, count * (1 << order));
    if (order > 0) this.addStageOf(sheet, work, stage, PER_FOLIO, count);
    else this.addSingles(work, stage, effort.from[i] as number, count);
  }

  /** Single pages that a step handles together cost what a folio does, once for each block. */
  private addSingles(work: Work, stage: number, place: number, count: number): void {
    if (place !== this.singlesPlace) this.endSingles(work);
    this.singlesPlace = place;
    this.singles[stage] = (this.singles[stage] as number) + count;
    this.singlesMask |= 1 << stage;
  }

  private endSingles(work: Work): void {
    const { singles } = this;
    for (let rest = this.singlesMask; rest !== 0; rest &= rest - 1) {
      const stage = 31 - Math.clz32(rest & -rest);
      const nrFolios = Math.ceil((singles[stage] as number) / this.world.blockPages);
      this.addStageOf(this.sheetOf(this.singlesPlace, work), work, stage, PER_FOLIO, nrFolios);
      singles[stage] = 0;
    }
    this.singlesMask = 0;
  }

  private readKernelEffort(work: Work, i: number): void {
    const { effort } = this.world;
    const kind = effort.kind[i] as number;
    const from = effort.from[i] as number;
    if (kind === EFFORT_LOCK) work.noteLock(from);
    if (kind === EFFORT_PAGE_COPY) {
      this.traffic?.copy(from, effort.to[i] as number, effort.count[i] as number);
    }
    if (kind === EFFORT_PAGE_COPY && this.isTransfer(work, i)) return;
    const beforePs = work.bill.totalPs;
    this.billKernelEffort(work, i);
    if (this.record !== null) this.remember(this.record, work, i, work.bill.totalPs - beforePs);
  }

  private billKernelEffort(work: Work, i: number): void {
    const { effort } = this.world;
    const kind = effort.kind[i] as number;
    if (isOwnWorkOfDevice(kind, effort.from[i] as number, effort.to[i] as number)) return;
    const inStage = effort.stages[i] as number;
    const stage = inStage === NO_STAGE ? work.baseStage : inStage;
    const { sheet } = work;
    if (kind === EFFORT_TLB_FLUSH && this.cpus !== null) {
      work.noteShootdown(effort.from[i] as number, effort.count[i] as number);
    }
    if (kind === EFFORT_TLB_FLUSH && this.addOwnFlush(work, stage, i)) return;
    if (stage !== NO_STAGE && ((sheet.covers[stage] as number) & (1 << kind)) !== 0) return;
    const billed = stage === NO_STAGE ? (KERNEL_STAGES[kind] as number) : stage;
    const count = effort.count[i] as number;
    this.addEffort(work, billed, kind, PER_ITEM, 1);
    const isHuge = (effort.order[i] as number) > 0 && sheet.hasHuge[kind] !== 0;
    this.addEffort(work, billed, kind, isHuge ? PER_HUGE_UNIT : PER_UNIT, count);
    if (kind !== EFFORT_TLB_FLUSH) return;
    const nrCpus = nrBits(effort.from[i] as number);
    this.addEffort(work, billed, kind, PER_CPU, Math.max(0, nrCpus - 1) * count);
    const nrBound = (work.mm?.nrBoundDevices ?? 0) * count;
    this.addEffort(work, billed, kind, PER_SECONDARY, nrBound);
    if (nrBound > 0) work.flushCommandsPs += sheet.table.flushCommandPs * count;
  }

  /** Tells the record of folios that come and go, and of what a CPU has copied. */
  private remember(record: RunRecord, { clock }: Work, i: number, ps: number): void {
    const { kind, count, order, from, to } = this.world.effort.at(i);
    if (kind === EFFORT_FOLIO_ALLOC) record.allocate(to, count * (1 << order));
    if (kind === EFFORT_FOLIO_FREE) record.allocate(from, -count * (1 << order));
    if (kind !== EFFORT_PAGE_COPY) return;
    record.transfer({ parts: [{ from, to, nrPages: count }], ps, engine: RECORD_NONE }, clock);
  }

  /** Effort of a kind by one basis; what has no price takes no time. */
  private addEffort(work: Work, stage: number, kind: number, basis: number, units: number): void {
    const { effortPs, effortOrigin } = work.sheet.table;
    const slot = kind * NR_EFFORT_BASES + basis;
    const ps = effortPs[slot] as number;
    if (!(ps > 0 && units > 0)) return;
    this.add(work, stage, ps * units, effortOrigin[slot] as number);
    work.clock?.witness?.chargeEffort(work.sheet, stage, kind, basis, units);
  }

  /**
   * A flush that a device's own fault leads to costs what its profile says of its flushes, with the
   * CPUs' part where they cover it, unless the costs of its stage contain it already.
   * @returns false when the flush is to be priced as anybody's.
   */
  private addOwnFlush(work: Work, stage: number, i: number): boolean {
    const { sheet, baseStage, mm } = work;
    const nrFlushes = (mm?.nrBoundDevices ?? 0) * (this.world.effort.count[i] as number);
    if (baseStage === NO_STAGE || nrFlushes === 0 || sheet.containsFlush(stage)) return false;
    if (sheet.table.stageOrigin[sheet.slot(STAGE_INVALIDATE, PER_FLUSH)] === 0) return false;
    this.addInvalidation(sheet, work, nrFlushes);
    work.flushCommandsPs += sheet.table.flushCommandPs * (this.world.effort.count[i] as number);
    return sheet.containsFlush(STAGE_INVALIDATE);
  }

  /** Notes pages that a device's copy engine moves; false when a CPU copies. */
  private isTransfer(work: Work, i: number): boolean {
    const { effort } = this.world;
    const from = effort.from[i] as number;
    const to = effort.to[i] as number;
    if (!isDevice(from) && !isDevice(to)) return false;
    if (from !== this.copyFrom || to !== this.copyTo) this.endTransfer(work);
    this.copyPath = !isDevice(to) ? "to_system" : isDevice(from) ? "to_peer" : "to_device";
    this.copyFrom = from;
    this.copyTo = to;
    this.copyPages += effort.count[i] as number;
    return true;
  }

  /** The price is the time of the bytes on their lanes, which others may share, and the rest. */
  private endTransfer(work: Work): void {
    if (this.copyPages === 0) return;
    const { copyPath, copyFrom, copyTo } = this;
    // The device that holds the source pushes.
    const sheet = this.sheetOf(isDevice(copyFrom) ? copyFrom : copyTo, work);
    const bytes = this.copyPages * this.pageBytes;
    const nrJobs = Math.max(1, this.copyJobs);
    const pricePs = sheet.copyPs(copyPath, bytes, nrJobs, this.originPs);
    work.clock?.witness?.chargeCopy(sheet, copyPath, bytes, nrJobs);
    const ps = this.billTransfer(work, bytes, pricePs);
    const engine = (isDevice(copyFrom) ? copyFrom : copyTo) - EFFORT_PLACE_DEVICE;
    if (this.record !== null) {
      const parts = [{ from: copyFrom, to: copyTo, nrPages: this.copyPages }];
      this.record.transfer({ parts, ps, engine }, work.clock);
    }
    this.copyPages = 0;
    this.copyJobs = 0;
  }

  /** @returns what the transfer takes while nobody shares its way. */
  private billTransfer(work: Work, bytes: number, pricePs: number): number {
    const route = this.links?.of(this.copyPath, this.copyFrom, this.copyTo) ?? null;
    const nrOnLanes = route?.bytesOnLanes(bytes, pricePs) ?? 0;
    if (route === null || nrOnLanes === 0) {
      work.bill.add(STAGE_COPY, pricePs);
      work.bill.offCpuPs += pricePs;
      return pricePs;
    }
    const alonePs = route.alonePs(nrOnLanes);
    const morePs = alonePs - route.pricedPs(nrOnLanes);
    work.bill.add(STAGE_COPY, pricePs + morePs);
    work.bill.offCpuPs += pricePs + morePs - alonePs;
    // How slow a link of the machine is, no profile says.
    this.addOrigin(ASSUMED, morePs);
    work.addTransfer(route.route, nrOnLanes, alonePs);
    return pricePs + morePs;
  }

  /** Accounts for time that was billed elsewhere. */
  addOrigin(origin: number, ps: number): void {
    this.originPs[origin] = (this.originPs[origin] as number) + ps;
  }

  private add(work: Work, stage: number, ps: number, origin: number): void {
    work.bill.add(stage, ps);
    this.originPs[origin] = (this.originPs[origin] as number) + ps;
  }

  private sheetOf(place: number, work: Work): PriceSheet {
    return this.sheets[place - EFFORT_PLACE_DEVICE] ?? work.sheet;
  }
}

/**
 * A device sets its own memory, at the rate of that memory, and its folios come from its driver's
 * allocator: the first takes no time of a CPU, the second is part of what drivers' stages cost.
 */
function isOwnWorkOfDevice(kind: number, from: number, to: number): boolean {
  if (kind === EFFORT_FOLIO_FREE) return isDevice(from);
  return (kind === EFFORT_PAGE_ZERO || kind === EFFORT_FOLIO_ALLOC) && isDevice(to);
}

function isDevice(place: number): boolean {
  return place >= EFFORT_PLACE_DEVICE && place < EFFORT_PLACE_SWAP;
}

function nrBits(mask: number): number {
  let count = 0;
  for (let rest = mask >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count++;
  return count;
}
