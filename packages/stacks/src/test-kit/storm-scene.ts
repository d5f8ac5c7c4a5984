// Machines for storms: devices with their drivers, on a world with swap, huge pages and NUMA
// balancing, and what must be true of each driver's own state. Used by tests only.
import { APERTURE_LOCAL } from "@faultline/core";
import { bindDrivers } from "../bind-drivers.ts";
import type { DeviceStack, StackName } from "../device/device-stack.ts";
import { StepHost } from "../device/stack-host.ts";
import { findOdpProblems } from "../odp/odp-invariants.ts";
import { OdpStack } from "../odp/odp-stack.ts";
import { SvaStack } from "../sva/sva-stack.ts";
import { XeStack } from "../xe/xe-stack.ts";
import type { OpenDevice, StormScene } from "./driver-storm.ts";
import { type SmallDevice, SmallSystem, type SmallSystemSpec } from "./small-system.ts";
import { STORM_PAGES } from "./storm-process.ts";
import { xeStormCheck } from "./xe-storm-check.ts";

/** A device with its driver. */
export interface StormDevice extends SmallDevice {
  readonly stack: StackName;
  readonly knobs?: Readonly<Record<string, unknown>>;
}

/** A machine with drivers. */
export interface StormMachine extends SmallSystemSpec {
  readonly devices: readonly StormDevice[];
}

/** Boots a machine and binds its drivers; the process has mapped STORM_PAGES pages. */
export function stormScene(machine: StormMachine): StormScene {
  const settings = { thpEnabled: "madvise", numaBalancing: true } as const;
  const small = new SmallSystem({ settings, nrSwapPages: 2 ** 14, ...machine });
  const host = new StepHost();
  const requests = machine.devices.map(({ name, stack, knobs = {} }) => {
    return { device: small.device(name), stack, knobs };
  });
  const stacks = bindDrivers(small.system, host, requests);
  small.map(STORM_PAGES);
  const checkXe = xeStormCheck(stacks);
  const findProblems: StormScene["findProblems"] = (open, step) => {
    return [...findDriverProblems(stacks, open), ...checkXe(step)];
  };
  return { small, host, stacks, findProblems };
}

/** What is wrong with the drivers' own state. */
function findDriverProblems(
  stacks: readonly DeviceStack[],
  open: readonly OpenDevice[],
): readonly string[] {
  return stacks.flatMap((stack) => {
    const own = open.filter((one) => one.stack === stack);
    if (stack instanceof OdpStack) {
      return own.flatMap(({ mirror }) => findOdpProblems(stack.region(mirror.mm)));
    }
    const waiting =
      stack instanceof SvaStack ? stack.iommu.kernel.nrHeld + stack.iommu.hardware.nrEntries : 0;
    const unanswered = waiting > 0 ? [`${waiting} page requests wait at rest`] : [];
    return [...findMappingProblems(stack, own), ...unanswered];
  });
}

/** Each entry that leads out of the device has its mapping, and no mapping lacks an entry. */
function findMappingProblems(stack: DeviceStack, own: readonly OpenDevice[]): readonly string[] {
  const { device, mappings } = stack.attached;
  const used = new Map<number, number>();
  for (const { mirror } of own) {
    // What xe maps chunk by chunk its own rules look after.
    const chunks = stack instanceof XeStack ? stack.vm(mirror.mm).dma : null;
    mirror.table.forEach(0, 2 ** 45, (page, nrPages, { aperture, pfn }) => {
      if (aperture === APERTURE_LOCAL) return;
      for (let i = 0; i < nrPages; i++) {
        if (chunks?.has(page + i) !== true) used.set(pfn + i, (used.get(pfn + i) ?? 0) + 1);
      }
    });
  }
  const frames = new Set([...used.keys(), ...mappings.keys()]);
  return [...frames].flatMap((pfn) => {
    const [has, needs] = [mappings.get(pfn)?.nrUsers ?? 0, used.get(pfn) ?? 0];
    if (has === needs) return [];
    return [`${device.name}: frame ${pfn} is mapped ${has} times, and used by ${needs} entries`];
  });
}
