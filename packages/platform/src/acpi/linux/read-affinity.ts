// The passes of Linux over SRAT and CEDT (drivers/acpi/numa/srat.c): which domains become nodes, of
// what kind, and where the reading stops.
import type { AcpiTables } from "../tables/acpi-tables.ts";
import { formatDeviceHandle } from "../tables/device-handle.ts";
import {
  type Srat,
  SRAT_ENABLED,
  SRAT_MEMORY_HOT_PLUGGABLE,
  type SratEntry,
  type SratEntryOf,
  sratOffsets,
} from "../tables/srat.ts";
import type { ByteRange, LinuxArchitecture } from "./linux-machine.ts";
import { MAX_PXM_DOMAINS, PxmMap } from "./pxm-map.ts";

/** Memory of a node, as a table describes it. */
export interface MemoryBlock extends ByteRange {
  readonly node: number;
}

/** What the passes found. */
export interface Affinity {
  readonly pxm: PxmMap;
  /**
   * Nodes that some entry named, in the order in which they were met, with what named them first.
   */
  readonly parsed: ReadonlyMap<number, string>;
  readonly initiators: ReadonlySet<number>;
  /** Nodes of CPUs by their ids. */
  readonly cpuNodes: ReadonlyMap<number, number>;
  readonly blocks: readonly MemoryBlock[];
  /** Nodes of CXL windows that SRAT does not describe. */
  readonly windowNodes: readonly number[];
  /** Why the whole SRAT is dropped; null when it is good so far. */
  readonly rejected: string | null;
  /** What was ignored, and why. */
  readonly notes: readonly string[];
}

class Passes {
  readonly pxm = new PxmMap();
  readonly parsed = new Map<number, string>();
  readonly initiators = new Set<number>();
  readonly cpuNodes = new Map<number, number>();
  readonly blocks: MemoryBlock[] = [];
  readonly windowNodes: number[] = [];
  readonly notes: string[] = [];
  rejected: string | null = null;
  nrMemoryEntries = 0;

  /** Maps a domain and marks its node; null rejects the table. */
  take(domain: number, origin: string): number | null {
    const node = this.pxm.map(domain);
    if (node !== null) this.mark(node, origin);
    return node;
  }

  mark(node: number, origin: string): void {
    if (!this.parsed.has(node)) this.parsed.set(node, origin);
  }

  reject(reason: string): void {
    this.rejected ??= reason;
  }
}

/**
 * Reads the tables as a kernel with CONFIG_CXL_ACPI does.
 * @kernelpart drivers/acpi/numa/srat.c acpi_numa_init (v7.2) without SLIT, which needs nothing of
 * it
 */
export function readAffinity(tables: AcpiTables, architecture: LinuxArchitecture): Affinity {
  const passes = new Passes();
  const { srat } = tables;
  if (srat === undefined) passes.reject("there is no SRAT");
  else {
    readCpusAndInitiators(srat, architecture, passes);
    if (passes.rejected === null) readMemory(srat, passes);
  }
  readWindows(tables, passes);
  if (passes.nrMemoryEntries === 0) passes.reject("SRAT has no memory entry that is enabled");
  return passes;
}

/** The first pass ends at the first generic initiator that is not enabled or out of range. */
function readCpusAndInitiators(srat: Srat, architecture: LinuxArchitecture, passes: Passes): void {
  const offsets = sratOffsets(srat);
  for (const [at, entry] of srat.entries.entries()) {
    const offset = `+0x${(offsets[at] ?? 0).toString(16)}`;
    if (entry.kind === "generic-initiator") {
      if (takeInitiator(entry, offset, passes)) continue;
      const later = srat.entries.slice(at + 1).filter(isReadHere).length;
      const lost = `${later} later CPU and generic initiator entries are not read`;
      passes.notes.push(`generic initiator at ${offset} is not enabled or out of range: ${lost}`);
      return;
    }
    takeCpu(entry, offset, srat.header.revision, architecture, passes);
    if (passes.rejected !== null) return;
  }
}

function isReadHere({ kind }: SratEntry): boolean {
  return ["local-apic", "x2apic", "gicc", "generic-initiator"].includes(kind);
}

/**
 * @kernelpart drivers/acpi/numa/srat.c acpi_parse_gi_affinity (v7.2) the handle is not looked at
 */
function takeInitiator(
  { flags, proximityDomain, handle }: SratEntryOf<"generic-initiator">,
  offset: string,
  passes: Passes,
): boolean {
  if ((flags & SRAT_ENABLED) === 0) return false;
  const origin = `generic initiator ${formatDeviceHandle(handle)} at ${offset}`;
  const node = passes.take(proximityDomain, origin);
  if (node !== null) passes.initiators.add(node);
  return node !== null;
}

