// The machine of a scenario in one form, whether it comes from a machine document or from the
// scenario itself: geometry, nodes, devices and who drives them.
import { ARM64_64K, PAGE_GEOMETRIES, type PageGeometry, X86_4K } from "@faultline/core";
import { buildMachine, type MachineDocument } from "@faultline/platform";
import { parseSizeBytes } from "./schema/fields.ts";
import type { ScenarioPlan } from "./plan.ts";
import type { ScenarioDocument } from "./schema/scenario-schema.ts";

/** One NUMA node. */
export interface PlannedNode {
  readonly memoryBytes: number;
  readonly cpus: readonly number[];
}

/** One device and its driver. */
export interface PlannedDevice {
  readonly name: string;
  /** A driver of the package, or the name of a plug-in. */
  readonly driver: string;
  readonly isCoherent: boolean;
  /** What a machine document says; null for none, and for a device that grows as it needs. */
  readonly memoryBytes: number | null;
  readonly knobs: Readonly<Record<string, unknown>>;
}

/** A machine as far as steps and memory management look. */
export interface PlannedMachine {
  readonly geometry: PageGeometry;
  readonly nodes: readonly PlannedNode[];
  readonly devices: readonly PlannedDevice[];
  /** Names of the private links. */
  readonly links: readonly string[];
  /** Names of the PCI functions that have ACS. */
  readonly acsFunctions: readonly string[];
}

const DEFAULT_NODES = [{ memory: "2GiB", cpus: [0] }];

/** The machine of a scenario; `document` is the one that it refers to, or null. */
export function plannedMachine(
  { machine }: ScenarioDocument,
  document: MachineDocument | null,
): PlannedMachine {
  const nodes = (machine.nodes ?? DEFAULT_NODES).map(({ memory, cpus }) => ({
    memoryBytes: parseSizeBytes(memory),
    cpus,
  }));
  if (document === null) {
    return {
      geometry: geometryNamed(machine.geometry) ?? X86_4K,
      nodes,
      devices: machine.devices.map(({ name, stack, memory_type: type, knobs }) => ({
        name,
        driver: stack ?? "dmirror",
        isCoherent: type === "MEMORY_DEVICE_COHERENT",
        memoryBytes: null,
        knobs,
      })),
      links: [],
      acsFunctions: [],
    };
  }
  const built = buildMachine(document);
  return {
    geometry: geometryNamed(machine.geometry) ?? geometryOf(document),
    nodes: built.nodes.map(({ memoryBytes, cpus }) => ({
      memoryBytes: Number(memoryBytes),
      cpus,
    })),
    devices: document.devices.map(({ name, stack, memory }, d) => {
      const own = machine.devices.find((device) => device.name === name);
      const isCoherent = memory?.cpu_coherent === true;
      const driver = own?.stack ?? driverOf(stack);
      const size = built.devices[d]?.memory?.sizeBytes;
      const memoryBytes = size === undefined ? null : Number(size);
      return { name, driver, isCoherent, memoryBytes, knobs: own?.knobs ?? {} };
    }),
    links: document.fabric.links.flatMap(({ between }) => between.map((ends) => ends.join("-"))),
    acsFunctions: document.functions.flatMap(({ name, acs }) => (acs === undefined ? [] : [name])),
  };
}

function geometryNamed(name: string | undefined): PageGeometry | undefined {
  return PAGE_GEOMETRIES.find((geometry) => geometry.name === name);
}

/** 16 KiB pages have no geometry of their own here; the nearest is larger. */
function geometryOf({ page_size: size }: MachineDocument): PageGeometry {
  return size === "4KiB" ? X86_4K : ARM64_64K;
}

/** A device that uses the CPUs' page tables has no driver of its own without a clock. */
function driverOf(stack: MachineDocument["devices"][number]["stack"]): string {
  return stack === "ats" ? "sva" : stack;
}

/** Page size and shape of the page tables that a scenario runs with. */
export function pageGeometryOf({
  document,
  machine,
}: Pick<ScenarioPlan, "document" | "machine">): PageGeometry {
  return plannedMachine(document, machine).geometry;
}
