// A machine from a topology file of NCCL or RCCL.
import { connectedSets, directLinkGroupsByOrder, type LinkedPair } from "../direct-link-groups.ts";
import { type ImportOptions, type ImportResult, refusedImport } from "../import-result.ts";
import {
  machineOfSketch,
  portsBySwitch,
  type SketchBridge,
  sketchedPlace,
  type SketchLinks,
} from "../machine-sketch.ts";
import { type NcclDevice, type NcclTopology, readNcclTopology } from "./read-nccl-topology.ts";

/** Links of a pair, both ways taken together. */
interface LinkedGpus {
  readonly a: string;
  readonly b: string;
  readonly kind: "xgmi" | "nvlink";
  readonly count: number;
}

/** Reads the XML that NCCL_TOPO_DUMP_FILE gets. */
export function importNccl(text: string, file: string, options: ImportOptions = {}): ImportResult {
  const { topology, diagnostics } = readNcclTopology(text, file);
  if (topology === null) return refusedImport(diagnostics);
  const pairs = pairsOf(topology);
  const gpus = topology.devices.filter(({ kind }) => kind === "gpu");
  const busIds = topology.devices.map(({ busId }) => busId);
  const names = namesOf(topology.devices);
  const nameOf = (busId: string): string => names.get(busId) ?? busId;
  const hives = connectedSets(
    gpus.map(({ busId }) => busId).toSorted(),
    pairs.flatMap(({ a, b, kind }): LinkedPair[] => (kind === "xgmi" ? [[a, b]] : [])),
  );
  const sketch = machineOfSketch({
    title: `${gpus.length} GPUs, as a topology file of NCCL has them`,
    cpu: cpuOf(topology),
    nodes: topology.cpus.map((_, socket) => ({ socket, memoryMib: null, cpus: [socket] })),
    bridges: bridgesOf(topology, nameOf),
    devices: topology.devices.map((device) => {
      const hive = hives.findIndex((set) => set.includes(device.busId));
      return {
        name: nameOf(device.busId),
        kind: device.kind,
        id: idOf(device),
        ...sketchedPlace(device.busId, busIds),
        ...(hive < 0 ? {} : { hive: `hive${hive}` }),
      };
    }),
    links: linkGroups(pairs, nameOf),
    gpuMemoryBytes: options.gpuMemoryBytes,
  });
  const assumptions = [
    ...sketch.assumptions,
    "numa: CPU numbers are not in the file in a form that is read; one CPU for each node",
    ...(pairs.length === 0 ? ["fabric: the file has no private links; that may mean unknown"] : []),
  ];
  return {
    machine: sketch.machine,
    assumptions,
    facts: factsOf(topology, pairs, hives),
    diagnostics,
  };
}

function pairsOf({ links, devices }: NcclTopology): LinkedGpus[] {
  const known = devices.map(({ busId }) => busId).toSorted();
  const pairs = new Map<string, LinkedGpus>();
  for (const { from, to, kind, count } of links) {
    if (!known.includes(to)) continue;
    const [a, b] = known.indexOf(from) <= known.indexOf(to) ? [from, to] : [to, from];
    const key = `${a} ${b}`;
    const other = pairs.get(key);
    // Both ends tell of the same wires.
    if (other === undefined || other.count < count) pairs.set(key, { a, b, kind, count });
  }
  return [...pairs.values()].toSorted((one, other) => {
    return (
      known.indexOf(one.a) - known.indexOf(other.a) || known.indexOf(one.b) - known.indexOf(other.b)
    );
  });
}

function namesOf(devices: readonly NcclDevice[]): Map<string, string> {
  const counts = { gpu: 0, nic: 0 };
  return new Map(devices.map(({ busId, kind }) => [busId, `${kind}${counts[kind]++}`]));
}

function cpuOf({ cpus }: NcclTopology): { vendor: string; family: number } | null {
  const [first] = cpus;
  const vendor = first?.attributes.get("vendor");
  const family = Number(first?.attributes.get("familyid"));
  if (vendor === undefined || !Number.isSafeInteger(family) || family < 0) return null;
  return { vendor, family };
}

function idOf({ vendor, device, gpu }: NcclDevice): string | null {
  const hex = (text: string | null): string | null =>
    /^0x([0-9a-f]{4})$/i.exec(text ?? "")?.[1] ?? null;
  const [own, other] = [hex(vendor), hex(device)];
  if (own !== null && other !== null) return `${own}:${other}`;
  return gpu?.attributes.has("gcn") === true ? "1002:0000" : null;
}

