// What firmware tables say, under the names of docs/import.md.
import type { AcpiTables } from "../../acpi/tables/acpi-tables.ts";
import { formatDeviceHandle } from "../../acpi/tables/device-handle.ts";
import { type AcpiDomain, cpusOf, hmatDomains, hmatNumbers, matricesOf } from "./acpi-domains.ts";

const HEX_DIGITS = 8;

/** All facts. */
export function acpiFacts(
  tables: AcpiTables,
  domains: readonly AcpiDomain[],
): Record<string, unknown> {
  const { srat, slit, hmat, cedt } = tables;
  const header = (hmat ?? srat ?? slit ?? cedt)?.header;
  const cpus = cpusOf(srat?.entries ?? []);
  const byDomain = domains.toSorted((a, b) => a.domain - b.domain);
  return {
    oemId: header?.oemId ?? null,
    oemTableId: header?.oemTableId ?? null,
    revision: header?.revision ?? null,
    numaNodes: domains.length,
    cpuApics: cpus.length,
    cpus: cpus.map(({ id, domain }) => ({ apic: id, pxm: domain })),
    cpusOnNode: domains.map((one) => one.cpus.length),
    memory: (srat === undefined ? [] : byDomain).flatMap(memoryFact),
    memoryOnlyPxm: byDomain
      .filter((one) => one.ranges.length > 0 && one.cpus.length === 0)
      .map(({ domain }) => domain),
    genericInitiators: domains.flatMap(({ initiators }) =>
      initiators.map(({ proximityDomain, handle }) => ({
        pxm: proximityDomain,
        device: formatDeviceHandle(handle),
      })),
    ),
    distance: slit?.distances ?? null,
    ...hmatFacts(tables),
    cxlHostBridges: cedt?.structures.filter(({ kind }) => kind === "bridge").length ?? null,
    cxlWindows: (cedt?.structures ?? []).flatMap((one) =>
      one.kind === "window"
        ? [{ base: hex(one.base), bytes: Number(one.sizeBytes), targets: one.targets }]
        : [],
    ),
  };
}

function memoryFact({ domain, node, ranges }: AcpiDomain): object[] {
  if (ranges.length === 0) return [];
  return [
    {
      pxm: domain,
      node,
      ranges: ranges.map(({ base, length }) => [hex(base), hex(base + length - 1n)]),
      bytes: Number(ranges.reduce((sum, { length }) => sum + length, 0n)),
    },
  ];
}

function hmatFacts(tables: AcpiTables): Record<string, unknown> {
  const { hmat } = tables;
  if (hmat === undefined) return {};
  const matrices = matricesOf(tables);
  const { initiators, targets } = hmatDomains(tables);
  const name = (dataType: number): string => `dataType${dataType.toString(16).padStart(2, "0")}`;
  const count = (kind: string): number => hmat.structures.filter((one) => one.kind === kind).length;
  return {
    memoryRangeStructures: count("proximity"),
    localityStructures: matrices.length,
    cacheStructures: count("cache"),
    initiators,
    targets,
    rawEntries: Object.fromEntries(
      matrices.map(({ dataType, entries }) => [name(dataType), entries]),
    ),
    baseUnit: Object.fromEntries(
      matrices.map(({ dataType, baseUnit }) => [name(dataType), Number(baseUnit)]),
    ),
    readLatencyNs: hmatNumbers(tables, "read-latency", "access-latency"),
    writeLatencyNs: hmatNumbers(tables, "write-latency", "access-latency"),
    readBandwidthMBps: hmatNumbers(tables, "read-bandwidth", "access-bandwidth"),
    writeBandwidthMBps: hmatNumbers(tables, "write-bandwidth", "access-bandwidth"),
  };
}

function hex(value: bigint): string {
  return `0x${value.toString(16).padStart(HEX_DIGITS, "0")}`;
}
