// Drivers and policies of one's own, by the names under which scenarios use them. They are passed
// along as values: nothing is registered anywhere, and two runs may know different ones.
import type { DeviceSystem } from "@faultline/engine";
import type { DriverRequest } from "../bind-drivers.ts";
import type { KnobRule } from "../device/check-knobs.ts";
import type { DeviceStack } from "../device/device-stack.ts";
import type { StackHost } from "../device/stack-host.ts";
import type { PlacementPolicy } from "../ideal/placement-policy.ts";
import type { EvictionPolicy } from "../uvm/eviction-policy.ts";

/** A driver of one's own. */
export interface StackPlugin {
  /** What a scenario's `stack:` says; every `DeviceStack` that it binds has this name. */
  readonly name: string;
  /** What its parameters may be, by name: `wholeNumber(1, 8)`, `oneOf("a", "b")`, `SWITCH`, … */
  readonly knobs?: Readonly<Record<string, KnobRule>>;
  /**
   * Binds all devices that it drives, because devices of one driver may share what they know.
   * @returns a stack for each request, in their order.
   */
  bind(
    system: DeviceSystem,
    host: StackHost,
    requests: readonly DriverRequest[],
  ): readonly DeviceStack[];
}

/** What leaves a full GPU of `uvm` first, for `uvm.evictionPolicy`. */
export interface EvictionPlugin {
  readonly kind: "eviction";
  readonly name: string;
  readonly policy: EvictionPolicy;
}

/** Where pages go when a device of `ideal` faults, for `ideal.placement`. */
export interface PlacementPlugin {
  readonly kind: "placement";
  readonly name: string;
  readonly policy: PlacementPolicy;
}

/** A policy of one's own for a driver that has a choice of them. */
export type PolicyPlugin = EvictionPlugin | PlacementPlugin;

/** Everything that there is beside the drivers and policies of the package, by name. */
export interface DriverPlugins {
  readonly stacks: ReadonlyMap<string, StackPlugin>;
  readonly evictions: ReadonlyMap<string, EvictionPolicy>;
  readonly placements: ReadonlyMap<string, PlacementPolicy>;
}

/** Nothing beside them. */
export const NO_DRIVER_PLUGINS: DriverPlugins = {
  stacks: new Map(),
  evictions: new Map(),
  placements: new Map(),
};
