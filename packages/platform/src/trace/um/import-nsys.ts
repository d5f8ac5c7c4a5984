// What `nsys stats` prints of unified memory, for people or as CSV: transfers by direction (reports
// cuda_gpu_mem_time_sum and cuda_gpu_mem_size_sum) and the totals of a run (um_total_sum). MB are
// 10^6 bytes.
import { SourceText } from "@faultline/diagnostics";
import { TableNumbers } from "../table-numbers.ts";
import { type TableRow, tablesIn } from "../table-rows.ts";
import { type MeasuredTimes, refusedTrace, type TraceImport } from "../trace-import.ts";
import { TraceProblems } from "../trace-problems.ts";

const MB = 1e6;
const NS_PER_US = 1000;
const TOTALS = {
  htodMB: "Total HtoD Migration Size (MB)",
  dtohMB: "Total DtoH Migration Size (MB)",
  cpuPageFaults: "Total CPU Page Faults",
  gpuPageFaults: "Total GPU PageFaults",
} as const;
const TIME = "Total Time (ns)";
const SIZE = "Total (MB)";
const FIRST_COLUMNS: ReadonlySet<string> = new Set(["Time (%)", TIME, SIZE, TOTALS.htodMB]);

type Direction = "hostToDevice" | "deviceToHost";

/** Transfers of one direction, as far as the tables have them. */
interface Transfers {
  count: number;
  totalNs: number | null;
  totalBytes: number | null;
}

/** Whether a text has one of the tables. */
export function looksLikeNsys(source: SourceText): boolean {
  return tablesIn(source, (name) => FIRST_COLUMNS.has(name)).length > 0;
}

/** Reads the tables that a text has, whatever stands between them. */
export function importNsys(text: string, file: string): TraceImport {
  const source = new SourceText(file, text);
  const problems = new TraceProblems(source);
  const cells = new TableNumbers(problems);
  const transfers = new Map<Direction, Transfers>();
  const totals: Record<string, number> = {};
  for (const { columns, rows } of tablesIn(source, (name) => FIRST_COLUMNS.has(name))) {
    if (columns.includes(TOTALS.htodMB)) {
      const [row] = rows;
      if (row === undefined) continue;
      for (const [key, column] of Object.entries(TOTALS)) totals[key] = cells.number(row, column);
      continue;
    }
    for (const row of rows) readTransfers(row, columns, cells, transfers);
  }
  if (transfers.size === 0 && Object.keys(totals).length === 0 && !problems.hasErrors) {
    const hint =
      "`nsys stats -r cuda_gpu_mem_time_sum,cuda_gpu_mem_size_sum,um_total_sum` has some";
    problems.report(1, "no table of unified memory", { hint });
  }
  if (problems.hasErrors) return refusedTrace(problems.sorted());
  return {
    accesses: null,
    times: [...transfers].flatMap(([direction, one]) => timesOf(direction, one)),
    facts: { ...Object.fromEntries(transfers), totals },
    accessNotes: [],
    notes: ["the tables have no times of faults: only transfers can be compared"],
    diagnostics: problems.sorted(),
  };
}

function readTransfers(
  row: TableRow,
  columns: readonly string[],
  cells: TableNumbers,
  transfers: Map<Direction, Transfers>,
): void {
  const direction = directionOf(row.cells.get("Operation")?.text ?? "");
  if (direction === null) return;
  const known = transfers.get(direction) ?? { count: 0, totalNs: null, totalBytes: null };
  known.count = cells.number(row, columns.includes("Count") ? "Count" : "Instances");
  if (columns.includes(TIME)) known.totalNs = cells.number(row, TIME);
  if (columns.includes(SIZE)) known.totalBytes = Math.round(cells.number(row, SIZE) * MB);
  transfers.set(direction, known);
}

/** The direction of a transfer that unified memory makes; null for those that programs ask for. */
function directionOf(operation: string): Direction | null {
  if (!operation.includes("Unified")) return null;
  if (/Host-to-Device|HtoD/u.test(operation)) return "hostToDevice";
  return /Device-to-Host|DtoH/u.test(operation) ? "deviceToHost" : null;
}

function timesOf(direction: Direction, { count, totalNs, totalBytes }: Transfers): MeasuredTimes[] {
  if (totalNs === null || totalBytes === null || count === 0) return [];
  const path = direction === "hostToDevice" ? "to_device" : "to_system";
  const what = `transfers of unified memory, ${path === "to_device" ? "to the device" : "back"}`;
  const sizeBytes = Math.round(totalBytes / count);
  const totalUs = totalNs / NS_PER_US;
  return [{ what, work: "copy", sizeBytes, path, samplesUs: [], totalUs, count }];
}
