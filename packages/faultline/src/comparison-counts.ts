// What the runs of a comparison have counted, side by side: the drivers' own counters, and bytes by
// the way that they took.
import { wayText } from "./moved-bytes.ts";
import { plainTable } from "./plain-table.ts";
import type { TimedRun } from "./timed-run.ts";

/** Steps that come out otherwise with some profiles; empty where all come out alike. */
export function resultTable(runs: readonly TimedRun[]): string[] {
  const steps = runs[0]?.result.steps ?? [];
  const rows = steps.flatMap(({ index, text }, at) => {
    const results = runs.map(({ result }) => result.steps[at]?.result ?? "");
    const isAlike = results.every((result) => result === results[0]);
    return isAlike ? [] : [[`${index + 1} ${text}`, ...results]];
  });
  if (rows.length === 0) return [];
  const head = ["steps that differ", ...runs.map(({ result }) => result.cpuProfile)];
  return [
    plainTable(
      head,
      rows,
      head.map(() => "left" as const),
    ),
  ];
}

/** Counters of drivers under the names that they have there; empty where nobody counts. */
export function counterTable(runs: readonly TimedRun[]): string[] {
  const counts = runs.map(({ result }) => {
    const flat = Object.entries(result.counters).flatMap(([device, counters]) =>
      Object.entries(counters).map(([name, count]): [string, number] => [
        `${device} ${name}`,
        count,
      ]),
    );
    return new Map(flat.filter(([, count]) => count > 0));
  });
  return sideBySide("counters", runs, counts, String);
}

/** Bytes that were copied, and those that devices touched, by way; empty where none were. */
export function movedTable(runs: readonly TimedRun[]): string[] {
  const counts = runs.map(({ moved }) => new Map(moved.map((one) => [wayText(one), one.bytes])));
  return sideBySide("KiB", runs, counts, (bytes) => String(bytes / 1024));
}

/** What the kernel has counted, as /proc/vmstat names it; empty where nothing was counted. */
export function vmstatTables(runs: readonly TimedRun[]): string[] {
  const counts = runs.map(({ result }) => new Map(Object.entries(result.vmstat)));
  return sideBySide("vmstat", runs, counts, String);
}

/** One row for each name of any run, one column for each run. */
function sideBySide(
  what: string,
  runs: readonly TimedRun[],
  counts: readonly ReadonlyMap<string, number>[],
  text: (count: number) => string,
): string[] {
  const names = [...new Set(counts.flatMap((one) => [...one.keys()]))].sort();
  if (names.length === 0) return [];
  const rows = names.map((name) => {
    return [name, ...counts.map((one) => text(one.get(name) ?? 0))];
  });
  const head = [what, ...runs.map(({ result }) => result.cpuProfile)];
  return [plainTable(head, rows, ["left", ...runs.map(() => "right" as const)])];
}
