// A machine document for a scenario that names none, so that real drivers have something to drive:
// its nodes, and each of its devices on a root port of its own.
import { invariant } from "@faultline/core";
import {
  loadMachine,
  type MachineDocument,
  type MachineInput,
  printMachine,
} from "@faultline/platform";
import type { ScenarioDocument } from "../schema/scenario-schema.ts";

const GIB = 2 ** 30;
const FIRST_BAR = 0x38_0000_0000 * 2 ** 4;
/** Memory of each device, all of it behind its BAR. */
const DEVICE_GIB = 16;

/** A bus has 31 slots beside the bridge's own, and each slot eight functions. */
const SLOTS = 31;
const PORTS = SLOTS * 8;

/** The document; devices keep their names and are driven by `ideal` unless a scenario says else. */
export function madeUpMachine({ title, machine }: ScenarioDocument): MachineDocument {
  const { devices, geometry = "", iommu } = machine;
  const nodes = machine.nodes ?? [{ memory: "2GiB", cpus: [0] }];
  const hosts = Array.from({ length: Math.ceil(devices.length / PORTS) || 1 }, (_, n) => n);
  const input: MachineInput = {
    version: 1,
    title: `The machine of: ${title}`,
    cpu: { vendor: "AuthenticAMD", family: 0x19 },
    ...(iommu === undefined ? {} : { iommu: { vendor: "amd" as const, mode: iommu } }),
    page_size: geometry.endsWith("64k") ? "64KiB" : "4KiB",
    numa: { nodes: nodes.map(({ memory, cpus }) => ({ memory, cpus })) },
    host_bridges: hosts.map((n) => ({ name: `host${n}`, root_bus: `000${n}:00` })),
    functions: [
      ...hosts.map((n) => ({
        name: `bridge${n}`,
        at: `000${n}:00:00.0`,
        kind: "conventional" as const,
        id: "1022:14a4",
        above: `host${n}`,
      })),
      ...devices.flatMap(({ name }, i) => functionsOf(name, i)),
    ],
    devices: devices.map(({ name, memory_type: type }) => ({
      name,
      kind: "gpu",
      initiators: [name],
      memory: {
        size: `${DEVICE_GIB}GiB`,
        window: { function: name, bar: 0 },
        cpu_coherent: type === "MEMORY_DEVICE_COHERENT",
      },
    })),
  };
  const { document, diagnostics } = loadMachine(printMachine(input), "made up");
  invariant(document !== null, `a machine was made up wrongly: ${diagnostics[0]?.message ?? ""}`);
  return document;
}

function functionsOf(name: string, i: number): MachineInput["functions"] {
  const hex = (value: number): string => value.toString(16).padStart(2, "0");
  const address = FIRST_BAR + i * DEVICE_GIB * GIB;
  const host = Math.floor(i / PORTS);
  const port = i % PORTS;
  return [
    {
      name: `port-of-${name}`,
      at: `000${host}:00:${hex(1 + (port % SLOTS))}.${Math.floor(port / SLOTS)}`,
      kind: "root-port",
      id: "1022:14ab",
      above: `host${host}`,
    },
    {
      name,
      at: `000${host}:${hex(port + 1)}:00.0`,
      kind: "endpoint",
      id: "1022:14e0",
      above: `port-of-${name}`,
      bars: [{ index: 0, address, size: `${DEVICE_GIB}GiB` }],
    },
  ];
}
