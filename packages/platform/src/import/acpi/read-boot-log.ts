// What a Linux kernel says of SRAT and HMAT while it boots (`dmesg`): processors, memory and the
// numbers of HMAT, already in nanoseconds and MB/s. Lines about anything else are passed over.
import type { SourceText } from "@faultline/diagnostics";
import { HMAT_DATA_TYPES, type HmatStructure } from "../../acpi/tables/hmat.ts";
import {
  SRAT_ENABLED,
  SRAT_MEMORY_HOT_PLUGGABLE,
  SRAT_MEMORY_NON_VOLATILE,
  type SratEntry,
} from "../../acpi/tables/srat.ts";
import type { TableHeader } from "../../acpi/tables/table-header.ts";
import { ImportProblems, type Report, type Stretch } from "../import-problems.ts";
import { type TextLine, textLines } from "../text-lines.ts";
import { type AcpiReading, partReporter, UNKNOWN_HEADER } from "./acpi-reading.ts";

const TABLE = new RegExp(
  /ACPI: (SRAT|HMAT) 0?x?[0-9A-Fa-f]+ [0-9A-Fa-f]+ /.source +
    /\(v(\d+) (.{6}) (.{8}) ([0-9A-Fa-f]{8})(?: (.{4}) ([0-9A-Fa-f]{8}))?/.source,
);
const CPU =
  /SRAT: PXM (\d+) -> (APIC|MPIDR|HARTID) (?:0x)?([0-9a-f]+)(?: -> | cpu \d+ )[Nn]ode (\d+)/;
const MEMORY = new RegExp(
  /SRAT: Node (\d+) PXM (\d+) /.source +
    /(?:\[mem 0x([0-9a-f]+)-0x([0-9a-f]+)\]|([0-9a-f]+)-([0-9a-f]+)\b)(.*)/.source,
);
const PROXIMITY =
  /(?:hmat|HMAT): Memory (?:\(.*\) )?Flags:([0-9a-f]+) Processor Domain:(\d+) Memory Domain:(\d+)/;
const LOCALITY = new RegExp(
  /(?:hmat|HMAT): Locality: Flags:([0-9a-f]+) Type:(.+?) /.source +
    /Initiator Domains:(\d+) Target Domains:(\d+)/.source,
);
const ENTRY = /Initiator-Target\[(\d+)-(\d+)\]:(\d+)(?: (nsec|MB\/s))?/;
const CACHE = /(?:hmat|HMAT): Cache: Domain:(\d+) Size:(\d+) Attrs:([0-9a-f]+)/;
/** Lines of these tables that must be one of the above. */
const OURS =
  /SRAT: (?:PXM|Node) |(?:acpi\/hmat|HMAT):\s+(?:Memory|Locality|Initiator-Target|Cache)/;

/** Picoseconds of a nanosecond: the unit of latencies in revision 2. */
const PS_PER_NS = 1000n;
/** And in revision 1. */
const TENTHS_PER_NS = 10n;
const LARGEST_ID = 0xff_ff_ff_ff;

/** Whether a text has such lines. */
export function looksLikeBootLog(text: string): boolean {
  return OURS.test(text);
}

interface OpenMatrix {
  readonly line: TextLine;
  readonly flags: number;
  readonly dataType: number;
  readonly nrEntries: number;
  readonly entries: { readonly from: number; readonly to: number; readonly value: number }[];
}

/** Reads the lines. */
export function readBootLog(source: SourceText): AcpiReading {
  const problems = new ImportProblems(source);
  const log = new BootLog(problems.report);
  for (const line of textLines(source.text)) log.take(line);
  const { places, nodes } = log;
  return {
    tables: log.tables(),
    diagnostics: () => problems.sorted(),
    reportPart: partReporter(places, problems.report),
    nodeOfDomain: nodes,
  };
}

class BootLog {
  readonly places = new Map<object, Stretch>();
  readonly nodes = new Map<number, number>();
  private readonly report: Report;
  private readonly headers = new Map<string, TableHeader>();
  private readonly entries: SratEntry[] = [];
  private readonly structures: HmatStructure[] = [];
  private readonly matrices: OpenMatrix[] = [];

  constructor(report: Report) {
    this.report = report;
  }

  take(line: TextLine): void {
    const { text } = line;
    const readers: readonly (readonly [RegExp, (match: RegExpExecArray) => void])[] = [
      [TABLE, (match) => this.table(match)],
      [CPU, (match) => this.cpu(match, line)],
      [MEMORY, (match) => this.memory(match, line)],
      [PROXIMITY, (match) => this.proximity(match, line)],
      [LOCALITY, (match) => this.locality(match, line)],
      [ENTRY, (match) => this.entry(match, line)],
      [CACHE, (match) => this.cache(match, line)],
    ];
    for (const [pattern, read] of readers) {
      const match = pattern.exec(text);
      if (match !== null) return read(match);
    }
    if (!OURS.test(text)) return;
    const [, what = ""] = /((?:SRAT|HMAT|acpi\/hmat):.*)/.exec(text) ?? [];
    this.report(line, "E_IMPORT_VALUE", `a line that no kernel writes: ${what}`);
  }

  tables(): AcpiReading["tables"] {
    const structures = [...this.structures, ...this.matrices.flatMap((one) => this.close(one))];
    const header = (name: string): TableHeader => this.headers.get(name) ?? UNKNOWN_HEADER;
    const { entries } = this;
    return {
      ...(entries.length === 0 ? {} : { srat: { header: header("SRAT"), entries } }),
      ...(structures.length === 0 ? {} : { hmat: { header: header("HMAT"), structures } }),
    };
  }

  private table(match: RegExpExecArray): void {
    const [, name = "", revision, oemId = "", oemTableId = "", oem = "0", ...creator] = match;
    const [creatorId = "    ", creatorRevision = "0"] = creator;
    this.headers.set(name, {
      revision: Number(revision),
      oemId,
      oemTableId,
      oemRevision: Number.parseInt(oem, 16),
      creatorId,
      creatorRevision: Number.parseInt(creatorRevision, 16),
    });
  }

  private cpu([, domain, kind, id = "", node]: RegExpExecArray, line: TextLine): void {
    const number = Number.parseInt(id, 16);
    this.place(Number(domain), Number(node), line);
    const common = { proximityDomain: Number(domain), flags: SRAT_ENABLED, clockDomain: 0 };
    if (number > LARGEST_ID) {
      this.report(line, "E_IMPORT_VALUE", `no number of a processor: 0x${id}`);
    } else if (kind === "APIC") this.add({ kind: "x2apic", ...common, x2apicId: number }, line);
    else {
      const kinds = { MPIDR: "gicc", HARTID: "rintc" } as const;
      const name = kinds[kind as keyof typeof kinds];
      this.add({ kind: name, ...common, processorUid: number }, line);
    }
  }

  private memory(match: RegExpExecArray, line: TextLine): void {
    const [, node, domain, first, last, oldFirst, oldEnd, marks = ""] = match;
    this.place(Number(domain), Number(node), line);
    const base = BigInt(`0x${first ?? oldFirst ?? "0"}`);
    const end = last === undefined ? BigInt(`0x${oldEnd ?? "0"}`) : BigInt(`0x${last}`) + 1n;
    if (end <= base || end > 1n << 64n) {
      this.report(line, "E_IMPORT_VALUE", "a range of memory that ends before it begins");
      return;
    }
    const hotplug = marks.includes("hotplug") ? SRAT_MEMORY_HOT_PLUGGABLE : 0;
    const lasting = marks.includes("non-volatile") ? SRAT_MEMORY_NON_VOLATILE : 0;
    const flags = SRAT_ENABLED | hotplug | lasting;
    const length = end - base;
    this.add({ kind: "memory", proximityDomain: Number(domain), base, length, flags }, line);
  }

  private place(domain: number, node: number, line: TextLine): void {
    const known = this.nodes.get(domain) ?? node;
    this.nodes.set(domain, known);
    if (known === node) return;
    const message = `PXM ${domain} is node ${node} here and node ${known} above`;
    this.report(line, "E_IMPORT_CONTRADICTION", message);
  }

  private add(entry: SratEntry, line: TextLine): void {
    this.entries.push(entry);
    this.places.set(entry, line);
  }

  private proximity([, flags = "0", initiator, memory]: RegExpExecArray, line: TextLine): void {
    const domains = { initiator: Number(initiator), memory: Number(memory) };
    const range = { rangeBase: 0n, rangeLength: 0n };
    const structure = { kind: "proximity" as const, flags: Number.parseInt(flags, 16) };
    const made = { ...structure, ...domains, ...range };
    this.structures.push(made);
    this.places.set(made, line);
  }

  private locality(match: RegExpExecArray, line: TextLine): void {
    const [, flags = "0", type = "", initiators, targets] = match;
    const dataType = HMAT_DATA_TYPES.findIndex(
      (name) => name === type.toLowerCase().replace(" ", "-"),
    );
    if (dataType < 0) this.report(line, "E_IMPORT_VALUE", `unknown type of numbers: ${type}`);
    const nrEntries = Number(initiators) * Number(targets);
    const entries: OpenMatrix["entries"] = [];
    this.matrices.push({ line, flags: Number.parseInt(flags, 16), dataType, nrEntries, entries });
  }

  private entry([, from, to, value]: RegExpExecArray, line: TextLine): void {
    const matrix = this.matrices.at(-1);
    if (matrix === undefined) {
      const message = "a number of HMAT before the line that says of what";
      this.report(line, "E_IMPORT_COUNT", message);
    } else matrix.entries.push({ from: Number(from), to: Number(to), value: Number(value) });
  }

  private cache([, memory, size = "0", attributes = "0"]: RegExpExecArray, line: TextLine): void {
    const made = {
      kind: "cache" as const,
      memory: Number(memory),
      addressMode: 0,
      sizeBytes: BigInt(size),
      attributes: Number.parseInt(attributes, 16),
      smbiosHandles: [],
    };
    this.structures.push(made);
    this.places.set(made, line);
  }

  private close({ line, flags, dataType, nrEntries, entries }: OpenMatrix): HmatStructure[] {
    const initiators = [...new Set(entries.map(({ from }) => from))];
    const targets = [...new Set(entries.map(({ to }) => to))];
    const valueOf = (from: number, to: number): number | undefined =>
      entries.find((one) => one.from === from && one.to === to)?.value;
    const rows = initiators.map((from) => targets.map((to) => valueOf(from, to) ?? 0));
    const isFull =
      entries.length === nrEntries && initiators.length * targets.length === entries.length;
    if (!isFull) {
      const message = `${nrEntries} numbers of HMAT are announced, ${entries.length} are there`;
      this.report(line, "E_IMPORT_COUNT", message);
      return [];
    }
    const isLatency = (HMAT_DATA_TYPES[dataType] ?? "").endsWith("latency");
    const isFirst = this.headers.get("HMAT")?.revision === 1;
    const baseUnit = isLatency ? (isFirst ? TENTHS_PER_NS : PS_PER_NS) : 1n;
    const common = { kind: "matrix" as const, flags, dataType, minTransferBytes: 0, baseUnit };
    const made = { ...common, initiators, targets, entries: rows };
    this.places.set(made, line);
    return [made];
  }
}
