// The validation targets that come with the package.
import { parseTargets, type Target } from "./load-targets.ts";
import { targetTable } from "./shipped/targets-data.ts";

let targets: readonly Target[] | null = null;

/** Published measurements that the shipped profiles have to come near to. */
export function shippedTargets(): readonly Target[] {
  targets ??= parseTargets(targetTable);
  return targets;
}
