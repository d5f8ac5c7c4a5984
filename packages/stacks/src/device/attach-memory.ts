// What every driver does first: attach the device, with the callbacks of its memory.
import { invariant, type MachineDevice, type OwnerSpace } from "@faultline/core";
import type { AttachedDevice, AttachSpec, DeviceSystem, FaultContext } from "@faultline/engine";
import { giveDeviceFolio } from "./device-folio.ts";

/** What a driver decides about its memory. */
export interface MemoryPolicy {
  readonly owner: OwnerSpace;
  /** Answers a CPU's fault: VM_FAULT_* bits. */
  readonly migrateToRam: (fault: FaultContext) => number;
  /** Told when a folio is freed, before it returns to the allocator. */
  readonly onFree?: (head: number, order: number) => void;
  /** Told when a folio of `2^order` pages was cut into single pages. */
  readonly onSplit?: (head: number, order: number) => void;
  readonly attach?: Partial<Pick<AttachSpec, "space" | "offersP2p" | "nrPages">>;
}

/**
 * Attaches a device. Where no physical addresses are left for its memory the driver goes without:
 * nothing can migrate to the device then, and it uses system memory.
 */
export function attachMemory(
  system: DeviceSystem,
  device: MachineDevice,
  policy: MemoryPolicy,
): AttachedDevice {
  const spec: AttachSpec = {
    device,
    owner: policy.owner,
    ops: {
      migrateToRam: policy.migrateToRam,
      folioFree: (head, order) => {
        policy.onFree?.(head, order);
        if (typeof attached !== "number") giveDeviceFolio(system, attached, head, order);
      },
      folioSplit: (head, order) => policy.onSplit?.(head, order),
    },
    ...policy.attach,
  };
  let attached = system.attach(spec);
  if (typeof attached === "number") attached = system.attach({ ...spec, withoutMemory: true });
  invariant(typeof attached !== "number", `${device.name} needs no addresses`);
  return attached;
}
