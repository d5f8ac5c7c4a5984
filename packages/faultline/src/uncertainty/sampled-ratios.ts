// Ratios between two runs at drawn prices, sample by sample: what both inherit is drawn alike, so
// that it does not look like a difference.
import { centralInterval } from "@faultline/report";
import type { TimedRun } from "../timed-run.ts";
import { type FaultKindName, isSameKind } from "../fault-kind-name.ts";
import { INTERVAL_SHARE, type SampledRuns } from "./sample-runs.ts";

/** How much longer the median of one kind of faults takes than in the first run. */
export interface SampledRatio extends FaultKindName {
  readonly low: number;
  readonly high: number;
  /** The interval holds 1: nobody knows which of both is faster. */
  readonly isWithinUncertainty: boolean;
}

/** The ratios to another run's samples, for the kinds of faults that both have. */
export function sampledRatios(
  { runs, uncertainty }: SampledRuns,
  first: SampledRuns | undefined,
): SampledRatio[] {
  if (first === undefined) return [];
  return uncertainty.kinds.flatMap(({ device, access }) => {
    const ratios = runs.flatMap((run, n) => {
      const own = medianOf(run, { device, access });
      const other = medianOf(first.runs[n], { device, access });
      return own === undefined || other === undefined || other === 0 ? [] : [own / other];
    });
    const interval = centralInterval(ratios, INTERVAL_SHARE);
    if (interval === null) return [];
    const isWithinUncertainty = interval.low <= 1 && interval.high >= 1;
    return [{ device, access, ...interval, isWithinUncertainty }];
  });
}

function medianOf(run: TimedRun | undefined, name: FaultKindName): number | undefined {
  return run?.kinds.find((kind) => isSameKind(kind, name))?.p50Ps;
}
