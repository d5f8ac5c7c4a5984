// A machine from `lspci -vvv`: the PCI tree as it is, with ACS, BARs and IOMMU groups.
import { type PciKind } from "@faultline/core";
import { hasErrors } from "@faultline/diagnostics";
import { formatSize, powerOfTwoAbove } from "../../fields.ts";
import type { MachineInput } from "../../machine-schema.ts";
import { type ImportOptions, type ImportResult, refusedImport } from "../import-result.ts";
import { lspciFacts } from "./lspci-facts.ts";
import { lspciTreeFacts } from "./lspci-tree-facts.ts";
import { looksLikeLspciTree, readLspciTree } from "./read-lspci-tree.ts";
import { addressOf, type LspciFunction, readLspci } from "./read-lspci.ts";

const PAGE_BYTES = 4096n;
/** A GPU shows at least this much of its memory. */
const GPU_BAR_BYTES = 256n << 20n;
/** System memory that is below every BAR. */
const LOW_MEMORY = "2GiB";

const ACS_NAMES = {
  SrcValid: "source-validation",
  TransBlk: "translation-blocking",
  ReqRedir: "request-redirect",
  CmpltRedir: "completion-redirect",
  UpstreamFwd: "upstream-forwarding",
  EgressCtrl: "egress-control",
  DirectTrans: "direct-translated",
} as const;

const VENDORS: readonly (readonly [start: string, id: string])[] = [
  ["Intel", "8086"],
  ["NVIDIA", "10de"],
  ["Mellanox", "15b3"],
  ["Advanced Micro Devices, Inc. [AMD/ATI]", "1002"],
  ["Advanced Micro Devices", "1022"],
];

/** Reads the text that the tool prints: blocks of functions, or the tree of -t. */
export function importLspci(text: string, file: string, options: ImportOptions = {}): ImportResult {
  if (looksLikeLspciTree(text)) return importTree(text, file, options);
  const { functions, diagnostics } = readLspci(text, file);
  if (hasErrors(diagnostics)) return refusedImport(diagnostics);
  const { machine, hasMadeUpPorts } = machineOf(functions, options);
  const assumptions = [
    ...COMMON_ASSUMPTIONS,
    ...(functions.some(({ id }) => id === null)
      ? ["functions: ids are not in the file (lspci -nn has them); the vendor by its name"]
      : []),
    ...(functions.some(({ regions }) => regions.some(({ sizeBytes }) => sizeBytes === 0n))
      ? ["functions: regions without a size in the file are left out"]
      : []),
    ...(hasMadeUpPorts ? ["functions: a bus without a bridge in the file got a root port"] : []),
    ...(functions.some(({ linkSta }) => linkSta?.includes("downgraded") === true)
      ? ["links: a downgraded speed may be power saving; capabilities count"]
      : []),
    "devices: a GPU has as much memory as its largest BAR; private links are not in the file",
  ];
  return { machine, assumptions, facts: lspciFacts(functions), diagnostics };
}

const COMMON_ASSUMPTIONS = [
  "cpu: vendor by the functions of the first root bus; the family is that of a recent one",
  `memory: not in the file; ${LOW_MEMORY}, below every BAR`,
];
const TREE_GPU_BYTES = 16n << 30n;

function importTree(
  text: string,
  file: string,
  { gpuMemoryBytes = TREE_GPU_BYTES }: ImportOptions,
): ImportResult {
  const tree = readLspciTree(text, file, powerOfTwoAbove(gpuMemoryBytes));
  if (hasErrors(tree.diagnostics)) return refusedImport(tree.diagnostics);
  const { machine } = machineOf(tree.functions, { gpuMemoryBytes });
  const assumptions = [
    ...COMMON_ASSUMPTIONS,
    "functions: what each is shows in its name and place; ACS, BARs and IOMMU groups are not there",
    "functions: ids are not in the file; the vendor by its name",
    "devices: GPUs, and NICs that can do RDMA, by their names",
    `devices: each GPU has ${formatSize(gpuMemoryBytes)}, all of it behind a BAR`,
    "devices: which NUMA node is near and private links are not in the file",
  ];
  return { machine, assumptions, facts: lspciTreeFacts(tree), diagnostics: tree.diagnostics };
}

