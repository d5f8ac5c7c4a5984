// Tables of studies of unified memory: a benchmark and its size in each row, with the faults that a
// profiler has counted and perhaps a time.
import { SourceText } from "@faultline/diagnostics";
import { TableNumbers } from "../table-numbers.ts";
import { commaCells, type TableRow, tablesIn } from "../table-rows.ts";
import { refusedTrace, type TraceImport } from "../trace-import.ts";
import { TraceProblems } from "../trace-problems.ts";

const FIRST_COLUMN = "Benchmark";
const NONE = "N/A";

/** Names of facts by what a column's name begins with, and whether its cells may be `N/A`. */
const COLUMNS = [
  { key: "sizeArg", begins: "Size_Arg" },
  { key: "sizeGB", begins: "Size_GB" },
  { key: "timeMs", begins: "Time_ms" },
  { key: "bandwidthGBs", begins: "Bandwidth" },
  { key: "faults", begins: "Faults_Detected" },
] as const;

/** Whether the first line is that of such a table. */
export function looksLikeUmStudy(source: SourceText): boolean {
  return commaCells(source.lineText(1))[0]?.text === FIRST_COLUMN;
}

/** Reads the rows. They have nothing that a profile could be fitted to, but counts to compare. */
export function importUmStudy(text: string, file: string): TraceImport {
  const source = new SourceText(file, text);
  const problems = new TraceProblems(source);
  const cells = new TableNumbers(problems);
  const [table] = tablesIn(source, (name) => name === FIRST_COLUMN);
  const columns = table?.columns ?? [];
  const rows = (table?.rows ?? []).map((row) => readRow(row, columns, cells, problems));
  if (rows.length === 0) {
    const hint = "the first line begins with Benchmark, and rows follow";
    problems.report(1, "no rows", { hint });
  }
  if (problems.hasErrors) return refusedTrace(problems.sorted());
  const hasFaults = columns.some((name) => name.startsWith("Faults_Detected"));
  const totalFaults = rows.reduce((sum, { faults }) => sum + ((faults as number) ?? 0), 0);
  const isAllZero = hasFaults && totalFaults === 0;
  if (isAllZero) {
    const hint = "a profiler that was not asked for faults counts none";
    problems.report(1, "no data: every count of faults is 0", { severity: "warning", hint });
  }
  const benchmarks: Record<string, number> = {};
  for (const { benchmark } of rows) {
    benchmarks[benchmark] = (benchmarks[benchmark] ?? 0) + 1;
  }
  return {
    accesses: null,
    times: [],
    facts: {
      rows: rows.length,
      columns,
      benchmarks,
      first: rows[0],
      totalFaults,
      faultsAllZero: isAllZero,
      list: rows,
    },
    accessNotes: [],
    notes: ["times are those of whole programs: nothing to fit a profile to"],
    diagnostics: problems.sorted(),
  };
}

type StudyRow = { readonly benchmark: string } & Readonly<Record<string, unknown>>;

function readRow(
  row: TableRow,
  columns: readonly string[],
  cells: TableNumbers,
  problems: TraceProblems,
): StudyRow {
  if (row.nrCells !== columns.length) {
    problems.report(row.line, `${row.nrCells} values for ${columns.length} columns`);
  }
  const found = COLUMNS.flatMap(({ key, begins }) => {
    const column = columns.find((name) => name.startsWith(begins));
    return column === undefined ? [] : [[key, cells.numberOrNone(row, column, NONE)] as const];
  });
  return { benchmark: row.cells.get(FIRST_COLUMN)?.text ?? "", ...Object.fromEntries(found) };
}
