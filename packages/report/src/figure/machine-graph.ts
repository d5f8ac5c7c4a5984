// A machine as a graph for the layout: sockets at the top, then host bridges, PCI functions,
// devices, and the switches of the private fabric at the bottom.
import {
  type FabricLink,
  formatPciAddress,
  type Machine,
  type MachineDevice,
  type PciDev,
} from "@faultline/core";

/** What a box stands for; also its CSS class. */
export type FigureNodeKind = "socket" | "host-bridge" | "bridge" | "function" | "device" | "switch";

/** One box. */
export interface FigureNode {
  readonly id: string;
  readonly kind: FigureNodeKind;
  /** The first line is its name. */
  readonly lines: readonly string[];
}

/** One line between boxes; a private link has what it is. */
export interface FigureEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly link: FabricLink | null;
}

/** Boxes and lines. */
export interface FigureGraph {
  readonly nodes: readonly FigureNode[];
  readonly edges: readonly FigureEdge[];
}

/** The graph of a machine; links between two devices run from the earlier to the later one. */
export function machineGraph(machine: Machine): FigureGraph {
  const { pci, fabric, devices } = machine;
  const { hostBridges, functions } = pci.tree;
  const sockets = [...new Set(socketsOf(machine))].sort((a, b) => a - b);
  const switches = [...fabric.ends].filter(([, kind]) => kind === "switch").map(([name]) => name);
  const nodes: FigureNode[] = [
    ...sockets.map((socket) => socketNode(machine, socket)),
    ...hostBridges.map(({ name, domain, bus }) => {
      const root = `bus ${hex(domain, 4)}:${hex(bus, 2)}`;
      return { id: `host ${name}`, kind: "host-bridge" as const, lines: [name, root] };
    }),
    ...functions.map(functionNode),
    ...devicesInTreeOrder(machine).map(deviceNode),
    ...switches.map((name) => ({ id: endId(name), kind: "switch" as const, lines: [name] })),
  ];
  const trees = [
    ...hostBridges.map(({ name, socket }) => [`end socket${socket}`, `host ${name}`] as const),
    ...functions.map((fn) => [aboveId(fn), functionId(fn)] as const),
    ...devices.flatMap(({ name, initiators }) =>
      initiators.map((fn) => [functionId(fn), endId(name)] as const),
    ),
  ];
  const edges = trees.map(([from, to]) => ({ id: `${from} > ${to}`, from, to, link: null }));
  return { nodes, edges: [...edges, ...fabric.links.map((link) => linkEdge(machine, link))] };
}

/** Below their functions, so that lines do not cross; devices beside PCI come last. */
function devicesInTreeOrder({ pci, devices }: Machine): MachineDevice[] {
  const places = new Map(pci.tree.functions.map((fn, place) => [fn, place]));
  const placeOf = ({ initiators: [first] }: MachineDevice): number =>
    first === undefined ? places.size : (places.get(first) ?? places.size);
  return devices.toSorted((a, b) => placeOf(a) - placeOf(b));
}

function socketsOf({ nodes, pci, fabric }: Machine): number[] {
  const ends = [...fabric.ends].filter(([, kind]) => kind === "socket");
  return [
    ...nodes.map(({ socket }) => socket),
    ...pci.tree.hostBridges.map(({ socket }) => socket),
    ...ends.map(([name]) => Number(name.replace(/^\D+/, ""))),
  ];
}

function socketNode({ nodes }: Machine, socket: number): FigureNode {
  const lines = nodes.flatMap((node, n) => {
    if (node.socket !== socket) return [];
    const cpus = `${node.cpus.length} ${node.cpus.length === 1 ? "CPU" : "CPUs"}`;
    return [`node ${n}: ${gibibytes(node.memoryBytes)}, ${cpus}`];
  });
  return { id: endId(`socket${socket}`), kind: "socket", lines: [`socket${socket}`, ...lines] };
}

function functionNode(fn: PciDev): FigureNode {
  const isBridge = fn.kind.includes("port") || /switch|bridge/.test(fn.kind);
  const lines = [fn.path, formatPciAddress(fn.address).replace(/^0000:/, "")];
  return { id: functionId(fn), kind: isBridge ? "bridge" : "function", lines };
}

function deviceNode({ name, kind, memory, hive }: MachineDevice): FigureNode {
  const size = memory === null ? "" : `, ${gibibytes(memory.sizeBytes)}`;
  const lines = [name, `${kind}${size}`, ...(hive === null ? [] : [hive])];
  return { id: endId(name), kind: "device", lines };
}

/** From what stands higher in the figure to what stands lower. */
function linkEdge({ fabric }: Machine, link: FabricLink): FigureEdge {
  const height = { socket: 0, device: 1, switch: 2 } as const;
  const [a, b] = link.ends;
  const [heightA, heightB] = [a, b].map((end) => height[fabric.ends.get(end) ?? "device"]);
  const [from, to] = (heightA ?? 0) <= (heightB ?? 0) ? [a, b] : [b, a];
  return { id: `link ${link.name}`, from: endId(from), to: endId(to), link };
}

function endId(name: string): string {
  return `end ${name}`;
}

function functionId(fn: PciDev): string {
  return `fn ${fn.path}`;
}

function aboveId({ upstream, hostBridge }: PciDev): string {
  return upstream === null ? `host ${hostBridge.name}` : functionId(upstream);
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

function gibibytes(bytes: bigint): string {
  return bytes >= 1n << 30n ? `${Number(bytes >> 20n) / 1024} GiB` : `${bytes >> 20n} MiB`;
}
