// What every driver does first: attach the device, with the callbacks of its memory.
import { checkArgument, type MachineDevice, type OwnerSpace } from "@faultline/core";
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
 * Attaches a device.
 * @throws ArgumentError when no physical addresses are left for its memory.
 */
export function attachMemory(
  system: DeviceSystem,
  device: MachineDevice,
  policy: MemoryPolicy,
): AttachedDevice {
  const attached = system.attach({
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
  });
  checkArgument(typeof attached !== "number", "device", "no physical addresses are left for it");
  return attached;
}
