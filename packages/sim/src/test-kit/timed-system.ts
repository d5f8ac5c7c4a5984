// A machine under a clock for tests: devices on root ports of their own, one process with mapped
// memory, and prices of a shipped profile.
import {
  type Designs,
  type FabricLinkSpec,
  type KernelSettings,
  type Machine,
  type MachineDeviceSpec,
  type PciDev,
  type PciHostBridge,
  PciTree,
  type TaskStruct,
  World,
} from "@faultline/core";
import {
  bootMachine,
  DeviceSystem,
  PROT_READ,
  PROT_WRITE,
  runToCompletion,
  sysMmap,
} from "@faultline/engine";
import { priceTable, shippedProfile } from "@faultline/profiles";
import { bindDrivers, type StackName } from "@faultline/stacks";
import { Sim } from "../actor/sim.ts";
import { PriceSheet } from "../price/price-sheet.ts";
import type { FaultRecords } from "../record/fault-records.ts";
import { PS_PER_US } from "../time/sim-time.ts";
import { RangeStream } from "../world/access-stream.ts";
import { CpuThread } from "../world/cpu-thread.ts";
import { SharedCpus } from "../world/shared-cpus.ts";
import { type ContextResult, TimedDevice } from "../world/timed-device.ts";
import { TimedWorld } from "../world/timed-world.ts";

/** First page that `map` maps; aligned to a block. */
export const BASE: number = 2 ** 20;

const GIB = 1n << 30n;
const NODE_PAGES = 2 ** 18;

/** How a system is made. */
export interface TimedSystemSpec {
  /** A driver for each device, which is called gpu0, gpu1, … */
  readonly stacks: readonly StackName[];
  /** A shipped profile, for everything. @defaultValue host-cpu */
  readonly profile?: string;
  readonly settings?: Partial<KernelSettings>;
  readonly designs?: Partial<Designs>;
  readonly knobs?: Readonly<Record<string, unknown>>;
  /** @defaultValue none */
  readonly iommu?: "translate";
  /** All devices are below one switch. @defaultValue each has a root port of its own */
  readonly switched?: boolean;
  /** The process and all drivers share CPU 0, which interrupts steal from. @defaultValue false */
  readonly sharesCpu?: boolean;
  /** Bytes per second of private links between all pairs. @defaultValue there are none */
  readonly linkedAt?: number;
}

/** The system. */
export class TimedSystem {
  readonly sim: Sim = new Sim();
  readonly world: World;
  readonly machine: Machine;
  readonly timed: TimedWorld;
  readonly devices: readonly TimedDevice[];
  readonly task: TaskStruct;

  constructor(spec: TimedSystemSpec) {
    const { stacks, profile = "host-cpu", settings, designs, knobs = {} } = spec;
    this.world = new World({
      nodes: [{ nrPages: NODE_PAGES, cpus: [0, 1] }],
      ...(settings === undefined ? {} : { settings }),
      ...(designs === undefined ? {} : { designs }),
    });
    const system = new DeviceSystem(this.world, machineOf(spec));
    const sheet = sheetOf(profile);
    const { machine } = system;
    this.machine = machine;
    const deviceSheets = machine.devices.map(() => sheet);
    const { sim, world } = this;
    const shared = spec.sharesCpu === true ? { cpus: cpusOf(sim) } : {};
    this.timed = new TimedWorld({ sim, world, cpuSheet: sheet, deviceSheets, machine, ...shared });
    const requests = system.machine.devices.map((device, i) => {
      return { device, stack: stacks[i] ?? "ideal", knobs };
    });
    const bound = bindDrivers(system, this.timed, requests);
    this.devices = bound.map((stack) => new TimedDevice(this.timed, stack, sheet, 0));
    this.task = this.world.createTask(0);
  }

  get records(): FaultRecords {
    return this.timed.records;
  }

  /** Maps `nrPages` anonymous pages at BASE + `at`. */
  map(nrPages: number, at = 0): void {
    const start = BASE + at;
    const request = { start, nrPages, prot: PROT_READ | PROT_WRITE, shared: false };
    runToCompletion(sysMmap(this.world, this.task, request));
    this.world.effort.clear();
  }

  /** A device touches pages from BASE + `at` on. */
  touch(device: number, nrPages: number, access: number, outstanding = 1, at = 0): ContextResult {
    const touched = this.devices[device];
    if (touched === undefined) throw new Error(`there is no device ${device}`);
    return touched.startContext({
      name: `gpu${device}`,
      task: this.task,
      stream: new RangeStream(BASE + at, nrPages, access, (page) => page),
      outstanding,
    });
  }

