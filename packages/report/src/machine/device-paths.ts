// The best way from each device of a machine to the memory of each, as the engine chooses it for a
// driver that has every path and whom no owner stands in the way. What a real driver makes of a
// machine is its path policy's business.
import {
  APERTURE_LOCAL,
  APERTURE_SYSTEM,
  createOwnerSpace,
  type Designs,
  type Fabric,
  invariant,
  type Machine,
  type MachineDevice,
  PAGE_GEOMETRIES,
  PCI_P2PDMA_MAP_BUS_ADDR,
  PCI_P2PDMA_MAP_NOT_SUPPORTED,
  type PciDev,
  type PciMachine,
  World,
  X86_4K,
} from "@faultline/core";
import {
  type AttachedDevice,
  DeviceSystem,
  explainP2pdma,
  type Path,
  selectPath,
  THREE_WAY_PATHS,
} from "@faultline/engine";

/** What carries an access; `system`: the memory counts as the host's, whatever leads there. */
export type DevicePathKind = "local" | "interconnect" | "bus" | "host-bridge" | "system" | "none";

/** One ordered pair of devices. */
export interface DevicePath {
  /** Whose memory is reached. */
  readonly provider: string;
  /** Who reaches it. */
  readonly client: string;
  readonly kind: DevicePathKind;
  /** Hops of PCI, or links; 0 for own memory, -1 where there is no way. */
  readonly distance: number;
  /** Of private links, all parallel ways together; null for everything else. */
  readonly bandwidthBytesPerSec: number | null;
  readonly latencyPs: number | null;
  /** The names of the links of the best way; empty for everything else. */
  readonly links: readonly string[];
  /** The kind of its first link; null for everything else. */
  readonly linkKind: string | null;
  /** The client's function that is nearest over PCI; null where PCI is not the way. */
  readonly initiator: string | null;
  /** What decided. */
  readonly reason: string;
}

/** Everything that a path may use is there, and nobody is foreign. */
const DESIGNS: Partial<Designs> = {
  "hmm.p2pOp": "v2",
  "hmm.p2pAllow": "on",
  "p2p.structPages": "off",
  "private.outsidePhysical": "on",
  "fabric.nicMembers": "on",
  "path.inspectP2pPgmap": "on",
  "path.selector": "shortest",
};

/** Every ordered pair whose provider has memory, providers first, in the machine's order. */
export function devicePaths(machine: Machine): DevicePath[] {
  const functions = machine.devices.flatMap(({ memory }) => memory?.window?.fn ?? []);
  const before = functions.map(({ p2pdma }) => p2pdma);
  const system = new DeviceSystem(worldOf(machine), machine);
  const attached = machine.devices.map((device) => attach(system, device));
  const paths = attached.flatMap((holder) => {
    const pfn = pageOf(system, holder);
    return pfn === 0 ? [] : attached.map((client) => pathBetween(system, holder, client, pfn));
  });
  // The question leaves no trace: the drivers of the machine say who offers peer memory.
  for (const [i, fn] of functions.entries()) fn.p2pdma = before[i] ?? null;
  return paths;
}

/** A world with the machine's nodes, each as small as it can be. */
function worldOf({ nodes, pci }: Machine): World {
  const geometry = PAGE_GEOMETRIES.find(({ pageShift }) => pageShift === pci.pageShift) ?? X86_4K;
  // Room for the zero pages and a page of each node.
  const nrPages = 4 << geometry.maxPageOrder;
  return new World({
    geometry,
    designs: DESIGNS,
    nodes: nodes.map(({ memoryBytes }) => ({ nrPages: memoryBytes > 0n ? nrPages : 0, cpus: [] })),
  });
}

function attach(system: DeviceSystem, device: MachineDevice): AttachedDevice {
  const ops = { migrateToRam: () => 0, folioFree: () => {} };
  const attached = system.attach({ device, owner: createOwnerSpace(device.name), ops });
  invariant(typeof attached !== "number", `${device.name} needs no physical addresses`);
  return attached;
}

/** A page of the device's memory: the P2P page that shows it where there is one; 0 for none. */
function pageOf({ world }: DeviceSystem, { device, memory, aliases }: AttachedDevice): number {
  const node = device.memory?.node;
  if (node !== undefined) return world.buddies[node]?.alloc(0) ?? 0;
  const pfn = memory?.alloc(0) ?? 0;
  const alias = pfn === 0 ? 0 : (aliases?.aliasOf(pfn) ?? 0);
  return alias > 0 ? alias : pfn;
}

