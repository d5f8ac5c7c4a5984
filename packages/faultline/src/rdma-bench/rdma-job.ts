// A cell of the RDMA benchmark as a job of a worker.
import { type Job, jobModule } from "../workers/run-jobs.ts";
import { type RdmaCell, whyNoRdma } from "./rdma-cell.ts";
import { type RdmaResult, runRdmaCell } from "./run-rdma-cell.ts";

/** What a worker is given. */
export interface RdmaInput {
  readonly cell: RdmaCell;
  readonly seed: number;
}

/**
 * Runs the cell, or says why it cannot be.
 * @public workers call it by its name.
 */
export function rdmaJob({ cell, seed }: RdmaInput): RdmaResult | string {
  return whyNoRdma(cell) ?? runRdmaCell(cell, seed);
}

/** The job. */
export const RDMA_JOB: Job<RdmaInput, RdmaResult | string> = {
  module: jobModule("rdma-job", import.meta.url),
  run: rdmaJob,
};
