// The CPUs that a scenario shares, and what interrupts take of them.
import { engineValue, PRICE_ORIGINS, type Profile } from "@faultline/profiles";
import { type HandlerPrice, type Sim, SharedCpus } from "@faultline/sim";
import type { ScenarioPlan } from "../plan.ts";
import { plannedMachine } from "../planned-machine.ts";
import type { CpuUse } from "./timed-result.ts";

/** Flushes tell the first 32 CPUs apart. */
export const NR_SHARED_CPUS = 32;

/** The shared CPUs of a plan; undefined where everybody has one of his own. */
export function sharedCpus(
  { document, machine }: Pick<ScenarioPlan, "document" | "machine">,
  profile: Profile,
  sim: Sim,
): SharedCpus | undefined {
  if (document.machine.cpus !== "shared") return undefined;
  const numbers = plannedMachine(document, machine).nodes.flatMap(({ cpus }) => cpus);
  const last = numbers.reduce((most, number) => Math.max(most, number), 0);
  return new SharedCpus(sim, {
    nrCpus: Math.min(NR_SHARED_CPUS, last + 1),
    shootdown: handlerOf(profile, "shootdown_handler"),
    interrupt: handlerOf(profile, "interrupt_handler"),
  });
}

/** A profile that says nothing of it takes no time for it. */
function handlerOf({ fields }: Profile, name: string): HandlerPrice {
  const field = fields.get(`device.${name}`);
  if (field === undefined) return { ps: 0, origin: 0 };
  return { ps: Math.round(engineValue(field) ?? 0), origin: PRICE_ORIGINS.indexOf(field.kind) };
}

/** What the CPUs did, those left out that did nothing. */
export function useOf({ set }: SharedCpus): CpuUse[] {
  return set.cpus.flatMap(({ workedPs, nrInterrupts, interruptPs, stolenPs }, cpu) => {
    const isUsed = workedPs > 0 || nrInterrupts > 0;
    return isUsed ? [{ cpu, workedPs, nrInterrupts, interruptPs, stolenPs }] : [];
  });
}
