// The option that chooses which kernel a scenario's world behaves like.
import type { ScenarioPlan } from "@faultline/scenario";
import { Option } from "commander";

/** A kernel preset by name. */
export type KernelName = ScenarioPlan["document"]["kernel"];

/** Every preset; the type makes the list complete. */
const names: Readonly<Record<KernelName, true>> = { "7.2.12": true, "7.2-fixed": true };

/** The option `--kernel PRESET`, without a default: the scenario names its kernel. */
export function kernelOption(): Option {
  const text = "kernel to behave like, in place of the scenario's";
  return new Option("--kernel <preset>", text).choices(Object.keys(names));
}

/** The plan on the chosen kernel, or as it is when none was chosen. */
export function withKernel(plan: ScenarioPlan, kernel: KernelName | undefined): ScenarioPlan {
  return kernel === undefined ? plan : { ...plan, document: { ...plan.document, kernel } };
}
