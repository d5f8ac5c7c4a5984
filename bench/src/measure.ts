// Running one workload with tinybench: a fixed number of batches, warmed up, medians kept.
import { Bench } from "tinybench";
import type { Measurement, Workload } from "./workload.ts";

const NS_PER_MS = 1e6;
const MS_PER_S = 1000;
const WARMUP_BATCHES = 8;

/** Times the workload's batches. */
export function measure(workload: Workload): Measurement {
  const { name, unit, nrUnits, nrBatches, prepare, run } = workload;
  const bench = new Bench({
    name,
    time: 0,
    iterations: nrBatches,
    warmupTime: 0,
    warmupIterations: WARMUP_BATCHES,
    throws: true,
  });
  // Said, not found out: to find out, tinybench would run an unprepared batch.
  const options = { async: false };
  bench.add(name, run, prepare === undefined ? options : { ...options, beforeEach: prepare });
  bench.runSync();
  const result = bench.tasks[0]?.result;
  if (result === undefined || result.state !== "completed") {
    throw new Error(`benchmark did not complete: ${name}`);
  }
  const perUnit = (ms: number): number =>
    unit === "faults/s" ? (nrUnits * MS_PER_S) / ms : (ms * NS_PER_MS) / nrUnits;
  return {
    name,
    unit,
    value: perUnit(result.latency.p50),
    p99: perUnit(result.latency.p99),
    ...(workload.bytesPerPage === undefined ? {} : { bytesPerPage: workload.bytesPerPage() }),
  };
}
