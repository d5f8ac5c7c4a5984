// What Linux makes of HMAT (drivers/acpi/numa/hmat.c): for each memory node the initiators that
// reach it best, among all (class 0) and among CPUs (class 1), with latency and bandwidth.
import type { AcpiTables } from "../tables/acpi-tables.ts";
import {
  type Hmat,
  HMAT_DATA_TYPES,
  HMAT_INITIATOR_VALID,
  type HmatMatrix,
  unpackCacheAttributes,
} from "../tables/hmat.ts";
import { SRAT_ENABLED } from "../tables/srat.ts";
import type { PxmMap } from "./pxm-map.ts";

/** The four numbers of a node, in the kernel's units: ns and MB/s; 0 is unknown. */
export interface AccessNumbers {
  readonly readLatency: number;
  readonly writeLatency: number;
  readonly readBandwidth: number;
  readonly writeBandwidth: number;
}

/** Who reaches a node best, and how well. */
export interface AccessClass extends AccessNumbers {
  /** Nodes. */
  readonly initiators: readonly number[];
}

/** A cache in front of a node's memory, with the kernel's codes. */
export interface SideCache {
  readonly level: number;
  readonly sizeBytes: bigint;
  readonly lineBytes: number;
  /** 0 direct mapped, 1 indexed, 2 other. */
  readonly indexing: number;
  /** 0 write-back, 1 write-through, 2 other. */
  readonly writePolicy: number;
  readonly addressMode: number;
}

/** What HMAT says about the memory of one domain. */
export interface HmatTarget {
  readonly domain: number;
  readonly node: number;
  /** Class 0 and class 1. */
  readonly classes: readonly [any: AccessClass, cpu: AccessClass];
  readonly caches: readonly SideCache[];
}

/** The targets, or why the whole table is dropped. */
export interface HmatReading {
  readonly targets: readonly HmatTarget[];
  readonly rejected: string | null;
}

type Quantity = keyof AccessNumbers;

/** The order in which the kernel narrows the initiators down. */
const QUANTITIES: readonly Quantity[] = [
  "writeLatency",
  "readLatency",
  "writeBandwidth",
  "readBandwidth",
];
const UNKNOWN: AccessNumbers = {
  readLatency: 0,
  writeLatency: 0,
  readBandwidth: 0,
  writeBandwidth: 0,
};
const U32_MAX = 0xffff_ffffn;
/** In revision 1, bit 1 says that the memory domain is valid. */
const MEMORY_VALID = 2;

/**
 * Reads the table.
 * @param pxm the map after SRAT was read.
 * @param cpuNodes nodes that have a CPU.
 * @kernelpart drivers/acpi/numa/hmat.c hmat_init (v7.2) generic ports get no classes of their own
 */
export function readHmatAccess(
  tables: AcpiTables,
  pxm: PxmMap,
  cpuNodes: ReadonlySet<number>,
): HmatReading {
  const { hmat, srat } = tables;
  if (hmat === undefined) return { targets: [], rejected: null };
  const { revision } = hmat.header;
  if (revision < 1 || revision > 2) return dropped(`HMAT has revision ${revision}`);
  const domains = new Set<number>();
  const portDomains = new Set<number>();
  for (const entry of srat?.entries ?? []) {
    const isEnabled = entry.kind !== "other" && "flags" in entry && entry.flags & SRAT_ENABLED;
    if (!isEnabled) continue;
    if (entry.kind === "memory") domains.add(entry.proximityDomain);
    if (entry.kind === "generic-port") portDomains.add(entry.proximityDomain);
  }
  const attached = new Map<number, number>();
  for (const one of hmat.structures) {
    if (one.kind !== "proximity") continue;
    const namesMemory = revision > 1 || (one.flags & MEMORY_VALID) !== 0;
    if (namesMemory && !domains.has(one.memory) && !portDomains.has(one.memory)) {
      return dropped(`HMAT names memory of domain ${one.memory}, which SRAT does not have`);
    }
    if ((one.flags & HMAT_INITIATOR_VALID) === 0) continue;
    if (pxm.nodeOf(one.initiator) === null) {
      return dropped(`HMAT names initiator ${one.initiator}, which has no node`);
    }
    if (namesMemory) attached.set(one.memory, one.initiator);
  }
  const matrices = new Matrices(hmat, pxm);
  const targets = [...domains].flatMap((domain): HmatTarget[] => {
    const node = pxm.nodeOf(domain);
    if (node === null) return [];
    const classes = matrices.classesOf(domain, attached.get(domain), cpuNodes);
    return [{ domain, node, classes, caches: cachesOf(hmat, domain) }];
  });
  return { targets, rejected: null };
}