function pathBetween(
  system: DeviceSystem,
  holder: AttachedDevice,
  requester: AttachedDevice,
  pfn: number,
): DevicePath {
  const path = selectPath({ system, requester, pfn, policy: THREE_WAY_PATHS });
  const provider = holder.device;
  const client = requester.device;
  const { pci, fabric } = system.machine;
  if (path === null) return noPath(pci, provider, client);
  if (path.aperture === APERTURE_LOCAL) {
    return pathOf(provider, client, "local", 0, "its own memory");
  }
  if (path.route !== null) return linkPath(fabric, provider, client);
  if (path.aperture === APERTURE_SYSTEM) {
    const reason = "the CPUs have it as their own";
    return { ...pathOf(provider, client, "system", 0, reason), initiator: nameOf(path) };
  }
  return pciPath(pci, provider, client, path);
}

function pathOf(
  provider: MachineDevice,
  client: MachineDevice,
  kind: DevicePathKind,
  distance: number,
  reason: string,
): DevicePath {
  return {
    provider: provider.name,
    client: client.name,
    kind,
    distance,
    bandwidthBytesPerSec: null,
    latencyPs: null,
    links: [],
    linkKind: null,
    initiator: null,
    reason,
  };
}

function nameOf({ initiator }: Path): string | null {
  return initiator?.path ?? null;
}

/** The engine's way is the first of those that are as good; a device uses all of them in turn. */
function linkPath(fabric: Fabric, provider: MachineDevice, client: MachineDevice): DevicePath {
  const routes = fabric.parallelRoutes(client.name, provider.name);
  const [best] = routes;
  const [first] = best?.links ?? [];
  if (best === undefined || first === undefined) {
    return invariant(false, `no link from ${client.name} to ${provider.name}`) as never;
  }
  const width = routes.reduce((sum, { links }) => sum + Math.min(...links.map((l) => l.width)), 0);
  const nrHops = best.links.length;
  const reason =
    nrHops === 1
      ? `${first.kind}, width ${width}`
      : `${first.kind} through ${routes.length} ${routes.length === 1 ? "switch" : "switches"}, ` +
        `width ${width} together`;
  return {
    ...pathOf(provider, client, "interconnect", nrHops, reason),
    bandwidthBytesPerSec: routes.reduce((sum, route) => sum + route.bandwidthBytesPerSec, 0),
    latencyPs: best.latencyPs,
    links: best.links.map(({ name }) => name),
    linkKind: first.kind,
  };
}

function pciPath(
  pci: PciMachine,
  provider: MachineDevice,
  client: MachineDevice,
  path: Path,
): DevicePath {
  const window = provider.memory?.window ?? null;
  if (window === null || path.initiator === null) {
    return invariant(false, `no BAR leads from ${client.name} to ${provider.name}`) as never;
  }
  const { type, distance, steps } = explainP2pdma(pci, window.fn, path.initiator);
  const kind = type === PCI_P2PDMA_MAP_BUS_ADDR ? "bus" : "host-bridge";
  const reason = `${steps.at(-1)?.finding ?? ""}${smallBar(provider)}`;
  return { ...pathOf(provider, client, kind, distance, reason), initiator: nameOf(path) };
}

/** Why there is no way: what PCI says where the pair is on PCI, else what is missing. */
function noPath(pci: PciMachine, provider: MachineDevice, client: MachineDevice): DevicePath {
  const window = provider.memory?.window ?? null;
  const [initiator] = client.initiators;
  if (window !== null && initiator !== undefined) {
    const name = initiator.path;
    const reason = refusal(pci, window.fn, initiator);
    return { ...pathOf(provider, client, "none", -1, reason), initiator: name };
  }
  const why = window === null ? "no BAR shows the memory" : "the client is not on PCI";
  return pathOf(provider, client, "none", -1, `no link, and ${why}`);
}

function refusal(pci: PciMachine, fn: PciDev, initiator: PciDev): string {
  const { type, steps } = explainP2pdma(pci, fn, initiator);
  invariant(type === PCI_P2PDMA_MAP_NOT_SUPPORTED, `${initiator.path} reaches ${fn.path}`);
  return steps
    .slice(0, -1)
    .map(({ finding }) => finding)
    .join("; ");
}

/** What is beyond a small BAR has no address on PCI. */
function smallBar({ memory, visibleBytes }: MachineDevice): string {
  if (memory === null || visibleBytes === memory.sizeBytes) return "";
  const mebibytes = (bytes: bigint): string => `${bytes >> 20n} MiB`;
  return `; the BAR shows ${mebibytes(visibleBytes)} of ${mebibytes(memory.sizeBytes)}`;
}
