// Where RAM, the window for memory devices, the devices in it, and CXL lie in physical memory.
import type { MachineSettings } from "./machine-settings.ts";
import { idHint, type ObjectTable } from "./object-table.ts";
import { objectOrder } from "./object-order.ts";
import type { QemuOption } from "./option-list.ts";
import { deviceReader, type ExpanderBus } from "./pci-layout.ts";
import type {
  QemuMemoryWindow,
  QemuCxl,
  QemuCxlWindow,
  QemuMachineType,
  QemuMemoryDevice,
} from "./qemu-machine.ts";
import type { RefusalList } from "./refusals.ts";

const MIB = 1n << 20n;
const GIB = 1n << 30n;
const FOUR_GIB = 4n * GIB;

/** RAM below 4 GiB on PCs: all of it up to a limit, less than that beyond it. */
const LOW_RAM: Readonly<
  Record<"q35" | "i440fx", { readonly limit: bigint; readonly low: bigint }>
> = {
  q35: { limit: 0xb000_0000n, low: 0x8000_0000n },
  i440fx: { limit: 0xe000_0000n, low: 0xc000_0000n },
};
/** Where RAM of the virt machine starts. */
export const VIRT_RAM_BASE = 0x4000_0000n;
/** Regions of the virt machine behind its memory, each at a multiple of its own size. */
const VIRT_REGIONS_START = 256n * GIB;
const VIRT_REDISTRIBUTORS_BYTES = 64n * MIB;
const VIRT_ECAM_BYTES = 256n * MIB;
const VIRT_PCIE_BYTES = 512n * GIB;
const CXL_BRIDGE_BYTES = 0x1_0000n;
const CXL_BRIDGES_BYTES = 16n * CXL_BRIDGE_BYTES;
const CXL_ALIGN = 256n * MIB;
/** Memory devices start at multiples of this. */
const DEVICE_ALIGN = 2n * MIB;

/** A stretch of RAM. */
export interface RamRange {
  readonly base: bigint;
  readonly sizeBytes: bigint;
}

/** How much RAM lies below 4 GiB. */
export function lowRamBytes(type: QemuMachineType, ramBytes: bigint): bigint {
  if (type === "virt") return ramBytes;
  const { limit, low } = LOW_RAM[type];
  return ramBytes < limit ? ramBytes : low;
}

/** Where RAM lies. */
export function ramRanges(type: QemuMachineType, ramBytes: bigint): RamRange[] {
  if (type === "virt") return [{ base: VIRT_RAM_BASE, sizeBytes: ramBytes }];
  const low = lowRamBytes(type, ramBytes);
  const ranges = [{ base: 0n, sizeBytes: low }];
  if (ramBytes > low) ranges.push({ base: FOUR_GIB, sizeBytes: ramBytes - low });
  return ranges;
}

/** The window for memory devices; null when memory cannot grow. */
export function memoryWindow(
  type: QemuMachineType,
  { ramBytes, maxRamBytes, nrSlots }: MachineSettings,
): QemuMemoryWindow | null {
  if (maxRamBytes === ramBytes && nrSlots === 0) return null;
  const sizeBytes = maxRamBytes - ramBytes + BigInt(nrSlots) * GIB;
  return { base: roundUp(ramEnd(type, ramBytes), GIB), sizeBytes };
}

/** The end of RAM, at least 4 GiB on PCs. */
function ramEnd(type: QemuMachineType, ramBytes: bigint): bigint {
  if (type === "virt") return VIRT_RAM_BASE + ramBytes;
  return FOUR_GIB + ramBytes - lowRamBytes(type, ramBytes);
}

const memoryDrivers: Readonly<Record<string, QemuMemoryDevice["kind"]>> = {
  "pc-dimm": "pc-dimm",
  nvdimm: "nvdimm",
  "sp-mem": "sp-mem",
  "virtio-mem-pci": "virtio-mem",
  "virtio-pmem-pci": "virtio-pmem",
};

