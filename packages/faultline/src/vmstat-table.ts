// What the kernel has counted in a run, as /proc/vmstat shows it.
import { VM_EVENT_NAMES } from "@faultline/core";
import { plainTable } from "./plain-table.ts";

/** The counts that are not 0, in the order of the kernel's list; empty where there are none. */
export function vmstatTable(counts: Readonly<Record<string, number>>): string {
  const rows = VM_EVENT_NAMES.flatMap((name) => {
    const count = counts[name] ?? 0;
    return count === 0 ? [] : [[name, count]];
  });
  return rows.length === 0 ? "" : `\n${plainTable(["vmstat", "count"], rows, ["left", "right"])}`;
}
