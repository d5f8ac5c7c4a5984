// Collects what runs leave behind, and writes it when all are over.
import type { Diagnostic } from "@faultline/diagnostics";
import { FaultTable, MigrationTable, type NamedRun, StageTable } from "@faultline/report";
import { type FaultChunk, RunRecord } from "@faultline/sim";
import type { CommandContext } from "../command-context.ts";
import { makeFolder, writeBytes } from "../read-source.ts";
import { showDiagnostics } from "../show-diagnostics.ts";
import { OUTPUT_NAMES, type OutputOptions } from "./output-options.ts";
import { tableBytes } from "./table-files.ts";

/** What a run is asked for while it lasts. */
export interface ObservedRun {
  readonly run: NamedRun;
  readonly record: RunRecord;
  readonly sink: (chunk: FaultChunk) => void;
}

/** A file and what goes into it. */
interface OutputFile {
  readonly path: string;
  readonly bytes: () => Promise<Uint8Array>;
}

/** The outputs of one command line. */
export class RunOutputs {
  private readonly options: OutputOptions;
  private readonly faults: FaultTable | null;
  private readonly migrations: MigrationTable = new MigrationTable();
  private readonly stages: StageTable | null;
  /** Faults whose slices were too many to keep. */
  private nrLeftOut = 0;

  private constructor(options: OutputOptions) {
    this.options = options;
    const { faults, stages, parquet } = options;
    this.faults = (faults ?? parquet) === undefined ? null : new FaultTable();
    this.stages = (stages ?? parquet) === undefined ? null : new StageTable();
  }

  /** Outputs for the options; undefined when none was given, and nothing is to be remembered. */
  static of(options: OutputOptions): RunOutputs | undefined {
    const isAsked = OUTPUT_NAMES.some((name) => options[name] !== undefined);
    return isAsked ? new RunOutputs(options) : undefined;
  }

  /** Begins a run. */
  begin(run: NamedRun): ObservedRun {
    const record = new RunRecord({ hasTimeline: this.stages !== null });
    return { run, record, sink: (chunk) => this.faults?.add(run, chunk) };
  }

  /** Takes a run that is over. */
  end({ run, record }: ObservedRun): void {
    this.migrations.add(run, record);
    this.stages?.add(run, record);
    this.nrLeftOut += record.nrFaultsLeftOut;
  }

  /** Writes everything; what goes wrong is shown, and given back. */
  async write(context: CommandContext): Promise<readonly Diagnostic[]> {
    const problems: Diagnostic[] = [];
    const { parquet } = this.options;
    if (parquet !== undefined) problems.push(...makeFolder(context.io, parquet));
    for (const { path, bytes } of this.files()) {
      const problem = writeBytes(context.io, path, await bytes());
      if (problem !== undefined) problems.push(problem);
    }
    if (this.nrLeftOut > 0) {
      context.io.writeErr(
        `${this.nrLeftOut} faults were too many for a timeline: left out of it\n`,
      );
    }
    showDiagnostics(context, problems);
    return problems;
  }

  private files(): OutputFile[] {
    const { faults, migrations, stages, parquet } = this.options;
    const tables = [
      { name: "faults", path: faults, table: this.faults },
      { name: "migrations", path: migrations, table: this.migrations },
      { name: "stages", path: stages, table: this.stages },
    ];
    const all: OutputFile[] = [];
    for (const { name, path, table } of tables) {
      if (table === null) continue;
      const inFolder = parquet === undefined ? undefined : `${parquet}/${name}.parquet`;
      for (const one of [path, inFolder]) {
        if (one !== undefined) all.push({ path: one, bytes: () => tableBytes(one, table) });
      }
    }
    return all;
  }
}
