// Machines for tests: devices with a function each on root ports of their own, and private links.
import {
  type FabricEndKind,
  type FabricLinkSpec,
  type Machine,
  type MachineDeviceSpec,
  type PciBootSpec,
  PciTree,
} from "@faultline/core";
import { bootMachine } from "@faultline/engine";

const GIB = 1n << 30n;

/** How a machine for tests is made. */
export interface SmallMachineSpec {
  /** Zen lets everything pass the host bridge, the other host nothing. @defaultValue zen */
  readonly host?: "zen" | "none";
  /** Names; one that starts with `nic` has no memory. */
  readonly devices: readonly string[];
  /** Names of switches. @defaultValue none */
  readonly switches?: readonly string[];
  /** `a-b 50`: a link of 50 GB/s. @defaultValue none */
  readonly links?: readonly string[];
  /** Changes of devices by name. @defaultValue none */
  readonly changes?: Readonly<Record<string, Partial<MachineDeviceSpec>>>;
}

/** Boots the machine. */
export function smallMachine(spec: SmallMachineSpec): Machine {
  const { devices, switches = [], links = [], changes = {} } = spec;
  const isZen = (spec.host ?? "zen") === "zen";
  const tree = new PciTree();
  const host = tree.addHostBridge({ name: "host", domain: 0, bus: 0, socket: 0, windows: [] });
  const made = devices.map((name, n): MachineDeviceSpec => {
    const at = { domain: 0, bus: 0, devfn: (n + 1) << 3 };
    const ids = { vendor: 0x8086, device: 0x1234 };
    const port = tree.addFunction(
      { path: `port-${name}`, address: at, kind: "root-port", ...ids },
      host,
    );
    const start = 0x3800_0000_0000n + BigInt(n) * 16n * GIB;
    const bar = { index: 0, start, busStart: start, sizeBytes: 16n * GIB };
    const bars = [{ ...bar, isPrefetchable: true, is64Bit: true }];
    const address = { domain: 0, bus: n + 1, devfn: 0 };
    const fn = tree.addFunction({ path: name, address, kind: "endpoint", ...ids, bars }, port);
    const isNic = name.startsWith("nic");
    const window = { fn, bar: fn.bars[0] ?? { ...bar, isPrefetchable: true, is64Bit: true } };
    const memory = isNic ? null : { sizeBytes: 16n * GIB, window, isCpuCoherent: false };
    const kind = isNic ? "nic" : "gpu";
    return { name, kind, initiators: [fn], memory, ...changes[name] };
  });
  const ends: [string, FabricEndKind][] = [
    ...devices.map((name): [string, FabricEndKind] => [name, "device"]),
    ...switches.map((name): [string, FabricEndKind] => [name, "switch"]),
    ["socket0", "socket"],
  ];
  return bootMachine({
    title: "A <small> machine",
    pci: pciSpec(tree, isZen),
    nodes: [{ socket: 0, memoryBytes: 64n * GIB, cpus: [0, 1] }],
    distances: [[10]],
    fabricEnds: new Map(ends),
    links: links.map(linkOf),
    devices: made,
  });
}

function pciSpec(tree: PciTree, isZen: boolean): PciBootSpec {
  return {
    tree,
    cpu: isZen ? { vendor: "AuthenticAMD", family: 0x19 } : { vendor: "GenuineIntel", family: 6 },
    pageShift: 12,
    ramEndPfn: 2 ** 24,
    lowEndPfn: 2 ** 19,
    swiotlb: "default",
    iommu: null,
    acs: { atsIsOff: false, configAcs: [], disableAcsRedir: [] },
    groups: new Map(tree.functions.map((fn) => [fn, fn.path])),
    peerMemory: [],
  };
}

function linkOf(text: string): FabricLinkSpec {
  const [name = "", rate = "0"] = text.split(" ");
  const [a = "", b = ""] = name.split("-");
  const bandwidthBytesPerSec = Number(rate) * 1e9;
  const kind = "nvlink" as const;
  return { name, kind, ends: [a, b], width: 2, bandwidthBytesPerSec, latencyPs: 500_000 };
}
