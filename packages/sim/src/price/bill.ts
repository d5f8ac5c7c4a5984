// What one step of a verb takes, by stage; used again from step to step.
import { STAGE_NAMES } from "@faultline/core";

/** Picoseconds by stage. */
export class Bill {
  readonly stagePs: Float64Array = new Float64Array(STAGE_NAMES.length);
  /** Bit per stage that has any time. */
  stageMask = 0;
  totalPs = 0;
  /** The part of it that no CPU does: copy engines and flushes of devices' TLBs, links apart. */
  offCpuPs = 0;

  /** Adds time to a stage; a whole number. */
  add(stage: number, ps: number): void {
    if (ps === 0) return;
    this.stagePs[stage] = (this.stagePs[stage] as number) + ps;
    this.stageMask |= 1 << stage;
    this.totalPs += ps;
  }

  /** Forgets everything. */
  clear(): void {
    if (this.stageMask !== 0) this.stagePs.fill(0);
    this.stageMask = 0;
    this.totalPs = 0;
    this.offCpuPs = 0;
  }
}
