// The times of faults of devices, each kept, for numbers that a summary does not have.
import { ACTIVITY_NAMES, CPU_DEVICE, type FaultChunk, type StageName } from "@faultline/sim";
import { quantileSorted } from "d3-array";

/** The time of each fault of devices, or its part in some stages. */
export class FaultTimes {
  readonly times: number[] = [];
  private readonly device: number | null;
  private readonly activities: readonly number[] | null;

  /**
   * @param device its number in the records; null for all devices.
   * @param stages whose time counts. @defaultValue the whole latency
   */
  constructor(device: number | null, stages?: readonly StageName[]) {
    this.device = device;
    this.activities = stages?.map((stage) => ACTIVITY_NAMES.indexOf(stage)) ?? null;
  }

  /** Takes a chunk of records; can be the sink of a run. */
  add(chunk: FaultChunk): void {
    for (let row = 0; row < chunk.nrRows; row++) {
      const device = chunk.device[row] as number;
      if (device === CPU_DEVICE || (this.device !== null && device !== this.device)) continue;
      this.times.push(this.timeOf(chunk, row));
    }
  }

  /** A percentile, or the mean for null; null without faults. */
  at(percentile: number | null): number | null {
    const { times } = this;
    if (times.length === 0) return null;
    if (percentile === null) return times.reduce((sum, ps) => sum + ps, 0) / times.length;
    return (
      quantileSorted(
        times.toSorted((a, b) => a - b),
        percentile / 100,
      ) ?? null
    );
  }

  private timeOf(chunk: FaultChunk, row: number): number {
    if (this.activities === null) return chunk.latencyPs[row] as number;
    return this.activities.reduce((sum, one) => sum + (chunk.spentPs[one]?.[row] ?? 0), 0);
  }
}
