// What one benchmark is: work in batches that are long against the timer, with untimed preparation.

/** One benchmark. */
export interface Workload {
  readonly name: string;
  /** What `nrUnits` counts. */
  readonly unit: "ns/page" | "ns/op" | "faults/s";
  /** Pages or operations in one timed batch. */
  readonly nrUnits: number;
  /** Timed batches; more of them make a better p99. */
  readonly nrBatches: number;
  /** Untimed; runs before each batch. */
  readonly prepare?: () => void;
  /** Timed; one batch. */
  readonly run: () => void;
  /** Memory of the simulator per simulated page, where the workload measures it. */
  readonly bytesPerPage?: () => number;
}

/** One line of the result. */
export interface Measurement {
  readonly name: string;
  readonly unit: string;
  /** Median over the batches. */
  readonly value: number;
  readonly p99: number;
  readonly bytesPerPage?: number;
  /** The same operation on this machine's own kernel, and how many times slower that is. */
  readonly hostNs?: number;
  readonly hostRatio?: number;
}
