// Checks everything that must be true of a world while nothing runs. Meant for tests and for users
// who drive the engine themselves: cheap on small worlds, linear in frames and entries on large.
import { InvariantError, type World } from "@faultline/core";
import { type Census, countTable, createCensus, type WorldHolder } from "./census.ts";
import { checkFrames } from "./check-frames.ts";
import { checkLeaves } from "./check-leaves.ts";
import { checkFreeMemory } from "./check-memory.ts";
import { checkMm } from "./check-mms.ts";
import { checkAnonVmas, checkFiles } from "./check-rmap-targets.ts";
import { checkSwap } from "./check-swap.ts";
import { formatProblem, type Problem, ProblemSink } from "./problem.ts";
import { walkTables } from "./walk-tables.ts";

/** What a check needs to know beside the world. */
export interface CheckOptions {
  /** Drivers and others that hold tables or references. @defaultValue none */
  readonly holders?: readonly WorldHolder[];
  /** How many problems of one rule are reported. @defaultValue 20 */
  readonly limitPerRule?: number;
}

/**
 * Finds every broken rule of `INVARIANTS`. The world must be at rest: no verb is under way. It is
 * not changed, and a world that is broken in any way is no reason to throw.
 * @returns an empty list for a consistent world.
 */
export function findWorldProblems(world: World, options: CheckOptions = {}): Problem[] {
  const holders = options.holders ?? [];
  const sink = new ProblemSink(options.limitPerRule);
  const census = createCensus(world, sink, holders);
  for (const mm of census.mms) checkMm(census, mm);
  for (const mm of census.mms) checkLeaves(census, mm);
  checkAnonVmas(census);
  checkFiles(census);
  checkSwap(census);
  checkFreeMemory(census);
  checkFrames(census);
  for (const holder of holders) countHolder(census, holder);
  sink.expectEqual("page-tables", "tables in use", world.tables.nrTables, census.tables.size);
  if (world.pendingWait !== null) sink.add("lock-at-rest", "a wait is pending");
  return sink.problems;
}

function countHolder(census: Census, holder: WorldHolder): void {
  for (const tree of holder.pageTables) {
    walkTables(tree, { table: (id) => countTable(census, id), leaf: () => undefined });
  }
}

/**
 * Throws when the world is not consistent.
 * @throws InvariantError that lists every problem found.
 */
export function assertWorldConsistent(world: World, options: CheckOptions = {}): void {
  const problems = findWorldProblems(world, options);
  if (problems.length === 0) return;
  const lines = problems.map((problem) => `\n  ${formatProblem(problem)}`);
  throw new InvariantError(`the world contradicts itself:${lines.join("")}`);
}
