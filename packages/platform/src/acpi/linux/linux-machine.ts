// What Linux finds beside the tables: its architecture, RAM, CPUs, and memory that is plugged
// later.
import type { QemuMachine } from "../qemu/qemu-machine.ts";
import { ramRanges } from "../qemu/memory-layout.ts";
import type { AcpiTables } from "../tables/acpi-tables.ts";
import {
  SRAT_ENABLED,
  SRAT_MEMORY_HOT_PLUGGABLE,
  SRAT_MEMORY_NON_VOLATILE,
} from "../tables/srat.ts";

/** Bytes from `start` to `end`, exclusive. */
export interface ByteRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** Architectures whose kernels are modelled. */
export type LinuxArchitecture = "x86" | "arm64";

/** Memory that arrives after the boot. */
export interface LateMemory extends ByteRange {
  /** `_PXM` of the memory device. */
  readonly proximityDomain: number;
}

/** The machine as the kernel sees it without the tables. */
export interface LinuxMachine {
  readonly architecture: LinuxArchitecture;
  /** RAM of the firmware's memory map. */
  readonly ram: readonly ByteRange[];
  /** APIC ids or ACPI processor UIDs of the CPUs that are up, in the order of their numbers. */
  readonly cpuIds: readonly number[];
  /** In the order of arrival. */
  readonly lateMemory: readonly LateMemory[];
}

/** What a PC does not have as RAM below 1 MiB. */
const PC_HOLE = { start: 0xa_0000n, end: 0x10_0000n };

/** A machine of QEMU; DIMMs are plugged late, since the memory map has no part of them. */
export function linuxMachineOf(machine: QemuMachine): LinuxMachine {
  const { type, ramBytes, cpus, memoryDevices } = machine;
  const ram = ramRanges(type, ramBytes).map(({ base, sizeBytes }) => {
    return { start: base, end: base + sizeBytes };
  });
  return {
    architecture: type === "virt" ? "arm64" : "x86",
    ram: type === "virt" ? ram : ram.flatMap(withoutHole),
    cpuIds: cpus.filter(({ isPresent }) => isPresent).map(({ id }) => id),
    lateMemory: memoryDevices
      .filter(({ kind }) => kind === "pc-dimm")
      .map(({ node, base, sizeBytes }) => {
        return { proximityDomain: node, start: base, end: base + sizeBytes };
      }),
  };
}

function withoutHole({ start, end }: ByteRange): ByteRange[] {
  const pieces = [
    { start, end: end < PC_HOLE.start ? end : PC_HOLE.start },
    { start: start > PC_HOLE.end ? start : PC_HOLE.end, end },
  ];
  return pieces.filter((piece) => piece.end > piece.start);
}

/** A machine about which the tables are all that is known: its RAM and CPUs are those they name. */
export function linuxMachineFromTables({ srat }: AcpiTables): LinuxMachine {
  const entries = srat?.entries ?? [];
  const notRam = SRAT_MEMORY_HOT_PLUGGABLE | SRAT_MEMORY_NON_VOLATILE;
  const isArm = entries.some(({ kind }) => kind === "gicc");
  return {
    architecture: isArm ? "arm64" : "x86",
    ram: entries.flatMap((entry) => {
      if (entry.kind !== "memory" || entry.length === 0n) return [];
      const isRam = (entry.flags & (notRam | SRAT_ENABLED)) === SRAT_ENABLED;
      return isRam ? [{ start: entry.base, end: entry.base + entry.length }] : [];
    }),
    cpuIds: entries.flatMap((entry) => {
      if (entry.kind === "local-apic") return entry.flags & SRAT_ENABLED ? [entry.apicId] : [];
      if (entry.kind === "x2apic") return entry.flags & SRAT_ENABLED ? [entry.x2apicId] : [];
      if (entry.kind === "gicc") return entry.flags & SRAT_ENABLED ? [entry.processorUid] : [];
      return [];
    }),
    lateMemory: [],
  };
}