function machineOf(
  functions: readonly LspciFunction[],
  options: ImportOptions,
): { readonly machine: MachineInput; readonly hasMadeUpPorts: boolean } {
  const tree = new Tree(functions);
  const document = tree.functions();
  const nodes = Math.max(-1, ...functions.map(({ numaNode }) => numaNode ?? -1)) + 1;
  const machine: MachineInput = {
    version: 1,
    title: `${functions.length} PCI functions, as lspci shows them`,
    cpu: cpuOf(functions),
    ...(nodes > 1 ? { numa: numaOf(nodes) } : { memory: LOW_MEMORY }),
    host_bridges: tree.hostBridges(),
    functions: document,
    devices: devicesOf(functions, options),
  };
  return { machine, hasMadeUpPorts: tree.hasMadeUpPorts };
}

function cpuOf(functions: readonly LspciFunction[]): MachineInput["cpu"] {
  const isAmd = functions[0]?.title.startsWith("Advanced Micro Devices") === true;
  return isAmd ? { vendor: "AuthenticAMD", family: 0x19 } : { vendor: "GenuineIntel", family: 6 };
}

function numaOf(nodes: number): NonNullable<MachineInput["numa"]> {
  const each = `${2048 / 2 ** Math.ceil(Math.log2(nodes))}MiB`;
  return {
    nodes: Array.from({ length: nodes }, (_, socket) => ({ socket, memory: each, cpus: [socket] })),
  };
}

type Functions = MachineInput["functions"];

/** Which bridge is above which bus. */
class Tree {
  hasMadeUpPorts = false;
  private readonly all: readonly LspciFunction[];
  private readonly bridges = new Map<string, LspciFunction>();
  private readonly madeUp = new Map<string, string>();

  constructor(all: readonly LspciFunction[]) {
    this.all = all;
    for (const one of all) {
      if (one.secondary !== null) this.bridges.set(`${one.domain}:${one.secondary}`, one);
    }
  }

  functions(): Functions {
    const own = this.all.map((one): Functions[number] => {
      const acs = acsOf(one);
      const bars = barsOf(one);
      return {
        name: nameOf(one),
        at: addressOf(one),
        kind: kindOf(one),
        id: idOf(one),
        above: this.above(one),
        ...(acs === null ? {} : { acs }),
        ...(bars.length === 0 ? {} : { bars }),
        ...(one.iommuGroup === null ? {} : { iommu_group: one.iommuGroup }),
      };
    });
    const ports = [...this.madeUp.values()].map((name, n): Functions[number] => {
      const at = `fff0:00:${n.toString(16).padStart(2, "0")}.0`;
      return { name, at, kind: "root-port", id: "8086:0001", above: "host-made-up" };
    });
    return [...own, ...ports];
  }

  /** Root buses of functions that stand on one; call it after `functions`. */
  hostBridges(): MachineInput["host_bridges"] {
    const roots = [...new Set(this.all.filter((one) => this.isOnRoot(one)).map(busOf))];
    const found = roots.map((bus) => {
      const nodes = this.all.flatMap((one) => (busOf(one) === bus ? (one.numaNode ?? []) : []));
      return { name: hostOf(bus), root_bus: bus, socket: nodes[0] ?? 0 };
    });
    const made = { name: "host-made-up", root_bus: "fff0:00", socket: 0 };
    return this.madeUp.size > 0 ? [...found, made] : found;
  }

  private above(one: LspciFunction): string {
    const bus = busOf(one);
    const bridge = this.bridges.get(bus);
    if (bridge !== undefined && bridge !== one) return nameOf(bridge);
    if (this.isOnRoot(one)) return hostOf(bus);
    this.hasMadeUpPorts = true;
    const port = this.madeUp.get(bus) ?? `port-${bus.replace(":", "-")}`;
    this.madeUp.set(bus, port);
    return port;
  }

