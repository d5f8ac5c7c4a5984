// What an XML file of hwloc says, under the names of docs/import.md.
import { directLinkGroupsByOrder, type LinkedPair } from "../direct-link-groups.ts";
import {
  gpusOf,
  type HwlocGpu,
  isNvSwitch,
  kibToBytes,
  nvSwitchesOf,
  packageOf,
  switchAbove,
} from "./hwloc-devices.ts";
import {
  bitsOf,
  type HwlocMatrix,
  type HwlocObject,
  type HwlocTopology,
  objectAt,
} from "./read-hwloc.ts";

const COUNTED = ["Package", "Core", "PU", "NUMANode", "Group", "Bridge", "PCIDev", "OSDev"];
const MACHINE_INFOS = ["DMIProductName", "PlatformModel", "HostName", "Architecture", "OSRelease"];

/** A link between two objects of the matrix of NVLinks. */
export interface HwlocLink {
  readonly a: HwlocObject;
  readonly b: HwlocObject;
  readonly megabytes: number;
}

/** NVLinks of the file; null where it has no matrix of them, which means unknown. */
export function nvLinksOf(topology: HwlocTopology): HwlocLink[] | null {
  const matrix = nvLinkMatrix(topology);
  if (matrix === undefined) return null;
  const ends = matrix.indexes.map((index) => endOf(topology, index));
  return ends.flatMap((a, i) =>
    ends.flatMap((b, k): HwlocLink[] => {
      const megabytes = matrix.values[i]?.[k] ?? 0;
      return k > i && megabytes > 0 && a !== null && b !== null ? [{ a, b, megabytes }] : [];
    }),
  );
}

function nvLinkMatrix({ matrices }: HwlocTopology): HwlocMatrix | undefined {
  return matrices.find(({ name }) => name === "NVLinkBandwidth");
}

/** An interface of a GPU stands for its PCI device. */
function endOf({ objects }: HwlocTopology, index: string): HwlocObject | null {
  const object = objectAt(objects, index);
  if (object === undefined) return null;
  return object.type === "OSDev" ? object.parent : object;
}

/** NUMA nodes by number. */
export function nodesOf({ objects }: HwlocTopology): HwlocObject[] {
  const nodes = objects.filter(({ type }) => type === "NUMANode");
  return nodes.toSorted((a, b) => numberOf(a) - numberOf(b));
}

/** The number that the kernel gives an object. */
export function numberOf({ attributes }: HwlocObject): number {
  return Number(attributes.get("os_index") ?? -1);
}

/** All facts. */
export function hwlocFacts(topology: HwlocTopology): Record<string, unknown> {
  const { version, objects, infos, matrices } = topology;
  const gpus = gpusOf(topology);
  const nodes = nodesOf(topology);
  const bytesOf = ({ attributes }: HwlocObject): number =>
    Number(attributes.get("local_memory") ?? 0);
  const latency = matrices.find(({ name }) => name === "NUMALatency");
  return {
    xmlVersion: version,
    objectCounts: Object.fromEntries(
      COUNTED.flatMap((type) => {
        const count = objects.filter((one) => one.type === type).length;
        return count === 0 ? [] : [[type, count] as const];
      }),
    ),
    machine: Object.fromEntries(
      MACHINE_INFOS.flatMap((name) => {
        const value = infos.get(name);
        return value === undefined ? [] : [[name, value] as const];
      }),
    ),
    synthetic: infos.get("Backend") === "Synthetic",
    numaNodes: nodes.map((node) => ({
      os: numberOf(node),
      bytes: bytesOf(node),
      cpus: bitsOf(node.attributes.get("cpuset")).length,
      ...(node.attributes.has("subtype") ? { subtype: node.attributes.get("subtype") } : {}),
    })),
    totalLocalMemoryBytes: nodes.reduce((sum, node) => sum + bytesOf(node), 0),
    localPairs: localPairs(nodes),
    gpus: gpus.map(gpuFact),
    gpuCount: gpus.length,
    pciSwitches: switchFacts(gpus),
    nvswitches: nvSwitchesOf(topology).length,
    nvswitchBusIds: nvSwitchesOf(topology).map(({ attributes }) => attributes.get("pci_busid")),
    distanceMatrices: matrices.map(({ name, indexes, kind, tag, indexing }) => ({
      name,
      objects: indexes.length,
      kind,
      tag,
      ...(indexing === null ? {} : { indexing }),
    })),
    numaDistance: latency && { nodes: latency.indexes.map(Number), matrix: latency.values },
    heteroMatrix: heteroFact(matrices),
    memoryAttributes: memoryAttributeFacts(topology),
    cxlMemoryDevices: cxlFacts(objects),
    dax: daxFacts(objects),
    nvlink: nvLinkFact(topology, gpus),
    directLinkGreedyGroups: groupFacts(topology, gpus),
  };
}

