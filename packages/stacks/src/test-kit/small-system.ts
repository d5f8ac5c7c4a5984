// Machines for tests of drivers: devices below one switch or on root ports of their own, on a host
// that passes peer requests or does not, with or without an IOMMU and private links. Used by tests
// only.
import {
  AcsCapability,
  type Designs,
  type FabricKind,
  type IommuSpec,
  type KernelPreset,
  type KernelSettings,
  type MachineDevice,
  type MachineDeviceKind,
  type MachineDeviceSpec,
  PCI_ACS_CR,
  PCI_ACS_RR,
  type PciDev,
  type PciHostBridge,
  PciTree,
  type TaskStruct,
  World,
} from "@faultline/core";
import {
  bootMachine,
  cpuAccess,
  DeviceSystem,
  PROT_READ,
  PROT_WRITE,
  runToCompletion,
  sysMmap,
  type Verb,
  writePageContent,
} from "@faultline/engine";
import { deviceAccess, type DeviceAccessOutcome } from "../device/device-access.ts";
import type { DeviceAccessKind, DeviceAdvice, DeviceStack } from "../device/device-stack.ts";

/** First page that `map` maps; aligned to a block. */
export const BASE: number = 2 ** 26;

/** One device of a small system. */
export interface SmallDevice {
  readonly name: string;
  /** @defaultValue gpu */
  readonly kind?: MachineDeviceKind;
  /** MiB of memory; 0 for none. @defaultValue 64 for a GPU, 0 for others */
  readonly memoryMib?: number;
  /** MiB of it that the BAR shows. @defaultValue all */
  readonly windowMib?: number;
  readonly hive?: string;
  /** Root port it is below; devices with the same number share a switch. @defaultValue 0 */
  readonly port?: number;
  /** Further initiators, on these ports. */
  readonly alsoOn?: readonly number[];
  /** The CPUs reach its memory coherently. */
  readonly coherent?: boolean;
}

/** A driver that takes advice. */
type AdvisedStack = DeviceStack & Required<Pick<DeviceStack, "advise">>;

/** How a system is built; everything but the devices has a default. */
export interface SmallSystemSpec {
  readonly devices: readonly SmallDevice[];
  /** `zen` passes by its CPU, `skx` by its list entry, `hsw` below one bridge, `none` never. */
  readonly host?: "zen" | "skx" | "hsw" | "none";
  /** Ports redirect peer requests. @defaultValue as the IOMMU makes them */
  readonly acs?: boolean;
  readonly iommu?: "translate" | "identity" | null;
  /** Pairs of devices with a private link. */
  readonly links?: readonly (readonly [string, string])[];
  readonly linkKind?: FabricKind;
  /** Each root port has a host bridge, and a socket, of its own. @defaultValue false */
  readonly manySockets?: boolean;
  readonly designs?: Partial<Designs>;
  readonly kernel?: KernelPreset;
  readonly settings?: Partial<KernelSettings>;
  /** Pages of swap. @defaultValue none */
  readonly nrSwapPages?: number;
}

const INTEL = { vendor: "GenuineIntel", family: 6 };
const HOSTS = {
  zen: { cpu: { vendor: "AuthenticAMD", family: 0x19 }, vendor: 0x1022, device: 0x14a4 },
  skx: { cpu: INTEL, vendor: 0x8086, device: 0x2030 },
  hsw: { cpu: INTEL, vendor: 0x8086, device: 0x2f00 },
  none: { cpu: INTEL, vendor: 0x8086, device: 0x29c0 },
} as const;

const MIB = 2 ** 20;
const FIRST_BAR = 0x40_0000_0000n;
const BAR_STRIDE = 1n << 32n;
const NODE_PAGES = 2 ** 16;
const BUSES_PER_PORT = 16;

/** A machine, its world, and one process with mapped memory. */
export class SmallSystem {
  readonly world: World;
  readonly system: DeviceSystem;
  readonly task: TaskStruct;

