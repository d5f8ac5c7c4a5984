// Where `-device` puts PCI functions, and which bus numbers firmware gives: depth first, in the
// order of slots, from 1 on; each expander bus starts at its own number.
import { idHint } from "./object-table.ts";
import { type QemuOption } from "./option-list.ts";
import { OptionReader } from "./option-reader.ts";
import type { QemuMachineType } from "./qemu-machine.ts";
import type { RefusalList } from "./refusals.ts";

/** A function that firmware finds. */
export interface PciFunction {
  /** The id of its device; null when it has none, as what belongs to the board. */
  readonly id: string | null;
  readonly driver: string;
  readonly bus: number;
  readonly device: number;
  readonly function: number;
  /** The number of the root bus that it is below, or on. */
  readonly rootBus: number;
  /** The number of the bus below a bridge; null for what is none. */
  readonly secondary: number | null;
  /** The node that the root bus is on, by its `numa_node`; null when it says nothing. */
  readonly rootNode: number | null;
}

/** An expander bus. */
export interface ExpanderBus {
  readonly id: string;
  readonly isCxl: boolean;
  readonly number: number;
}

/** All functions and expander buses of a machine. */
export interface PciLayout {
  readonly functions: readonly PciFunction[];
  /** In the order of their creation. */
  readonly expanders: readonly ExpanderBus[];
}

interface Bus {
  readonly name: string;
  /** Slots that devices without an address do not get. */
  readonly firstSlot: number;
  readonly rootNode: number | null;
  readonly slots: Map<number, Slot>;
}

interface Slot {
  readonly id: string | null;
  readonly driver: string;
  /** The bus behind a bridge. */
  readonly below: Bus | null;
}

/** Functions that the board has, by slot × 8 + function. */
const BOARDS: Readonly<Record<QemuMachineType, readonly (readonly [number, string])[]>> = {
  q35: [
    [0x00, "mch"],
    [0xf8, "ICH9-LPC"],
    [0xfa, "ich9-ahci"],
    [0xfb, "ICH9-SMB"],
  ],
  i440fx: [
    [0x00, "i440FX"],
    [0x08, "PIIX3"],
    [0x09, "piix3-ide"],
    [0x0b, "PIIX4_PM"],
  ],
  virt: [[0x00, "gpex-root"]],
};
/** What a board adds without -nodefaults, in the order in which it takes slots. */
const DEFAULTS: Readonly<Record<QemuMachineType, readonly string[]>> = {
  q35: ["VGA", "e1000e"],
  i440fx: ["VGA", "e1000"],
  virt: ["virtio-net-pci"],
};
const EXPANDER = /^pxb-(?:pcie|cxl)$/;
const BRIDGE = new RegExp(
  "^(?:pcie-root-port|ioh3420|cxl-rp|x3130-upstream|xio3130-downstream|cxl-upstream|" +
    "cxl-downstream|pci-bridge|pcie-pci-bridge|i82801b11-bridge)$",
);
/** Devices that are no PCI functions. */
const NOT_PCI = new RegExp(
  "^(?:pc-dimm|nvdimm|sp-mem|virtio-mem|virtio-pmem|virtio-[a-z]+-device|usb-.*|isa-.*|scsi-.*|" +
    "ide-.*|.*-cpu|virtio-serial-bus|virtconsole|virtserialport|nvme-ns|nvme-subsys|i2c-.*|" +
    "smbus-.*|tpm-.*|pvpanic|vmgenid|vmcoreinfo|loader|guest-loader|generic-sdhci|sysbus-.*|" +
    "hda-.*|ccid-card-.*|sd-card|spapr-.*|.*-ccw)$",
);

/** Whether a device of this driver is a PCI function. */
function isPciDriver(driver: string): boolean {
  return !NOT_PCI.test(driver);
}

/** Places the devices; null when one cannot be placed, which is reported. */
export function layOutPci(
  options: readonly QemuOption[],
  type: QemuMachineType,
  refusals: RefusalList,
): PciLayout | null {
  const root = emptyBus(type === "i440fx" ? "pci.0" : "pcie.0", 0, null);
  const buses = new Map([[root.name, root]]);
  const expanders: { readonly bus: Bus; readonly isCxl: boolean; readonly number: number }[] = [];
  for (const [devfn, driver] of BOARDS[type])
    root.slots.set(devfn, { id: null, driver, below: null });
  if (!options.some(({ name }) => name === "nodefaults")) addDefaults(root, type);
  for (const option of options.filter(({ name }) => name === "device")) {
    const reader = deviceReader(option, refusals);
    const driver = reader.text("driver") ?? "";
    if (!isPciDriver(driver)) continue;
    const id = reader.text("id") ?? null;
    const bus = findBus(reader, buses, root);
    const below = EXPANDER.test(driver) || !BRIDGE.test(driver) ? null : busBelow(driver, id, bus);
    if (bus === null || !putDevice(bus, { id, driver, below }, reader)) return null;
    if (below !== null) buses.set(below.name, below);
    if (EXPANDER.test(driver)) {
      if (type === "i440fx") {
        reader.refuse("needs a PCI Express bus, which this machine does not have");
        return null;
      }
      const number = reader.requiredInteger("bus_nr", 0xff, "uint8");
      if (number === undefined || id === null) return null;
      const expander = emptyBus(id, 0, reader.integer("numa_node") ?? null);
      buses.set(id, expander);
      expanders.push({ bus: expander, isCxl: driver === "pxb-cxl", number });
    }
  }
  const roots = [{ bus: root, number: 0 }, ...expanders];
  const inOrder = roots.toSorted((a, b) => a.number - b.number);
  return {
    functions: inOrder.flatMap(({ bus, number }) => enumerate(bus, number)),
    expanders: expanders.map(({ bus, isCxl, number }) => ({ id: bus.name, isCxl, number })),
  };
}

