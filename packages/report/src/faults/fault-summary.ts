// The faults of a run by kind: how many, how long, and what their time was spent on. Chunks are
// taken as they come, so only one number per fault is kept.
import { ACCESS_NAMES, ACTIVITY_NAMES, CPU_DEVICE, type FaultChunk } from "@faultline/sim";
import { quantileSorted } from "d3-array";

/** Faults of one device, or of the CPUs, that wanted the same access. */
export interface FaultKind {
  /** The device, or `cpu`. */
  readonly device: string;
  readonly access: (typeof ACCESS_NAMES)[number];
  readonly nrFaults: number;
  /** Picoseconds; between two faults, the point on the line from one to the next. */
  readonly p50Ps: number;
  readonly p90Ps: number;
  readonly p99Ps: number;
  readonly maxPs: number;
  readonly meanPs: number;
  /** What stages and waits have of the time of all, 0 to 1; those without any are left out. */
  readonly shares: Readonly<Record<string, number>>;
}

/** Adds up the faults of one run. */
export class FaultSummary {
  private readonly kinds = new Map<number, KindTotals>();
  private readonly nameOf: (device: number) => string;

  /** @param nameOf the name of a device by its number in the records. */
  constructor(nameOf: (device: number) => string) {
    this.nameOf = nameOf;
  }

  /** Takes a chunk of records; can be the sink of a run. */
  add(chunk: FaultChunk): void {
    for (let row = 0; row < chunk.nrRows; row++) {
      const device = chunk.device[row] as number;
      const access = chunk.access[row] as number;
      const key = device * ACCESS_NAMES.length + access;
      let totals = this.kinds.get(key);
      if (totals === undefined) this.kinds.set(key, (totals = new KindTotals()));
      totals.add(chunk, row);
    }
  }

  /** Devices first, by number; then the CPUs. */
  kindsOfFaults(): FaultKind[] {
    const keys = [...this.kinds.keys()].sort((a, b) => a - b);
    return keys.map((key) => {
      const device = Math.floor(key / ACCESS_NAMES.length);
      return (this.kinds.get(key) as KindTotals).kind(
        device === CPU_DEVICE ? "cpu" : this.nameOf(device),
        ACCESS_NAMES[key % ACCESS_NAMES.length] ?? "read",
      );
    });
  }

  /** Latencies of one kind in ascending order; empty where it has no faults. */
  latenciesOf({ device, access }: Pick<FaultKind, "device" | "access">): Float64Array {
    for (const [key, totals] of this.kinds) {
      const number = Math.floor(key / ACCESS_NAMES.length);
      const name = number === CPU_DEVICE ? "cpu" : this.nameOf(number);
      const isMeant = name === device && ACCESS_NAMES[key % ACCESS_NAMES.length] === access;
      if (isMeant) return totals.sortedPs();
    }
    return new Float64Array(0);
  }
}

class KindTotals {
  private nrFaults = 0;
  private latencies = new Float64Array(64);
  private readonly spentPs = new Float64Array(ACTIVITY_NAMES.length);

  add(chunk: FaultChunk, row: number): void {
    if (this.nrFaults === this.latencies.length) {
      const larger = new Float64Array(this.latencies.length * 2);
      larger.set(this.latencies);
      this.latencies = larger;
    }
    this.latencies[this.nrFaults++] = chunk.latencyPs[row] as number;
    for (let rest = chunk.spentMask; rest !== 0; rest &= rest - 1) {
      const activity = 31 - Math.clz32(rest & -rest);
      const ps = chunk.spentPs[activity]?.[row] ?? 0;
      this.spentPs[activity] = (this.spentPs[activity] as number) + ps;
    }
  }

  sortedPs(): Float64Array {
    return this.latencies.slice(0, this.nrFaults).sort();
  }

  kind(device: string, access: FaultKind["access"]): FaultKind {
    const sorted = Array.from(this.latencies.subarray(0, this.nrFaults).sort());
    const at = (share: number): number => Math.round(quantileSorted(sorted, share) ?? 0);
    const totalPs = this.spentPs.reduce((sum, ps) => sum + ps, 0);
    const shares = [...this.spentPs].flatMap((ps, activity) => {
      return ps === 0 ? [] : [[ACTIVITY_NAMES[activity] ?? "", ps / totalPs] as const];
    });
    return {
      device,
      access,
      nrFaults: this.nrFaults,
      p50Ps: at(0.5),
      p90Ps: at(0.9),
      p99Ps: at(0.99),
      maxPs: sorted[sorted.length - 1] ?? 0,
      meanPs: this.nrFaults === 0 ? 0 : Math.round(totalPs / this.nrFaults),
      shares: Object.fromEntries(shares),
    };
  }
}
