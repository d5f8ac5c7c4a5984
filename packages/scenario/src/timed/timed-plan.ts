// A plan with profiles: each device is driven by the stack of its profile and priced by it.
import { invariant } from "@faultline/core";
import type { MachineDocument } from "@faultline/platform";
import { policyValue, type Profile, type ProfileStack, shippedProfile } from "@faultline/profiles";
import { findDriverKnobProblems } from "@faultline/stacks";
import type { ScenarioPlan } from "../plan.ts";
import type { Plugins } from "../plugins.ts";
import { plannedMachine } from "../planned-machine.ts";
import type { ScenarioDocument } from "../schema/scenario-schema.ts";
import { madeUpMachine } from "./made-up-machine.ts";
import { ownProfiles } from "./own-profiles.ts";
import type { ProfileChoice } from "./profile-choice.ts";

/** A plan that can run under a clock. */
export interface TimedPlan {
  /** With a machine document and the chosen drivers. */
  readonly plan: ScenarioPlan;
  readonly pageBytes: number;
  readonly cpuProfile: Profile;
  /** For devices that have none: they cost what CPUs do for them, and nothing else. */
  readonly bareProfile: Profile;
  /** By the name of a device. */
  readonly profileOf: ReadonlyMap<string, Profile>;
  /**
   * Whether every device has the driver that the scenario, or its own profile, gives it: then what
   * it expects holds.
   */
  readonly keepsDrivers: boolean;
  /** Whether the prices are those that the scenario names: then times that it expects hold too. */
  readonly hasOwnPrices: boolean;
}

type DocumentDevice = MachineDocument["devices"][number];
type ScenarioDevice = ScenarioDocument["machine"]["devices"][number];

/** The profile whose prices hold where nothing else is said. */
const HOST_CPU = "host-cpu";

/** Gives profiles to the devices of a plan. */
export function timedPlan(plan: ScenarioPlan, choice: ProfileChoice): TimedPlan {
  const { document, plugins } = plan;
  const machine = plan.machine ?? madeUpMachine(document);
  const host = choice.host ?? shipped(HOST_CPU);
  const profileOf = profilesOf(machine.devices, choice);
  const before = plannedMachine(document, plan.machine);
  const devices = machine.devices.map(({ name }, i): ScenarioDevice => {
    const own = document.machine.devices.find((device) => device.name === name);
    const profile = profileOf.get(name);
    const known = own?.stack ?? before.devices[i]?.driver ?? "ideal";
    const stack = profile === undefined || isNamed(own) ? known : driverOf(profile.stack);
    const given = own?.knobs ?? {};
    const isMeant = profile !== undefined && driverOf(profile.stack) === stack;
    const knobs = {
      ...(isMeant ? knobsOf(profile) : {}),
      ...(stack === known ? given : knownKnobs(stack, given, plugins)),
    };
    const place = own?.cpu === undefined ? {} : { cpu: own.cpu };
    const memory = own?.memory_type ?? "MEMORY_DEVICE_PRIVATE";
    return { name, stack, memory_type: memory, knobs, ...place };
  });
  const hasOwnPrices = isSameChoice(choice, ownProfiles(document, plugins.profiles));
  const isKept = devices.every(({ stack }, i) => stack === before.devices[i]?.driver);
  const hasNone = new Set(
    [...profileOf].filter(([, profile]) => isWithoutMemory(profile)).map(([name]) => name),
  );
  return {
    plan: {
      ...plan,
      document: { ...document, machine: { ...document.machine, devices } },
      machine: { ...machine, devices: machine.devices.map((one) => stripped(one, hasNone)) },
    },
    pageBytes: 2 ** before.geometry.pageShift,
    cpuProfile: choice.all ?? host,
    bareProfile: host,
    profileOf,
    // A profile that the scenario names chooses drivers in its name.
    keepsDrivers: hasOwnPrices || isKept,
    hasOwnPrices,
  };
}

function isSameChoice(choice: ProfileChoice, own: ProfileChoice | null): boolean {
  if (own === null || choice.all !== own.all || choice.host !== own.host) return false;
  if (choice.byDevice.size !== own.byDevice.size) return false;
  return [...own.byDevice].every(([name, profile]) => choice.byDevice.get(name) === profile);
}

function profilesOf(
  devices: readonly DocumentDevice[],
  { all, byDevice }: ProfileChoice,
): Map<string, Profile> {
  const found = new Map<string, Profile>();
  const isMeant = ({ kind }: DocumentDevice): boolean => {
    return (all?.stack === "odp") === (kind === "nic");
  };
  const hasAny = devices.some(isMeant);
  for (const device of devices) {
    const general = all !== null && (!hasAny || isMeant(device)) ? all : undefined;
    const profile = byDevice.get(device.name) ?? general;
    if (profile !== undefined) found.set(device.name, profile);
  }
  return found;
}

/** A driver that the profile has chosen takes what it knows of the parameters of another. */
function knownKnobs(
  stack: string,
  given: Readonly<Record<string, unknown>>,
  { drivers }: Plugins,
): ScenarioDevice["knobs"] {
  const unknown = findDriverKnobProblems(stack, given, drivers).filter(
    ({ isUnknown }) => isUnknown,
  );
  const names = new Set(unknown.map(({ name }) => name));
  return Object.fromEntries(Object.entries(given).filter(([name]) => !names.has(name)));
}

/** A driver that the scenario itself names stays. */
function isNamed(own: ScenarioDevice | undefined): boolean {
  return own?.stack !== undefined;
}

/** A device that walks the CPUs' page tables faults by page requests. */
function driverOf(stack: ProfileStack): string {
  return stack === "ats" ? "sva" : stack;
}

/** Drivers move nothing to a device whose memory is that of the CPUs. */
function isWithoutMemory(profile: Profile): boolean {
  return policyValue(profile, "migrates_to_device") === false && profile.stack === "amdkfd";
}

function stripped(device: DocumentDevice, hasNone: ReadonlySet<string>): DocumentDevice {
  if (!hasNone.has(device.name)) return device;
  const { memory: _, ...rest } = device;
  return rest;
}

const PS_PER_MS = 1e9;

/** Parameters of a driver that its profile sets and its model has. */
function knobsOf(profile: Profile): Record<string, unknown> {
  // Profiles of ATS are measured on the driver whose mode that is.
  if (profile.stack === "ats") return { "ats.fillByMigration": true, "ats.oneThread": true };
  if (profile.stack !== "amdkfd") return {};
  const knobs: Record<string, unknown> = {};
  const set = (name: string, policy: string, unit: number): void => {
    const value = policyValue(profile, policy);
    if (typeof value === "number") knobs[name] = value / unit;
  };
  // A number of a range may be drawn between two whole ones.
  const granularity = policyValue(profile, "svm_default_granularity");
  if (typeof granularity === "number") knobs["kfd.granularityLog2"] = Math.round(granularity);
  set("kfd.dupFaultWindowMs", "svm_range_retry_fault_pending", PS_PER_MS);
  set("kfd.restoreDelayMs", "svm_range_restore_delay", PS_PER_MS);
  return knobs;
}

function shipped(id: string): Profile {
  const profile = shippedProfile(id);
  invariant(profile !== null, `the profile ${id} is not shipped`);
  return profile;
}
