// Accesses as the comma-separated values that workloads replay.
import type { RecordedAccess } from "./trace-import.ts";

/** A line of column names and a line for each access; times only where all have one. */
export function printTraceCsv(accesses: readonly RecordedAccess[]): string {
  const hasTimes = accesses.every(({ timeNs }) => timeNs !== null);
  const lines = accesses.map(({ timeNs, who, address, access, sizeBytes }) => {
    const row = `${who},0x${address.toString(16)},${access},${sizeBytes}\n`;
    return hasTimes ? `${timeNs},${row}` : row;
  });
  return `${hasTimes ? "time_ns," : ""}who,address,access,size\n${lines.join("")}`;
}
