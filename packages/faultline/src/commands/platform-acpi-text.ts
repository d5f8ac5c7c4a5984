// Tables of ACPI as people read them: entries with their places in the bytes, then what they add up
// to for each proximity domain.
import {
  type AcpiTables,
  type Cedt,
  formatDeviceHandle,
  formatNumberList,
  type Hmat,
  HMAT_DATA_TYPES,
  HMAT_INITIATOR_VALID,
  type HmatMatrix,
  type Slit,
  type Srat,
  SRAT_ENABLED,
  SRAT_MEMORY_HOT_PLUGGABLE,
  SRAT_MEMORY_NON_VOLATILE,
  type SratEntry,
  sratOffsets,
  type TableHeader,
  unpackCacheAttributes,
} from "@faultline/platform";
import { formatByteSize, formatHex } from "../byte-size.ts";
import { plainTable } from "../plain-table.ts";

/** Every table that there is, one after the other. */
export function formatAcpiTables({ srat, slit, hmat, cedt }: AcpiTables): string {
  const texts = [
    srat && formatSrat(srat),
    slit && formatSlit(slit),
    hmat && formatHmat(hmat),
    cedt && formatCedt(cedt),
  ];
  return texts.filter((text) => text !== undefined).join("\n");
}

function title(name: string, header: TableHeader): string {
  const { revision, oemId, oemTableId, creatorId } = header;
  const makers = [oemId, oemTableId, creatorId].map((text) => text.replace(/[\0 ]+$/, ""));
  return `${name} revision ${revision}, made by ${makers.join(" ")}\n\n`;
}

function formatSrat(srat: Srat): string {
  const offsets = sratOffsets(srat);
  const rows = srat.entries.map((entry, at) => {
    const [kind, domain, what, state] = entryRow(entry);
    return [formatHex(offsets[at] ?? 0), kind, domain, what, state];
  });
  const head = ["at", "entry", "domain", "what", "state"];
  const aligns = ["right", "left", "right"] as const;
  return `${title("SRAT", srat.header)}${plainTable(head, rows, aligns)}\n${domainTable(srat)}`;
}

function entryRow(entry: SratEntry): readonly [string, string, string, string] {
  if (entry.kind === "other") {
    return [`type ${entry.type}`, "", `${entry.bytes.length} bytes`, "not read"];
  }
  const domain = `${entry.proximityDomain}`;
  if (entry.kind === "gic-its") return ["interrupt translation", domain, `ITS ${entry.itsId}`, ""];
  const state = stateOf(entry.flags);
  switch (entry.kind) {
    case "local-apic":
      return ["processor", domain, `APIC ${entry.apicId}`, state];
    case "x2apic":
      return ["processor", domain, `x2APIC ${entry.x2apicId}`, state];
    case "gicc":
    case "rintc":
      return ["processor", domain, `UID ${entry.processorUid}`, state];
    case "memory":
      return ["memory", domain, rangeText(entry.base, entry.length), memoryState(entry.flags)];
    case "generic-initiator":
    case "generic-port":
      return [entry.kind.replace("-", " "), domain, formatDeviceHandle(entry.handle), state];
  }
}

function stateOf(flags: number): string {
  return (flags & SRAT_ENABLED) === 0 ? "disabled" : "enabled";
}

function memoryState(flags: number): string {
  const parts = [stateOf(flags)];
  if ((flags & SRAT_MEMORY_HOT_PLUGGABLE) !== 0) parts.push("hot-pluggable");
  if ((flags & SRAT_MEMORY_NON_VOLATILE) !== 0) parts.push("non-volatile");
  return parts.join(", ");
}

function rangeText(base: bigint, length: bigint): string {
  if (length === 0n) return base === 0n ? "empty" : `empty at ${formatHex(base)}`;
  return `${formatHex(base)}-${formatHex(base + length - 1n)} (${formatByteSize(length)})`;
}