  constructor(spec: SmallSystemSpec) {
    const built = new Builder(spec);
    const sockets = spec.manySockets === true ? built.nrPorts : 1;
    const nodes = Array.from({ length: sockets }, (_, n) => ({ nrPages: NODE_PAGES, cpus: [n] }));
    const { designs = {}, kernel, settings = {}, nrSwapPages = 0 } = spec;
    const preset = kernel === undefined ? {} : { kernel };
    this.world = new World({ nodes, designs, settings, nrSwapPages, ...preset });
    const ramEndPfn = sockets * NODE_PAGES;
    const iommu: IommuSpec | null = spec.iommu ? { vendor: "intel", mode: spec.iommu } : null;
    const machine = bootMachine({
      title: "small system",
      pci: {
        tree: built.tree,
        cpu: HOSTS[spec.host ?? "zen"].cpu,
        pageShift: 12,
        ramEndPfn,
        lowEndPfn: ramEndPfn,
        swiotlb: "default",
        iommu,
        acs: {},
        groups: new Map(built.initiators.map((fn) => [fn, `group of ${fn.path}`])),
        peerMemory: [],
      },
      nodes: nodes.map(({ cpus }, socket) => ({
        socket,
        memoryBytes: BigInt(NODE_PAGES) << 12n,
        cpus,
      })),
      distances: nodes.map((_, i) => nodes.map((__, j) => (i === j ? 10 : 20))),
      fabricEnds: new Map(spec.devices.map(({ name }) => [name, "device"])),
      links: (spec.links ?? []).map(([a, b]) => ({
        name: `${a}-${b}`,
        kind: spec.linkKind ?? "xgmi",
        ends: [a, b],
        width: 16,
        bandwidthBytesPerSec: 50_000_000_000,
        latencyPs: 500_000,
      })),
      devices: built.devices,
    });
    this.system = new DeviceSystem(this.world, machine);
    this.task = this.world.createTask(0);
  }