function takeCpu(
  entry: SratEntry,
  offset: string,
  revision: number,
  architecture: LinuxArchitecture,
  passes: Passes,
): void {
  const isShortCpu = entry.kind === "other" && [0, 2, 3].includes(entry.type);
  if (isShortCpu) return passes.reject(`the CPU entry at ${offset} has a wrong length`);
  const cpu = cpuOf(entry, architecture);
  if (cpu === null || (cpu.flags & SRAT_ENABLED) === 0) return;
  // Before revision 2 the other three bytes were reserved.
  const isShort = entry.kind === "local-apic" && revision < 2;
  const domain = isShort ? cpu.domain & 0xff : cpu.domain;
  const node = passes.take(domain, `CPU ${cpu.id} at ${offset}`);
  if (node === null) passes.reject(`the CPU entry at ${offset} names domain ${domain}`);
  else passes.cpuNodes.set(cpu.id, node);
}

function cpuOf(
  entry: SratEntry,
  architecture: LinuxArchitecture,
): { readonly id: number; readonly domain: number; readonly flags: number } | null {
  const isArm = architecture === "arm64";
  const { kind } = entry;
  if (kind === "gicc" && isArm) {
    return { id: entry.processorUid, domain: entry.proximityDomain, flags: entry.flags };
  }
  if (kind === "local-apic" && !isArm) {
    return { id: entry.apicId, domain: entry.proximityDomain, flags: entry.flags };
  }
  if (kind === "x2apic" && !isArm) {
    return { id: entry.x2apicId, domain: entry.proximityDomain, flags: entry.flags };
  }
  return null;
}

/**
 * The second pass.
 * @kernelpart drivers/acpi/numa/srat.c acpi_numa_memory_affinity_init (v7.2) over all entries
 */
function readMemory(srat: Srat, passes: Passes): void {
  const offsets = sratOffsets(srat);
  const disabled: string[] = [];
  for (const [at, entry] of srat.entries.entries()) {
    const offset = `+0x${(offsets[at] ?? 0).toString(16)}`;
    if (entry.kind === "other" && entry.type === 1) {
      return passes.reject(`the memory entry at ${offset} is too short`);
    }
    if (entry.kind !== "memory") continue;
    if ((entry.flags & SRAT_ENABLED) === 0) {
      disabled.push(offset);
      continue;
    }
    const { proximityDomain, base, length, flags } = entry;
    const domain = srat.header.revision < 2 ? proximityDomain & 0xff : proximityDomain;
    const isWindow = (flags & SRAT_MEMORY_HOT_PLUGGABLE) !== 0;
    const what = length === 0n ? "placeholder" : isWindow ? "hot-plug window" : "memory";
    const node = passes.take(domain, `${what} at ${offset}`);
    if (node === null) return passes.reject(`the memory entry at ${offset} names domain ${domain}`);
    passes.nrMemoryEntries++;
    if (length > 0n) passes.blocks.push({ start: base, end: base + length, node });
  }
  if (disabled.length === 0) return;
  passes.notes.push(`memory entries that are not enabled are ignored: ${disabled.join(" ")}`);
}

/**
 * CXL windows: one that SRAT describes, even in part, makes no node; any other gets a domain above
 * all real ones.
 * @kernelpart drivers/acpi/numa/srat.c acpi_parse_cfmws (v7.2) over all windows
 */
function readWindows({ cedt }: AcpiTables, passes: Passes): void {
  let domain = passes.pxm.highest + 1;
  for (const window of cedt?.structures ?? []) {
    if (window.kind !== "window") continue;
    const [start, end] = [window.base, window.base + window.sizeBytes];
    const range = `0x${start.toString(16)}-0x${(end - 1n).toString(16)}`;
    const touches = passes.blocks.filter((block) => block.start < end && block.end > start);
    if (touches.length > 0) {
      extendBlocks(passes.blocks, start, end);
      passes.notes.push(`CXL window ${range} is described by SRAT: no node of its own`);
      continue;
    }
    const node = domain < MAX_PXM_DOMAINS ? passes.take(domain, `CXL window ${range}`) : null;
    if (node === null) {
      passes.notes.push(`CXL window ${range} gets no node: there are no more numbers`);
      return;
    }
    passes.blocks.push({ start, end, node });
    passes.windowNodes.push(node);
    domain++;
  }
}

/** Blocks inside a window grow until they fill it: the first to its start, each to the next one. */
function extendBlocks(blocks: MemoryBlock[], start: bigint, end: bigint): void {
  const inside = blocks
    .map((block, at) => ({ block, at }))
    .filter(({ block }) => block.start < end && block.end > start)
    .sort((a, b) => (a.block.start < b.block.start ? -1 : 1));
  inside.forEach(({ block, at }, order) => {
    const next = inside[order + 1]?.block.start ?? end;
    const grownStart = order === 0 && block.start > start ? start : block.start;
    blocks[at] = { ...block, start: grownStart, end: block.end < next ? next : block.end };
  });
}
