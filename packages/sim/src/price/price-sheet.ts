// A price table laid out for the innermost loop: what each stage and each kind of effort costs,
// where each price is from, and which effort the costs of a stage contain already.
import { EFFORT_TLB_FLUSH, NR_EFFORT_KINDS, STAGE_NAMES } from "@faultline/core";
import {
  addCopy,
  type CopyPath,
  EFFORT_BASIS_NAMES,
  noTime,
  PRICE_ORIGINS,
  type PricedTime,
  type PriceTable,
  STAGE_BASIS_NAMES,
} from "@faultline/profiles";

const PS_PER_S = 1e12;
const NR_BASES = STAGE_BASIS_NAMES.length;

/** Columns of a stage: once for each fault that is served. */
export const PER_FAULT: number = STAGE_BASIS_NAMES.indexOf("per_fault");
/** Once for each batch. */
export const PER_BATCH: number = STAGE_BASIS_NAMES.indexOf("per_batch");
/** Once for each range that is served as one. */
export const PER_RANGE: number = STAGE_BASIS_NAMES.indexOf("per_range");
/** Once for a range that its device has not used before. */
export const PER_FIRST_RANGE: number = STAGE_BASIS_NAMES.indexOf("per_first_range");
/** Once for each folio. */
export const PER_FOLIO: number = STAGE_BASIS_NAMES.indexOf("per_folio");
/** Once for each base page. */
export const PER_PAGE: number = STAGE_BASIS_NAMES.indexOf("per_page");
/** Once for each flush. */
export const PER_FLUSH: number = STAGE_BASIS_NAMES.indexOf("per_flush");

/** Columns of a kind of effort. */
export const NR_EFFORT_BASES: number = EFFORT_BASIS_NAMES.length;
/** Once for an entry of the log. */
export const PER_ITEM: number = EFFORT_BASIS_NAMES.indexOf("per_item");
/** Once for each unit. */
export const PER_UNIT: number = EFFORT_BASIS_NAMES.indexOf("per_unit");
/** Once for each unit of a higher order. */
export const PER_HUGE_UNIT: number = EFFORT_BASIS_NAMES.indexOf("per_huge_unit");
/** Once for each CPU that a flush interrupts. */
export const PER_CPU: number = EFFORT_BASIS_NAMES.indexOf("per_cpu");
/** Once for each device that a flush reaches. */
export const PER_SECONDARY: number = EFFORT_BASIS_NAMES.indexOf("per_secondary");

/** The prices of one profile. */
export class PriceSheet {
  readonly table: PriceTable;
  /**
   * Per stage, bit `1 << kind` for effort that is not priced there: what the stage's costs contain
   * and, in a stage without costs of its own, what those of any stage contain.
   */
  readonly covers: Uint32Array = new Uint32Array(STAGE_NAMES.length);
  /** Whether a unit of a higher order has a price of its own, per kind of effort. */
  readonly hasHuge: Uint8Array = new Uint8Array(NR_EFFORT_KINDS);
  private readonly transfer: PricedTime = noTime();

  constructor(table: PriceTable) {
    this.table = table;
    const all = table.stageCovers.reduce((mask, covers) => mask | covers, 0);
    for (let stage = 0; stage < STAGE_NAMES.length; stage++) {
      const origins = table.stageOrigin.subarray(stage * NR_BASES, (stage + 1) * NR_BASES);
      const own = table.stageCovers[stage] as number;
      this.covers[stage] = origins.some((origin) => origin !== 0) ? own : all;
    }
    for (let kind = 0; kind < NR_EFFORT_KINDS; kind++) {
      this.hasHuge[kind] = table.effortOrigin[kind * NR_EFFORT_BASES + PER_HUGE_UNIT] as number;
    }
  }

  /** Where the price of a stage by a basis stands in `table.stagePs`. */
  slot(stage: number, basis: number): number {
    return stage * NR_BASES + basis;
  }

  /** Whether flushes of CPUs are part of what a stage's own costs are. */
  containsFlush(stage: number): boolean {
    return ((this.table.stageCovers[stage] as number) & (1 << EFFORT_TLB_FLUSH)) !== 0;
  }

  /**
   * The most bytes a second that a path reaches at any size, beside what each transfer takes to set
   * up; 0 where copying takes no time.
   */
  bestRate(path: CopyPath): number {
    const { bytesPerSecond, sizesBytes, timesPs } = this.table.copies[path];
    let best = bytesPerSecond;
    for (let i = 0; i < sizesBytes.length; i++) {
      const from = i === 0 ? 0 : (sizesBytes[i - 1] as number);
      const sincePs = i === 0 ? 0 : (timesPs[i - 1] as number);
      const ps = (timesPs[i] as number) - sincePs;
      if (ps > 0) best = Math.max(best, (((sizesBytes[i] as number) - from) * PS_PER_S) / ps);
    }
    return best;
  }

  /**
   * What a transfer takes that is so many jobs.
   * @param originPs gets its parts added by where their prices come from.
   */
  copyPs(path: CopyPath, nrBytes: number, nrJobs: number, originPs: Float64Array): number {
    const { transfer } = this;
    transfer.totalPs = 0;
    transfer.originPs.fill(0);
    addCopy(this.table, transfer, path, nrBytes, nrJobs);
    for (let origin = 0; origin < PRICE_ORIGINS.length; origin++) {
      originPs[origin] = (originPs[origin] as number) + (transfer.originPs[origin] as number);
    }
    return transfer.totalPs;
  }
}