  /** A CPU touches pages from BASE + `at` on. */
  cpuTouch(nrPages: number, access: number, at = 0, cpu = this.task.cpu): void {
    const thread = new CpuThread(this.timed, { ...this.task, cpu });
    this.sim.spawn("app", function* (self) {
      for (let i = 0; i < nrPages; i++) yield* thread.access(self, BASE + at + i, access);
    });
  }
}

/** Two CPUs with short slices, so that work is often put off. */
function cpusOf(sim: Sim): SharedCpus {
  const handler = { ps: 400_000, origin: 1 };
  return new SharedCpus(sim, {
    nrCpus: 2,
    shootdown: handler,
    interrupt: handler,
    slicePs: 5 * PS_PER_US,
  });
}

/** The prices of a shipped profile. */
function sheetOf(id: string): PriceSheet {
  const profile = shippedProfile(id);
  if (profile === null) throw new Error(`there is no profile ${id}`);
  return new PriceSheet(priceTable(profile));
}

function machineOf(spec: TimedSystemSpec): ReturnType<typeof bootMachine> {
  const { stacks, iommu } = spec;
  const tree = new PciTree();
  const host = tree.addHostBridge({ name: "host", domain: 0, bus: 0, socket: 0, windows: [] });
  const shared = spec.switched === true ? addSwitch(tree, host) : null;
  const devices = stacks.map((stack, n): MachineDeviceSpec => {
    const ids = { vendor: 0x8086, device: 0x1234 };
    const at = { domain: 0, bus: 0, devfn: (n + 1) << 3 };
    const kind = shared === null ? "root-port" : "switch-downstream";
    const port = tree.addFunction({ path: `port${n}`, address: at, kind, ...ids }, shared ?? host);
    const start = 0x3800_0000_0000n + BigInt(n) * 16n * GIB;
    const bar = { index: 0, start, busStart: start, sizeBytes: GIB };
    const bars = [{ ...bar, isPrefetchable: true, is64Bit: true }];
    const address = { domain: 0, bus: n + 1, devfn: 0 };
    const fn = tree.addFunction({ path: `gpu${n}`, address, kind: "endpoint", ...ids, bars }, port);
    const [shown] = fn.bars;
    const window = shown === undefined ? null : { fn, bar: shown };
    const hasMemory = stack !== "odp" && stack !== "sva";
    return {
      name: `gpu${n}`,
      kind: hasMemory ? "gpu" : "nic",
      initiators: [fn],
      memory: hasMemory ? { sizeBytes: GIB, window, isCpuCoherent: false } : null,
    };
  });
  return bootMachine({
    title: "a machine under a clock",
    pci: {
      tree,
      cpu: { vendor: "AuthenticAMD", family: 0x19 },
      pageShift: 12,
      ramEndPfn: 2 ** 24,
      lowEndPfn: 2 ** 19,
      swiotlb: "default",
      iommu: iommu === undefined ? null : { vendor: "amd", mode: iommu },
      acs: { atsIsOff: false, configAcs: [], disableAcsRedir: [] },
      groups: new Map(tree.functions.map((fn) => [fn, fn.path])),
      peerMemory: [],
    },
    nodes: [{ socket: 0, memoryBytes: 64n * GIB, cpus: [0, 1] }],
    distances: [[10]],
    fabricEnds: new Map(devices.map(({ name }) => [name, "device"])),
    links: linksBetween(
      devices.map(({ name }) => name),
      spec.linkedAt ?? 0,
    ),
    devices,
  });
}

function linksBetween(names: readonly string[], bandwidthBytesPerSec: number): FabricLinkSpec[] {
  if (bandwidthBytesPerSec === 0) return [];
  return names.flatMap((a, i) => {
    return names.slice(i + 1).map((b): FabricLinkSpec => {
      const rate = { width: 1, bandwidthBytesPerSec, latencyPs: 0 };
      return { name: `${a}-${b}`, kind: "nvlink", ends: [a, b], ...rate };
    });
  });
}

/** A root port with a switch below it. */
function addSwitch(tree: PciTree, host: PciHostBridge): PciDev {
  const ids = { vendor: 0x10b5, device: 0x8796 };
  const root = tree.addFunction(
    { path: "root", address: { domain: 0, bus: 0, devfn: 31 << 3 }, kind: "root-port", ...ids },
    host,
  );
  const address = { domain: 0, bus: 200, devfn: 0 };
  return tree.addFunction({ path: "switch", address, kind: "switch-upstream", ...ids }, root);
}
