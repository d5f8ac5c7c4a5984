// Steps that happen again and again: what one of them has come to in all.
import type { StepOutcome } from "./step-outcome.ts";

/** Outcomes of one step, added up. */
export class RepeatedOutcome {
  private times = 0;
  private failure: string | null = null;
  private pages: number | undefined;
  private faults: number | undefined;

  /** Takes the outcome of one time. */
  add({ result, pages, faults }: StepOutcome): void {
    this.times++;
    if (result !== "ok") this.failure ??= result;
    if (pages !== undefined) this.pages = (this.pages ?? 0) + pages;
    if (faults !== undefined) this.faults = (this.faults ?? 0) + faults;
  }

  /** The first result that was not `ok`, if any, with the sums. */
  get outcome(): StepOutcome {
    const { times, pages, faults } = this;
    return {
      result: this.failure ?? "ok",
      ...(pages === undefined ? {} : { pages }),
      ...(faults === undefined ? {} : { faults }),
      times,
    };
  }
}
