// Collects what runs leave behind, and writes it when all are over.
import type { Diagnostic } from "@faultline/diagnostics";
import {
  FaultTable,
  MigrationTable,
  type NamedRun,
  type ReportRun,
  reportPage,
  runFigures,
  StageTable,
  tracedRuns,
} from "@faultline/report";
import { type FaultChunk, RunRecord } from "@faultline/sim";
import type { CommandContext } from "../command-context.ts";
import { makeFolder, writeBytes } from "../read-source.ts";
import { showDiagnostics } from "../show-diagnostics.ts";
import type { TimedRun } from "../timed-run.ts";
import type { Uncertainty } from "../uncertainty/sample-runs.ts";
import { packageVersion } from "../version.ts";
import { OUTPUT_NAMES, type OutputOptions } from "./output-options.ts";
import { reportRunOf, type SeenRun } from "./report-run-of.ts";
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

/** A run that is over. */
interface EndedRun {
  readonly done: TimedRun;
  readonly seen: SeenRun;
  uncertainty: Uncertainty | null;
}

/** The outputs of one command line. */
export class RunOutputs {
  private readonly options: OutputOptions;
  private readonly sources: ReadonlyMap<string, string>;
  private readonly faults: FaultTable | null;
  private readonly migrations: MigrationTable = new MigrationTable();
  private readonly stages: StageTable | null;
  /** For figures, in the order in which they ran. */
  private readonly runs: EndedRun[] = [];
  /** Faults whose slices were too many to keep. */
  private nrLeftOut = 0;

  private constructor(options: OutputOptions, sources: ReadonlyMap<string, string>) {
    this.options = options;
    this.sources = sources;
    const { faults, stages, parquet } = options;
    this.faults = (faults ?? parquet) === undefined ? null : new FaultTable();
    this.stages = (stages ?? parquet) === undefined ? null : new StageTable();
  }

  /**
   * Outputs for the options; undefined when none was given, and nothing is to be remembered.
   * @param sources texts of the scenarios, by file.
   */
  static of(options: OutputOptions, sources: ReadonlyMap<string, string>): RunOutputs | undefined {
    const isAsked = OUTPUT_NAMES.some((name) => options[name] !== undefined);
    return isAsked ? new RunOutputs(options, sources) : undefined;
  }

  /** Begins a run. */
  begin(run: NamedRun): ObservedRun {
    const hasTimeline = this.stages !== null || this.options.trace !== undefined;
    const record = new RunRecord({ hasTimeline });
    return { run, record, sink: (chunk) => this.faults?.add(run, chunk) };
  }

  /**
   * Takes a run that is over.
   * @param isShown whether figures and timelines show it; tables have every run.
   */
  end(done: TimedRun, seen: SeenRun, isShown = true): void {
    const { run, record } = seen;
    this.migrations.add(run, record);
    this.stages?.add(run, record);
    this.nrLeftOut += record.nrFaultsLeftOut;
    const { html, figures, trace } = this.options;
    if (isShown && (html ?? figures ?? trace) !== undefined)
      this.runs.push({ done, seen, uncertainty: null });
  }

  /** Says what the ranges of prices leave open of the run that was taken last. */
  noteUncertainty(uncertainty: Uncertainty): void {
    const last = this.runs.at(-1);
    if (last !== undefined) last.uncertainty = uncertainty;
  }

  /** Writes everything; what goes wrong is shown, and given back. */
  async write(context: CommandContext): Promise<readonly Diagnostic[]> {
    const problems: Diagnostic[] = [];
    const { parquet, figures } = this.options;
    for (const folder of [parquet, figures]) {
      if (folder !== undefined) problems.push(...makeFolder(context.io, folder));
    }
    for (const { path, bytes } of [...this.tables(), ...this.trace(), ...(await this.pictures())]) {
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

  private tables(): OutputFile[] {
    const { faults, migrations, stages, parquet } = this.options;
    const tables = [
      { name: "faults", path: faults, table: this.faults },
      { name: "migrations", path: migrations, table: this.migrations },
      { name: "stages", path: stages, table: this.stages },
    ];
    return tables.flatMap(({ name, path, table }) => {
      const inFolder = parquet === undefined ? undefined : `${parquet}/${name}.parquet`;
      return [path, inFolder].flatMap((one): OutputFile[] => {
        if (one === undefined || table === null) return [];
        return [{ path: one, bytes: () => tableBytes(one, table) }];
      });
    });
  }

  private trace(): OutputFile[] {
    const { trace: path } = this.options;
    return path === undefined ? [] : [{ path, bytes: () => tracedRuns(this.reportRuns()) }];
  }

  private reportRuns(): ReportRun[] {
    return this.runs.map(({ done, seen, uncertainty }) => {
      const source = this.sources.get(seen.run.scenario) ?? null;
      return reportRunOf(done, seen, source, uncertainty);
    });
  }

  /** The page, and the figures alone; those of several scenarios are in folders by number. */
  private async pictures(): Promise<OutputFile[]> {
    const { html, figures } = this.options;
    if ((html ?? figures) === undefined) return [];
    const byFile = new Map<string, ReportRun[]>();
    for (const one of this.reportRuns()) {
      const runs = byFile.get(one.run.scenario) ?? [];
      byFile.set(one.run.scenario, runs);
      runs.push(one);
    }
    const sections = [];
    for (const runs of byFile.values()) sections.push({ runs, figures: await runFigures(runs) });
    const files: OutputFile[] = [];
    const text = (path: string, content: string): void => {
      files.push({ path, bytes: () => Promise.resolve(new TextEncoder().encode(content)) });
    };
    if (html !== undefined) text(html, reportPage(sections, `Faultline ${packageVersion()}`));
    if (figures === undefined) return files;
    sections.forEach((section, at) => {
      const prefix = sections.length === 1 ? "" : `${at + 1}-`;
      for (const { name, svg } of section.figures) text(`${figures}/${prefix}${name}.svg`, svg);
    });
    return files;
  }
}