/** A reader whose messages name the device. */
export function deviceReader(option: QemuOption, refusals: RefusalList): OptionReader {
  const plain = new OptionReader(option, "device", refusals);
  const driver = plain.requiredText("driver") ?? "";
  const id = plain.text("id");
  return new OptionReader(option, id === undefined ? driver : `${driver} ${id}`, refusals);
}

function emptyBus(name: string, firstSlot: number, rootNode: number | null): Bus {
  return { name, firstSlot, rootNode, slots: new Map() };
}

function busBelow(driver: string, id: string | null, above: Bus | null): Bus {
  // A conventional bridge keeps slot 0 for its hot-plug controller.
  const firstSlot = driver === "pci-bridge" ? 1 : 0;
  return emptyBus(id ?? `below ${driver}`, firstSlot, above?.rootNode ?? null);
}

function addDefaults(root: Bus, type: QemuMachineType): void {
  for (const driver of DEFAULTS[type]) {
    const devfn = freeSlot(root);
    if (devfn !== null) root.slots.set(devfn, { id: null, driver, below: null });
  }
}

function findBus(reader: OptionReader, buses: ReadonlyMap<string, Bus>, root: Bus): Bus | null {
  const name = reader.text("bus");
  if (name === undefined) return root;
  const bus = buses.get(name) ?? (name === "pci" ? root : undefined);
  if (bus !== undefined) return bus;
  const hint = idHint("buses", name, buses.keys());
  reader.refuse(`there is no bus '${name}'`, { hint, key: "bus" });
  return null;
}

function putDevice(bus: Bus, slot: Slot, reader: OptionReader): boolean {
  const parameter = reader.parameter("addr");
  if (parameter === undefined) {
    const devfn = freeSlot(bus);
    if (devfn === null) reader.refuse(`bus ${bus.name} has no free slot`);
    else bus.slots.set(devfn, slot);
    return devfn !== null;
  }
  const match = /^(?:0x)?([0-9a-f]+)(?:\.([0-7]))?$/i.exec(parameter.value);
  const device = Number.parseInt(match?.[1] ?? "", 16);
  if (match === null || device > 31) {
    reader.wrong(parameter, `must be a slot such as 04.0, not '${parameter.value}'`);
    return false;
  }
  const devfn = device * 8 + Number(match[2] ?? 0);
  const other = bus.slots.get(devfn);
  if (other !== undefined) {
    const what = other.id === null ? other.driver : `${other.driver} ${other.id}`;
    reader.refuse(`its place, ${parameter.value} on ${bus.name}, is taken by ${what}`, {
      key: "addr",
    });
    return false;
  }
  bus.slots.set(devfn, slot);
  return true;
}

/** The first slot without any function. */
function freeSlot({ slots, firstSlot }: Bus): number | null {
  const taken = new Set([...slots.keys()].map((devfn) => devfn >> 3));
  for (let slot = firstSlot; slot < 32; slot++) if (!taken.has(slot)) return slot * 8;
  return null;
}

function enumerate(root: Bus, rootNumber: number): PciFunction[] {
  let last = rootNumber;
  const found: (PciFunction & { secondary: number | null })[] = [];
  const visit = (bus: Bus, number: number): void => {
    const below: { readonly slot: Slot; readonly bridge: { secondary: number | null } }[] = [];
    for (const [devfn, slot] of [...bus.slots].sort(([a], [b]) => a - b)) {
      const { id, driver } = slot;
      const place = { bus: number, device: devfn >> 3, function: devfn & 7 };
      const ofRoot = { rootBus: rootNumber, rootNode: root.rootNode };
      const made = { id, driver, ...place, ...ofRoot, secondary: null };
      found.push(made);
      if (slot.below !== null) below.push({ slot, bridge: made });
    }
    for (const { slot, bridge } of below) {
      last += 1;
      bridge.secondary = last;
      if (slot.below !== null) visit(slot.below, last);
    }
  };
  visit(root, rootNumber);
  return found.sort((a, b) => a.bus - b.bus || a.device - b.device || a.function - b.function);
}
