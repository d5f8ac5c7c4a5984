// The nodes that Linux has after a boot with these tables, and after memory was plugged.
import type { AcpiTables } from "../tables/acpi-tables.ts";
import { type AccessClass, readHmatAccess, type SideCache } from "./hmat-access.ts";
import { type LateMemory, type LinuxMachine, linuxMachineFromTables } from "./linux-machine.ts";
import { coverageProblem, nodesWithRam } from "./memory-coverage.ts";
import { memoryTiers } from "./memory-tiers.ts";
import { type Affinity, readAffinity } from "./read-affinity.ts";

/** One possible node. */
export interface LinuxNode {
  readonly node: number;
  /** Null for the one node of a kernel that does not trust its tables. */
  readonly proximityDomain: number | null;
  /** What in the tables made this node. */
  readonly origin: string;
  /** Numbers of the CPUs that are up. */
  readonly cpus: readonly number[];
  /** To every possible node, in their order. */
  readonly distances: readonly number[];
  /** What HMAT gave the node's memory: class 0 and class 1; null when nothing is registered. */
  readonly access: readonly [AccessClass, AccessClass] | null;
  /** Nodes whose memory this one reaches best, by class; null when it is nobody's initiator. */
  readonly accessTargets: readonly [readonly number[] | null, readonly number[] | null];
  readonly caches: readonly SideCache[];
}

/** The nodes and what the kernel says about them; lists are of node numbers. */
export interface LinuxNodeMap {
  readonly possible: readonly number[];
  readonly online: readonly number[];
  readonly hasCpu: readonly number[];
  readonly hasMemory: readonly number[];
  readonly hasNormalMemory: readonly number[];
  readonly hasInitiator: readonly number[];
  /** Every possible node. */
  readonly nodes: readonly LinuxNode[];
  /** In the order in which domains were met. */
  readonly pxmToNode: readonly (readonly [domain: number, node: number])[];
  /** Nodes of CXL windows. */
  readonly windowNodes: readonly number[];
  /** Nodes with memory, by tier. */
  readonly tiers: ReadonlyMap<number, readonly number[]>;
  /** Why SRAT as a whole is not trusted. */
  readonly sratRejected: string | null;
  /** Why HMAT as a whole is not trusted. */
  readonly hmatRejected: string | null;
  /** Why the kernel does not come up. */
  readonly panic: string | null;
  /** What was ignored, and why. */
  readonly notes: readonly string[];
}

const LOCAL_DISTANCE = 10;
const REMOTE_DISTANCE = 20;

/**
 * Boots.
 * @param machine what is not in the tables. @defaultValue RAM and CPUs are those of the tables
 */
export function linuxNodeMap(
  tables: AcpiTables,
  machine: LinuxMachine = linuxMachineFromTables(tables),
): LinuxNodeMap {
  const affinity = readAffinity(tables, machine.architecture);
  const rejected = affinity.rejected ?? coverageProblem(affinity.blocks, machine.ram);
  return rejected === null
    ? trustedMap(tables, machine, affinity)
    : fallbackMap(machine, affinity, rejected);
}