function gpuFact({ busId, interfaces, nodes, model, memoryBytes }: HwlocGpu): object {
  return {
    pci: busId,
    osdevs: interfaces,
    numa: nodes,
    ...(model === null ? {} : { model }),
    ...(memoryBytes === null ? {} : { deviceMemoryBytes: memoryBytes }),
  };
}

/** Nodes of ordinary and of fast memory that the same CPUs are near to. */
function localPairs(nodes: readonly HwlocObject[]): object[] {
  const of = (subtype: string): HwlocObject[] =>
    nodes.filter(({ attributes }) => attributes.get("subtype") === subtype);
  return of("DRAM").flatMap((dram) =>
    of("HBM")
      .filter((hbm) => hbm.attributes.get("cpuset") === dram.attributes.get("cpuset"))
      .map((hbm) => ({ dram: numberOf(dram), hbm: numberOf(hbm) })),
  );
}

function switchFacts(gpus: readonly HwlocGpu[]): object[] {
  const switches = [...new Set(gpus.flatMap(({ object }) => switchAbove(object) ?? []))];
  return switches.map((upstream) => ({
    upstream: upstream.attributes.get("pci_busid"),
    gpus: gpus.filter(({ object }) => switchAbove(object) === upstream).map(({ busId }) => busId),
  }));
}

function heteroFact(matrices: readonly HwlocMatrix[]): object | null {
  const matrix = matrices.find(({ tag, name }) => tag === "distances2hetero" && name === null);
  if (matrix === undefined) return null;
  const types: Record<string, number> = {};
  for (const index of matrix.indexes) {
    const type = index.split(":")[0] ?? "";
    types[type] = (types[type] ?? 0) + 1;
  }
  return { objects: matrix.indexes.length, types };
}

/** Bandwidths are in MB/s, but for a machine that somebody made up; others mean nothing here. */
function memoryAttributeFacts({ memoryAttributes, objects, infos }: HwlocTopology): object[] {
  const isSynthetic = infos.get("Backend") === "Synthetic";
  return memoryAttributes.map(({ name, values }) => {
    if (name !== "Bandwidth" && name !== "Latency") {
      return { name, custom: true, valueCount: values.length };
    }
    return {
      name,
      values: values.map((value) => {
        const index = `${value.get("target_obj_type")}:${value.get("target_obj_gp_index")}`;
        const target = objectAt(objects, index);
        const number = Number(value.get("value"));
        return {
          targetNuma: target === undefined ? null : numberOf(target),
          ...(isSynthetic
            ? { value: number, initiatorCpuset: value.get("initiator_cpuset") }
            : { MBps: number }),
        };
      }),
    };
  });
}

function cxlFacts(objects: readonly HwlocObject[]): object[] {
  return objects.flatMap(({ attributes, infos, parent }) => {
    if (attributes.get("subtype") !== "CXLMem") return [];
    const bytes = (name: string): number | null => {
      const size = infos.get(name);
      return size === undefined ? null : kibToBytes(size);
    };
    const [ram, pmem] = [bytes("CXLRAMSize"), bytes("CXLPMEMSize")];
    return [
      {
        pci: parent?.attributes.get("pci_busid"),
        name: attributes.get("name"),
        ...(ram === null ? {} : { ramBytes: ram }),
        ...(pmem === null ? {} : { pmemBytes: pmem }),
      },
    ];
  });
}