function dropped(reason: string): HmatReading {
  return { targets: [], rejected: reason };
}

/** The matrices about memory itself; a later one replaces an earlier one of the same quantity. */
class Matrices {
  readonly #pxm: PxmMap;
  readonly #revision: number;
  readonly #byQuantity = new Map<Quantity, HmatMatrix>();
  /** Domains, ascending. */
  readonly #initiators: readonly number[];

  constructor(hmat: Hmat, pxm: PxmMap) {
    this.#pxm = pxm;
    this.#revision = hmat.header.revision;
    const initiators = new Set<number>();
    for (const structure of hmat.structures) {
      if (structure.kind !== "matrix") continue;
      for (const domain of structure.initiators) {
        if (pxm.nodeOf(domain) !== null) initiators.add(domain);
      }
      if ((structure.flags & 0xf) !== 0) continue;
      for (const quantity of quantitiesOf(structure.dataType)) {
        this.#byQuantity.set(quantity, structure);
      }
    }
    this.#initiators = [...initiators].sort((a, b) => a - b);
  }

  classesOf(
    target: number,
    attached: number | undefined,
    cpuNodes: ReadonlySet<number>,
  ): readonly [AccessClass, AccessClass] {
    const hasCpu = (domain: number): boolean => cpuNodes.has(this.#pxm.nodeOf(domain) ?? -1);
    const fixed = attached === undefined ? null : this.#attachedTo(target, attached);
    const all = fixed ?? this.#bestFor(target, this.#initiators);
    if (fixed !== null && attached !== undefined && hasCpu(attached)) return [all, fixed];
    return [all, this.#bestFor(target, this.#initiators.filter(hasCpu))];
  }

  #attachedTo(target: number, initiator: number): AccessClass {
    const numbers = { ...UNKNOWN };
    for (const quantity of QUANTITIES) numbers[quantity] = this.#value(quantity, initiator, target);
    return { initiators: [this.#pxm.nodeOf(initiator) ?? 0], ...numbers };
  }

  /** Keeps, quantity after quantity, the initiators with the best known number. */
  #bestFor(target: number, candidates: readonly number[]): AccessClass {
    const numbers = { ...UNKNOWN };
    if (this.#byQuantity.size === 0) return { initiators: [], ...numbers };
    let left = candidates;
    for (const quantity of QUANTITIES) {
      if (!this.#byQuantity.has(quantity)) continue;
      const values = left.map((domain) => this.#value(quantity, domain, target));
      const known = values.filter((value) => value > 0);
      const isLatency = quantity.endsWith("Latency");
      const best = known.length === 0 ? 0 : isLatency ? Math.min(...known) : Math.max(...known);
      left = left.filter((_, at) => values[at] === best);
      numbers[quantity] = best;
    }
    return { initiators: left.map((domain) => this.#pxm.nodeOf(domain) ?? 0), ...numbers };
  }

  /** @kernelpart drivers/acpi/numa/hmat.c hmat_normalize (v7.2) of one entry of a matrix */
  #value(quantity: Quantity, initiator: number, target: number): number {
    const matrix = this.#byQuantity.get(quantity);
    if (matrix === undefined) return 0;
    const row = matrix.initiators.indexOf(initiator);
    const entry = matrix.entries[row]?.[matrix.targets.indexOf(target)] ?? 0;
    if (entry === 0 || entry === 0xffff) return 0;
    const value = BigInt(entry) * matrix.baseUnit;
    if (value > U32_MAX) return 0;
    if (quantity.endsWith("Bandwidth")) return Number(value);
    return Math.ceil(Number(value) / (this.#revision === 1 ? 10 : 1000));
  }
}

/** The quantities that a data type gives: `access` gives both directions. */
function quantitiesOf(dataType: number): Quantity[] {
  const name = HMAT_DATA_TYPES[dataType];
  if (name === undefined) return [];
  const what = name.endsWith("latency") ? "Latency" : "Bandwidth";
  const both: Quantity[] = [`read${what}`, `write${what}`];
  if (name.startsWith("access")) return both;
  return both.filter((quantity) => name.startsWith(quantity.slice(0, 4)));
}

function cachesOf({ structures }: Hmat, domain: number): SideCache[] {
  const codes = new Map([
    [1, 0],
    [2, 1],
  ]);
  return structures.flatMap((structure) => {
    if (structure.kind !== "cache" || structure.memory !== domain) return [];
    const { level, lineBytes, associativity, policy } = unpackCacheAttributes(structure.attributes);
    const { sizeBytes, addressMode } = structure;
    const [indexing = 2, writePolicy = 2] = [codes.get(associativity), codes.get(policy)];
    return [{ level, sizeBytes, lineBytes, indexing, writePolicy, addressMode }];
  });
}
