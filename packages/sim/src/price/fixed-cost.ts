// What certain stages cost once for each fault or batch, whatever the driver does: a sum that is
// known beforehand, with its parts.
import type { StageClock } from "../record/stage-clock.ts";
import { SCRATCH_STAGE, type Work } from "../world/work.ts";
import type { EffortReader } from "./effort-reader.ts";
import type { PriceSheet } from "./price-sheet.ts";

/** Some stages by some bases, together. */
export class FixedCost {
  totalPs = 0;
  private readonly stages: number[] = [];
  private readonly times: number[] = [];
  private readonly origins: number[] = [];
  private readonly bases: number[] = [];
  private readonly sheet: PriceSheet;

  constructor(sheet: PriceSheet, stages: readonly number[], bases: readonly number[]) {
    this.sheet = sheet;
    for (const stage of stages) {
      for (const basis of bases) {
        const slot = sheet.slot(stage, basis);
        const ps = sheet.table.stagePs[slot] as number;
        if (ps === 0) continue;
        this.totalPs += ps;
        this.stages.push(stage);
        this.times.push(ps);
        this.bases.push(basis);
        this.origins.push(sheet.table.stageOrigin[slot] as number);
      }
    }
  }

  /** Adds another one's parts. */
  include({ stages, bases, times, origins, totalPs }: FixedCost): void {
    this.stages.push(...stages);
    this.bases.push(...bases);
    this.times.push(...times);
    this.origins.push(...origins);
    this.totalPs += totalPs;
  }

  /** Puts it on the bill of a step that begins. */
  bill({ bill, clock }: Work, reader: EffortReader): void {
    for (let i = 0; i < this.stages.length; i++) {
      bill.add(this.stages[i] as number, this.times[i] as number);
    }
    this.account(reader);
    if (clock !== null) this.tell(clock);
  }

  /** The time has passed: says what it was spent on. */
  assign(clock: StageClock, nowPs: number): void {
    for (let i = 0; i < this.stages.length; i++) {
      const stage = this.stages[i] as number;
      if (stage !== SCRATCH_STAGE) clock.assign(stage, this.times[i] as number, nowPs);
    }
    this.tell(clock);
  }

  /** Tells the witness of a fault what it was charged. */
  tell({ witness }: StageClock): void {
    if (witness === null) return;
    for (const [i, stage] of this.stages.entries()) {
      witness.chargeStage(this.sheet, stage, this.bases[i] as number, 1);
    }
  }

  /** Accounts for where the prices are from. */
  account(reader: EffortReader): void {
    for (let i = 0; i < this.stages.length; i++) {
      reader.addOrigin(this.origins[i] as number, this.times[i] as number);
    }
  }
}
