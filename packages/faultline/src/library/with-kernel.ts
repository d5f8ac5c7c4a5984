// Which kernel the world of a scenario behaves like, in place of the one that the scenario names.
import type { ScenarioPlan } from "@faultline/scenario";

/** A kernel preset by name. */
export type KernelName = ScenarioPlan["document"]["kernel"];

/** The plan on the chosen kernel, or as it is when none was chosen. */
export function withKernel(plan: ScenarioPlan, kernel: KernelName | undefined): ScenarioPlan {
  return kernel === undefined ? plan : { ...plan, document: { ...plan.document, kernel } };
}
