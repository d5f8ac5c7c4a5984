// `-numa`: nodes, their CPUs, distances, and what HMAT says, read in the order of the command line,
// since an option sees only the nodes before it.
import { CPU_PROPERTIES, type MachineSettings } from "./machine-settings.ts";
import { idHint, MAX_NODES, type ObjectTable } from "./object-table.ts";
import type { QemuOption } from "./option-list.ts";
import { OptionReader } from "./option-reader.ts";
import type { QemuCache, QemuPerformance } from "./qemu-machine.ts";
import { addCache, addPerformance, refusedWithoutHmat } from "./hmat-options.ts";
import type { RefusalList } from "./refusals.ts";

/** A node being put together. */
export interface DraftNode {
  readonly id: number;
  memoryBytes: bigint;
  hasCpu: boolean;
  hasInitiator: boolean;
  initiator: number | null;
}

/** All that `-numa` has said so far. */
export interface NumaDraft {
  readonly settings: MachineSettings;
  readonly objects: ObjectTable;
  /** By id. */
  readonly nodes: Map<number, DraftNode>;
  /** Nodes of CPUs, by index. */
  readonly cpuNodes: Map<number, number>;
  /** Backends in use, by id. */
  readonly usedBackends: Set<string>;
  /** By source, then by destination. */
  readonly distances: Map<number, Map<number, number>>;
  readonly performance: QemuPerformance[];
  readonly caches: QemuCache[];
}

const MIN_DISTANCE = 10;

/** Reads every `-numa`. */
export function readNumaOptions(
  options: readonly QemuOption[],
  settings: MachineSettings,
  objects: ObjectTable,
  refusals: RefusalList,
): NumaDraft {
  const draft: NumaDraft = {
    settings,
    objects,
    nodes: new Map(),
    cpuNodes: new Map(),
    usedBackends: new Set(),
    distances: new Map(),
    performance: [],
    caches: [],
  };
  const kinds = {
    node: addNode,
    cpu: addCpu,
    dist: addDistance,
    "hmat-lb": addPerformance,
    "hmat-cache": addCache,
  };
  for (const option of options.filter(({ name }) => name === "numa")) {
    const reader = new OptionReader(option, "numa", refusals);
    const kind = reader.requiredWord("type", Object.keys(kinds) as (keyof typeof kinds)[]);
    if (kind !== undefined) kinds[kind](draft, option, refusals);
  }
  return draft;
}

/** Adds the node that QEMU makes by itself when memory can be plugged. */
export function addDefaultNode(draft: NumaDraft): void {
  draft.nodes.set(0, freshNode(draft, 0, draft.settings.ramBytes));
}

function freshNode({ objects }: NumaDraft, id: number, memoryBytes: bigint): DraftNode {
  const hasInitiator = objects.initiators.some(({ node }) => node === id);
  return { id, memoryBytes, hasCpu: false, hasInitiator, initiator: null };
}

function addNode(draft: NumaDraft, option: QemuOption, refusals: RefusalList): void {
  const { nodes } = draft;
  const plain = new OptionReader(option, "numa node", refusals);
  plain.onlyKnows(["type", "nodeid", "cpus", "mem", "memdev", "initiator"]);
  const id = plain.integer("nodeid", 0xffff, "uint16") ?? nodes.size;
  const reader = new OptionReader(option, `numa node ${id}`, refusals);
  if (id >= MAX_NODES) {
    return reader.refuse(`QEMU has room for ${MAX_NODES} nodes, 0 to ${MAX_NODES - 1}`, {
      key: "nodeid",
    });
  }
  if (nodes.has(id)) return reader.refuse("is declared twice", { key: "nodeid" });
  const node = freshNode(draft, id, 0n);
  const initiator = reader.integer("initiator", 0xffff, "uint16");
  if (initiator !== undefined) {
    if (refusedWithoutHmat(draft, reader)) return;
    if (initiator >= MAX_NODES) {
      // QEMU prints this and goes on as if the whole option were not there.
      const at = reader.parameter("initiator");
      const message = `numa node ${id}: initiator ${initiator} is no node from 0 to 127`;
      const hint = "QEMU leaves this node out and goes on";
      return refusals.add(option, "E_QEMU_REFUSES", message, { at, hint, severity: "warning" });
    }
    node.initiator = initiator;
  }
  const indices = readCpuRanges(reader);
  for (const index of indices) {
    if (!assignCpu(draft, node, index, reader)) return;
  }
  if (!takeMemory(draft, node, reader)) return;
  nodes.set(id, node);
}