/** What the enabled entries add up to. */
function domainTable({ entries }: Srat): string {
  const domains = new Map<number, { cpus: number[]; bytes: bigint; devices: string[] }>();
  for (const entry of entries) {
    const isOff = !("flags" in entry) || (entry.flags & SRAT_ENABLED) === 0;
    if (entry.kind === "other" || entry.kind === "gic-its" || isOff) continue;
    const { proximityDomain: domain } = entry;
    const sum = domains.get(domain) ?? { cpus: [], bytes: 0n, devices: [] };
    domains.set(domain, sum);
    if (entry.kind === "memory") sum.bytes += entry.length;
    else if ("handle" in entry) sum.devices.push(formatDeviceHandle(entry.handle));
    else if (entry.kind === "local-apic") sum.cpus.push(entry.apicId);
    else if (entry.kind === "x2apic") sum.cpus.push(entry.x2apicId);
    else sum.cpus.push(entry.processorUid);
  }
  const sorted = [...domains].sort(([a], [b]) => a - b);
  const rows = sorted.map(([domain, { cpus, bytes, devices }]) => [
    domain,
    formatNumberList(cpus) || "-",
    bytes === 0n ? "-" : formatByteSize(bytes),
    [...new Set(devices)].join(" ") || "-",
  ]);
  return plainTable(["domain", "processors", "memory", "devices"], rows, ["right"]);
}

function formatSlit({ header, distances }: Slit): string {
  const domains = distances.map((_, domain) => `${domain}`);
  const rows = distances.map((row, from) => [from, ...row]);
  const aligns = ["from", ...domains].map(() => "right" as const);
  return `${title("SLIT", header)}${plainTable(["from", ...domains], rows, aligns)}`;
}

function formatHmat({ header, structures }: Hmat): string {
  const links = structures.flatMap((one) => {
    if (one.kind !== "proximity") return [];
    const isValid = (one.flags & HMAT_INITIATOR_VALID) !== 0;
    return [[one.memory, isValid ? `${one.initiator}` : "none"]];
  });
  const caches = structures.flatMap((one) => {
    if (one.kind !== "cache") return [];
    const { level, lineBytes, associativity, policy } = unpackCacheAttributes(one.attributes);
    const how = ["none", "direct", "complex"][associativity] ?? `code ${associativity}`;
    const writes = ["none", "write-back", "write-through"][policy] ?? `code ${policy}`;
    return [[one.memory, level, formatByteSize(one.sizeBytes), `${lineBytes} B`, how, writes]];
  });
  const others = structures.flatMap((one) =>
    one.kind === "other" ? [`structure of type ${one.type}, ${one.bytes.length} bytes\n`] : [],
  );
  const cacheHead = ["memory", "cache level", "size", "line", "associativity", "policy"];
  const parts = [
    links.length === 0 ? "" : plainTable(["memory", "initiator"], links, ["right", "right"]),
    ...structures.flatMap((one) => (one.kind === "matrix" ? [matrixText(one, header)] : [])),
    caches.length === 0 ? "" : plainTable(cacheHead, caches, ["right", "right", "right", "right"]),
    ...others,
  ];
  return `${title("HMAT", header)}${parts.filter((part) => part !== "").join("\n")}`;
}

/** A matrix in ns or MB/s; what the table says nothing about is a dash. */
function matrixText(matrix: HmatMatrix, { revision }: TableHeader): string {
  const { dataType, flags, baseUnit, initiators, targets, entries } = matrix;
  const name = HMAT_DATA_TYPES[dataType] ?? `data type ${dataType}`;
  const level = flags & 0xf;
  const isLatency = name.endsWith("latency");
  const about = level === 0 ? "memory" : `cache level ${level}`;
  const unit = isLatency ? "ns" : "MB/s";
  const stored = isLatency
    ? `${baseUnit} ${revision === 1 ? "× 100 ps" : "ps"}`
    : `${baseUnit} MB/s`;
  const show = (entry: number): string => {
    if (entry === 0) return "-";
    if (entry === 0xffff) return "unreachable";
    const value = Number(BigInt(entry) * baseUnit);
    return `${isLatency ? value / (revision === 1 ? 10 : 1000) : value}`;
  };
  const head = ["from", ...targets.map((target) => `to ${target}`)];
  const rows = initiators.map((from, at) => [from, ...(entries[at] ?? []).map(show)]);
  const caption = `${name.replace("-", " ")} of ${about} in ${unit}, stored in units of ${stored}`;
  return `${caption}\n${plainTable(
    head,
    rows,
    head.map(() => "right" as const),
  )}`;
}

function formatCedt({ header, structures }: Cedt): string {
  const rows = structures.map((one) => {
    if (one.kind === "other") return [`type ${one.type}`, "", `${one.bytes.length} bytes`];
    if (one.kind === "bridge") {
      return ["host bridge", one.uid, `registers ${rangeText(one.base, one.length)}`];
    }
    return ["window", one.targets.join(" "), rangeText(one.base, one.sizeBytes)];
  });
  const head = ["structure", "host bridge", "addresses"];
  return `${title("CEDT", header)}${plainTable(head, rows, ["left", "right"])}`;
}
