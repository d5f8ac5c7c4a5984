// The table that `npm run bench` prints.
import { figure, plainColumns } from "./plain-columns.ts";
import type { Measurement } from "./workload.ts";

const COLUMNS = ["benchmark", "unit", "median", "p99", "bytes/page", "host", "host/sim"] as const;
/** Columns of words. */
const NR_WORDS = 2;

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
  return plainColumns([[...COLUMNS], ...rows], NR_WORDS);
}