/** `cpus=0-3`, which may be given several times. */
function readCpuRanges(reader: OptionReader): number[] {
  return reader.option.parameters
    .filter(({ key }) => key === "cpus")
    .flatMap((parameter) => {
      const match = /^(\d+)(?:-(\d+))?$/.exec(parameter.value);
      const first = Number(match?.[1]);
      const last = Number(match?.[2] ?? match?.[1]);
      if (match === null || last < first || last > 0xffff) {
        reader.wrong(parameter, `must be a CPU or a range such as 0-3, not '${parameter.value}'`);
        return [];
      }
      return Array.from({ length: last - first + 1 }, (_, at) => first + at);
    });
}

function assignCpu(
  { settings, cpuNodes }: NumaDraft,
  node: DraftNode,
  index: number,
  reader: OptionReader,
): boolean {
  const nrPossible = settings.topology.possible.length;
  if (index >= nrPossible) {
    const hint = `maxcpus is ${nrPossible}`;
    reader.refuse(`there is no CPU ${index}`, { hint, key: "cpus" });
    return false;
  }
  const other = cpuNodes.get(index);
  if (other !== undefined && other !== node.id) {
    reader.refuse(`CPU ${index} belongs to node ${other} already`);
    return false;
  }
  if (settings.hasHmat && node.initiator !== null && node.initiator !== node.id) {
    const problem = `has CPUs, so its initiator must be ${node.id}, not ${node.initiator}`;
    reader.refuse(problem, { key: "initiator" });
    return false;
  }
  cpuNodes.set(index, node.id);
  node.hasCpu = true;
  if (settings.hasHmat) node.initiator = node.id;
  return true;
}

function takeMemory(draft: NumaDraft, node: DraftNode, reader: OptionReader): boolean {
  const { objects, usedBackends } = draft;
  if (reader.parameter("mem") !== undefined) {
    const hint = "-object memory-backend-ram,id=m0,size=… and memdev=m0";
    reader.refuse("this machine type does not take 'mem'", { hint, key: "mem" });
    return false;
  }
  const backend = reader.text("memdev");
  if (backend === undefined) return true;
  const sizeBytes = objects.backends.get(backend);
  if (sizeBytes === undefined) {
    const hint = idHint("memory backends", backend, objects.backends.keys());
    reader.refuse(`there is no memory backend '${backend}'`, { hint, key: "memdev" });
    return false;
  }
  if (usedBackends.has(backend)) {
    reader.refuse(`memory backend '${backend}' is in use already`, { key: "memdev" });
    return false;
  }
  usedBackends.add(backend);
  node.memoryBytes = sizeBytes;
  return true;
}

function addCpu(draft: NumaDraft, option: QemuOption, refusals: RefusalList): void {
  const reader = new OptionReader(option, "numa cpu", refusals);
  reader.onlyKnows(["type", "node-id", ...CPU_PROPERTIES.keys()]);
  const id = reader.requiredInteger("node-id");
  if (id === undefined) return;
  const node = draft.nodes.get(id);
  if (node === undefined) {
    const hint = "declare the node before its CPUs";
    return reader.refuse(`there is no node ${id}`, { hint, key: "node-id" });
  }
  const wanted = [...CPU_PROPERTIES].flatMap(([key, level]) => {
    const number = reader.integer(key);
    return number === undefined ? [] : [{ level, number }];
  });
  const chosen = draft.settings.topology.possible.filter(({ place }) =>
    wanted.every(({ level, number }) => place[level] === number),
  );
  if (wanted.length === 0 || chosen.length === 0) {
    return reader.refuse("no CPU has these properties", { hint: "socket-id, core-id, thread-id" });
  }
  for (const { index } of chosen) {
    if (!assignCpu(draft, node, index, reader)) return;
  }
}

function addDistance(draft: NumaDraft, option: QemuOption, refusals: RefusalList): void {
  const reader = new OptionReader(option, "numa dist", refusals);
  reader.onlyKnows(["type", "src", "dst", "val"]);
  const source = reader.requiredInteger("src", 0xffff, "uint16");
  const destination = reader.requiredInteger("dst", 0xffff, "uint16");
  const value = reader.requiredInteger("val", 0xff, "uint8");
  if (source === undefined || destination === undefined || value === undefined) return;
  for (const [key, node] of Object.entries({ src: source, dst: destination })) {
    if (draft.nodes.has(node)) continue;
    const hint = "declare nodes before their distances";
    return reader.refuse(`${key} ${node}: there is no such node`, { hint, key });
  }
  const pair = `from node ${source} to ${destination}`;
  if (value < MIN_DISTANCE) {
    return reader.refuse(`${pair}: ${value} is less than 10, the distance to oneself`, {
      key: "val",
    });
  }
  if (source === destination && value !== MIN_DISTANCE) {
    return reader.refuse(`${pair}: the distance to oneself is 10, not ${value}`, { key: "val" });
  }
  const row = draft.distances.get(source) ?? new Map<number, number>();
  draft.distances.set(source, row.set(destination, value));
}
