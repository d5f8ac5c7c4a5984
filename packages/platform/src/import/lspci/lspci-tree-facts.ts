// What the tree of `lspci -t` says, under the names of docs/import.md.
import { addressOf, type LspciFunction } from "./read-lspci.ts";
import type { LspciTree } from "./read-lspci-tree.ts";

/** All facts. */
export function lspciTreeFacts({ functions, rootBuses }: LspciTree): Record<string, unknown> {
  const gpus = functions.filter(({ className }) => className === "3D controller");
  const above = (one: LspciFunction): LspciFunction | null =>
    functions.find(({ domain, secondary }) => secondary === one.bus && domain === one.domain) ??
    null;
  const switches = new Set<string>();
  for (const gpu of gpus) {
    for (let at = above(gpu); at !== null; at = above(at)) {
      if (at.express === "Upstream Port") switches.add(addressOf(at));
    }
  }
  return {
    devices: functions.length,
    rootBuses,
    gpusByName: gpus.map(addressOf),
    gpuPorts: gpus.flatMap((gpu) => {
      const port = above(gpu);
      return port === null ? [] : [addressOf(port)];
    }),
    nicFunctions: functions
      .filter(({ className }) => className === "Ethernet controller")
      .map(addressOf),
    pciSwitchesAboveGpus: switches.size,
  };
}
