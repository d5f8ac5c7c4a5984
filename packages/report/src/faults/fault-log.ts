// The faults of a run with what each of them spent in which stage, for metrics that ask for a part.
import { ACCESS_NAMES, ACTIVITY_NAMES, CPU_DEVICE, type FaultChunk } from "@faultline/sim";
import { mean, quantileSorted, sum } from "d3-array";

/** Which faults a metric is about. */
export interface FaultQuery {
  /** A device, or `cpu`; without it, all devices. */
  readonly device?: string | undefined;
  readonly access?: string | undefined;
  /** Only the time in these. */
  readonly stages?: readonly string[] | undefined;
}

interface LoggedFault {
  readonly who: string;
  readonly access: string;
  readonly latencyPs: number;
  readonly spentPs: Readonly<Record<string, number>>;
}

/** Every fault of one run. */
export class FaultLog {
  private readonly faults: LoggedFault[] = [];
  private readonly nameOf: (device: number) => string;

  /** @param nameOf the name of a device by its number in the records. */
  constructor(nameOf: (device: number) => string) {
    this.nameOf = nameOf;
  }

  /** Takes a chunk of records; can be the sink of a run. */
  add(chunk: FaultChunk): void {
    for (let row = 0; row < chunk.nrRows; row++) {
      const device = chunk.device[row] ?? 0;
      const spentPs: Record<string, number> = {};
      for (let rest = chunk.spentMask; rest !== 0; rest &= rest - 1) {
        const activity = 31 - Math.clz32(rest & -rest);
        spentPs[ACTIVITY_NAMES[activity] ?? ""] = chunk.spentPs[activity]?.[row] ?? 0;
      }
      this.faults.push({
        who: device === CPU_DEVICE ? "cpu" : this.nameOf(device),
        access: ACCESS_NAMES[chunk.access[row] ?? 0] ?? "read",
        latencyPs: chunk.latencyPs[row] ?? 0,
        spentPs,
      });
    }
  }

  /** What the faults took, in ascending order. */
  latenciesPs({ device, access, stages }: FaultQuery): number[] {
    return this.faults
      .filter(({ who }) => (device === undefined ? who !== "cpu" : who === device))
      .filter((fault) => access === undefined || fault.access === access)
      .map(({ latencyPs, spentPs }) =>
        stages === undefined ? latencyPs : sum(stages, (stage) => spentPs[stage]),
      )
      .sort((a, b) => a - b);
  }
}

/**
 * One number of many.
 * @param sorted in ascending order, at least one.
 * @param take a percentile, or what else can be taken.
 */
export function takeOne(
  sorted: readonly number[],
  take: number | "mean" | "min" | "max" | "sum",
): number {
  switch (take) {
    case "sum":
      return sum(sorted);
    case "mean":
      return mean(sorted) ?? 0;
    case "min":
      return sorted[0] ?? 0;
    case "max":
      return sorted.at(-1) ?? 0;
    default:
      return quantileSorted([...sorted], take / 100) ?? 0;
  }
}
