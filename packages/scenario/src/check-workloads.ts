// Parameters of patterns that a program brings along.
import type { Diagnostic, YamlSource } from "@faultline/diagnostics";
import { findKnobProblems } from "@faultline/stacks";
import type { Plugins } from "./plugins.ts";
import type { ScenarioDocument } from "./schema/scenario-schema.ts";

/** What is wrong with `knobs` of workloads; the patterns of the package have none. */
export function checkWorkloads(
  yaml: YamlSource,
  { steps }: ScenarioDocument,
  { workloads }: Plugins,
): Diagnostic[] {
  return steps.flatMap((step, s) => {
    if (step.do !== "workload") return [];
    const rules = workloads.get(step.pattern)?.knobs ?? {};
    return findKnobProblems({ rules, page: "" }, step.knobs ?? {}).map(
      ({ name, problem, hint }) => {
        const at = problem === "unknown to the driver" ? "unknown to the pattern" : problem;
        const message = `${name}: ${at}`;
        return yaml.diagnostic(["steps", s, "knobs", name], "E_VALUE_RANGE", message, { hint });
      },
    );
  });
}
