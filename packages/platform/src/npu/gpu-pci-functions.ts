// The PCI host bridges and ports above the GPUs of a device tree, for a machine document. Functions
// that are on no GPU's way are left out.
import { formatPciAddress } from "@faultline/core";
import { type DeviceTree, type DtNode, nodesOf } from "../devicetree/device-tree.ts";
import { cellOf, pciAddressOf } from "../devicetree/dt-value.ts";
import type { MachineInput } from "../machine-schema.ts";
import { npuDeviceName } from "./npu-device-name.ts";
import { chipOf } from "./npu-nodes.ts";
import type { NpuWiring } from "./npu-wiring.ts";

type HostBridge = MachineInput["host_bridges"][number];
type PciFunction = MachineInput["functions"][number];

/** Parts of a document. */
export interface PciParts {
  readonly hostBridges: HostBridge[];
  readonly functions: PciFunction[];
  /** The tree has no GPU on PCI, and a document needs at least one function. */
  readonly isPlaceholder: boolean;
}

/** A port of POWER9's own host bridge. */
const ROOT_PORT_ID = "1014:04c1";

/** The PCI part of a document; `chips` are the chips in the order of their sockets. */
export function gpuPciFunctions(
  { root }: DeviceTree,
  { gpus }: NpuWiring,
  chips: readonly (number | null)[],
): PciParts {
  const nodes = new Map([...nodesOf(root)].map((node) => [node.path, node]));
  const found = gpus.flatMap(({ path, name }) => {
    const node = path === null ? undefined : nodes.get(path);
    return node === undefined ? [] : [{ name: npuDeviceName(name), way: wayTo(node) }];
  });
  if (found.length === 0) return placeholders(chips);
  const hostBridges = new Map<DtNode, HostBridge>();
  const functions = new Map<DtNode, PciFunction>();
  for (const { name, way } of found) {
    const [phb, ...below] = way;
    if (phb === undefined) continue;
    const bridge = hostBridges.get(phb) ?? hostBridgeOf(phb, hostBridges.size, chips);
    hostBridges.set(phb, bridge);
    addFunctions(functions, below, bridge, name);
  }
  return {
    hostBridges: [...hostBridges.values()],
    functions: [...functions.values()],
    isPlaceholder: false,
  };
}

/** From the host bridge down to the function. */
function wayTo(node: DtNode): DtNode[] {
  const way: DtNode[] = [];
  for (let at: DtNode = node; at.parent !== null; at = at.parent) way.unshift(at);
  return way;
}

function hostBridgeOf(
  phb: DtNode,
  position: number,
  chips: readonly (number | null)[],
): HostBridge {
  const domain = hex(cellOf(phb, "linux,pci-domain") ?? position, 4);
  const socket = Math.max(0, chips.indexOf(chipOf(phb)));
  return { name: `phb${domain}`, root_bus: `${domain}:00`, socket };
}

/**
 * A port below the host bridge, then pairs of a switch's ports; a port without its pair is left
 * out, because the tree does not say what it is.
 */
function addFunctions(
  functions: Map<DtNode, PciFunction>,
  way: readonly DtNode[],
  { name: phb, root_bus: rootBus }: HostBridge,
  gpu: string,
): void {
  const domain = rootBus.slice(0, 4);
  const endpoint = way.at(-1);
  const ports = way.slice(0, way.length - 1 - ((way.length - 1) % 2 === 0 ? 1 : 0));
  let above = phb;
  for (const [at, port] of ports.entries()) {
    const kind = at === 0 ? "root-port" : at % 2 === 1 ? "switch-upstream" : "switch-downstream";
    const name = `port-${addressOf(port, domain).replaceAll(/[:.]/g, "-")}`;
    const known = functions.get(port);
    functions.set(port, known ?? functionOf(port, { name, kind, above }, domain));
    above = name;
  }
  if (endpoint === undefined) return;
  const kind = ports.length === 0 ? "rc-integrated-endpoint" : "endpoint";
  functions.set(endpoint, functionOf(endpoint, { name: gpu, kind, above }, domain));
}

function functionOf(
  node: DtNode,
  { name, kind, above }: Pick<PciFunction, "name" | "kind" | "above">,
  domain: string,
): PciFunction {
  const ids = ["vendor-id", "device-id"].map((property) => hex(cellOf(node, property) ?? 0, 4));
  return { name, at: addressOf(node, domain), kind, id: ids.join(":"), above };
}

function addressOf(node: DtNode, domain: string): string {
  return formatPciAddress(pciAddressOf(node, Number.parseInt(domain, 16)));
}

function placeholders(chips: readonly (number | null)[]): PciParts {
  const bridges = chips.map((_, socket) => ({ domain: hex(socket, 4), socket }));
  return {
    hostBridges: bridges.map(({ domain, socket }) => {
      return { name: `phb${domain}`, root_bus: `${domain}:00`, socket };
    }),
    functions: bridges.map(({ domain }) => ({
      name: `port-${domain}`,
      at: `${domain}:00:00.0`,
      kind: "root-port" as const,
      id: ROOT_PORT_ID,
      above: `phb${domain}`,
    })),
    isPlaceholder: true,
  };
}

function hex(value: number, width: number): string {
  return value.toString(16).padStart(width, "0");
}
