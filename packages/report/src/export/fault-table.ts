// The faults of one or several runs as a table: a row for each fault, a column for each stage and
// wait, so that whoever has SQL or a data frame needs nothing else.
import {
  ACCESS_NAMES,
  ACTIVITY_NAMES,
  CPU_DEVICE,
  type FaultChunk,
  NR_STAGES,
} from "@faultline/sim";

/** What a run is called in the table. */
export interface FaultTableRun {
  /** The scenario's file. */
  readonly scenario: string;
  /** The profile of its CPUs. */
  readonly profile: string;
  readonly seed: number;
  /** The name of a device by its number in the records. */
  readonly nameOf: (device: number) => string;
}

/** A column: words, or whole numbers below 2^53. */
export type FaultColumn =
  | { readonly name: string; readonly words: readonly string[] }
  | { readonly name: string; readonly numbers: Float64Array };

const FIRST_ROWS = 4096;

/** Collects the faults of runs; 232 bytes for each. */
export class FaultTable {
  /** Faults so far. */
  nrRows = 0;
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
  add(run: FaultTableRun, chunk: FaultChunk): void {
    const { nrRows } = chunk;
    this.grow(this.nrRows + nrRows);
    for (let row = 0; row < nrRows; row++) {
      const device = chunk.device[row] as number;
      this.words.scenario.push(run.scenario);
      this.words.profile.push(run.profile);
      this.words.device.push(device === CPU_DEVICE ? "cpu" : run.nameOf(device));
      this.words.access.push(ACCESS_NAMES[chunk.access[row] as number] ?? "read");
      this.column("seed")[this.nrRows + row] = run.seed;
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
  columns(): FaultColumn[] {
    const number = (name: string): FaultColumn => ({
      name,
      numbers: this.column(name).subarray(0, this.nrRows),
    });
    const { scenario, profile, device, access } = this.words;
    return [
      { name: "scenario", words: scenario },
      { name: "profile", words: profile },
      number("seed"),
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
  "start_ps",
  "latency_ps",
  "process",
  "page",
  ...ACTIVITY_COLUMNS,
];