function daxFacts(objects: readonly HwlocObject[]): object[] {
  return objects.flatMap(({ attributes, infos }) => {
    const type = infos.get("DAXType");
    if (type === undefined) return [];
    return [{ name: attributes.get("name"), type, bytes: kibToBytes(infos.get("Size") ?? "0") }];
  });
}

function nvLinkFact(topology: HwlocTopology, gpus: readonly HwlocGpu[]): object | null {
  const links = nvLinksOf(topology);
  const matrix = nvLinkMatrix(topology);
  if (links === null || matrix === undefined) return null;
  const isGpu = (object: HwlocObject): boolean => gpus.some((gpu) => gpu.object === object);
  const gpuGpu = links.filter(({ a, b }) => isGpu(a) && isGpu(b));
  const gpuSwitch = links.filter(
    ({ a, b }) => (isGpu(a) && isNvSwitch(b)) || (isNvSwitch(a) && isGpu(b)),
  );
  const gpuCpu = links.filter(({ a, b }) => isGpu(a) && b.type === "Package");
  const busId = ({ attributes }: HwlocObject): string => attributes.get("pci_busid") ?? "";
  const switchesOf = ({ object }: HwlocGpu): HwlocObject[] =>
    gpuSwitch.flatMap(({ a, b }) => (a === object ? [b] : b === object ? [a] : []));
  const shares = (one: HwlocGpu, other: HwlocGpu): boolean =>
    switchesOf(one).some((at) => switchesOf(other).includes(at));
  const pairs = gpus.flatMap((one, n) => gpus.slice(n + 1).map((other) => [one, other] as const));
  const nrSharing = pairs.filter(([one, other]) => shares(one, other)).length;
  return {
    matrixSize: matrix.indexes.length,
    diagonal: matrix.values[0]?.[0] ?? 0,
    gpuGpuPairs: gpuGpu.map(({ a, b, megabytes }) => ({
      a: busId(a),
      b: busId(b),
      MBps: megabytes,
    })),
    gpuCpuPairs: gpuCpu.map(({ a, b, megabytes }) => ({
      gpu: busId(a),
      package: numberOf(b),
      MBps: megabytes,
    })),
    crossSocketGpuPairsLinked: gpuGpu.filter(({ a, b }) => packageOf(a) !== packageOf(b)).length,
    gpuToGpuDirectPairs: gpuGpu.length,
    gpuToSwitchLinks: gpuSwitch.length,
    gpuToSwitchMBps: gpuSwitch[0]?.megabytes ?? null,
    switchToSwitchLinks: links.filter(({ a, b }) => isNvSwitch(a) && isNvSwitch(b)).length,
    switchesPerGpu: gpus[0] === undefined ? 0 : switchesOf(gpus[0]).length,
    gpusPerSwitch: gpuSwitch.filter(({ a, b }) =>
      [a, b].includes(nvSwitchesOf(topology)[0] as HwlocObject),
    ).length,
    gpuIslandsSharingSwitches: islands(gpus, shares),
    gpuPairsSharingASwitch: nrSharing,
    gpuPairsNotSharingASwitch: pairs.length - nrSharing,
  };
}

function islands(
  gpus: readonly HwlocGpu[],
  shares: (one: HwlocGpu, other: HwlocGpu) => boolean,
): string[][] {
  const sets: HwlocGpu[][] = [];
  for (const gpu of gpus) {
    const set = sets.find(([first]) => first !== undefined && shares(first, gpu));
    if (set === undefined) sets.push([gpu]);
    else set.push(gpu);
  }
  return sets.filter((set) => set.length > 1).map((set) => set.map(({ busId }) => busId));
}

function groupFacts(topology: HwlocTopology, gpus: readonly HwlocGpu[]): object | null {
  const links = nvLinksOf(topology);
  if (links === null) return null;
  const ids = gpus.map(({ busId }) => busId);
  const pairs = links.flatMap(({ a, b }): LinkedPair[] => {
    const [one, other] = [a.attributes.get("pci_busid"), b.attributes.get("pci_busid")];
    return ids.includes(one ?? "") && ids.includes(other ?? "") ? [[one ?? "", other ?? ""]] : [];
  });
  return directLinkGroupsByOrder(ids, pairs);
}
