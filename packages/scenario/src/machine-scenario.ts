// A scenario that is nothing but a machine document, for whoever looks at a machine alone.
import type { MachineDocument } from "@faultline/platform";
import { type ScenarioDocument, scenarioSchema } from "./schema/scenario-schema.ts";

/** The scenario; its one step does nothing. */
export function machineScenario(
  { title }: MachineDocument,
  designs: ScenarioDocument["designs"] = {},
): ScenarioDocument {
  const steps = [{ do: "advance", time: "1ps" }];
  return scenarioSchema.parse({ version: 1, title, machine: { file: "." }, designs, steps });
}
