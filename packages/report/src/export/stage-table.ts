// The stages and waits of faults as a table: a row for each slice, in the order in which a fault
// has gone through them.
import { ACTIVITY_NAMES, NR_STAGES, type RunRecord } from "@faultline/sim";
import { faulterName, type NamedRun } from "./named-run.ts";
import type { RowTable, TableColumn } from "./row-table.ts";

/** Collects the slices of runs. */
export class StageTable implements RowTable {
  /** Slices so far. */
  nrRows = 0;
  private readonly words = {
    scenario: [] as string[],
    profile: [] as string[],
    device: [] as string[],
    kind: [] as string[],
    activity: [] as string[],
  };
  private readonly numbers = {
    seed: [] as number[],
    fault: [] as number[],
    startPs: [] as number[],
    durationPs: [] as number[],
  };

  /** Takes a run whose record has a timeline, when it is over. */
  add(run: NamedRun, record: RunRecord): void {
    const { faults, slices } = record;
    const { words, numbers } = this;
    const firstSlice = faults.column("firstSlice");
    for (let fault = 0; fault < faults.nrRows; fault++) {
      const device = faulterName(run, faults.at(fault, "device"));
      let atPs = faults.at(fault, "startPs");
      const end = firstSlice[fault + 1] ?? slices.nrRows;
      for (let slice = firstSlice[fault] ?? end; slice < end; slice++) {
        const activity = slices.at(slice, "activity");
        const durationPs = slices.at(slice, "durationPs");
        words.scenario.push(run.scenario);
        words.profile.push(run.profile);
        words.device.push(device);
        words.kind.push(activity < NR_STAGES ? "stage" : "wait");
        words.activity.push(ACTIVITY_NAMES[activity] ?? "");
        numbers.seed.push(run.seed);
        numbers.fault.push(fault);
        numbers.startPs.push(atPs);
        numbers.durationPs.push(durationPs);
        atPs += durationPs;
        this.nrRows++;
      }
    }
  }

  /** All columns; `fault` is the number of the fault in its run, 0 the first that ended. */
  columns(): TableColumn[] {
    const { words, numbers } = this;
    return [
      { name: "scenario", words: words.scenario },
      { name: "profile", words: words.profile },
      { name: "seed", numbers: Float64Array.from(numbers.seed) },
      { name: "fault", numbers: Float64Array.from(numbers.fault) },
      { name: "device", words: words.device },
      { name: "start_ps", numbers: Float64Array.from(numbers.startPs) },
      { name: "duration_ps", numbers: Float64Array.from(numbers.durationPs) },
      { name: "kind", words: words.kind },
      { name: "activity", words: words.activity },
    ];
  }
}
