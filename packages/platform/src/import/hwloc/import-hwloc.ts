// A machine from an XML file of hwloc: its nodes, its GPUs and NICs with their places, its NVLinks.
import type { MachineInput } from "../../machine-schema.ts";
import { cpusAsRanges } from "../../number-ranges.ts";
import type { LinkedPair } from "../direct-link-groups.ts";
import { type ImportOptions, type ImportResult, refusedImport } from "../import-result.ts";
import {
  machineOfSketch,
  portsBySwitch,
  type SketchBridge,
  sketchedPlace,
  type SketchLinks,
} from "../machine-sketch.ts";
import {
  gpusOf,
  hostBridgeOf,
  isNic,
  isNvSwitch,
  nvSwitchesOf,
  packageOf,
  switchAbove,
} from "./hwloc-devices.ts";
import { hwlocFacts, nodesOf, numberOf, nvLinksOf } from "./hwloc-facts.ts";
import { lstopoFacts } from "./lstopo-facts.ts";
import { looksLikeLstopoText, readLstopoText } from "./read-lstopo-text.ts";
import { bitsOf, type HwlocObject, type HwlocTopology, readHwloc } from "./read-hwloc.ts";

const MIB = 2 ** 20;

/** Reads the XML that lstopo writes, or the text that it prints. */
export function importHwloc(text: string, file: string, options: ImportOptions = {}): ImportResult {
  const isText = looksLikeLstopoText(text);
  const { topology, diagnostics } = isText ? readLstopoText(text, file) : readHwloc(text, file);
  if (topology === null) return refusedImport(diagnostics);
  const { machine, assumptions } = machineOf(topology, options);
  const ofText = [
    "numa: sizes are rounded in the text, and distances are not in it",
    "devices: GPUs by the class of their PCI device; links are not in the text",
  ];
  return {
    machine,
    assumptions: isText ? [...assumptions, ...ofText] : assumptions,
    facts: isText ? lstopoFacts(topology) : hwlocFacts(topology),
    diagnostics,
  };
}

function machineOf(
  topology: HwlocTopology,
  options: ImportOptions,
): Pick<ImportResult, "assumptions"> & { readonly machine: MachineInput } {
  const names = namesOf(topology);
  const gpus = gpusOf(topology);
  const nodes = nodesOf(topology);
  const sockets = topology.objects.filter(({ type }) => type === "Package");
  const socketOf = (object: HwlocObject): number => {
    const socket = packageOf(object);
    return socket === null ? 0 : sockets.indexOf(socket);
  };
  const { cpusOf, isShared } = cpusByNode(nodes);
  const numbers = nodes.map(numberOf);
  const busIds = [...names.keys()].map(busIdOf);
  const latency = topology.matrices.find(({ name }) => name === "NUMALatency");
  const isWhole = latency?.indexes.map(Number).join() === numbers.join();
  const sketch = machineOfSketch({
    title: titleOf(topology),
    cpu: null,
    nodes: nodes.map((node) => ({
      socket: socketOf(node),
      memoryMib: Math.floor(Number(node.attributes.get("local_memory") ?? 0) / MIB),
      cpus: cpusAsRanges(cpusOf.get(node) ?? []),
    })),
    ...(latency !== undefined && isWhole ? { distances: latency.values } : {}),
    bridges: bridgesOf(topology, names, socketOf),
    devices: [...names].flatMap(([object, name]) => {
      if (isNvSwitch(object)) return [];
      const gpu = gpus.find((one) => one.object === object);
      const id = /\[([0-9a-f]{4}:[0-9a-f]{4})\]/i.exec(
        object.attributes.get("pci_type") ?? "",
      )?.[1];
      const memory = gpu?.memoryBytes ?? null;
      const base = {
        name,
        kind: gpu === undefined ? ("nic" as const) : ("gpu" as const),
        id: id ?? null,
        ...sketchedPlace(busIdOf(object), busIds),
      };
      return memory === null ? [base] : [{ ...base, memoryBytes: BigInt(memory) }];
    }),
    switches: nvSwitchesOf(topology).flatMap((object) => names.get(object) ?? []),
    links: linksOf(topology, names, sockets),
    gpuMemoryBytes: options.gpuMemoryBytes,
  });
  const assumptions = [
    ...sketch.assumptions,
    ...(isShared
      ? ["numa: CPUs that are near to several nodes are on the first of ordinary memory"]
      : []),
    ...(topology.infos.get("Backend") === "Synthetic"
      ? ["machine: made up with hwloc, none that exists"]
      : []),
    ...(gpus.length > 0 && nvLinksOf(topology) === null
      ? ["fabric: the file has no matrix of NVLinks; that means unknown, not none"]
      : []),
  ];
  return { machine: sketch.machine, assumptions };
}

