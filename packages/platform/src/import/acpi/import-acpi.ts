// A machine from SRAT, SLIT, HMAT and CEDT: a node for each proximity domain, numbered as Linux
// numbers them, with the memory that is there at the boot, and a device for each generic initiator.
import type { AcpiTables } from "../../acpi/tables/acpi-tables.ts";
import { formatDeviceHandle } from "../../acpi/tables/device-handle.ts";
import { linuxNodeMap } from "../../acpi/linux/node-map.ts";
import { HMAT_INITIATOR_VALID } from "../../acpi/tables/hmat.ts";
import { diagnosticFor, hasErrors } from "@faultline/diagnostics";
import { cpusAsRanges } from "../../number-ranges.ts";
import type { ImportInput } from "../import-input.ts";
import { type ImportOptions, type ImportResult, refusedImport } from "../import-result.ts";
import { machineOfSketch, type SketchDevice, type SketchNode } from "../machine-sketch.ts";
import {
  type AcpiDomain,
  cpusOf,
  domainsOf,
  hmatDomains,
  isHotPluggable,
  matricesOf,
} from "./acpi-domains.ts";
import { acpiFacts } from "./acpi-facts.ts";
import type { AcpiReading } from "./acpi-reading.ts";
import { readAcpi } from "./read-acpi.ts";

const MIB = 1n << 20n;
const LOCAL_DISTANCE = 10;
/** CPU numbers and nodes of a machine document. */
const MAX_CPUS = 8192;
const MAX_NODES = 1024;

/** Reads tables in any of their forms. */
export function importAcpi(input: ImportInput, options: ImportOptions = {}): ImportResult {
  const reading = readAcpi(input);
  if (Array.isArray(reading)) return refusedImport(reading);
  const { tables, nodeOfDomain } = reading;
  if (hasErrors(reading.diagnostics())) return refusedImport(reading.diagnostics());
  const domains = domainsOf(tables, nodeOfDomain);
  checkDomains(reading, domains);
  const found = [...reading.diagnostics(), ...limitProblems(input, domains)];
  if (hasErrors(found)) return refusedImport(found);
  const cpuNumbers = new Map(cpusOf(tables.srat?.entries ?? []).map(({ id }, n) => [id, n]));
  const nodes = sketchNodes(tables, domains, cpuNumbers);
  const distances = distancesOf(tables, domains);
  const { devices, nodeOf } = devicesOf(domains);
  const sketch = machineOfSketch({
    title: `${domains.length} proximity domains, as firmware tables have them`,
    cpu: null,
    nodes,
    ...(distances === null ? {} : { distances }),
    bridges: [{ socket: 0, ports: devices.map(({ name }) => ({ devices: [name] })) }],
    devices,
    links: [],
    gpuMemoryBytes: options.gpuMemoryBytes,
  });
  const machine = {
    ...sketch.machine,
    devices: (sketch.machine.devices ?? []).map((device) => {
      const node = nodeOf.get(device.name);
      return node === undefined ? device : { ...device, node };
    }),
  };
  const assumptions = [...sketch.assumptions, ...assumptionsOf(reading, domains, distances)];
  return { machine, assumptions, facts: acpiFacts(tables, domains), diagnostics: found };
}

/** HMAT speaks of processors and memory of domains that SRAT should have. */
function checkDomains({ tables, reportPart }: AcpiReading, domains: readonly AcpiDomain[]): void {
  const { srat, hmat } = tables;
  if (srat === undefined || hmat === undefined) return;
  const byNumber = new Map(domains.map((one) => [one.domain, one]));
  const told = new Set<string>();
  const tell = (part: object, message: string): void => {
    if (told.has(message)) return;
    told.add(message);
    reportPart(part, "E_IMPORT_CONTRADICTION", message, { severity: "warning" });
  };
  for (const part of hmat.structures) {
    const isValid = part.kind === "proximity" && (part.flags & HMAT_INITIATOR_VALID) !== 0;
    const initiators = part.kind === "matrix" ? part.initiators : isValid ? [part.initiator] : [];
    for (const domain of initiators) {
      const known = byNumber.get(domain);
      if ((known?.cpus.length ?? 0) + (known?.initiators.length ?? 0) > 0) continue;
      tell(part, `domain ${domain} is an initiator in HMAT and has no processor in SRAT`);
    }
    const targets = part.kind === "matrix" ? part.targets : [];
    for (const domain of targets) {
      if (!byNumber.has(domain)) tell(part, `domain ${domain} of HMAT is not in SRAT`);
    }
  }
}

function limitProblems(input: ImportInput, domains: readonly AcpiDomain[]) {
  const nrCpus = domains.reduce((sum, { cpus }) => sum + cpus.length, 0);
  const report = (message: string) => diagnosticFor(input.name, "E_IMPORT_COUNT", message);
  return [
    ...(domains.length === 0 ? [report("no processor, memory or device is in force")] : []),
    ...(domains.length > MAX_NODES ? [report(`more than ${MAX_NODES} domains`)] : []),
    ...(nrCpus > MAX_CPUS ? [report(`more than ${MAX_CPUS} processors`)] : []),
  ];
}

