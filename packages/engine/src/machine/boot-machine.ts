// From a machine as it is built to one that runs: PCI boots, the fabric comes up.
import { Fabric, type Machine, type MachineBootSpec, MachineDevice } from "@faultline/core";
import { bootPciMachine } from "../p2pdma/boot-pci-machine.ts";

/** Boots a machine. */
export function bootMachine(spec: MachineBootSpec): Machine {
  return {
    title: spec.title,
    pci: bootPciMachine(spec.pci),
    fabric: new Fabric(spec.fabricEnds, spec.links),
    nodes: spec.nodes,
    distances: spec.distances,
    devices: spec.devices.map((device, index) => new MachineDevice(device, index)),
  };
}
