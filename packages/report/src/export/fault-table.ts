// The faults of one or several runs as a table: a row for each fault, a column for each stage and
// wait, so that whoever has SQL or a data frame needs nothing else.
import { ACCESS_NAMES, ACTIVITY_NAMES, type FaultChunk, NR_STAGES } from "@faultline/sim";
import { faulterName, type NamedRun } from "./named-run.ts";
import type { RowTable, TableColumn } from "./row-table.ts";

const FIRST_ROWS = 4096;

/** Collects the faults of runs; 240 bytes for each. */
export class FaultTable implements RowTable {
  /** Faults so far. */
  nrRows = 0;
  /** The run that came last, and how many of its faults are here. */
  private lastRun: NamedRun | null = null;
  private nrOfRun = 0;
  private readonly words = {
    scenario: [] as string[],
    profile: [] as string[],
    device: [] as string[],
    access: [] as string[],
  };
  private readonly numbers = new Map<string, Float64Array>(
    NUMBER_COLUMNS.map((name) => [name, new Float64Array(FIRST_ROWS)]),
  );

  /** Takes the faults of a run, chunk by chunk: `(chunk) => table.add(run, chunk)` is a sink. */
  add(run: NamedRun, chunk: FaultChunk): void {
    const { nrRows } = chunk;
    if (run !== this.lastRun) this.nrOfRun = 0;
    this.lastRun = run;
    this.grow(this.nrRows + nrRows);
    for (let row = 0; row < nrRows; row++) {
      const device = chunk.device[row] as number;
      this.words.scenario.push(run.scenario);
      this.words.profile.push(run.profile);
      this.words.device.push(faulterName(run, device));
      this.words.access.push(ACCESS_NAMES[chunk.access[row] as number] ?? "read");
      this.column("seed")[this.nrRows + row] = run.seed;
      this.column("fault")[this.nrRows + row] = this.nrOfRun++;
    }
    const copy = (name: string, values: ArrayLike<number>): void => {
      const column = this.column(name);
      for (let row = 0; row < nrRows; row++) column[this.nrRows + row] = values[row] as number;
    };
    copy("start_ps", chunk.timePs);
    copy("latency_ps", chunk.latencyPs);
    copy("process", chunk.process);
    copy("page", chunk.page);
    for (const [activity, name] of ACTIVITY_COLUMNS.entries()) {
      const isSpent = (chunk.spentMask & (1 << activity)) !== 0;
      if (isSpent) copy(name, chunk.spentPs[activity] as Float64Array);
    }
    this.nrRows += nrRows;
  }

  /** All columns, each with `nrRows` values, in an order that does not change. */
  columns(): TableColumn[] {
    const number = (name: string): TableColumn => ({
      name,
      numbers: this.column(name).subarray(0, this.nrRows),
    });
    const { scenario, profile, device, access } = this.words;
    return [
      { name: "scenario", words: scenario },
      { name: "profile", words: profile },
      number("seed"),
      number("fault"),
      number("start_ps"),
      number("latency_ps"),
      { name: "device", words: device },
      number("process"),
      number("page"),
      { name: "access", words: access },
      ...ACTIVITY_COLUMNS.map(number),
    ];
  }

  private column(name: string): Float64Array {
    return this.numbers.get(name) as Float64Array;
  }

  private grow(nrRows: number): void {
    for (const [name, column] of this.numbers) {
      if (column.length >= nrRows) continue;
      const larger = new Float64Array(Math.max(nrRows, 2 * column.length));
      larger.set(column);
      this.numbers.set(name, larger);
    }
  }
}

/** `copy_ps` of a stage, `wait_lock_ps` of a wait. */
const ACTIVITY_COLUMNS: readonly string[] = ACTIVITY_NAMES.map((name, activity) =>
  activity < NR_STAGES ? `${name}_ps` : `wait_${name}_ps`,
);

const NUMBER_COLUMNS: readonly string[] = [
  "seed",
  "fault",
  "start_ps",
  "latency_ps",
  "process",
  "page",
  ...ACTIVITY_COLUMNS,
];
