// What firmware tables add up to for each proximity domain, and how Linux numbers them.
import type { AcpiTables } from "../../acpi/tables/acpi-tables.ts";
import { linuxNodeMap } from "../../acpi/linux/node-map.ts";
import { type HmatMatrix, HMAT_DATA_TYPES, type HmatDataType } from "../../acpi/tables/hmat.ts";
import {
  SRAT_ENABLED,
  SRAT_MEMORY_HOT_PLUGGABLE,
  type SratEntry,
  type SratEntryOf,
} from "../../acpi/tables/srat.ts";

/** Processors of SRAT that are in force. */
export interface AcpiCpu {
  /** APIC id, or UID. */
  readonly id: number;
  readonly domain: number;
}

/** One domain. */
export interface AcpiDomain {
  readonly domain: number;
  /** Number that Linux gives it; its place by number where Linux gives none. */
  readonly node: number;
  readonly cpus: readonly AcpiCpu[];
  readonly ranges: readonly SratEntryOf<"memory">[];
  readonly initiators: readonly SratEntryOf<"generic-initiator">[];
}

/** Processors in the order of the table. */
export function cpusOf(entries: readonly SratEntry[]): AcpiCpu[] {
  return entries.flatMap((entry): AcpiCpu[] => {
    if (!("flags" in entry) || (entry.flags & SRAT_ENABLED) === 0) return [];
    const domain = entry.proximityDomain;
    if (entry.kind === "local-apic") return [{ id: entry.apicId, domain }];
    if (entry.kind === "x2apic") return [{ id: entry.x2apicId, domain }];
    const isUid = entry.kind === "gicc" || entry.kind === "rintc";
    return isUid ? [{ id: entry.processorUid, domain }] : [];
  });
}

/** Memory that is in force and has a length. */
function memoryOf(entries: readonly SratEntry[]): SratEntryOf<"memory">[] {
  return entries.filter(
    (entry): entry is SratEntryOf<"memory"> =>
      entry.kind === "memory" && (entry.flags & SRAT_ENABLED) !== 0 && entry.length > 0n,
  );
}

/** Whether memory is only a place for memory that may be plugged later. */
export function isHotPluggable({ flags }: SratEntryOf<"memory">): boolean {
  return (flags & SRAT_MEMORY_HOT_PLUGGABLE) !== 0;
}

/** Domains of every table, by the numbers of their nodes. */
export function domainsOf(
  tables: AcpiTables,
  given: ReadonlyMap<number, number> | null,
): AcpiDomain[] {
  const entries = tables.srat?.entries ?? [];
  const cpus = cpusOf(entries);
  const memory = memoryOf(entries);
  const initiators = entries.filter(
    (entry): entry is SratEntryOf<"generic-initiator"> =>
      entry.kind === "generic-initiator" && (entry.flags & SRAT_ENABLED) !== 0,
  );
  const { targets, initiators: hmatInitiators } = hmatDomains(tables);
  const all = [
    ...cpus.map(({ domain }) => domain),
    ...[...memory, ...initiators].map(({ proximityDomain }) => proximityDomain),
    ...(tables.srat === undefined ? [...hmatInitiators, ...targets] : []),
    ...(tables.srat === undefined ? (tables.slit?.distances.keys() ?? []) : []),
  ];
  // A table of CXL alone has no domain; its machine has one all the same.
  const isCxl = tables.srat === undefined && tables.cedt !== undefined && all.length === 0;
  const found = [...new Set(isCxl ? [0] : all)].toSorted((a, b) => a - b);
  const numbers = given ?? new Map(linuxNodeMap(tables).pxmToNode);
  const order = (domain: number): number => numbers.get(domain) ?? found.length + domain;
  return found
    .toSorted((a, b) => order(a) - order(b))
    .map((domain, place) => ({
      domain,
      node: numbers.get(domain) ?? place,
      cpus: cpus.filter((cpu) => cpu.domain === domain),
      ranges: memory.filter(({ proximityDomain }) => proximityDomain === domain),
      initiators: initiators.filter(({ proximityDomain }) => proximityDomain === domain),
    }));
}

/** Matrices of HMAT. */
export function matricesOf({ hmat }: AcpiTables): HmatMatrix[] {
  return (hmat?.structures ?? []).filter((one): one is HmatMatrix => one.kind === "matrix");
}

/** Domains that HMAT names, each list by number. */
export function hmatDomains(tables: AcpiTables): {
  readonly initiators: readonly number[];
  readonly targets: readonly number[];
} {
  const matrices = matricesOf(tables);
  const proximities = (tables.hmat?.structures ?? []).filter((one) => one.kind === "proximity");
  const sorted = (domains: readonly number[]): number[] =>
    [...new Set(domains)].toSorted((a, b) => a - b);
  const isAlone = matrices.length === 0;
  return {
    initiators: sorted([
      ...matrices.flatMap((one) => one.initiators),
      ...(isAlone ? proximities.map((one) => one.initiator) : []),
    ]),
    targets: sorted([
      ...matrices.flatMap((one) => one.targets),
      ...(isAlone ? proximities.map((one) => one.memory) : []),
    ]),
  };
}

const NS_PER_UNIT: Readonly<Record<number, number>> = { 1: 10 };
const UNITS_PER_NS = 1000;
const UNREACHABLE = 0xffff;

/** A matrix about memory itself in ns or MB/s; what it says nothing about is 0. */
export function hmatNumbers(tables: AcpiTables, ...types: HmatDataType[]): number[][] | null {
  const wanted = matricesOf(tables).find(
    ({ flags, dataType }) =>
      (flags & 0xf) === 0 && types.includes(HMAT_DATA_TYPES[dataType] as HmatDataType),
  );
  if (wanted === undefined) return null;
  const isLatency = (HMAT_DATA_TYPES[wanted.dataType] ?? "").endsWith("latency");
  const perNs = NS_PER_UNIT[tables.hmat?.header.revision ?? 2] ?? UNITS_PER_NS;
  const unit = Number(wanted.baseUnit) / (isLatency ? perNs : 1);
  return wanted.entries.map((row) => row.map((one) => (one === UNREACHABLE ? 0 : one * unit)));
}
