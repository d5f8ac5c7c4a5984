// Whether a device reaches another's memory at all, by a private link or by PCI: what a driver asks
// before it shares an owner with another, and what p2p_allow() of the RFC answers.
import type { MachineDevice } from "@faultline/core";
import type { DeviceSystem } from "../device/device-system.ts";
import { pciP2pdmaDistance } from "../p2pdma/distance-many.ts";

/** Over a private link that is up; a NIC's counts only where the design lets NICs be members. */
export function reachesOverLink(
  { machine, world }: DeviceSystem,
  requester: MachineDevice,
  holder: MachineDevice,
): boolean {
  const isNic = requester.kind === "nic" || holder.kind === "nic";
  if (isNic && world.designs["fabric.nicMembers"] === "off") return false;
  return machine.fabric.isLinked(requester.name, holder.name);
}

/** Over PCI, by the first function; only what a BAR shows counts. */
export function reachesOverPci(
  { machine }: DeviceSystem,
  requester: MachineDevice,
  holder: MachineDevice,
): boolean {
  const provider = holder.memory?.window?.fn;
  const client = requester.initiators[0]?.dev;
  if (provider === undefined || client === undefined) return false;
  return pciP2pdmaDistance(machine.pci, provider, client) >= 0;
}

/** One way or the other. */
export function reachesMemory(
  system: DeviceSystem,
  requester: MachineDevice,
  holder: MachineDevice,
): boolean {
  return reachesOverLink(system, requester, holder) || reachesOverPci(system, requester, holder);
}
