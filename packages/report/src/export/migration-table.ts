// The migrations of one or several runs as a table: a row for each transfer of pages from one place
// to another, whoever copied them.
import { RECORD_NONE, type RunRecord } from "@faultline/sim";
import { type NamedRun, placeName } from "./named-run.ts";
import type { RowTable, TableColumn } from "./row-table.ts";

/** Collects the transfers of runs. */
export class MigrationTable implements RowTable {
  private readonly runs: { readonly run: NamedRun; readonly record: RunRecord }[] = [];

  /** Takes a run, when it is over. */
  add(run: NamedRun, record: RunRecord): void {
    this.runs.push({ run, record });
  }

  /** Transfers so far. */
  get nrRows(): number {
    return this.runs.reduce((sum, { record }) => sum + record.transfers.nrRows, 0);
  }

  /** All columns; `fault` is the number of the fault that was served, or -1. */
  columns(): TableColumn[] {
    const { runs } = this;
    const words = (name: string, of: (run: NamedRun, row: number) => string): TableColumn => ({
      name,
      words: runs.flatMap(({ run, record }) =>
        Array.from({ length: record.transfers.nrRows }, (_, row) => of(run, row)),
      ),
    });
    const places = (name: string, column: "from" | "to"): TableColumn => ({
      name,
      words: runs.flatMap(({ run, record }) =>
        Array.from(record.transfers.column(column), (place) => placeName(run, place)),
      ),
    });
    const numbers = (
      name: string,
      of: ({ transfers }: RunRecord, row: number, run: NamedRun) => number,
    ): TableColumn => {
      const all = runs.flatMap(({ run, record }) =>
        Array.from({ length: record.transfers.nrRows }, (_, row) => of(record, row, run)),
      );
      return { name, numbers: Float64Array.from(all) };
    };
    const engines = runs.flatMap(({ run, record }) =>
      Array.from(record.transfers.column("engine"), (engine) =>
        engine === RECORD_NONE ? "cpu" : run.nameOf(engine),
      ),
    );
    return [
      words("scenario", ({ scenario }) => scenario),
      words("profile", ({ profile }) => profile),
      numbers("seed", (_record, _row, { seed }) => seed),
      numbers("start_ps", ({ transfers }, row) => transfers.at(row, "startPs")),
      numbers("duration_ps", ({ transfers }, row) => transfers.at(row, "durationPs")),
      places("from_place", "from"),
      places("to_place", "to"),
      numbers("pages", ({ transfers }, row) => transfers.at(row, "nrPages")),
      numbers("bytes", ({ transfers }, row, { pageBytes }) => {
        return transfers.at(row, "nrPages") * pageBytes;
      }),
      { name: "copied_by", words: engines },
      numbers("fault", ({ transfers }, row) => transfers.at(row, "fault")),
    ];
  }
}