  /** The machine's device with a name. */
  device(name: string): MachineDevice {
    const found = this.system.machine.devices.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no device ${name}`);
    return found;
  }

  /** Maps `nrPages` anonymous pages at BASE + `at`. */
  map(nrPages: number, at = 0): void {
    const start = BASE + at;
    const request = { start, nrPages, prot: PROT_READ | PROT_WRITE, shared: false };
    runToCompletion(sysMmap(this.world, this.task, request));
  }

  /** The process writes `value + i` to page BASE + `at` + i. */
  fill(nrPages: number, value = 100, at = 0): void {
    for (let i = 0; i < nrPages; i++) {
      const page = BASE + at + i;
      const rc = cpuAccess(this.world, this.task, page, true);
      if (rc !== 0) throw new Error(`page ${at + i} cannot be written: ${rc}`);
      writePageContent(this.world, this.task.mm, page, value + i);
    }
  }

  /** A device's program accesses `nrPages` pages from BASE + `at` on. */
  access(
    stack: DeviceStack,
    access: DeviceAccessKind,
    value = 0,
    nrPages = 8,
    at = 0,
  ): Verb<DeviceAccessOutcome> {
    const request = { start: BASE + at, nrPages, access, value };
    return deviceAccess(stack, stack.open(this.task.mm), this.task, request);
  }

  /** Advice about `nrPages` pages from BASE + `at` on. */
  advise(stack: AdvisedStack, advice: DeviceAdvice, nrPages: number, at = 0): number {
    const range = { start: BASE + at, nrPages };
    return runToCompletion(stack.advise(stack.open(this.task.mm), this.task, range, advice));
  }

  /** The aperture of a device's entry; undefined where it has none. */
  aperture(stack: DeviceStack, at = 0): number | undefined {
    return stack.open(this.task.mm).lookup(BASE + at)?.aperture;
  }

  /** Name of the device that holds a page; `system`, or `nothing`. */
  place(at: number): string {
    const { pageTable } = this.task.mm;
    const hasTable = pageTable.leafTable(BASE + at) !== 0;
    const pfn = hasTable ? pageTable.val(BASE + at) : pageTable.slotVal(BASE + at);
    if (pfn === 0 || pfn === this.world.zeroPfn) return "nothing";
    return this.system.holderOf(pfn)?.device.name ?? "system";
  }
}

/** The PCI side of a small system. */
class Builder {
  readonly tree = new PciTree();
  readonly initiators: PciDev[] = [];
  readonly devices: readonly MachineDeviceSpec[];
  readonly nrPorts: number;
  private readonly spec: SmallSystemSpec;
  private readonly switches: PciDev[] = [];
  private nrBars = 0;
  private readonly nrBelow: number[] = [];

  constructor(spec: SmallSystemSpec) {
    this.spec = spec;
    const ports = spec.devices.flatMap(({ port = 0, alsoOn = [] }) => [port, ...alsoOn]);
    this.nrPorts = Math.max(...ports) + 1;
    const shared = spec.manySockets === true ? null : this.addBridge(0);
    for (let port = 0; port < this.nrPorts; port++) {
      this.addSwitch(port, shared ?? this.addBridge(port));
    }
    this.devices = spec.devices.map((device) => this.addDevice(device));
  }

  private addBridge(n: number): PciHostBridge {
    const { vendor, device } = HOSTS[this.spec.host ?? "zen"];
    const domain = n;
    const bridge = this.tree.addHostBridge({ name: `host${n}`, domain, bus: 0, socket: n });
    const address = { domain, bus: 0, devfn: 0 };
    this.tree.addFunction(
      { path: `host${n}/first`, address, kind: "conventional", vendor, device },
      bridge,
    );
    return bridge;
  }

  private addSwitch(port: number, bridge: PciHostBridge): void {
    const { domain } = bridge;
    const bus = (port % this.nrPorts) * BUSES_PER_PORT + 1;
    const ids = { vendor: 0x10b5, device: 0x8796 };
    const root = this.tree.addFunction(
      {
        path: `port${port}`,
        address: { domain, bus: 0, devfn: (port + 1) << 3 },
        kind: "root-port",
        vendor: HOSTS[this.spec.host ?? "zen"].vendor,
        device: 0x1483,
      },
      bridge,
    );
    const up = this.tree.addFunction(
      {
        path: `switch${port}`,
        address: { domain, bus, devfn: 0 },
        kind: "switch-upstream",
        ...ids,
      },
      root,
    );
    this.switches.push(up);
    this.nrBelow.push(0);
  }

  private addDevice(device: SmallDevice): MachineDeviceSpec {
    const { name, kind = "gpu", port = 0, alsoOn = [] } = device;
    const memoryMib = device.memoryMib ?? (kind === "gpu" ? 64 : 0);
    const initiators = [port, ...alsoOn].map((one, n) => {
      const path = n === 0 ? name : `${name}.${n}`;
      return this.addEndpoint(path, one, n === 0 ? (device.windowMib ?? memoryMib) : 0);
    });
    const [first] = initiators;
    const bar = first?.bars[0];
    const window = first === undefined || bar === undefined ? null : { fn: first, bar };
    const sizeBytes = BigInt(memoryMib * MIB);
    const isCpuCoherent = device.coherent === true;
    return {
      name,
      kind,
      initiators,
      memory: memoryMib === 0 ? null : { sizeBytes, window, isCpuCoherent },
      pageSizesBytes: [4096, 65536, 2 * MIB],
      hive: device.hive ?? null,
      node: this.spec.manySockets === true ? port : 0,
    };
  }

  private addEndpoint(path: string, port: number, windowMib: number): PciDev {
    const above = this.switches[port];
    const n = (this.nrBelow[port] ?? 0) + 1;
    if (above === undefined) throw new Error(`there is no port ${port}`);
    this.nrBelow[port] = n;
    const { domain, bus } = above.address;
    const redirects = this.spec.acs ?? this.spec.iommu !== undefined;
    const control = PCI_ACS_RR | PCI_ACS_CR;
    const down = this.tree.addFunction(
      {
        path: `${path}/down`,
        address: { domain, bus: bus + 1, devfn: n << 3 },
        kind: "switch-downstream",
        vendor: 0x10b5,
        device: 0x8796,
        acs: redirects ? new AcsCapability(control, control) : null,
      },
      above,
    );
    const start = FIRST_BAR + BigInt(this.nrBars++) * BAR_STRIDE;
    const sizeBytes = BigInt(windowMib * MIB);
    const bar = {
      index: 0,
      start,
      busStart: start,
      sizeBytes,
      isPrefetchable: true,
      is64Bit: true,
    };
    const fn = this.tree.addFunction(
      {
        path,
        address: { domain, bus: bus + 1 + n, devfn: 0 },
        kind: "endpoint",
        vendor: 0x1002,
        device: 0x740c,
        bars: windowMib === 0 ? [] : [bar],
      },
      down,
    );
    this.initiators.push(fn);
    return fn;
  }
}
