// The table that `npm run bench` prints.
import type { Measurement } from "./workload.ts";

const COLUMNS = ["benchmark", "unit", "median", "p99", "bytes/page", "host", "host/sim"] as const;

/** Aligned columns, numbers to the right. */
export function formatMeasurements(measurements: readonly Measurement[]): string {
  const rows = measurements.map((m) => [
    m.name,
    m.unit,
    figure(m.value),
    figure(m.p99),
    m.bytesPerPage === undefined ? "" : m.bytesPerPage.toFixed(1),
    m.hostNs === undefined ? "" : figure(m.hostNs),
    m.hostRatio === undefined ? "" : `${m.hostRatio.toFixed(1)}x`,
  ]);
  const table = [[...COLUMNS], ...rows];
  const widths = COLUMNS.map((_, c) => Math.max(...table.map((row) => (row[c] as string).length)));
  const lines = table.map((row) =>
    row
      .map((cell, c) =>
        c < 2 ? cell.padEnd(widths[c] as number) : cell.padStart(widths[c] as number),
      )
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

/** Three significant digits below 1000, whole numbers above. */
function figure(value: number): string {
  return value >= 1000 ? value.toFixed(0) : value.toPrecision(3);
}
