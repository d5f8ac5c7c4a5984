// What happens to the machine while programs run: links fail, ports change how peers talk, devices
// are taken away.
import { ACS_BIT_NAMES, EBUSY, ENODEV } from "@faultline/core";
import { type DeviceStack, evictDevice } from "@faultline/stacks";
import { stackOf } from "./running-device.ts";
import type { RunningProcess, ScenarioMachine } from "./scenario-machine.ts";
import type { Step } from "./schema/step-schema.ts";
import { outcomeOf, type StepOutcome } from "./step-outcome.ts";

/** A private link fails or comes back; what was mapped over it is looked at again. */
export function setLink(machine: ScenarioMachine, name: string, isUp: boolean): StepOutcome {
  const fabric = machine.system?.machine.fabric;
  const link = fabric?.link(name);
  if (fabric === undefined || link === undefined) return { result: "ENOENT" };
  fabric.setLinkUp(link, isUp);
  let pages = 0;
  for (const [{ task }, stack] of openStacks(machine)) pages += stack.open(task.mm).revalidate();
  return { result: "ok", pages };
}

/** A private link that fails and is back at once; what was mapped over it is gone. */
export function flapLink(
  machine: ScenarioMachine,
  { link }: Extract<Step, { do: "link_down" }>,
): StepOutcome {
  return addedPages(setLink(machine, link, false), setLink(machine, link, true));
}

/** What two changes of a link have come to. */
export function addedPages(down: StepOutcome, up: StepOutcome): StepOutcome {
  return down.result === "ok" ? { ...up, pages: (down.pages ?? 0) + (up.pages ?? 0) } : down;
}

/**
 * Writes an ACS control register behind the kernel's back. Decided pairs stay decided, and mappings
 * in place, unless the design `owner.dynamic` has them looked at again.
 */
export function setAcs(
  machine: ScenarioMachine,
  name: string,
  control: readonly string[],
): StepOutcome {
  const acs = machine.system?.machine.pci.tree.atPath(name)?.acs;
  if (acs === null || acs === undefined) return { result: "ENOENT" };
  acs.write(
    ACS_BIT_NAMES.reduce((bits, [bit, one]) => bits | (control.includes(one) ? bit : 0), 0),
  );
  if (machine.world.designs["owner.dynamic"] === "off") return { result: "ok", pages: 0 };
  let pages = 0;
  for (const [{ task }, stack] of openStacks(machine)) {
    pages += stack.open(task.mm).revalidatePeers(stack.paths);
  }
  return { result: "ok", pages };
}

/**
 * Takes a device away: nobody has it open any more, and its memory goes to system memory. Pages
 * that somebody holds keep it (EBUSY).
 */
export function unplug(machine: ScenarioMachine, name: string): StepOutcome {
  const number = machine.deviceNames.indexOf(name);
  const gone = stackOf(machine.devices[number]);
  if (gone === null || machine.unplugged.has(number)) return outcomeOf(-ENODEV);
  for (const [{ task, opened }, stack] of openStacks(machine)) {
    if (stack !== gone) continue;
    stack.close(stack.open(task.mm));
    opened.delete(number);
  }
  const pages = evictDevice(gone.system, gone.attached);
  if (pages > 0) return { ...outcomeOf(-EBUSY), pages };
  machine.unplugged.add(number);
  return { result: "ok", pages: 0 };
}

/** Every process with every device that it has open. */
function openStacks(machine: ScenarioMachine): (readonly [RunningProcess, DeviceStack])[] {
  return [...machine.processes.values()].flatMap((process) =>
    [...process.opened].flatMap((number) => {
      const stack = stackOf(machine.devices[number]);
      return stack === null ? [] : [[process, stack] as const];
    }),
  );
}