function busIdOf({ attributes }: HwlocObject): string {
  return attributes.get("pci_busid") ?? "";
}

function titleOf({ infos }: HwlocTopology): string {
  const model = infos.get("DMIProductName") ?? infos.get("PlatformModel") ?? "A machine";
  return `${model}, as hwloc shows it`;
}

/**
 * CPUs by node. A CPU is near to every kind of memory of its place, and on one node: the kernel
 * has it on the one of ordinary memory.
 */
function cpusByNode(nodes: readonly HwlocObject[]): {
  readonly cpusOf: ReadonlyMap<HwlocObject, readonly number[]>;
  readonly isShared: boolean;
} {
  const isOrdinary = ({ attributes }: HwlocObject): boolean =>
    ["DRAM", undefined].includes(attributes.get("subtype"));
  const taken = new Set<number>();
  const cpusOf = new Map<HwlocObject, readonly number[]>();
  let isShared = false;
  for (const node of nodes.toSorted((a, b) => Number(isOrdinary(b)) - Number(isOrdinary(a)))) {
    const near = bitsOf(node.attributes.get("cpuset"));
    const own = near.filter((cpu) => !taken.has(cpu));
    isShared ||= own.length < near.length;
    for (const cpu of own) taken.add(cpu);
    cpusOf.set(node, own);
  }
  return { cpusOf, isShared };
}

/** GPUs, NICs and switches of NVLink, each with a name of our own. */
function namesOf(topology: HwlocTopology): Map<HwlocObject, string> {
  const names = new Map<HwlocObject, string>();
  gpusOf(topology).forEach(({ object }, n) => names.set(object, `gpu${n}`));
  topology.objects.filter(isNic).forEach((object, n) => names.set(object, `nic${n}`));
  nvSwitchesOf(topology).forEach((object, n) => names.set(object, `nvswitch${n}`));
  return names;
}

function bridgesOf(
  { objects }: HwlocTopology,
  names: ReadonlyMap<HwlocObject, string>,
  socketOf: (object: HwlocObject) => number,
): SketchBridge[] {
  const devices = [...names.keys()].filter((object) => !isNvSwitch(object));
  const hosts = objects.filter(({ attributes }) => attributes.get("bridge_type") === "0-1");
  const used = hosts.filter((host) => devices.some((device) => hostBridgeOf(device) === host));
  if (used.length === 0) return [{ socket: 0, ports: [] }];
  return used.map((host) => {
    const own = devices.filter((device) => hostBridgeOf(device) === host);
    const ports = portsBySwitch(own, switchAbove, (device) => names.get(device) ?? "");
    return { socket: socketOf(host), ports };
  });
}

/** NVLinks with the rates of the matrix, between GPUs, their switches and sockets. */
function linksOf(
  topology: HwlocTopology,
  names: ReadonlyMap<HwlocObject, string>,
  sockets: readonly HwlocObject[],
): SketchLinks[] {
  const links = nvLinksOf(topology) ?? [];
  const nameOf = (object: HwlocObject): string => {
    return names.get(object) ?? `socket${Math.max(0, sockets.indexOf(object))}`;
  };
  return [...new Set(links.map(({ megabytes }) => megabytes))].map((megabytes) => ({
    kind: "nvlink",
    width: 1,
    bandwidthMb: megabytes,
    pairs: links
      .filter((one) => one.megabytes === megabytes)
      .map(({ a, b }): LinkedPair => [nameOf(a), nameOf(b)]),
  }));
}
