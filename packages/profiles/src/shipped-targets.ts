// The validation targets that come with the package.
import { loadTargets } from "./load-targets.ts";
import { targetLines } from "./shipped/targets-data.ts";
import type { Target } from "./target.ts";

/** The shipped targets as a file. */
export function shippedTargetsYaml(): string {
  return targetLines.join("\n");
}

let targets: readonly Target[] | null = null;

/** Published measurements that the shipped profiles have to come near to. */
export function shippedTargets(): readonly Target[] {
  targets ??= loadTargets(shippedTargetsYaml(), "the shipped targets").targets ?? [];
  return targets;
}