function trustedMap(tables: AcpiTables, machine: LinuxMachine, affinity: Affinity): LinuxNodeMap {
  const { pxm, parsed, initiators, windowNodes, notes } = affinity;
  const isArm = machine.architecture === "arm64";
  const cpuNodes = machine.cpuIds.map((id) => affinity.cpuNodes.get(id) ?? 0);
  const hasCpu = new Set(cpuNodes);
  const hasMemory = nodesWithRam(affinity.blocks, machine.ram);
  const atBoot = isArm ? [...parsed.keys()] : [...hasMemory, ...hasCpu, ...initiators];
  const online = new Set(atBoot);
  for (const late of machine.lateMemory) {
    const node = lateNode(late, affinity, machine);
    hasMemory.add(node);
    online.add(node);
  }
  const possible = ordered(parsed.keys());
  const { targets, rejected: hmatRejected } = readHmatAccess(tables, pxm, hasCpu);
  const registered = targets.filter(({ node }) => online.has(node));
  const distance = distances(tables, affinity);
  const nodes = possible.map((node): LinuxNode => {
    const target = registered.find((one) => one.node === node);
    const reachedBy = (at: 0 | 1): number[] | null => {
      const reached = registered.filter(({ classes }) => classes[at].initiators.includes(node));
      const has = target !== undefined || reached.length > 0;
      return has ? ordered(reached.map((one) => one.node)) : null;
    };
    return {
      node,
      proximityDomain: pxm.domainOf(node),
      origin: parsed.get(node) ?? "",
      cpus: cpuNodes.flatMap((of, cpu) => (of === node ? [cpu] : [])),
      distances: possible.map((to) => distance(node, to)),
      access: target?.classes ?? null,
      accessTargets: [reachedBy(0), reachedBy(1)],
      caches: target?.caches ?? [],
    };
  });
  const memory = ordered(hasMemory);
  const numbersOf = (node: number): AccessClass | undefined =>
    targets.find((one) => one.node === node)?.classes[1];
  return {
    possible,
    online: ordered(online),
    hasCpu: ordered(hasCpu),
    hasMemory: memory,
    hasNormalMemory: memory,
    hasInitiator: ordered(initiators),
    nodes,
    pxmToNode: pxm.entries,
    windowNodes,
    tiers: memoryTiers(memory, hasCpu, numbersOf),
    sratRejected: null,
    hmatRejected,
    panic: null,
    notes,
  };
}

/**
 * Memory that is plugged goes to the node of its domain, else to that of the boot's memory at its
 * address, else to that of the first memory: windows are kept apart and not asked.
 */
function lateNode(late: LateMemory, { pxm, blocks }: Affinity, { ram }: LinuxMachine): number {
  const atBoot = blocks.filter((block) => nodesWithRam([block], ram).size > 0);
  const owner = atBoot.find(({ start, end }) => start <= late.start && late.start < end);
  return pxm.nodeOf(late.proximityDomain) ?? owner?.node ?? atBoot[0]?.node ?? 0;
}

/** SLIT counts when its diagonal is 10 and everything else is more. */
function distances(
  { slit }: AcpiTables,
  { pxm, windowNodes }: Affinity,
): (from: number, to: number) => number {
  const rows = slit?.distances ?? [];
  const isValid = rows.every((row, at) =>
    row.every((value, to) => (at === to ? value === LOCAL_DISTANCE : value > LOCAL_DISTANCE)),
  );
  return (from, to) => {
    const otherwise = from === to ? LOCAL_DISTANCE : REMOTE_DISTANCE;
    if (!isValid || windowNodes.includes(from) || windowNodes.includes(to)) return otherwise;
    return rows[pxm.domainOf(from) ?? -1]?.[pxm.domainOf(to) ?? -1] ?? otherwise;
  };
}

/**
 * All RAM in one node. Marks of generic initiators survive, and on x86 a mark on a node that has no
 * data ends the boot.
 */
function fallbackMap(machine: LinuxMachine, affinity: Affinity, rejected: string): LinuxNodeMap {
  const marked = ordered(affinity.initiators);
  const stray = marked.find((node) => node !== 0);
  const isPanic = machine.architecture === "x86" && stray !== undefined;
  const cpus = machine.cpuIds.map((_, cpu) => cpu);
  const only: LinuxNode = {
    node: 0,
    proximityDomain: null,
    origin: "all memory, because SRAT is not used",
    cpus,
    distances: [LOCAL_DISTANCE],
    access: null,
    accessTargets: [null, null],
    caches: [],
  };
  return {
    possible: [0],
    online: [0],
    hasCpu: [0],
    hasMemory: [0],
    hasNormalMemory: [0],
    hasInitiator: marked,
    nodes: [only],
    pxmToNode: [],
    windowNodes: [],
    tiers: new Map([[4, [0]]]),
    sratRejected: rejected,
    hmatRejected: null,
    panic: isPanic
      ? `node ${stray} was marked as generic initiator before SRAT was dropped, and has no data`
      : null,
    notes: affinity.notes,
  };
}

function ordered(numbers: Iterable<number>): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