function sketchNodes(
  tables: AcpiTables,
  domains: readonly AcpiDomain[],
  cpuNumbers: ReadonlyMap<number, number>,
): SketchNode[] {
  const withCpus = domains.filter(({ cpus }) => cpus.length > 0).map(({ domain }) => domain);
  const hasSizes = domains.some((one) => bootBytes(one) > 0n);
  const { initiators } = hmatDomains(tables);
  const first = withCpus.length === 0 ? (initiators[0] ?? domains[0]?.domain) : null;
  return domains.map((one) => {
    const own = one.cpus.flatMap(({ id }) => cpuNumbers.get(id) ?? []);
    const numbers = one.domain === first ? [0] : own;
    return {
      socket: Math.max(0, withCpus.indexOf(attachedTo(tables, one))),
      memoryMib: hasSizes ? Number(bootBytes(one) / MIB) : null,
      cpus: cpusAsRanges([...new Set(numbers)].toSorted((a, b) => a - b)),
    };
  });
}

/** The domain itself, or that of the processors next to its memory. */
function attachedTo({ hmat }: AcpiTables, { domain, cpus }: AcpiDomain): number {
  if (cpus.length > 0) return domain;
  const next = hmat?.structures.find(
    (one) =>
      one.kind === "proximity" && one.memory === domain && (one.flags & HMAT_INITIATOR_VALID) !== 0,
  );
  return next?.kind === "proximity" ? next.initiator : domain;
}

/** What may be plugged later is not there. */
function bootBytes({ ranges }: AcpiDomain): bigint {
  return ranges
    .filter((range) => !isHotPluggable(range))
    .reduce((sum, { length }) => sum + length, 0n);
}

/** Those of SLIT, where a machine document can hold them. */
function distancesOf({ slit }: AcpiTables, domains: readonly AcpiDomain[]): number[][] | null {
  if (slit === undefined) return null;
  const rows = domains.map((from) =>
    domains.map((to) => slit.distances[from.domain]?.[to.domain] ?? 0),
  );
  const isGood = rows.every((row, from) =>
    row.every((value, to) => {
      const isFar = from === to ? value === LOCAL_DISTANCE : value > LOCAL_DISTANCE;
      return isFar && value === rows[to]?.[from];
    }),
  );
  return isGood ? rows : null;
}

/** A device for each PCI function that is a generic initiator, on the first of its nodes. */
function devicesOf(domains: readonly AcpiDomain[]): {
  readonly devices: readonly SketchDevice[];
  readonly nodeOf: ReadonlyMap<string, number>;
} {
  const devices = new Map<string, SketchDevice>();
  const nodeOf = new Map<string, number>();
  for (const [node, { initiators }] of domains.entries()) {
    for (const { handle } of initiators) {
      const at = formatDeviceHandle(handle);
      if (handle.type !== "pci" || devices.has(at)) continue;
      const name = `initiator${devices.size}`;
      devices.set(at, { name, kind: "accelerator", id: null, at });
      nodeOf.set(name, node);
    }
  }
  return { devices: [...devices.values()], nodeOf };
}

function assumptionsOf(
  { tables }: AcpiReading,
  domains: readonly AcpiDomain[],
  distances: readonly (readonly number[])[] | null,
): string[] {
  const { srat, slit, hmat, cedt } = tables;
  const { sratRejected, panic } = srat === undefined ? NOTHING : linuxNodeMap(tables);
  const hasCpus = domains.some(({ cpus }) => cpus.length > 0);
  const isInOrder = domains.every(({ node }, place) => node === place);
  const hasOthers = domains.some(({ initiators }) =>
    initiators.some(({ handle }) => handle.type !== "pci"),
  );
  return [
    ...(srat === undefined
      ? ["numa: no SRAT; the nodes are the domains that other tables name"]
      : []),
    ...(hasCpus
      ? ["numa: CPUs are numbered in the order of SRAT; which of them share a socket is not in it"]
      : ["numa: no processor in the file; CPU 0 is on the first initiator, or on the first node"]),
    ...(slit === undefined ? ["numa: no SLIT; Linux then takes 20 for every other node"] : []),
    ...(slit !== undefined && distances === null
      ? ["numa: the distances of SLIT are not the same both ways or not above 10; left out"]
      : []),
    ...(domains.some(({ ranges }) => ranges.some(isHotPluggable))
      ? ["numa: hot-pluggable ranges have no memory at the boot; left out"]
      : []),
    ...(isInOrder ? [] : ["numa: nodes without a domain in the file are left out"]),
    ...(sratRejected === null ? [] : [`numa: Linux would not use this SRAT: ${sratRejected}`]),
    ...(panic === null ? [] : [`numa: Linux would not come up: ${panic}`]),
    ...(hmat === undefined ? [] : hmatAssumptions(tables)),
    ...(cedt === undefined
      ? []
      : ["cxl: windows of CEDT are facts only, no memory of the machine"]),
    ...(hasOthers ? ["devices: generic initiators without a PCI address are left out"] : []),
  ];
}

const NOTHING = { sratRejected: null, panic: null } as const;

function hmatAssumptions(tables: AcpiTables): string[] {
  if (matricesOf(tables).length === 0) return [];
  const { revision = 0 } = tables.hmat?.header ?? {};
  const unit = revision === 1 ? "100 ps, as revision 1 has them" : "1 ps, as revision 2 has them";
  return [
    `hmat: base units of latencies are in ${unit}; those of bandwidths in MB/s`,
    "hmat: latencies and bandwidths are facts only, a machine has distances",
  ];
}
