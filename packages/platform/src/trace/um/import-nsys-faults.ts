// Groups of GPU faults of an nsys report, out of its table CUDA_UM_GPU_PAGE_FAULT_EVENTS with
// `sqlite3 -csv -header`: when (`start`, `end`), where (`deviceId`, `address`), how many at once
// (`numberOfPageFaults`), and how the first one accessed (`faultAccessType`).
import { SourceText } from "@faultline/diagnostics";
import type { TraceAccessName } from "../access-trace.ts";
import { TableNumbers } from "../table-numbers.ts";
import { commaCells, type TableRow, tablesIn } from "../table-rows.ts";
import {
  type RecordedAccess,
  refusedTrace,
  sampledTimes,
  type TraceImport,
} from "../trace-import.ts";
import { TraceProblems } from "../trace-problems.ts";

const COLUMNS = ["start", "address"] as const;
const NS_PER_US = 1000;
const READ = 1;

/** CUpti_ActivityUnifiedMemoryAccessType, by code; what is not known is taken for a read. */
const ACCESS_TYPES: readonly TraceAccessName[] = ["read", "read", "write", "atomic", "read"];

/** Whether the first line has the columns of such a table. */
export function looksLikeNsysFaults(source: SourceText): boolean {
  const names = commaCells(source.lineText(1)).map(({ text }) => text);
  return COLUMNS.every((name) => names.includes(name));
}

/** Reads the groups in the order of their times. */
export function importNsysFaults(text: string, file: string): TraceImport {
  const source = new SourceText(file, text);
  const problems = new TraceProblems(source);
  const cells = new TableNumbers(problems);
  const [table] = tablesIn(source, (name) => name !== "");
  const columns = new Set(table?.columns);
  const groups = (table?.rows ?? []).map((row) => readGroup(row, columns, cells));
  if (groups.length === 0) problems.report(1, "no groups of faults", {});
  if (problems.hasErrors) return refusedTrace(problems.sorted());
  groups.sort((a, b) => a.startNs - b.startNs);
  const firstNs = groups[0]?.startNs ?? 0;
  const accesses = groups.map(({ startNs, device, address, access }): RecordedAccess => {
    return { timeNs: startNs - firstNs, who: `app/${device}`, address, access, sizeBytes: 1 };
  });
  const samples = groups.flatMap(({ startNs, endNs }) =>
    endNs === null || endNs < startNs ? [] : [(endNs - startNs) / NS_PER_US],
  );
  const what = "GPU page fault groups";
  const times = sampledTimes({ what, work: "batch", sizeBytes: 0, path: null }, samples);
  return {
    accesses,
    times: samples.length === 0 ? [] : [times],
    facts: {
      groups: groups.length,
      faults: groups.reduce((sum, { nrFaults }) => sum + nrFaults, 0),
      devices: [...new Set(groups.map(({ device }) => device))],
    },
    notes: [],
    accessNotes: [
      "a group is one access, at its address: the other faults of the group are not in the file",
      "prefetches, and accesses of which the file does not say what they are, read",
    ],
    diagnostics: problems.sorted(),
  };
}

interface Group {
  readonly startNs: number;
  readonly endNs: number | null;
  readonly device: number;
  readonly address: number;
  readonly nrFaults: number;
  readonly access: TraceAccessName;
}

function readGroup(row: TableRow, columns: ReadonlySet<string>, cells: TableNumbers): Group {
  const optional = (name: string, otherwise: number): number =>
    columns.has(name) ? cells.number(row, name) : otherwise;
  return {
    startNs: Math.round(cells.number(row, "start")),
    endNs: columns.has("end") ? cells.number(row, "end") : null,
    device: optional("deviceId", 0),
    address: cells.address(row, "address"),
    nrFaults: optional("numberOfPageFaults", 1),
    access: ACCESS_TYPES[optional("faultAccessType", READ)] ?? "read",
  };
}
