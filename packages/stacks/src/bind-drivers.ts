// Drivers bound to the devices of one machine, all at once: devices of one driver share owner
// spaces, so how a device is bound depends on the others.
import {
  checkArgument,
  createOwnerSpace,
  type MachineDevice,
  type OwnerSpace,
} from "@faultline/core";
import {
  type DeviceSystem,
  formOwnerSpaces,
  type OwnerFormation,
  reachesOverLink,
  reachesOverPci,
} from "@faultline/engine";
import { KfdDriver } from "./amdkfd/kfd-driver.ts";
import { KfdStack } from "./amdkfd/kfd-stack.ts";
import type { DeviceStack, StackName } from "./device/device-stack.ts";
import type { StackHost } from "./device/stack-host.ts";
import { IdealStack } from "./ideal/ideal-stack.ts";
import { NouveauStack } from "./nouveau/nouveau-stack.ts";
import { OdpStack } from "./odp/odp-stack.ts";
import { type DriverPlugins, NO_DRIVER_PLUGINS } from "./plugin/driver-plugins.ts";
import { SvaStack, svaIommu } from "./sva/sva-stack.ts";
import { UvmDriver } from "./uvm/uvm-driver.ts";
import { UvmStack } from "./uvm/uvm-stack.ts";
import { XeDriver } from "./xe/xe-driver.ts";
import { XeStack } from "./xe/xe-stack.ts";

/** Which driver takes a device, with parameters under their own names. */
export interface DriverRequest {
  readonly device: MachineDevice;
  /** A `StackName`, or the name of a plug-in. */
  readonly stack: string;
  readonly knobs: Readonly<Record<string, unknown>>;
}

/** All devices of one driver. */
type Bind = (
  system: DeviceSystem,
  host: StackHost,
  requests: readonly DriverRequest[],
  plugins: DriverPlugins,
) => readonly DeviceStack[];

const BINDERS: Readonly<Record<StackName, Bind>> = {
  ideal: bindIdeal,
  odp: (system, host, requests) =>
    requests.map(({ device, knobs }) => new OdpStack(system, host, device, knobs)),
  sva: (system, host, requests) => {
    const iommu = svaIommu(
      system,
      requests.map(({ knobs }) => knobs),
    );
    return requests.map(({ device, knobs }) => new SvaStack(system, host, device, knobs, iommu));
  },
  xe: bindXe,
  amdkfd: bindAmdkfd,
  nouveau: bindNouveau,
  uvm: bindUvm,
};

/**
 * Binds what has a driver, in the order of the requests; devices of other drivers are left out.
 * @param plugins drivers and policies beside those of the package.
 */
export function bindDrivers(
  system: DeviceSystem,
  host: StackHost,
  requests: readonly DriverRequest[],
  plugins: DriverPlugins = NO_DRIVER_PLUGINS,
): DeviceStack[] {
  const bound = new Map<DriverRequest, DeviceStack>();
  for (const stack of new Set(requests.map((request) => request.stack))) {
    const own = requests.filter((request) => request.stack === stack);
    const stacks = bindOne(stack, system, host, own, plugins);
    for (const [i, one] of stacks.entries()) bound.set(own[i] as DriverRequest, one);
  }
  return requests.flatMap((request) => bound.get(request) ?? []);
}

function bindOne(
  stack: string,
  system: DeviceSystem,
  host: StackHost,
  requests: readonly DriverRequest[],
  plugins: DriverPlugins,
): readonly DeviceStack[] {
  if (Object.hasOwn(BINDERS, stack)) {
    return BINDERS[stack as StackName](system, host, requests, plugins);
  }
  const plugin = plugins.stacks.get(stack);
  if (plugin === undefined) return [];
  const bound = plugin.bind(system, host, requests);
  const problem = `${bound.length} stacks for ${requests.length} devices`;
  checkArgument(bound.length === requests.length, `${stack}.bind`, problem);
  const wrong = bound.find(({ name }) => name !== stack);
  checkArgument(wrong === undefined, `${stack}.bind`, `a stack has the name ${wrong?.name ?? ""}`);
  return bound;
}

