// The validation targets that come with the package.
import { writeYaml } from "@faultline/diagnostics";
import { loadTargets } from "./load-targets.ts";
import { targetTable } from "./shipped/targets-data.ts";
import type { Target } from "./target.ts";

/** The shipped targets as a file. */
export function shippedTargetsYaml(): string {
  return writeYaml(targetTable);
}

let targets: readonly Target[] | null = null;

/** Published measurements that the shipped profiles have to come near to. */
export function shippedTargets(): readonly Target[] {
  targets ??= loadTargets(shippedTargetsYaml(), "the shipped targets").targets ?? [];
  return targets;
}
