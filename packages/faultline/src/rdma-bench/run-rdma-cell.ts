// Runs a cell of the RDMA benchmark and takes its numbers.
import { type RoundsResult, runRounds } from "../rounds/run-rounds.ts";
import { fallbackReason } from "./fallback-reason.ts";
import {
  type RdmaCell,
  rdmaChoice,
  rdmaScenario,
  STEPS_BEFORE,
  STEPS_OF_A_ROUND,
} from "./rdma-cell.ts";

/** What a cell came to. */
export interface RdmaResult extends RoundsResult {
  /** Why pages migrated when the NIC asked; null where they did not. */
  readonly migratesBecause: string | null;
}

/** Runs a cell; the same cell and seed give the same result. */
export function runRdmaCell(cell: RdmaCell, seed: number): RdmaResult {
  const rounds = runRounds({
    scenario: rdmaScenario(cell),
    choice: rdmaChoice(cell),
    seed,
    nrBefore: STEPS_BEFORE,
    nrPerRound: STEPS_OF_A_ROUND,
  });
  return { ...rounds, migratesBecause: fallbackReason(cell) };
}
