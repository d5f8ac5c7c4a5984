// Device commands of a scenario, by the HMM test driver.
import { runToCompletion, type Verb } from "@faultline/engine";
import {
  createDmirrorCmd,
  type Dmirror,
  type DmirrorCmd,
  dmirrorExclusive,
  dmirrorMigrateToDevice,
  dmirrorMigrateToSystem,
  dmirrorRead,
  dmirrorWrite,
} from "@faultline/stacks";
import type { TaskStruct, World } from "@faultline/core";
import { defaultValue, outcomeOf, type StepOutcome } from "./step-outcome.ts";
import type { PlannedStep } from "./plan.ts";
import { openFile, type RunningProcess, type ScenarioMachine } from "./scenario-machine.ts";
import type { Step } from "./schema/step-schema.ts";

type Command = (world: World, task: TaskStruct, file: Dmirror, cmd: DmirrorCmd) => Verb;

const COMMANDS = {
  device_read: dmirrorRead,
  device_write: dmirrorWrite,
  migrate_to_device: dmirrorMigrateToDevice,
  migrate_to_system: dmirrorMigrateToSystem,
  make_device_exclusive: dmirrorExclusive,
} as const satisfies Record<string, Command>;

/** The steps that are commands to a device. */
export type DeviceCommand = Extract<Step, { do: keyof typeof COMMANDS }>;

/** True for a step that is a command to a device. */
export function isDeviceCommand(step: Step): step is DeviceCommand {
  return step.do in COMMANDS;
}

/** Runs one command; the device is opened at its first use by the process. */
export function executeDeviceCommand(
  machine: ScenarioMachine,
  process: RunningProcess,
  step: DeviceCommand,
  planned: PlannedStep,
): StepOutcome {
  const file = openFile(machine, process, step.device);
  const cmd = createDmirrorCmd(planned.start, planned.nrPages);
  if (step.do === "device_write") {
    for (let i = 0; i < planned.nrPages; i++) {
      cmd.data[i] = step.value ?? defaultValue(planned, planned.start + i);
    }
  }
  const run: Command = COMMANDS[step.do];
  const rc = runToCompletion(run(machine.world, process.task, file, cmd));
  if (rc < 0) return outcomeOf(rc);
  const values = step.do === "device_read" ? { values: [...cmd.data] } : {};
  return { result: "ok", pages: cmd.cpages, faults: cmd.faults, ...values };
}
