// The advice of user space about a range of a VM. Mirrors drivers/gpu/drm/xe/xe_vm_madvise.c for
// what mirrors the CPU's address space; buffer objects are left out.
import { EINVAL, ENOLINK, type MachineDevice } from "@faultline/core";
import type { DeviceAdvice, PageRange } from "../device/device-stack.ts";
import type { XeAttributes } from "./xe-attributes.ts";
import type { XeStack } from "./xe-stack.ts";
import type { XeVm } from "./xe-vm.ts";

const KNOWN: ReadonlySet<string> = new Set([
  "preferredLocation",
  "atomic",
  "migrationPolicy",
  "patIndex",
  "purgeable",
]);

/**
 * Preferred location, atomics, caching, and the purgeable state, which is for buffer objects: a
 * range that mirrors the CPU's memory takes it and stays as it is.
 * @returns 0; -EINVAL for advice that xe does not know, or an index beyond the table; -ENOLINK for
 * a preferred location outside the VM's owner group.
 * @kernel drivers/gpu/drm/xe/xe_vm_madvise.c xe_vm_madvise_ioctl (v7.2)
 * @differs one call sets several attributes.
 */
export function xeVmMadviseIoctl(
  stack: XeStack,
  vm: XeVm,
  range: PageRange,
  advice: DeviceAdvice,
): number {
  if (Object.keys(advice).some((name) => !KNOWN.has(name))) return -EINVAL;
  const { preferredLocation, atomic, migrationPolicy, patIndex } = advice;
  if (patIndex !== undefined && patIndex >= stack.knobs["xe.patEntries"]) return -EINVAL;
  const isDevice = preferredLocation !== undefined && typeof preferredLocation !== "string";
  if (isDevice && !isInGroup(stack, vm, preferredLocation)) return -ENOLINK;
  const change: Partial<XeAttributes> = {
    ...(preferredLocation === undefined ? {} : { preferredLocation }),
    ...(atomic === undefined ? {} : { atomic }),
    ...(migrationPolicy === undefined ? {} : { migrationPolicy }),
    ...(patIndex === undefined ? {} : { patIndex }),
  };
  vm.collectGarbage();
  vm.cutAt(range.start);
  vm.cutAt(range.start + range.nrPages);
  if (vm.attributes.change(range, change)) vm.zap(range.start, range.nrPages);
  return 0;
}

function isInGroup({ driver }: XeStack, vm: XeVm, device: MachineDevice): boolean {
  const peer = driver.stackOf(device);
  return peer !== undefined && peer.attached.owner === driver.ownerOf(vm.peer);
}
