// Folios of a device's own memory, from its allocator to the kernel's view of them and back.
import { invariant } from "@faultline/core";
import {
  type AttachedDevice,
  type DeviceSystem,
  freeZoneDeviceFolio,
  zoneDevicePageInit,
} from "@faultline/engine";

/** Takes a folio; 0 when the device has no block of that order left. */
export function takeDeviceFolio(
  { world }: DeviceSystem,
  { memory }: AttachedDevice,
  order: number,
): number {
  const head = memory?.alloc(order) ?? 0;
  if (head !== 0) zoneDevicePageInit(world, head, order);
  return head;
}

/** Gives a folio back that nothing maps or references any more: a driver's `folio_free`. */
export function giveDeviceFolio(
  { world }: DeviceSystem,
  { device, memory }: AttachedDevice,
  head: number,
  order: number,
): void {
  invariant(memory !== null, `${device.name} has no memory to free folio ${head} in`);
  freeZoneDeviceFolio(world, head);
  memory.free(head, order);
}
