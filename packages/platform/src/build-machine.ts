// A machine document as the whole machine that core describes: PCI, NUMA, private links, devices.
import {
  type DeviceMemorySpec,
  type FabricLinkSpec,
  invariant,
  type MachineBootSpec,
  type MachineDeviceSpec,
  type MachineNode,
  type PciDev,
  type PciTree,
} from "@faultline/core";
import { buildPciMachine } from "./build-pci-machine.ts";
import { parseBandwidth, parseCpus, parseLatencyPs, parseSizeBytes } from "./fields.ts";
import { fabricEnds } from "./machine-names.ts";
import type { DocumentDevice, MachineDocument } from "./machine-schema.ts";
import { memoryBytes } from "./memory-ranges.ts";

const LOCAL_DISTANCE = 10;
const REMOTE_DISTANCE = 20;

/** The machine of a document that loadMachine() accepted; names are the document's. */
export function buildMachine(document: MachineDocument): MachineBootSpec {
  const pci = buildPciMachine(document);
  const nodes = nodesOf(document);
  return {
    title: document.title,
    pci,
    nodes,
    distances:
      document.numa?.distances ??
      nodes.map((_, from) =>
        nodes.map((__, to) => (from === to ? LOCAL_DISTANCE : REMOTE_DISTANCE)),
      ),
    fabricEnds: fabricEnds(document),
    links: linksOf(document),
    devices: document.devices.map((device) => deviceOf(pci.tree, nodes, device)),
  };
}

function nodesOf(document: MachineDocument): MachineNode[] {
  const { numa } = document;
  if (numa === undefined) return [{ socket: 0, memoryBytes: memoryBytes(document), cpus: [0] }];
  return numa.nodes.map(({ socket, memory, cpus, device }) => {
    const holder = document.devices.find(({ name }) => name === device);
    const size = memory ?? holder?.memory?.size;
    return {
      socket,
      memoryBytes: size === undefined ? 0n : parseSizeBytes(size),
      cpus: parseCpus(cpus),
      ...(device === undefined ? {} : { device }),
    };
  });
}

function linksOf({ fabric }: MachineDocument): FabricLinkSpec[] {
  return fabric.links.flatMap(({ kind, between, width, bandwidth, latency }) =>
    between.map((ends) => ({
      name: ends.join("-"),
      kind,
      ends,
      width,
      bandwidthBytesPerSec: parseBandwidth(bandwidth),
      latencyPs: parseLatencyPs(latency),
    })),
  );
}

function deviceOf(
  tree: PciTree,
  nodes: readonly MachineNode[],
  device: DocumentDevice,
): MachineDeviceSpec {
  const initiators = device.initiators.map((name) => functionOf(tree, name));
  const socket = initiators[0]?.hostBridge.socket;
  return {
    name: device.name,
    kind: device.kind,
    initiators,
    memory: memoryOf(tree, nodes, device),
    pageSizesBytes: device.page_sizes.map((size) => Number(parseSizeBytes(size))),
    hive: device.hive ?? null,
    card: device.card ?? device.name,
    node: device.node ?? nodes.findIndex((node) => node.socket === socket),
  };
}

function functionOf(tree: PciTree, name: string): PciDev {
  const fn = tree.atPath(name);
  invariant(fn !== undefined, `there is no function ${name}`);
  return fn;
}

function memoryOf(
  tree: PciTree,
  nodes: readonly MachineNode[],
  { name, memory }: DocumentDevice,
): DeviceMemorySpec | null {
  if (memory === undefined) return null;
  const { size, window: place, cpu_coherent: isCpuCoherent } = memory;
  const node = nodes.findIndex(({ device }) => device === name);
  const spec = {
    sizeBytes: parseSizeBytes(size),
    isCpuCoherent,
    ...(node < 0 ? {} : { node }),
  };
  if (place === undefined) return { ...spec, window: null };
  const fn = functionOf(tree, place.function);
  const bar = fn.bars.find(({ index }) => index === place.bar);
  invariant(bar !== undefined, `${name} has a window on BAR ${place.bar}, which does not exist`);
  return { ...spec, window: { fn, bar } };
}
