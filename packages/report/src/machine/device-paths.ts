// The best way from each device of a machine to the memory of each: its own memory, a private link,
// a switch, the host bridge, or none. What a driver makes of it is the path policy's business.
import {
  PCI_P2PDMA_MAP_BUS_ADDR,
  PCI_P2PDMA_MAP_NOT_SUPPORTED,
  type Fabric,
  type Machine,
  type MachineDevice,
  type PciDev,
  type PciMachine,
} from "@faultline/core";
import { explainP2pdma } from "@faultline/engine";

/** What carries an access. */
export type DevicePathKind = "local" | "interconnect" | "bus" | "host-bridge" | "none";

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

/** Every ordered pair whose provider has memory, providers first, in the machine's order. */
export function devicePaths({ devices, fabric, pci }: Machine): DevicePath[] {
  const providers = devices.filter(({ memory }) => memory !== null);
  return providers.flatMap((provider) =>
    devices.map((client) => {
      if (provider === client) return pathOf(provider, client, "local", 0, "its own memory");
      return linkPath(fabric, provider, client) ?? pciPath(pci, provider, client);
    }),
  );
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

function linkPath(
  fabric: Fabric,
  provider: MachineDevice,
  client: MachineDevice,
): DevicePath | null {
  const routes = fabric.parallelRoutes(client.name, provider.name);
  const [best] = routes;
  const [first] = best?.links ?? [];
  if (best === undefined || first === undefined) return null;
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

/** The nearest initiator's way; a bus address is better than any way over the host bridge. */
function pciPath(pci: PciMachine, provider: MachineDevice, client: MachineDevice): DevicePath {
  const window = provider.memory?.window ?? null;
  if (client.initiators.length === 0) {
    return pathOf(provider, client, "none", -1, "no link, and the client is not on PCI");
  }
  if (window === null) {
    return pathOf(provider, client, "none", -1, "no link, and no BAR shows the memory");
  }
  const paths = client.initiators.map((initiator) =>
    initiatorPath(pci, provider, client, window.fn, initiator),
  );
  return paths.reduce((best, path) => (rank(path) < rank(best) ? path : best));
}

function initiatorPath(
  pci: PciMachine,
  provider: MachineDevice,
  client: MachineDevice,
  fn: PciDev,
  initiator: PciDev,
): DevicePath {
  const { type, distance, steps } = explainP2pdma(pci, fn, initiator);
  const findings = steps.map(({ finding }) => finding);
  const name = initiator.path;
  if (type === PCI_P2PDMA_MAP_NOT_SUPPORTED) {
    const reason = findings.slice(0, -1).join("; ");
    return { ...pathOf(provider, client, "none", -1, reason), initiator: name };
  }
  const kind = type === PCI_P2PDMA_MAP_BUS_ADDR ? "bus" : "host-bridge";
  const reason = `${findings.at(-1) ?? ""}${smallBar(provider)}`;
  return { ...pathOf(provider, client, kind, distance, reason), initiator: name };
}

/** What is beyond a small BAR has no address on PCI. */
function smallBar({ memory, visibleBytes }: MachineDevice): string {
  if (memory === null || visibleBytes === memory.sizeBytes) return "";
  const mebibytes = (bytes: bigint): string => `${bytes >> 20n} MiB`;
  return `; the BAR shows ${mebibytes(visibleBytes)} of ${mebibytes(memory.sizeBytes)}`;
}

const KIND_ORDER: readonly DevicePathKind[] = ["bus", "host-bridge", "none"];

/** Smaller is better; no way through PCI is as long as a million hops. */
function rank({ kind, distance }: DevicePath): number {
  return KIND_ORDER.indexOf(kind) * 1_000_000 + distance;
}