  /** An endpoint of PCIe is never on a root bus itself. */
  private isOnRoot(one: LspciFunction): boolean {
    const isBelow = this.bridges.has(busOf(one));
    const needsPort = this.all
      .filter((other) => busOf(other) === busOf(one))
      .every((other) => ["endpoint", "legacy-endpoint", "switch-upstream"].includes(kindOf(other)));
    return !isBelow && !needsPort;
  }
}

function busOf({ domain, bus }: LspciFunction): string {
  return `${domain}:${bus}`;
}

function hostOf(bus: string): string {
  return `host-${bus.replace(":", "-")}`;
}

function nameOf(one: LspciFunction): string {
  return `pci-${addressOf(one).replaceAll(":", "-")}`;
}

function idOf({ id, title }: LspciFunction): string {
  if (id !== null) return id;
  return `${VENDORS.find(([start]) => title.startsWith(start))?.[1] ?? "ffff"}:0000`;
}

function kindOf({ express, className }: LspciFunction): PciKind {
  const isBridge = className === "PCI bridge";
  if (express === null) return isBridge ? "pci-bridge" : "conventional";
  if (express.startsWith("Root Port")) return "root-port";
  if (express.startsWith("Upstream Port")) return "switch-upstream";
  if (express.startsWith("Downstream Port")) return "switch-downstream";
  if (express.startsWith("PCI-Express to PCI")) return "pcie-to-pci-bridge";
  if (express.startsWith("Root Complex")) return "rc-integrated-endpoint";
  if (express.startsWith("Legacy Endpoint")) return "legacy-endpoint";
  return isBridge ? "pci-bridge" : "endpoint";
}

function acsOf({ acs }: LspciFunction): Functions[number]["acs"] | null {
  if (acs === null) return null;
  const names = (words: readonly string[]): (typeof ACS_NAMES)[keyof typeof ACS_NAMES][] =>
    Object.entries(ACS_NAMES).flatMap(([word, name]) => (words.includes(word) ? [name] : []));
  const firmware = names(acs.ctl);
  return { capability: names(acs.cap), ...(firmware.length === 0 ? {} : { firmware }) };
}

/** BARs of a page and more; those of bridges carry no peer memory. */
function barsOf(one: LspciFunction): NonNullable<Functions[number]["bars"]> {
  if (one.secondary !== null) return [];
  return one.regions.flatMap(({ index, address, sizeBytes, isPrefetchable }) => {
    if (sizeBytes < PAGE_BYTES || index > 5) return [];
    const bar = { index, address: `0x${address.toString(16)}`, size: formatSize(sizeBytes) };
    return [isPrefetchable ? bar : { ...bar, prefetchable: false }];
  });
}

function devicesOf(
  functions: readonly LspciFunction[],
  { gpuMemoryBytes }: ImportOptions,
): NonNullable<MachineInput["devices"]> {
  let [gpus, nics] = [0, 0];
  return functions.flatMap((one): NonNullable<MachineInput["devices"]> => {
    const [largest] = one.regions.toSorted((a, b) => Number(b.sizeBytes - a.sizeBytes));
    const initiators = [nameOf(one)];
    if (/^(?:Ethernet|Infiniband|Network) controller/.test(one.className)) {
      return [{ name: `nic${nics++}`, kind: "nic", initiators, stack: "odp" }];
    }
    const isDisplay = /^(?:VGA compatible|3D|Display) controller/.test(one.className);
    if (!isDisplay || largest === undefined || largest.sizeBytes < GPU_BAR_BYTES) return [];
    const id = idOf(one);
    const stacks: Readonly<Record<string, "uvm" | "amdkfd" | "xe">> = {
      "10de": "uvm",
      "1002": "amdkfd",
      "8086": "xe",
    };
    return [
      {
        name: `gpu${gpus++}`,
        kind: "gpu",
        initiators,
        memory: {
          size: formatSize(gpuMemoryBytes ?? largest.sizeBytes),
          window: { function: nameOf(one), bar: largest.index },
        },
        page_sizes: ["4KiB", "64KiB", "2MiB"],
        stack: stacks[id.slice(0, 4)] ?? "ideal",
        source:
          gpuMemoryBytes === undefined ? "memory: that of its BAR" : "memory: given by the user",
      },
    ];
  });
}
