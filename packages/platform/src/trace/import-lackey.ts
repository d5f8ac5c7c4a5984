// A trace of valgrind's lackey as accesses of one program.
import { SourceText } from "@faultline/diagnostics";
import { readLackey } from "./parse-lackey.ts";
import { type RecordedAccess, refusedTrace, type TraceImport } from "./trace-import.ts";

const PAGE_BYTES = 4096;
const WHO = "app";

/** Reads a trace; instructions are counted, and left out of the accesses. */
export function importLackey(text: string, file: string): TraceImport {
  const accesses: RecordedAccess[] = [];
  const pages = new Set<number>();
  const { byKind, hasErrors, diagnostics } = readLackey(
    new SourceText(file, text),
    (address, sizeBytes, isRead) => {
      const access = isRead ? "read" : "write";
      accesses.push({ timeNs: null, who: WHO, address, access, sizeBytes });
      const last = Math.floor((address + Math.max(1, sizeBytes) - 1) / PAGE_BYTES);
      for (let page = Math.floor(address / PAGE_BYTES); page <= last; page++) pages.add(page);
    },
  );
  if (hasErrors) return refusedTrace(diagnostics);
  const records = Object.values(byKind).reduce((sum, count) => sum + count, 0);
  return {
    accesses: accesses.length === 0 ? null : accesses,
    times: [],
    facts: { records, byKind, distinct4KiBDataPages: pages.size, unparsedNonEmptyLines: 0 },
    notes: [],
    accessNotes: ["a trace of lackey has no times: accesses follow each other"],
    diagnostics,
  };
}
