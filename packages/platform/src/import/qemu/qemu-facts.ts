// What a QEMU command line says, under the names of docs/import.md.
import type { QemuMachine } from "../../acpi/qemu/qemu-machine.ts";

/** All facts. */
export function qemuFacts(machine: QemuMachine): Record<string, unknown> {
  const { type, ramBytes, nodes, cpus, distances, initiators, functions, memoryDevices } = machine;
  return {
    machineType: type,
    ramBytes: Number(ramBytes),
    cpus: cpus.filter(({ isPresent }) => isPresent).length,
    numaNodes: nodes.length,
    cpusOnNode: nodes.map(
      ({ id }) => cpus.filter(({ node, isPresent }) => node === id && isPresent).length,
    ),
    memory: nodes
      .filter(({ memoryBytes }) => memoryBytes > 0n)
      .map(({ id, memoryBytes }) => ({ node: id, bytes: Number(memoryBytes) })),
    distance: distances,
    genericInitiators: initiators.map(({ id, node, target }) => ({ id, node, device: target })),
    memoryDevices: memoryDevices.map(({ kind, node, sizeBytes }) => ({
      kind,
      node,
      bytes: Number(sizeBytes),
    })),
    pciFunctions: functions.length,
    hasHmat: machine.hasHmat,
    cxlHostBridges: machine.cxl?.bridges.length ?? 0,
  };
}
