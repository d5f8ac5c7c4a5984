// A device while a scenario runs: the kernel's test driver, or a driver bound to a real machine.
import type { DeviceStack, DmirrorDevice } from "@faultline/stacks";

/** One device, in the order of the machine. */
export type RunningDevice =
  | { readonly driver: "dmirror"; readonly device: DmirrorDevice }
  /** Nobody drives it: its driver is not modelled. */
  | { readonly driver: "none" }
  /** `driver` is the name of the stack. */
  | { readonly driver: string; readonly stack: DeviceStack };

/** The test driver's devices among them. */
export function dmirrorDevices(devices: readonly RunningDevice[]): DmirrorDevice[] {
  return devices.flatMap((running) => dmirrorOf(running) ?? []);
}

/** The device of the test driver; null where another drives it. */
export function dmirrorOf(running: RunningDevice | undefined): DmirrorDevice | null {
  return running !== undefined && "device" in running ? running.device : null;
}

/** What the drivers of a machine have counted, by device and under their own names. */
export function countersOf({
  deviceNames,
  devices,
}: {
  readonly deviceNames: readonly string[];
  readonly devices: readonly RunningDevice[];
}): Record<string, Record<string, number>> {
  return Object.fromEntries(
    deviceNames.map((name, i) => {
      return [name, Object.fromEntries(stackOf(devices[i])?.counters?.() ?? [])];
    }),
  );
}

/** The driver of a device, where it is one that real machines have. */
export function stackOf(running: RunningDevice | undefined): DeviceStack | null {
  return running !== undefined && "stack" in running ? running.stack : null;
}