function bindIdeal(
  system: DeviceSystem,
  host: StackHost,
  requests: readonly DriverRequest[],
  { placements }: DriverPlugins,
): DeviceStack[] {
  const devices = requests.map(({ device }) => device);
  const owners = ownersOf(system, devices, "ideal");
  return requests.map(({ device, knobs }, i) => {
    return new IdealStack(system, host, device, at(owners, i), knobs, placements);
  });
}

/** All cards of one loaded driver; it forms its own groups unless the design says otherwise. */
function bindXe(
  system: DeviceSystem,
  host: StackHost,
  requests: readonly DriverRequest[],
): DeviceStack[] {
  const driver = new XeDriver(system, givenOwners(system, requests, "greedyClique"));
  return requests.map(({ device, knobs }) => new XeStack(driver, host, device, knobs));
}

/** All GPUs of amdkfd: hives share an owner unless the design says otherwise. */
function bindAmdkfd(
  system: DeviceSystem,
  host: StackHost,
  requests: readonly DriverRequest[],
): DeviceStack[] {
  const driver = new KfdDriver(system, givenOwners(system, requests, "hive"));
  return requests.map(({ device, knobs }) => new KfdStack(driver, host, device, knobs));
}

/** All GPUs of UVM: one owner for all of them unless the design says otherwise. */
function bindUvm(
  system: DeviceSystem,
  host: StackHost,
  requests: readonly DriverRequest[],
  { evictions }: DriverPlugins,
): DeviceStack[] {
  const driver = new UvmDriver(system, givenOwners(system, requests, "global"), evictions);
  return requests.map(({ device, knobs }) => new UvmStack(driver, host, device, knobs));
}

/** Owners that the design gives the devices of a driver; none where it forms its own groups. */
function givenOwners(
  system: DeviceSystem,
  requests: readonly DriverRequest[],
  formation: OwnerFormation,
): Map<MachineDevice, OwnerSpace> {
  if (system.world.designs["owner.formation"] === "driver") return new Map();
  const devices = requests.map(({ device }) => device);
  return new Map(ownersOf(system, devices, formation).map((owner, i) => [at(devices, i), owner]));
}

/** Cards of nouveau: each has an owner of its own unless the design says otherwise. */
function bindNouveau(
  system: DeviceSystem,
  host: StackHost,
  requests: readonly DriverRequest[],
): DeviceStack[] {
  const devices = requests.map(({ device }) => device);
  const owners = ownersOf(system, devices, "perDevice");
  return requests.map(({ device, knobs }, i) => {
    return new NouveauStack(system, host, device, at(owners, i), knobs);
  });
}

function at<T>(list: readonly T[], i: number): T {
  return list[i] as T;
}

/** Whether each reaches the other's memory; a device without any has nothing to be reached. */
function reachEachOther(system: DeviceSystem, a: MachineDevice, b: MachineDevice): boolean {
  if (reachesOverLink(system, a, b)) return true;
  const shown = [a, b].filter(({ memory }) => (memory?.window ?? null) !== null);
  return (
    shown.length > 0 &&
    shown.every((holder) => reachesOverPci(system, holder === a ? b : a, holder))
  );
}

/**
 * Owner spaces of devices, by the design `owner.formation` or, where that leaves it to the driver,
 * by `own`. Devices are connected by a link, or where PCI lets them reach each other.
 */
export function ownersOf(
  system: DeviceSystem,
  devices: readonly MachineDevice[],
  own: OwnerFormation,
): OwnerSpace[] {
  const chosen = system.world.designs["owner.formation"];
  const formation = chosen === "driver" ? own : chosen;
  const reaches = (a: MachineDevice, b: MachineDevice): boolean => reachEachOther(system, a, b);
  const spaces = formOwnerSpaces(formation, devices, reaches, ({ hive }) => hive);
  const owners = new Map<MachineDevice, OwnerSpace>();
  for (const [n, members] of spaces.entries()) {
    const owner = createOwnerSpace(`space ${n} of ${members.map(({ name }) => name).join(", ")}`);
    for (const member of members) owners.set(member, owner);
  }
  return devices.map((device) => owners.get(device) as OwnerSpace);
}
