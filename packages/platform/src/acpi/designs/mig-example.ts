// The example that the proposals are compared on: devices that divide their memory into instances,
// each of which wants a NUMA node of its own. Two nodes with CPUs and memory come first.
import type { LinuxArchitecture } from "../linux/linux-machine.ts";

/** How many devices, how many nodes for each, and whose kernel. */
export interface MigExample {
  readonly nrDevices: number;
  readonly nodesPerDevice: number;
  readonly architecture: LinuxArchitecture;
}

/** Two devices with eight nodes each on x86. */
export const MIG_EXAMPLE: MigExample = { nrDevices: 2, nodesPerDevice: 8, architecture: "x86" };

/** Nodes with CPUs and memory; domains of devices start here. */
export const NR_HOST_NODES = 2;
const FIRST_SLOT = 4;

/** Numbers from 0. */
export function count(length: number): number[] {
  return Array.from({ length }, (_, at) => at);
}

/** The slot of a device on the root bus. */
export function slotOf(device: number): number {
  return FIRST_SLOT + device;
}

/** The domains of a device, when each of its instances has one, starting at `first`. */
export function domainsOf(
  { nodesPerDevice }: MigExample,
  device: number,
  first: number = NR_HOST_NODES,
): number[] {
  return count(nodesPerDevice).map((at) => first + device * nodesPerDevice + at);
}

/** What a command line has beside the host nodes and the devices. */
export interface ExtraOptions {
  /** Machine options, such as cxl=on. */
  readonly machine?: string;
  /** Room for memory devices, such as maxmem=4G. */
  readonly memory?: string;
  readonly options?: readonly string[];
}

/** A QEMU command line with the host nodes and the devices. */
export function exampleLine(example: MigExample, extra: ExtraOptions = {}): string {
  const isArm = example.architecture === "arm64";
  const program = isArm ? "qemu-system-aarch64" : "qemu-system-x86_64";
  const machine = [isArm ? "virt" : "q35", extra.machine].filter((part) => part !== undefined);
  const memory = ["1G", extra.memory].filter((part) => part !== undefined);
  const hosts = count(NR_HOST_NODES).flatMap((node) => [
    `-object memory-backend-ram,id=m${node},size=512M`,
    `-numa node,nodeid=${node},cpus=${2 * node}-${2 * node + 1},memdev=m${node}`,
  ]);
  const devices = count(example.nrDevices).map((device) => {
    const slot = slotOf(device).toString(16).padStart(2, "0");
    const bus = isArm || extra.machine !== undefined ? ",bus=pcie.0" : "";
    return `-device pci-testdev,id=dev${device},addr=${slot}.0${bus}`;
  });
  const start = [program, `-M ${machine.join(",")}`, "-nodefaults", `-m ${memory.join(",")}`];
  return [...start, "-smp 4", ...hosts, ...devices, ...(extra.options ?? [])].join(" ");
}

/** `-numa node` for every domain of every device. */
export function nodeOptions(example: MigExample): string[] {
  return count(example.nrDevices).flatMap((device) =>
    domainsOf(example, device).map((domain) => `-numa node,nodeid=${domain}`),
  );
}