/** One host bridge for each CPU; devices below one switch share its port. */
function bridgesOf(
  { cpus, devices }: NcclTopology,
  nameOf: (busId: string) => string,
): SketchBridge[] {
  return cpus.map((_, cpu) => {
    const own = devices.filter((device) => device.cpu === cpu);
    const ports = portsBySwitch(
      own,
      ({ bridge }) => bridge,
      ({ busId }) => nameOf(busId),
    );
    return { socket: cpu, ports };
  });
}

function linkGroups(
  pairs: readonly LinkedGpus[],
  nameOf: (busId: string) => string,
): SketchLinks[] {
  const keys = [...new Set(pairs.map(({ kind, count }) => `${kind} ${count}`))];
  return keys.map((key) => {
    const alike = pairs.filter(({ kind, count }) => `${kind} ${count}` === key);
    return {
      kind: alike[0]?.kind ?? "nvlink",
      width: alike[0]?.count ?? 1,
      pairs: alike.map(({ a, b }): LinkedPair => [nameOf(a), nameOf(b)]),
    };
  });
}

function factsOf(
  { version, cpus, devices, links, nrBridges }: NcclTopology,
  pairs: readonly LinkedGpus[],
  hives: readonly (readonly string[])[],
): Record<string, unknown> {
  const gpus = devices.filter(({ kind }) => kind === "gpu");
  const numaOf = (cpu: number): number => Number(cpus[cpu]?.attributes.get("numaid") ?? cpu);
  const linked = pairs.map(({ a, b }): LinkedPair => [a, b]);
  const ids = gpus.map(({ busId }) => busId);
  const withElement = gpus.filter(({ gpu }) => gpu !== null);
  const number = (text: string | undefined): number | null =>
    text === undefined ? null : Number(text);
  return {
    systemVersion: version,
    cpuNodes: cpus.map(({ attributes }) => attributes.get("numaid") ?? ""),
    gpuElements: withElement.length,
    gpuCount: gpus.length,
    gpuCountFrom: withElement.length > 0 ? "gpu elements" : "PCI class",
    gpus: withElement.map(({ busId, cpu, gpu }) => ({
      pci: busId,
      numa: numaOf(cpu),
      dev: number(gpu?.attributes.get("dev")),
      rank: number(gpu?.attributes.get("rank")),
      arch: gpu?.attributes.get("gcn") ?? gpu?.attributes.get("sm") ?? null,
    })),
    nics: devices.flatMap(({ busId, cpu, nets }) =>
      nets.map(({ attributes }) => ({
        pci: busId,
        numa: numaOf(cpu),
        name: attributes.get("name") ?? "",
        speedMbps: Number(attributes.get("speed") ?? 0),
      })),
    ),
    pciNicCount: devices.filter(({ kind }) => kind === "nic").length,
    pciBridges: nrBridges,
    pciSwitches: switchFacts(devices, numaOf),
    pciClassGpu: gpus[0]?.element.attributes.get("class") ?? null,
    gpuDevice: gpus[0]?.device ?? null,
    xgmiElements: links.filter(({ kind }) => kind === "xgmi").length,
    nvlinkElements: links.filter(({ kind }) => kind === "nvlink").length,
    linkedPairs: pairs.map(({ a, b, count }) => ({ a, b, count })),
    linkedPairCount: pairs.length,
    linksSymmetric: links.every((link) => {
      return links.some(
        ({ from, to, count }) => from === link.to && to === link.from && count === link.count,
      );
    }),
    hives,
    directLinkGreedyGroups: directLinkGroupsByOrder(ids, linked),
  };
}

function switchFacts(devices: readonly NcclDevice[], numaOf: (cpu: number) => number): object[] {
  const bridges = [...new Set(devices.flatMap(({ bridge }) => bridge ?? []))];
  return bridges.map((pci) => {
    const below = devices.filter(({ bridge }) => bridge === pci);
    const of = (kind: NcclDevice["kind"]): string[] =>
      below.flatMap((device) => (device.kind === kind ? [device.busId] : []));
    return { pci, numa: numaOf(below[0]?.cpu ?? 0), gpus: of("gpu"), nics: of("nic") };
  });
}
