// A proposal that Linux does not have: boot with more nodes than are needed, and when devices have
// been found, delete those that nobody claims. Numbers of the others stay as they are.
import type { LinuxNodeMap } from "../linux/node-map.ts";

/** What keeps a node that has neither CPU nor memory. */
export interface LateDeletion {
  /**
   * `strict`: a driver has reserved it for an instance. `weak`: the device it is meant for was
   * found.
   */
  readonly rule: "strict" | "weak";
  /** Instances that each device's driver makes, on its first nodes; 0 when absent. */
  readonly instances: readonly number[];
  /** Devices that are not found. */
  readonly missing: readonly number[];
}

/** What is left. */
export interface Survivors {
  readonly kept: readonly number[];
  readonly deleted: readonly number[];
}

/** Deletes; `deviceNodes` are the nodes meant for each device. */
export function deleteUnusedNodes(
  map: Pick<LinuxNodeMap, "possible" | "hasCpu" | "hasMemory">,
  deviceNodes: readonly (readonly number[])[],
  { rule, instances, missing }: LateDeletion,
): Survivors {
  const claimed = deviceNodes.flatMap((nodes, device) => {
    if (missing.includes(device)) return [];
    return rule === "weak" ? nodes : nodes.slice(0, instances[device] ?? 0);
  });
  const isKept = new Set([...map.hasCpu, ...map.hasMemory, ...claimed]);
  return {
    kept: map.possible.filter((node) => isKept.has(node)),
    deleted: map.possible.filter((node) => !isKept.has(node)),
  };
}
