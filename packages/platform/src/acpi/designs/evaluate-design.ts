// What a kernel makes of a design: its nodes, and which of them are for which device.
import { checkWholeNumber } from "@faultline/core";
import type { LateMemory } from "../linux/linux-machine.ts";
import { type LinuxNodeMap, linuxNodeMap } from "../linux/node-map.ts";
import { type DeviceHandle, formatDeviceHandle } from "../tables/device-handle.ts";
import { deleteUnusedNodes, type LateDeletion, type Survivors } from "./late-deletion.ts";
import { count, type MigExample, slotOf } from "./mig-example.ts";
import { MAX_EXAMPLE_DEVICES, MAX_EXAMPLE_NODES } from "./node-designs.ts";
import type { DesignTables, NodeDesign } from "./node-designs.ts";

/** One device of the example. */
export interface DesignDevice {
  readonly name: string;
  /** The nodes meant for it, in the order of their domains; those that Linux has. */
  readonly nodes: readonly number[];
  /** Domains meant for it that got no node. */
  readonly domainsWithoutNode: readonly number[];
  /**
   * The one domain that an operating system keeps which gives a device only one, when it takes the
   * first or the last entry of the table; null without an entry.
   */
  readonly oneDomain: { readonly first: number; readonly last: number } | null;
}

/** A design with its outcome. */
export interface DesignOutcome extends DesignTables {
  readonly design: NodeDesign;
  readonly map: LinuxNodeMap;
  readonly devices: readonly DesignDevice[];
  /** Null unless nodes were deleted late. */
  readonly survivors: Survivors | null;
}

/** What to do with an example beside booting it. */
export interface DesignOptions {
  /** Memory that arrives after the boot: the domains of its devices. */
  readonly lateDomains?: readonly number[];
  readonly deletion?: LateDeletion;
}

const LATE_BASE = 0x100_0000_0000n;
const LATE_BYTES = 1n << 30n;

/**
 * Builds the tables, boots, plugs memory, deletes nodes.
 * @throws ArgumentError for an example that is too large for QEMU.
 */
export function evaluateDesign(
  design: NodeDesign,
  example: MigExample,
  { lateDomains = [], deletion }: DesignOptions = {},
): DesignOutcome {
  const { nrDevices, nodesPerDevice } = example;
  checkWholeNumber(nrDevices, "nrDevices", 1, MAX_EXAMPLE_DEVICES);
  const most = Math.floor(MAX_EXAMPLE_NODES / nrDevices);
  checkWholeNumber(nodesPerDevice, "nodesPerDevice", 1, most);
  const built = design.build(example);
  const lateMemory = [...built.machine.lateMemory, ...lateDomains.map(lateMemoryOf)];
  const map = linuxNodeMap(built.tables, { ...built.machine, lateMemory });
  const devices = count(example.nrDevices).map((device) => deviceOf(device, built, map));
  const nodes = devices.map((one) => one.nodes);
  const survivors = deletion === undefined ? null : deleteUnusedNodes(map, nodes, deletion);
  return { design, ...built, map, devices, survivors };
}

/** Memory of a domain, at an address that no table names. */
export function lateMemoryOf(proximityDomain: number, at: number): LateMemory {
  const start = LATE_BASE + BigInt(at) * LATE_BYTES;
  return { proximityDomain, start, end: start + LATE_BYTES };
}

function deviceOf(device: number, built: DesignTables, { pxmToNode }: LinuxNodeMap): DesignDevice {
  const nodeOf = new Map(pxmToNode);
  const domains = built.domains[device] ?? [];
  const handle: DeviceHandle = {
    type: "pci",
    segment: 0,
    bus: 0,
    device: slotOf(device),
    function: 0,
  };
  const name = formatDeviceHandle(handle);
  const own = (built.tables.srat?.entries ?? []).flatMap((entry) =>
    entry.kind === "generic-initiator" && formatDeviceHandle(entry.handle) === name
      ? [entry.proximityDomain]
      : [],
  );
  const [first, last] = [own[0], own.at(-1)];
  return {
    name: `dev${device} ${name}`,
    nodes: domains.flatMap((domain) => nodeOf.get(domain) ?? []),
    domainsWithoutNode: domains.filter((domain) => !nodeOf.has(domain)),
    oneDomain: first === undefined || last === undefined ? null : { first, last },
  };
}
