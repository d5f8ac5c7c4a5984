// A machine from a QEMU command line: its nodes, its PCI functions where QEMU and the firmware put
// them, and a device for each generic initiator.
import { diagnosticFor, hasErrors } from "@faultline/diagnostics";
import type { PciFunction } from "../../acpi/qemu/pci-layout.ts";
import type { QemuMachine } from "../../acpi/qemu/qemu-machine.ts";
import { readQemuMachine } from "../../acpi/qemu/read-qemu-machine.ts";
import { formatSize } from "../../fields.ts";
import type { MachineInput } from "../../machine-schema.ts";
import { cpusAsRanges } from "../../number-ranges.ts";
import { type ImportResult, refusedImport } from "../import-result.ts";
import { qemuFacts } from "./qemu-facts.ts";
import { functionId, functionKind } from "./qemu-functions.ts";

const LOCAL_DISTANCE = 10;

/** Reads the line: that of a shell, over several lines or one. */
export function importQemu(text: string, file: string): ImportResult {
  const { machine, verdict, diagnostics } = readQemuMachine(text, file);
  if (machine === null || hasErrors(diagnostics)) {
    const message = `no machine comes of it: QEMU ${verdict}`;
    const found = hasErrors(diagnostics)
      ? diagnostics
      : [...diagnostics, diagnosticFor(file, "E_QEMU_UNKNOWN", message)];
    return refusedImport(found);
  }
  const { nodes, assumptions } = numaOf(machine);
  const hasMemory = nodes.some(({ memory }) => memory !== undefined);
  const distances = distancesOf(machine);
  const document: MachineInput = {
    version: 1,
    title: `A ${machine.type} of QEMU`,
    cpu:
      machine.type === "virt" ? { vendor: "", family: 0 } : { vendor: "GenuineIntel", family: 6 },
    ...(hasMemory
      ? { numa: { nodes, ...(distances === null ? {} : { distances }) } }
      : { memory: formatSize(machine.ramBytes) }),
    host_bridges: hostBridgesOf(machine),
    functions: machine.functions.map((one) => functionOf(one, machine)),
    devices: devicesOf(machine, hasMemory),
  };
  return {
    machine: document,
    assumptions: [...assumptions, ...assumptionsOf(machine, distances)],
    facts: qemuFacts(machine),
    diagnostics,
  };
}

type Nodes = NonNullable<MachineInput["numa"]>["nodes"];

function numaOf({ nodes, cpus, ramBytes }: QemuMachine): {
  readonly nodes: Nodes;
  readonly assumptions: readonly string[];
} {
  if (nodes.length === 0) return { nodes: [], assumptions: [] };
  const found = nodes.map(({ id, memoryBytes }): Nodes[number] => {
    const own = cpus.filter(({ node, isPresent }) => node === id && isPresent);
    return {
      socket: socketOf(nodes, id),
      ...(memoryBytes === 0n ? {} : { memory: formatSize(memoryBytes) }),
      cpus: cpusAsRanges(own.map(({ index }) => index)),
    };
  });
  const none = `numa: no node has memory; ${formatSize(ramBytes)} without nodes`;
  const hasMemory = found.some(({ memory }) => memory !== undefined);
  return { nodes: found, assumptions: hasMemory ? [] : [none] };
}

/** Each node with CPUs is a socket; what has none is on the first one. */
function socketOf(nodes: QemuMachine["nodes"], node: number | null): number {
  const withCpus = nodes.filter(({ hasCpu }) => hasCpu).map(({ id }) => id);
  return Math.max(0, withCpus.indexOf(node ?? 0));
}

/** Those of -numa dist, where a machine document can hold them. */
function distancesOf({ distances }: QemuMachine): number[][] | null {
  const isGood = distances?.every((row, from) =>
    row.every((value, to) => {
      const isFar = from === to ? value === LOCAL_DISTANCE : value > LOCAL_DISTANCE;
      return isFar && value === distances[to]?.[from];
    }),
  );
  return isGood === true && distances !== null ? distances.map((row) => [...row]) : null;
}

function hostBridgesOf({ functions, nodes }: QemuMachine): MachineInput["host_bridges"] {
  const roots = [...new Set(functions.map(({ rootBus }) => rootBus))];
  return roots.map((bus) => {
    const node = functions.find((one) => one.rootBus === bus)?.rootNode ?? null;
    return { name: `root${hex(bus)}`, root_bus: `0000:${hex(bus)}`, socket: socketOf(nodes, node) };
  });
}

function functionOf(one: PciFunction, machine: QemuMachine): MachineInput["functions"][number] {
  const bridge = machine.functions.find(({ secondary }) => secondary === one.bus);
  const isOnRoot = one.bus === one.rootBus || bridge === undefined;
  return {
    name: nameOf(one, machine),
    at: addressOf(one),
    kind: functionKind(one.driver, isOnRoot ? null : bridge.driver, machine.type),
    id: functionId(one.driver),
    above: isOnRoot ? `root${hex(one.rootBus)}` : nameOf(bridge, machine),
  };
}

/** Its id where that is a name here and nobody else's; else what it is and where. */
function nameOf(one: PciFunction, { functions }: QemuMachine): string {
  const { id, driver } = one;
  const isName =
    id !== null && /^[A-Za-z][A-Za-z0-9_.-]*$/.test(id) && !/^root[0-9a-f]{2}$/.test(id);
  const place = addressOf(one).slice("0000:".length).replaceAll(/[:.]/g, "-");
  const made = `at-${place}-${driver.replaceAll(/[^A-Za-z0-9_.-]/g, "-")}`;
  return isName && functions.filter((other) => other.id === id).length === 1 ? id : made;
}

function devicesOf(machine: QemuMachine, hasNodes: boolean): NonNullable<MachineInput["devices"]> {
  const { functions, initiators, nodes } = machine;
  return functions.flatMap((one): NonNullable<MachineInput["devices"]> => {
    const own = initiators.filter(({ target }) => target === one.id && one.id !== null);
    const [first] = own;
    if (first === undefined) return [];
    const name = nameOf(one, machine);
    const node = nodes.findIndex(({ id }) => id === first.node);
    const place = hasNodes && node >= 0 ? { node } : {};
    return [{ name, kind: "accelerator", initiators: [name], ...place }];
  });
}

function assumptionsOf(machine: QemuMachine, distances: number[][] | null): string[] {
  const { memoryDevices, nodes, cxl } = machine;
  return [
    "cpu: vendor and family are those of a usual CPU model, whatever -cpu says",
    "functions: BARs, ACS and what a passed-through device has are not on the command line",
    ...(nodes.length > 0 ? ["numa: each node with CPUs is a socket"] : []),
    ...(machine.distances !== null && distances === null
      ? ["numa: distances that are not the same both ways or not above 10 are left out"]
      : []),
    ...(memoryDevices.length > 0
      ? ["numa: memory devices (pc-dimm, nvdimm, virtio-mem, …) are left out"]
      : []),
    ...(cxl !== null && cxl.windows.length > 0 ? ["cxl: windows are facts only"] : []),
  ];
}

function addressOf({ bus, device, function: fn }: PciFunction): string {
  return `0000:${hex(bus)}:${hex(device)}.${fn}`;
}

function hex(value: number): string {
  return value.toString(16).padStart(2, "0");
}
