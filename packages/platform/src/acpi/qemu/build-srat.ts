// SRAT as QEMU builds it: CPUs, memory, padding on PCs, generic initiators, generic ports, and the
// window for memory devices at the end.
import type { DeviceHandle } from "../tables/device-handle.ts";
import {
  type Srat,
  SRAT_ENABLED,
  SRAT_MEMORY_HOT_PLUGGABLE,
  SRAT_MEMORY_NON_VOLATILE,
  type SratEntry,
} from "../tables/srat.ts";
import type { TableHeader } from "../tables/table-header.ts";
import { lowRamBytes, VIRT_RAM_BASE } from "./memory-layout.ts";
import type { QemuMachine } from "./qemu-machine.ts";

/** On PCs there is no memory from 640 KiB to 1 MiB. */
const HOLE_START = 0xa_0000n;
const HOLE_END = 0x10_0000n;
const FOUR_GIB = 1n << 32n;
/** PCs make room for this many memory entries beside one for each node. */
const EXTRA_ENTRIES = 2;
/** APIC ids from this on need the longer entry. */
const FIRST_X2APIC = 255;
const PC_REVISION = 1;
const VIRT_REVISION = 3;
const HOST_BRIDGE_HID = "ACPI0016";

/** Builds the table; `headerOf` signs it. */
export function buildSrat(machine: QemuMachine, headerOf: (revision: number) => TableHeader): Srat {
  const isPc = machine.type !== "virt";
  const memory = [...(isPc ? pcMemory(machine) : virtMemory(machine)), ...nvdimms(machine)];
  const nrPadding = isPc ? machine.nodes.length + EXTRA_ENTRIES - memory.length : 0;
  const padding = Array.from({ length: Math.max(0, nrPadding) }, () => memoryEntry(0, 0n, 0n, 0));
  const entries = [
    ...cpuEntries(machine, isPc),
    ...memory,
    ...padding,
    ...initiators(machine),
    ...ports(machine),
    ...windowEntries(machine),
  ];
  return { header: headerOf(isPc ? PC_REVISION : VIRT_REVISION), entries };
}

function cpuEntries({ cpus }: QemuMachine, isPc: boolean): SratEntry[] {
  const inOrder = cpus.toSorted((a, b) => a.id - b.id);
  return inOrder.map(({ id, node }): SratEntry => {
    const rest = { proximityDomain: node, flags: SRAT_ENABLED, clockDomain: 0 };
    if (!isPc) return { kind: "gicc", processorUid: id, ...rest };
    if (id >= FIRST_X2APIC) return { kind: "x2apic", x2apicId: id, ...rest };
    return { kind: "local-apic", apicId: id, sapicEid: 0, ...rest };
  });
}

function memoryEntry(
  proximityDomain: number,
  base: bigint,
  length: bigint,
  flags: number,
): SratEntry {
  return { kind: "memory", proximityDomain, base, length, flags };
}

/** Node after node, cut at the hole below 1 MiB and where the PCI hole starts. */
function pcMemory({ type, nodes, ramBytes }: QemuMachine): SratEntry[] {
  const lowEnd = lowRamBytes(type, ramBytes);
  const entries: SratEntry[] = [];
  const add = (node: number, start: bigint, end: bigint): void => {
    if (end > start) entries.push(memoryEntry(node, start, end - start, SRAT_ENABLED));
  };
  let next = 0n;
  for (const { id, memoryBytes } of nodes) {
    let start = next;
    next = start + memoryBytes;
    if (start <= HOLE_START && next > HOLE_START) {
      add(id, start, HOLE_START);
      if (next <= HOLE_END) {
        // The hole swallows the rest of this node, and the next one starts behind it.
        next = HOLE_END;
        continue;
      }
      start = HOLE_END;
    }
    if (start <= lowEnd && next > lowEnd) {
      add(id, start, lowEnd);
      const above = next - lowEnd;
      start = FOUR_GIB;
      next = FOUR_GIB + above;
    }
    add(id, start, next);
  }
  return entries;
}

function virtMemory({ nodes }: QemuMachine): SratEntry[] {
  let base = VIRT_RAM_BASE;
  return nodes.flatMap(({ id, memoryBytes }) => {
    if (memoryBytes === 0n) return [];
    const entry = memoryEntry(id, base, memoryBytes, SRAT_ENABLED);
    base += memoryBytes;
    return [entry];
  });
}

function nvdimms({ memoryDevices }: QemuMachine): SratEntry[] {
  const flags = SRAT_ENABLED | SRAT_MEMORY_NON_VOLATILE;
  return memoryDevices
    .filter(({ kind }) => kind === "nvdimm")
    .map(({ node, base, sizeBytes }) => memoryEntry(node, base, sizeBytes, flags));
}

function initiators({ initiators: list, functions }: QemuMachine): SratEntry[] {
  return list.map(({ node, target }): SratEntry => {
    const found = functions.find(({ id }) => id === target);
    const { bus = 0, device = 0, function: fn = 0 } = found ?? {};
    const handle: DeviceHandle = { type: "pci", segment: 0, bus, device, function: fn };
    return { kind: "generic-initiator", proximityDomain: node, handle, flags: SRAT_ENABLED };
  });
}

function ports({ ports: list, cxl }: QemuMachine): SratEntry[] {
  return list.map(({ node, target }): SratEntry => {
    const uid = cxl?.bridges.find(({ id }) => id === target)?.uid ?? 0;
    const handle: DeviceHandle = { type: "acpi", hid: HOST_BRIDGE_HID, uid };
    return { kind: "generic-port", proximityDomain: node, handle, flags: SRAT_ENABLED };
  });
}

/** The window belongs to the highest node; special-purpose memory cuts its own ranges out of it. */
function windowEntries({ memoryWindow, memoryDevices, nodes, type }: QemuMachine): SratEntry[] {
  if (memoryWindow === null) return [];
  const flags = SRAT_ENABLED | SRAT_MEMORY_HOT_PLUGGABLE;
  const last = nodes.length - 1;
  const entries: SratEntry[] = [];
  const windowEnd = memoryWindow.base + memoryWindow.sizeBytes;
  let at = memoryWindow.base;
  const fillUpTo = (end: bigint): void => {
    if (end > at) entries.push(memoryEntry(last, at, end - at, flags));
  };
  for (const { kind, node, base, sizeBytes } of memoryDevices) {
    if (kind !== "sp-mem" || type === "virt") continue;
    fillUpTo(base);
    entries.push(memoryEntry(node, base, sizeBytes, SRAT_ENABLED));
    at = base + sizeBytes;
  }
  fillUpTo(windowEnd);
  return entries;
}
