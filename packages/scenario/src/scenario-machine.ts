// Building the world a scenario runs in, and what the runner keeps about its processes and devices.
import {
  KERNEL_PRESETS,
  KERNEL_7_2_FIXED,
  type KernelSettings,
  PAGE_GEOMETRIES,
  type TaskStruct,
  World,
  X86_4K,
} from "@faultline/core";
import { type Dmirror, DmirrorDevice, dmirrorOpen } from "@faultline/stacks";
import { parseSizeBytes } from "./schema/fields.ts";
import type { ScenarioDocument } from "./schema/scenario-schema.ts";

/** One process while the scenario runs. */
export interface RunningProcess {
  readonly name: string;
  readonly task: TaskStruct;
  /** Files this process has open, by device number; opened at the first use. */
  readonly files: Map<number, Dmirror>;
  /** Frames it holds by long-term pins. */
  pins: readonly number[];
}

/** The world of a scenario with the names of its parts. */
export interface ScenarioMachine {
  readonly world: World;
  readonly devices: readonly DmirrorDevice[];
  readonly deviceNames: readonly string[];
  /** Living processes by name. */
  readonly processes: Map<string, RunningProcess>;
}

/** Creates the world, its devices and its first processes. */
export function createScenarioMachine(document: ScenarioDocument): ScenarioMachine {
  const { machine } = document;
  const geometry = PAGE_GEOMETRIES.find((g) => g.name === machine.geometry) ?? X86_4K;
  const pagesOf = (size: string): number => parseSizeBytes(size) / 2 ** geometry.pageShift;
  const world = new World({
    geometry,
    kernel: KERNEL_PRESETS.find((k) => k.name === document.kernel) ?? KERNEL_7_2_FIXED,
    nodes: machine.nodes.map((node) => ({ nrPages: pagesOf(node.memory), cpus: node.cpus })),
    nrSwapPages: machine.swap === undefined ? 0 : pagesOf(machine.swap),
    settings: kernelSettings(document),
  });
  const devices = machine.devices.map(
    (device, number) =>
      new DmirrorDevice(world, number, device.memory_type === "MEMORY_DEVICE_COHERENT"),
  );
  const processes = new Map<string, RunningProcess>();
  for (const { name, cpu } of document.processes) {
    processes.set(name, { name, task: world.createTask(cpu), files: new Map(), pins: [] });
  }
  return { world, devices, deviceNames: machine.devices.map((d) => d.name), processes };
}

function kernelSettings(document: ScenarioDocument): Partial<KernelSettings> {
  const { settings } = document;
  return {
    ...(settings.transparent_hugepage === undefined
      ? {}
      : { thpEnabled: settings.transparent_hugepage }),
    ...(settings.use_zero_page === undefined ? {} : { thpUseZeroPage: settings.use_zero_page }),
    ...(settings.max_ptes_none === undefined ? {} : { maxPtesNone: settings.max_ptes_none }),
    ...(settings.max_ptes_swap === undefined ? {} : { maxPtesSwap: settings.max_ptes_swap }),
    ...(settings.max_ptes_shared === undefined ? {} : { maxPtesShared: settings.max_ptes_shared }),
  };
}

/** The file a process has open on a device; opened now when it is the first use. */
export function openFile(
  machine: ScenarioMachine,
  process: RunningProcess,
  deviceName: string,
): Dmirror {
  const number = machine.deviceNames.indexOf(deviceName);
  const open = process.files.get(number);
  if (open !== undefined) return open;
  const device = machine.devices[number] as DmirrorDevice;
  const file = dmirrorOpen(machine.world, device, process.task.mm);
  process.files.set(number, file);
  return file;
}