/** Places memory devices, each in the first gap that is large enough. */
export function placeMemoryDevices(
  options: readonly QemuOption[],
  window: QemuMemoryWindow | null,
  nrNodes: number,
  objects: ObjectTable,
  refusals: RefusalList,
): QemuMemoryDevice[] {
  const placed: QemuMemoryDevice[] = [];
  for (const option of options.filter(({ name }) => name === "device")) {
    const reader = deviceReader(option, refusals);
    const kind = memoryDrivers[reader.text("driver") ?? ""];
    if (kind === undefined) continue;
    const backend = reader.requiredText("memdev");
    const node = reader.integer("node") ?? 0;
    if (backend === undefined) continue;
    const sizeBytes = objects.backends.get(backend);
    if (sizeBytes === undefined) {
      const hint = idHint("memory backends", backend, objects.backends.keys());
      reader.refuse(`there is no memory backend '${backend}'`, { hint, key: "memdev" });
      continue;
    }
    if (node >= Math.max(nrNodes, 1) && kind !== "virtio-pmem") {
      const hint = `the machine has ${nrNodes} nodes`;
      reader.refuse(`its parameter 'node' names node ${node}`, { hint, key: "node" });
      continue;
    }
    // `addr` of what is a PCI function is its slot.
    const wanted = reader.size(kind.startsWith("virtio-") ? "memaddr" : "addr");
    const base = window === null ? null : (wanted ?? firstGap(window, placed, sizeBytes));
    if (base === null) {
      const hint = "-m with maxmem, and slots for DIMMs";
      reader.refuse("there is no room for it", { hint });
      continue;
    }
    placed.push({ id: reader.text("id") ?? null, kind, node, base, sizeBytes });
  }
  return placed.sort((a, b) => (a.base < b.base ? -1 : 1));
}

function firstGap(
  window: QemuMemoryWindow,
  placed: readonly QemuMemoryDevice[],
  sizeBytes: bigint,
): bigint | null {
  let base = window.base;
  for (const other of placed.toSorted((a, b) => (a.base < b.base ? -1 : 1))) {
    if (other.base >= base + sizeBytes) break;
    const end = roundUp(other.base + other.sizeBytes, DEVICE_ALIGN);
    if (end > base) base = end;
  }
  return base + sizeBytes <= window.base + window.sizeBytes ? base : null;
}

/** CXL host bridges and windows; null when CXL is off. */
export function layOutCxl(
  type: QemuMachineType,
  settings: MachineSettings,
  window: QemuMemoryWindow | null,
  expanders: readonly ExpanderBus[],
  deviceIds: readonly string[],
  refusals: RefusalList,
): QemuCxl | null {
  if (!settings.hasCxl) return null;
  const hosts = expanders.filter(({ isCxl }) => isCxl);
  const end = behindMemory(type, settings, window);
  const { base, first } = type === "virt" ? virtCxl(end) : pcCxl(end);
  const inOrder = objectOrder(deviceIds).filter((id) => hosts.some((host) => host.id === id));
  const bridges = inOrder.flatMap((id) => {
    const at = hosts.findIndex((host) => host.id === id);
    const uid = hosts[at]?.number ?? 0;
    // The last host bridge that was made gets the first registers.
    return [{ id, uid, base: base + BigInt(hosts.length - 1 - at) * CXL_BRIDGE_BYTES }];
  });
  return { bridges, windows: placeWindows(settings, hosts, roundUp(first, CXL_ALIGN), refusals) };
}

interface CxlPlace {
  /** Registers of the host bridges. */
  readonly base: bigint;
  /** What windows lie behind. */
  readonly first: bigint;
}

function pcCxl(memoryEnd: bigint): CxlPlace {
  return { base: memoryEnd, first: memoryEnd + CXL_BRIDGES_BYTES };
}

function virtCxl(memoryEnd: bigint): CxlPlace {
  const end = roundUp(memoryEnd, GIB);
  const start = end > VIRT_REGIONS_START ? end : VIRT_REGIONS_START;
  const after = (at: bigint, sizeBytes: bigint): bigint => roundUp(at, sizeBytes) + sizeBytes;
  const base = after(start, VIRT_REDISTRIBUTORS_BYTES);
  const first = after(after(base + CXL_BRIDGES_BYTES, VIRT_ECAM_BYTES), VIRT_PCIE_BYTES);
  return { base, first };
}

function behindMemory(
  type: QemuMachineType,
  { ramBytes }: MachineSettings,
  window: QemuMemoryWindow | null,
): bigint {
  return window === null ? ramEnd(type, ramBytes) : window.base + window.sizeBytes;
}

function placeWindows(
  { windows }: MachineSettings,
  hosts: readonly ExpanderBus[],
  first: bigint,
  refusals: RefusalList,
): QemuCxlWindow[] {
  let base = first;
  return windows.map(({ index, option, targets, sizeBytes, granularityBytes }) => {
    const numbers = targets.flatMap((id) => {
      const host = hosts.find((one) => one.id === id);
      if (host !== undefined) return [host.number];
      const hint = idHint(
        "CXL host bridges",
        id,
        hosts.map((one) => one.id),
      );
      const message = `cxl-fmw.${index}: there is no CXL host bridge '${id}'`;
      refusals.add(option, "E_QEMU_REFUSES", message, { hint });
      return [];
    });
    const window = { base, sizeBytes, granularityBytes, targets: numbers };
    base += sizeBytes;
    return window;
  });
}

function roundUp(value: bigint, unit: bigint): bigint {
  return ((value + unit - 1n) / unit) * unit;
}
