// A sequence as a scenario file, and where the file goes.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Step } from "@faultline/scenario";
import { type MachineChoice, machineLines } from "./machines.ts";
import type { Failure } from "./run-sequence.ts";

/** Ignored by version control. */
const FOLDER = fileURLToPath(new URL("../../.cache/counter-examples", import.meta.url));

/** The text of a scenario with the given steps. JSON is YAML, so a step is one line of it. */
export function scenarioText(
  machine: MachineChoice,
  steps: readonly Step[],
  comments: readonly string[] = [],
): string {
  return [
    ...comments.map((comment) => `# ${comment}`),
    "version: 1",
    "title: A random sequence",
    ...machineLines(machine),
    "processes:",
    "  - { name: p0 }",
    "steps:",
    ...steps.map((step) => `  - ${JSON.stringify(step)}`),
    "",
  ].join("\n");
}

/**
 * Writes a failure as a scenario.
 * @returns the file's path and the command that runs it.
 */
export function writeFailure(failure: Failure, seed: number): { path: string; command: string } {
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, `seed-${seed}.yaml`);
  const comments = [`Found with seed ${seed}. After the last step:`, failure.message];
  const steps = failure.check === null ? failure.steps : [...failure.steps, failure.check];
  writeFileSync(path, scenarioText(failure.machine, steps, comments));
  return { path, command: `npx --no-install faultline run ${path}` };
}
