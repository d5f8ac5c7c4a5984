// Every kind of file that accesses or measured times can be imported from.
import { importPageFaults } from "./faults/import-page-faults.ts";
import { importLackey } from "./import-lackey.ts";
import { importSmi } from "./smi/import-smi.ts";
import type { TraceImport } from "./trace-import.ts";
import { importUm } from "./um/import-um.ts";
import { importGtStats } from "./xe/import-gt-stats.ts";

/** A kind of file. */
export interface TraceKind {
  readonly name: string;
  /** What writes such a file. */
  readonly from: string;
  readonly read: (text: string, file: string) => TraceImport;
}

/** The kinds, by the names of the command line. */
export const TRACE_KINDS: readonly TraceKind[] = [
  { name: "lackey", from: "valgrind --tool=lackey --trace-mem=yes", read: importLackey },
  { name: "page-faults", from: "ftrace or perf script", read: importPageFaults },
  { name: "amdkfd-smi", from: "amdkfd's SMI event stream", read: importSmi },
  { name: "xe-stats", from: "debugfs gt*/stats of xe", read: importGtStats },
  { name: "unified-memory", from: "nvprof or nsys stats", read: importUm },
];
