// The tables that QEMU builds for a machine.
import type { AcpiTables } from "../tables/acpi-tables.ts";
import type { Cedt } from "../tables/cedt.ts";
import {
  type Hmat,
  HMAT_INITIATOR_VALID,
  type HmatStructure,
  packCacheAttributes,
} from "../tables/hmat.ts";
import type { TableHeader } from "../tables/table-header.ts";
import { buildSrat } from "./build-srat.ts";
import { compressBandwidths, compressLatencies, MIB } from "./hmat-units.ts";
import { MAX_NODES } from "./object-table.ts";
import type { QemuMachine, QemuPerformance } from "./qemu-machine.ts";

/** Data types from this code on are bandwidths. */
const FIRST_BANDWIDTH = 3;
const PS_PER_NS = 1000n;
const CXL_BRIDGE_BYTES = 0x1_0000n;
/** What QEMU lets be used in a window: volatile, persistent, type 2 and 3 devices, … */
const CXL_RESTRICTIONS = 0x2f;
/** Codes of numbers of ways that are no powers of two. */
const THREE_WAYS = 8;

/** How QEMU signs its tables. */
export const qemuHeader = (revision: number): TableHeader => ({
  revision,
  oemId: "BOCHS ",
  oemTableId: "BXPC    ",
  oemRevision: 1,
  creatorId: "BXPC",
  creatorRevision: 1,
});

/** Builds every table that this machine has. */
export function buildQemuTables(machine: QemuMachine): AcpiTables {
  const { hasAcpi, hasHmat, nodes, distances, cxl } = machine;
  if (!hasAcpi) return {};
  const cedt = cxl === null ? {} : { cedt: buildCedt(cxl) };
  if (nodes.length === 0) return cedt;
  return {
    srat: buildSrat(machine, qemuHeader),
    ...(distances === null ? {} : { slit: { header: qemuHeader(1), distances } }),
    ...(hasHmat ? { hmat: buildHmat(machine) } : {}),
    ...cedt,
  };
}

function buildHmat({ nodes, performance, caches }: QemuMachine): Hmat {
  const attached = nodes
    .filter(({ memoryBytes }) => memoryBytes > 0n)
    .map(({ id, initiator }): HmatStructure => {
      const flags = initiator === null ? 0 : HMAT_INITIATOR_VALID;
      const domains = { initiator: initiator ?? MAX_NODES, memory: id };
      return { kind: "proximity", flags, ...domains, rangeBase: 0n, rangeLength: 0n };
    });
  const initiators = nodes
    .filter(({ hasCpu, hasInitiator }) => hasCpu || hasInitiator)
    .map(({ id }) => id);
  const targets = nodes.map(({ id }) => id);
  const keys = performance.map(({ hierarchy, dataType }) => hierarchy * 16 + dataType);
  const matrices = [...new Set(keys)]
    .sort((a, b) => a - b)
    .map((key) => {
      const values = performance.filter((_, at) => keys[at] === key);
      return buildMatrix(key, values, initiators, targets);
    });
  const inOrder = caches.toSorted((a, b) => a.node - b.node || a.level - b.level);
  const sideCaches = inOrder.map((cache): HmatStructure => {
    const nrLevels = Math.max(...caches.filter(({ node }) => node === cache.node).map(levelOf));
    const attributes = packCacheAttributes({ ...cache, nrLevels });
    const { node: memory, sizeBytes } = cache;
    return { kind: "cache", memory, addressMode: 0, sizeBytes, attributes, smbiosHandles: [] };
  });
  return { header: qemuHeader(2), structures: [...attached, ...matrices, ...sideCaches] };
}

const levelOf = ({ level }: { readonly level: number }): number => level;

/**
 * One matrix; numbers that were not given are 0, and those that do not fit lose their high bits.
 */
function buildMatrix(
  key: number,
  values: readonly QemuPerformance[],
  initiators: readonly number[],
  targets: readonly number[],
): HmatStructure {
  const [hierarchy, dataType] = [key >> 4, key & 0xf];
  const numbers = values.map(({ value }) => value);
  const isBandwidth = dataType >= FIRST_BANDWIDTH;
  const unit = (isBandwidth ? compressBandwidths : compressLatencies)(numbers).unit;
  const entries = initiators.map((from) =>
    targets.map((to) => {
      const found = values.find(({ initiator, target }) => initiator === from && target === to);
      return found === undefined || unit === 0n ? 0 : Number((found.value / unit) & 0xffffn);
    }),
  );
  const baseUnit = isBandwidth ? unit / MIB : unit * PS_PER_NS;
  const lists = { initiators, targets, entries };
  return {
    kind: "matrix",
    flags: hierarchy,
    dataType,
    minTransferBytes: 0,
    baseUnit,
    ...lists,
  };
}

function buildCedt({ bridges, windows }: NonNullable<QemuMachine["cxl"]>): Cedt {
  return {
    header: qemuHeader(1),
    structures: [
      ...bridges.map(({ uid, base }) => {
        return { kind: "bridge", uid, cxlVersion: 1, base, length: CXL_BRIDGE_BYTES } as const;
      }),
      ...windows.map(({ base, sizeBytes, granularityBytes, targets }) => {
        const encodedWays = encodeWays(targets.length);
        const encodedGranularity = log2(granularityBytes) - 8;
        const rest = { arithmetic: 0, restrictions: CXL_RESTRICTIONS, qtgId: 0, targets };
        const place = { kind: "window", base, sizeBytes } as const;
        return { ...place, encodedWays, encodedGranularity, ...rest };
      }),
    ],
  };
}

function encodeWays(nrWays: number): number {
  return nrWays % 3 === 0 ? THREE_WAYS + log2(nrWays / 3) : log2(nrWays);
}

function log2(powerOfTwo: number): number {
  return 31 - Math.clz32(powerOfTwo);
}
