// What certain stages cost once for each fault or batch, whatever the driver does: a sum that is
// known beforehand, with its parts.
import { NR_ACTIVITIES } from "../record/activities.ts";
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
  /** By stage, of those in the mask: all that a clock is not in anyway. */
  private readonly byStagePs = new Float64Array(NR_ACTIVITIES);
  private assignedMask = 0;
  private readonly sheet: PriceSheet;

  constructor(sheet: PriceSheet, stages: readonly number[], bases: readonly number[]) {
    this.sheet = sheet;
    for (const stage of stages) {
      for (const basis of bases) {
        const slot = sheet.slot(stage, basis);
        const ps = sheet.table.stagePs[slot] as number;
        if (ps === 0) continue;
        this.add(stage, basis, ps, sheet.table.stageOrigin[slot] as number);
      }
    }
  }

  private add(stage: number, basis: number, ps: number, origin: number): void {
    this.totalPs += ps;
    this.stages.push(stage);
    this.times.push(ps);
    this.bases.push(basis);
    this.origins.push(origin);
    if (stage === SCRATCH_STAGE) return;
    this.byStagePs[stage] = (this.byStagePs[stage] as number) + ps;
    this.assignedMask |= 1 << stage;
  }

  /** Adds another one's parts. */
  include({ stages, bases, times, origins }: FixedCost): void {
    for (const [i, stage] of stages.entries()) {
      this.add(stage, bases[i] as number, times[i] as number, origins[i] as number);
    }
  }

  /** Puts it on the bill of a step that begins, so many times. */
  bill({ bill, clock }: Work, reader: EffortReader, count: number): void {
    for (let i = 0; i < this.stages.length; i++) {
      bill.add(this.stages[i] as number, (this.times[i] as number) * count);
    }
    this.account(reader, count);
    if (clock !== null) this.tell(clock, count);
  }

  /** The time has passed: says what it was spent on. */
  assign(clock: StageClock, nowPs: number): void {
    clock.assignAll(this.byStagePs, this.assignedMask, nowPs);
    this.tell(clock);
  }

  /** Tells the witness of a fault what it was charged. */
  tell({ witness }: StageClock, count = 1): void {
    if (witness === null) return;
    for (const [i, stage] of this.stages.entries()) {
      witness.chargeStage(this.sheet, stage, this.bases[i] as number, count);
    }
  }

  /** Accounts for where the prices are from. */
  account(reader: EffortReader, count = 1): void {
    for (let i = 0; i < this.stages.length; i++) {
      reader.addOrigin(this.origins[i] as number, (this.times[i] as number) * count);
    }
  }
}
