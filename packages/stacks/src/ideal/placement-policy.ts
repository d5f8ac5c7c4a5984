// Where pages go when a device of the driver `ideal` faults on them. The driver itself leaves them
// where they are; real drivers have policies of their own, which their parameters choose.
import type { MachineDevice, MmStruct } from "@faultline/core";
import type { DeviceSystem } from "@faultline/engine";
import type { DeviceAccessKind, PageRange } from "../device/device-stack.ts";

/** A fault that a page may move for. */
export interface PlacementFault {
  /** The device that faults. */
  readonly device: MachineDevice;
  readonly mm: MmStruct;
  readonly page: number;
  readonly access: DeviceAccessKind;
  /** When, in picoseconds; without a clock steps of a scenario move it. */
  readonly nowPs: number;
}

/** What happens before the page is mapped; what cannot move stays where it is. */
export type PlacementChoice =
  | "stay"
  /** The page goes into the memory of the device that faults. */
  | "local"
  /** It leaves that memory for the CPUs'. */
  | "system"
  /** A range goes one of these ways, whatever of it is mapped. */
  | { readonly to: "local" | "system"; readonly range: PageRange };

/** A policy at work for one device. */
export interface Placement {
  place(fault: PlacementFault): PlacementChoice;
}

/** A policy, which makes what it remembers anew for every device of every run. */
export type PlacementPolicy = (system: DeviceSystem, device: MachineDevice) => Placement;

/** `ideal.placement`, by name. */
export const IDEAL_PLACEMENTS: Readonly<Record<string, PlacementPolicy>> = {
  "in-place": () => ({ place: () => "stay" }),
  "first-touch": () => ({ place: () => "local" }),
};
