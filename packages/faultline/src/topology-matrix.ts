// Who can reach whose memory on a machine: the decision about every pair of functions that are no
// bridges, as data and as text.
import {
  formatPciAddress,
  PCI_BRIDGE_KINDS,
  PCI_P2PDMA_MAP_BUS_ADDR,
  PCI_P2PDMA_MAP_NOT_SUPPORTED,
  type PciDev,
  type PciMachine,
} from "@faultline/core";
import { explainP2pdma, mapTypeName, type P2pdmaStep, pciHostBridgeDev } from "@faultline/engine";

/** One function of the matrix. */
export interface TopologyFunction {
  readonly name: string;
  readonly address: string;
  readonly hostBridge: string;
  readonly socket: number;
}

/** How one function reaches memory of another. */
export interface TopologyPair {
  readonly provider: string;
  readonly client: string;
  /** PCI_P2PDMA_MAP_* */
  readonly type: string;
  /** As the kernel answers: -1 where peer DMA is not supported. */
  readonly distance: number;
  /** What was found by the rule that decided. */
  readonly reason: string;
  readonly steps: readonly P2pdmaStep[];
}

/** All functions and all ordered pairs of them. */
export interface Topology {
  readonly functions: readonly TopologyFunction[];
  readonly pairs: readonly TopologyPair[];
}

/** Decides every pair; ports, bridges and host bridges take part when `withBridges`. */
export function topologyOf(machine: PciMachine, withBridges: boolean): Topology {
  const chosen = machine.tree.functions.filter((fn) => withBridges || isDevice(fn));
  return {
    functions: chosen.map(({ path, address, hostBridge: { name, socket } }) => {
      return { name: path, address: formatPciAddress(address), hostBridge: name, socket };
    }),
    pairs: chosen.flatMap((provider) => chosen.map((client) => decide(machine, provider, client))),
  };
}

/** A conventional function without memory that stands for its host bridge is no device. */
function isDevice(fn: PciDev): boolean {
  if (PCI_BRIDGE_KINDS.has(fn.kind)) return false;
  const isPlain = fn.kind === "conventional" && fn.bars.length === 0;
  return !isPlain || pciHostBridgeDev(fn.hostBridge) !== fn;
}

function decide(machine: PciMachine, provider: PciDev, client: PciDev): TopologyPair {
  const { type, distance, steps } = explainP2pdma(machine, provider, client);
  const isSupported = type !== PCI_P2PDMA_MAP_NOT_SUPPORTED;
  const findings = steps.map(({ finding }) => finding);
  return {
    provider: provider.path,
    client: client.path,
    type: mapTypeName(type),
    distance: isSupported ? distance : -1,
    reason: (isSupported ? findings.slice(-1) : findings.slice(0, -1)).join("; "),
    steps,
  };
}

const WORDS: Readonly<Record<string, string>> = {
  [mapTypeName(PCI_P2PDMA_MAP_BUS_ADDR)]: "bus",
  [mapTypeName(PCI_P2PDMA_MAP_NOT_SUPPORTED)]: "-",
};

/** The matrix and, for every pair of different functions, what decided. */
export function formatTopology({ functions, pairs }: Topology): string {
  const names = functions.map(({ name }) => name);
  const cells = names.map((provider) => [
    provider,
    ...pairs.filter((pair) => pair.provider === provider).map(cellOf),
  ]);
  const seen = new Set<string>();
  const reasons = pairs.flatMap(({ provider, client, type, distance, reason }) => {
    if (provider === client || seen.has(`${client} ${provider}`)) return [];
    seen.add(`${provider} ${client}`);
    return [`${provider}, ${client}: ${type}, distance ${distance}`, `  ${reason}`];
  });
  const legend = "rows provide, columns ask; bus N: bus address, host N: through the host bridge,";
  const lines = [...table([["", ...names], ...cells]), "", legend, "N hops; -: not supported"];
  return `${[...lines, ...(reasons.length > 0 ? [""] : []), ...reasons].join("\n")}\n`;
}

function cellOf({ type, distance }: TopologyPair): string {
  const word = WORDS[type] ?? "host";
  return distance === -1 ? word : `${word} ${distance}`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
