// A cell of the whole matrix as a job of a worker.
import { type Job, jobModule } from "../workers/run-jobs.ts";
import type { MatrixCell } from "./matrix-cell.ts";
import { whyNotMatrix } from "./matrix-scenario.ts";
import { type MatrixResult, notDone, runMatrixCell } from "./run-matrix-cell.ts";

/** What a worker is given. */
export interface MatrixInput {
  readonly cell: MatrixCell;
  readonly seed: number;
}

/**
 * Runs the cell, or says why it cannot be.
 * @public workers call it by its name.
 */
export function matrixJob({ cell, seed }: MatrixInput): MatrixResult {
  const why = whyNotMatrix(cell);
  return why === null ? runMatrixCell(cell, seed) : notDone(why);
}

/** The job. */
export const MATRIX_JOB: Job<MatrixInput, MatrixResult> = {
  module: jobModule("matrix-job", import.meta.url),
  run: matrixJob,
};
