// Building the world a scenario runs in, and what the runner keeps about its processes and devices.
import {
  DESIGN_PRESETS,
  type Designs,
  KERNEL_PRESETS,
  KERNEL_7_2_FIXED,
  type KernelSettings,
  type TaskStruct,
  World,
} from "@faultline/core";
import { bootMachine, DeviceSystem } from "@faultline/engine";
import { buildMachine, type MachineDocument } from "@faultline/platform";
import { RandomStreams } from "@faultline/sim";
import {
  bindDrivers,
  type Dmirror,
  DmirrorDevice,
  type DriverRequest,
  type StackHost,
  StepHost,
} from "@faultline/stacks";
import { machineScenario } from "./machine-scenario.ts";
import { type PlannedDevice, plannedMachine } from "./planned-machine.ts";
import { NO_PLUGINS, type Plugins } from "./plugins.ts";
import type { RunningDevice } from "./running-device.ts";
import { parseSizeBytes } from "./schema/fields.ts";
import type { ScenarioDocument } from "./schema/scenario-schema.ts";

/** Bytes of a program's name, with the one that ends it. */
const TASK_COMM_LEN = 16;

/** The seed of a scenario that names none. */
export const DEFAULT_SEED = 42;

/** One process while the scenario runs. */
export interface RunningProcess {
  readonly name: string;
  readonly task: TaskStruct;
  /** Files this process has open, by device number; opened at the first use. */
  readonly files: Map<number, Dmirror>;
  /** Numbers of the other devices it has opened. */
  readonly opened: Set<number>;
  /** Frames it holds by long-term pins. */
  pins: readonly number[];
}

/** The world of a scenario with the names of its parts. */
export interface ScenarioMachine {
  readonly world: World;
  /** The devices with PCI and private links; null without a machine document. */
  readonly system: DeviceSystem | null;
  /** Lets time pass for drivers, where steps do; a clock does it by itself. */
  readonly advance: (byPs: number) => void;
  /** Everything random, by the seed of the scenario. */
  readonly random: RandomStreams;
  readonly devices: readonly RunningDevice[];
  readonly deviceNames: readonly string[];
  /** Numbers of the devices that have been taken away. */
  readonly unplugged: Set<number>;
  /** What a program has brought along. */
  readonly plugins: Plugins;
  /** Living processes by name. */
  readonly processes: Map<string, RunningProcess>;
}

/**
 * Creates the world, its devices and its first processes.
 * @param machineDocument the document that `machine.file` names, or null.
 * @param makeHost what drivers run in. @defaultValue a host that `advance` steps move
 * @param plugins drivers, policies and patterns beside those of the package.
 */
export function createScenarioMachine(
  document: ScenarioDocument,
  machineDocument: MachineDocument | null = null,
  makeHost: (world: World, system: DeviceSystem | null) => StackHost = () => new StepHost(),
  plugins: Plugins = NO_PLUGINS,
): ScenarioMachine {
  const planned = plannedMachine(document, machineDocument);
  const { geometry } = planned;
  const pageBytes = 2 ** geometry.pageShift;
  const { swap } = document.machine;
  const world = new World({
    geometry,
    kernel: KERNEL_PRESETS.find((k) => k.name === document.kernel) ?? KERNEL_7_2_FIXED,
    nodes: planned.nodes.map(({ memoryBytes, cpus }) => {
      return { nrPages: memoryBytes / pageBytes, cpus };
    }),
    nrSwapPages: swap === undefined ? 0 : parseSizeBytes(swap) / pageBytes,
    settings: kernelSettings(document),
    designs: chosenDesigns(document),
  });
  const system =
    machineDocument === null
      ? null
      : new DeviceSystem(world, bootMachine(buildMachine(machineDocument)));
  const host = makeHost(world, system);
  const devices = runningDevices(world, system, host, planned.devices, plugins);
  const processes = new Map<string, RunningProcess>();
  for (const { name, cpu } of document.processes) {
    const task = world.createTask(cpu);
    task.comm = name.slice(0, TASK_COMM_LEN - 1);
    processes.set(name, runningProcess(name, task));
  }
  const deviceNames = planned.devices.map(({ name }) => name);
  const advance = (byPs: number): void => {
    if (host instanceof StepHost) host.advance(byPs);
  };
  const random = new RandomStreams(document.seed ?? DEFAULT_SEED);
  const unplugged = new Set<number>();
  return { world, system, advance, random, devices, deviceNames, unplugged, plugins, processes };
}

/**
 * The devices of a machine document in a world without processes' memory. A machine with problems
 * of its sizes, see `machineMemoryProblems`, cannot be one.
 */
export function createMachineWorld(
  machine: MachineDocument,
  designs: ScenarioDocument["designs"] = {},
): ScenarioMachine {
  return createScenarioMachine(machineScenario(machine, designs), machine);
}

/** A process that has opened and pinned nothing yet. */
export function runningProcess(name: string, task: TaskStruct): RunningProcess {
  return { name, task, files: new Map(), opened: new Set(), pins: [] };
}

function runningDevices(
  world: World,
  system: DeviceSystem | null,
  host: StackHost,
  planned: readonly PlannedDevice[],
  { drivers }: Plugins,
): RunningDevice[] {
  const requests = planned.flatMap(({ driver, knobs }, number): DriverRequest[] => {
    const device = system?.machine.devices[number];
    return device === undefined || driver === "dmirror" ? [] : [{ device, stack: driver, knobs }];
  });
  const bound = system === null ? [] : bindDrivers(system, host, requests, drivers);
  return planned.map((device, number) => {
    const stack = bound.find(({ attached }) => attached.device.index === number);
    if (stack !== undefined) return { driver: stack.name, stack };
    if (device.driver !== "dmirror") return { driver: "none" };
    return { driver: "dmirror", device: new DmirrorDevice(world, number, device.isCoherent) };
  });
}

/** What a document leaves out keeps its default. */
function presentOnly<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** A preset, then what the scenario says itself. */
function chosenDesigns({ designs }: ScenarioDocument): Partial<Designs> {
  const { preset = "", ...own } = designs;
  return { ...DESIGN_PRESETS[preset], ...presentOnly(own) };
}

function kernelSettings({ settings }: ScenarioDocument): Partial<KernelSettings> {
  return presentOnly({
    thpEnabled: settings.transparent_hugepage,
    thpUseZeroPage: settings.use_zero_page,
    maxPtesNone: settings.max_ptes_none,
    maxPtesSwap: settings.max_ptes_swap,
    maxPtesShared: settings.max_ptes_shared,
  });
}
