// GPUs, switches of NVLink and places on PCI among hwloc's objects.
import { bitsOf, type HwlocObject, type HwlocTopology } from "./read-hwloc.ts";

/** A GPU: one PCI device, whatever number of interfaces shows it. */
export interface HwlocGpu {
  readonly busId: string;
  readonly object: HwlocObject;
  /** Names of the interfaces: cuda0, nvml0, … */
  readonly interfaces: readonly string[];
  /** Numbers of the near NUMA nodes. */
  readonly nodes: readonly number[];
  readonly model: string | null;
  readonly memoryBytes: number | null;
}

const GPU_INTERFACE = /^(?:cuda|nvml|rsmi|ze|opencl)\d/;
const KIB = 1024;

/** A size as infos have it: in KiB, to which version 2 writes no unit. */
export function kibToBytes(text: string): number {
  return parseInt(text, 10) * KIB;
}

/** GPUs in the order of the file. */
export function gpusOf({ objects }: HwlocTopology): HwlocGpu[] {
  return objects.flatMap((object): HwlocGpu[] => {
    if (object.type !== "PCIDev") return [];
    const shown = object.children.filter(
      ({ type, attributes }) =>
        type === "OSDev" && GPU_INTERFACE.test(attributes.get("name") ?? ""),
    );
    if (shown.length === 0 && !isGpuByClass(object)) return [];
    const info = (name: string): string | null =>
      shown.flatMap(({ infos }) => infos.get(name) ?? [])[0] ?? null;
    const memory = info("CUDAGlobalMemorySize") ?? info("RSMIVRAMSize");
    return [
      {
        busId: object.attributes.get("pci_busid") ?? "",
        object,
        interfaces: shown.map(({ attributes }) => attributes.get("name") ?? ""),
        nodes: nodesNear(object),
        model: info("GPUModel"),
        memoryBytes: memory === null ? null : kibToBytes(memory),
      },
    ];
  });
}

/**
 * Whether a PCI device is a GPU by the class that lstopo's text has for it. A VGA controller may
 * be a board's own: it is one where something renders with it.
 */
export function isGpuByClass({ type, attributes, children }: HwlocObject): boolean {
  const className = attributes.get("pci_class");
  if (type !== "PCIDev" || className === undefined) return false;
  const isShown = children.some(({ attributes: own }) => {
    const name = own.get("name") ?? "";
    return GPU_INTERFACE.test(name) || /^renderD\d/.test(name);
  });
  return ["3D", "Display", "ProcessingAccelerator"].includes(className) || isShown;
}

/** PCI devices that are switches of NVLink. */
export function nvSwitchesOf({ objects }: HwlocTopology): HwlocObject[] {
  return objects.filter(isNvSwitch);
}

/** Whether an object is a switch of NVLink. */
export function isNvSwitch({ type, attributes }: HwlocObject): boolean {
  return type === "PCIDev" && attributes.get("subtype") === "NVSwitch";
}

/** Whether a PCI device is a NIC, by its class. */
export function isNic({ type, attributes }: HwlocObject): boolean {
  return type === "PCIDev" && attributes.get("pci_type")?.startsWith("02") === true;
}

/** The nodes of the nearest object around that has any. */
function nodesNear(object: HwlocObject): number[] {
  const around = nearest(object, ({ attributes }) => attributes.has("nodeset"));
  return bitsOf(around?.attributes.get("nodeset"));
}

/** The host bridge above an object; null for one that is beside PCI. */
export function hostBridgeOf(object: HwlocObject): HwlocObject | null {
  return nearest(object, ({ attributes }) => attributes.get("bridge_type") === "0-1");
}

/** The socket around an object; null for one that is in none. */
export function packageOf(object: HwlocObject): HwlocObject | null {
  return nearest(object, ({ type }) => type === "Package");
}

/** The object, or the first one around it, that is as wanted. */
function nearest(object: HwlocObject, isWanted: (one: HwlocObject) => boolean): HwlocObject | null {
  let at: HwlocObject | null = object;
  while (at !== null && !isWanted(at)) at = at.parent;
  return at;
}

/** The upstream port of the switch above an object: a bridge below a bridge that has bridges. */
export function switchAbove(object: HwlocObject): HwlocObject | null {
  let top: HwlocObject | null = null;
  for (let at = object.parent; at !== null && at.type === "Bridge"; at = at.parent) {
    const isBelowBridge = at.parent?.attributes.get("bridge_type") === "1-1";
    const hasBridges = at.children.some(({ type }) => type === "Bridge");
    if (isBelowBridge && hasBridges) top = at;
  }
  return top;
}
