// The events of runs as columns by name: numbers in typed arrays, words in arrays, as data frames
// and Apache Arrow take them.
import {
  FaultTable,
  MigrationTable,
  type NamedRun,
  type RowTable,
  StageTable,
} from "@faultline/report";
import { RunRecord, type StageName, type WaitName } from "@faultline/sim";
import type { RunObserver } from "./measured-run.ts";

/** Columns of one length: numbers, which are whole and below 2^53, and words. */
export type ColumnsOf<Numbers extends string, Words extends string> = Readonly<
  Record<Numbers, Float64Array> & Record<Words, readonly string[]>
>;

/** A row for each fault; `copy_ps` and the like are what it spent in a stage, or waiting. */
export type FaultColumns = ColumnsOf<
  | "seed"
  | "fault"
  | "start_ps"
  | "latency_ps"
  | "process"
  | "page"
  | `${StageName}_ps`
  | `wait_${WaitName}_ps`,
  "scenario" | "profile" | "device" | "access"
>;

/** A row for each stage or wait that a fault has gone through; `kind` is `stage` or `wait`. */
export type StageColumns = ColumnsOf<
  "seed" | "fault" | "start_ps" | "duration_ps",
  "scenario" | "profile" | "device" | "kind" | "activity"
>;

/** A row for each transfer of pages; `fault` is the number of the fault that it served, or -1. */
export type MigrationColumns = ColumnsOf<
  "seed" | "start_ps" | "duration_ps" | "pages" | "bytes" | "fault",
  "scenario" | "profile" | "from_place" | "to_place" | "copied_by"
>;

/**
 * Collects the events of runs: one of these is given to `runScenario` or `compare`, or to several,
 * and has the rows of all of them when they are over.
 */
export class RunColumns {
  private readonly faultTable = new FaultTable();
  private readonly stageTable = new StageTable();
  private readonly migrationTable = new MigrationTable();

  /** Every fault, in the order in which they ended. */
  get faults(): FaultColumns {
    return columnsByName(this.faultTable) as FaultColumns;
  }

  /** Every stage and wait of every fault; of the first 2^20 faults of a run. */
  get stages(): StageColumns {
    return columnsByName(this.stageTable) as StageColumns;
  }

  /** Every copy of pages from one place to another. */
  get migrations(): MigrationColumns {
    return columnsByName(this.migrationTable) as MigrationColumns;
  }

  /** Watches a run that begins. */
  begin(run: NamedRun): RunObserver & { readonly record: RunRecord } {
    const record = new RunRecord({ hasTimeline: true });
    return { record, sink: (chunk) => this.faultTable.add(run, chunk) };
  }

  /** Takes what was recorded of a run that is over. */
  end(run: NamedRun, record: RunRecord): void {
    this.stageTable.add(run, record);
    this.migrationTable.add(run, record);
  }
}

/** The columns of a table by their names. */
export function columnsByName(
  table: RowTable,
): Readonly<Record<string, Float64Array | readonly string[]>> {
  return Object.fromEntries(
    table.columns().map((column) => {
      return [column.name, "numbers" in column ? column.numbers : column.words];
    }),
  );
}
