// The proposals for how firmware tells a kernel that devices want NUMA nodes without memory, each
// as the tables it puts into the MIG example.
import { buildQemuTables, qemuHeader } from "../qemu/build-tables.ts";
import { MAX_NODES } from "../qemu/object-table.ts";
import { readQemuMachine } from "../qemu/read-qemu-machine.ts";
import { type LinuxMachine, linuxMachineOf } from "../linux/linux-machine.ts";
import type { AcpiTables } from "../tables/acpi-tables.ts";
import { type Hmat, HMAT_INITIATOR_VALID, type HmatStructure } from "../tables/hmat.ts";
import { SRAT_ENABLED, SRAT_MEMORY_HOT_PLUGGABLE, type SratEntry } from "../tables/srat.ts";
import { InvariantError } from "@faultline/core";
import {
  count,
  domainsOf,
  exampleLine,
  type ExtraOptions,
  type MigExample,
  nodeOptions,
  NR_HOST_NODES,
  slotOf,
} from "./mig-example.ts";

/** The tables of a design, and what they mean. */
export interface DesignTables {
  readonly tables: AcpiTables;
  readonly machine: LinuxMachine;
  /** The QEMU command line that gives these tables; null when no QEMU does. */
  readonly commandLine: string | null;
  /** What the tables have beside the host's entries. */
  readonly content: string;
  /** For each device the domains meant for it, as the design has them; empty when it names none. */
  readonly domains: readonly (readonly number[])[];
}

/** One proposal. */
export interface NodeDesign {
  readonly id: string;
  readonly title: string;
  /** Who makes it so, or why nobody does. */
  readonly status: string;
  /** What an operating system can learn from it. */
  readonly tells: string;
  readonly build: (example: MigExample) => DesignTables;
}

const WINDOW_BASE = 0x40_0000_0000n;
const WINDOW_BYTES = 16n << 30n;
const CXL_BUSES = [52, 222, 100, 140, 180, 12, 30, 70];

/** Slots from here on are for memory devices. */
const FIRST_MEMORY_SLOT = 12;

/** Devices that the example can have at most: each may need an expander bus of its own. */
export const MAX_EXAMPLE_DEVICES: number = CXL_BUSES.length;
/** Nodes of all devices together, at most: QEMU has room for 128 nodes. */
export const MAX_EXAMPLE_NODES: number = MAX_NODES - NR_HOST_NODES;

/** Every proposal, in the order in which they are usually discussed. */
export const NODE_DESIGNS: readonly NodeDesign[] = [
  {
    id: "object-per-node",
    title: "one acpi-generic-initiator object for each node",
    status: "QEMU since 9.0",
    tells: "node and device, through a handle that Linux does not look at",
    build: objectPerNode,
  },
  {
    id: "node-list",
    title: "one object for each device, with a list of nodes (host-nodes=2-9)",
    status: "an earlier version of the series; QEMU refuses it",
    tells: "node and device, through a handle that Linux does not look at",
    build: (example) => initiatorsInOrder(example, "generic initiators, in the order of domains"),
  },
  {
    id: "numa-option",
    title: "-numa srat-gi,node-id=…,gi-pci-dev=… beside -numa node",
    status: "an alternative of the discussion; not in QEMU",
    tells: "node and device, through a handle that Linux does not look at",
    build: (example) => initiatorsInOrder(example, "generic initiators, in the order of nodes"),
  },
  {
    id: "node-per-device",
    title: "one node for each device: a device is in one domain",
    status: "the strict reading of ACPI",
    tells: "one node for each device, none for its instances",
    build: nodePerDevice,
  },
  {
    id: "placeholder",
    title: "a memory entry of length 0 for each node",
    status: "a proposal of the discussion; not in QEMU",
    tells: "nodes, but nothing about devices",
    build: (example) => memoryEntries(example, SRAT_ENABLED, "memory entries of length 0"),
  },
  {
    id: "placeholder-hmat",
    title: "placeholders, one generic initiator for each device, linked by HMAT",
    status: "a proposal of the discussion; QEMU refuses a device as attached initiator",
    tells: "node to initiator node to device, and room for latency and bandwidth of each node",
    build: (example) => linkedByHmat(example, true),
  },
  {
    id: "hmat-only",
    title: "one generic initiator for each device, HMAT naming domains that SRAT does not have",
    status: "the same without placeholders; Linux drops the whole HMAT",
    tells: "one node for each device",
    build: (example) => linkedByHmat(example, false),
  },
  {
    id: "disabled-memory",
    title: "a memory entry that is not enabled for each node",
    status: "what QEMU uses as padding",
    tells: "nothing",
    build: (example) => memoryEntries(example, 0, "memory entries that are not enabled"),
  },
  {
    id: "cxl-window-per-device",
    title: "one CXL window for each device",
    status: "QEMU; what Linux does for CXL memory",
    tells: "one node for each window; the device by enumerating CXL",
    build: (example) => cxlWindows(example, 1, "4G"),
  },
  {
    id: "cxl-window-per-node",
    title: "one CXL window for each node",
    status: "QEMU; address space is spent for every node",
    tells: "one node for each window; the device by enumerating CXL",
    build: (example) => cxlWindows(example, example.nodesPerDevice, "1G"),
  },
  {
    id: "hot-plug-range",
    title: "a hot-pluggable address range for each node",
    status: "needs fixed addresses for memory that moves between instances",
    tells: "nodes with address ranges, but nothing about devices",
    build: hotPlugRanges,
  },
  {
    id: "virtio-mem",
    title: "a virtio-mem device for each node",
    status: "QEMU today: its one window belongs to the last node",
    tells: "the last node only; what `node=` says of the others is unknown to Linux",
    build: virtioMem,
  },
  {
    id: "cdat",
    title: "no table: the device's CDAT describes its memory, the driver makes nodes",
    status: "not possible: Linux fixes its node numbers at boot",
    tells: "nothing at boot",
    build: (example) => ({ ...fromLine(example), content: "nothing", domains: [] }),
  },
];

/** Builds the tables of a command line that QEMU starts. */
function fromLine(
  example: MigExample,
  extra: ExtraOptions = {},
): Pick<DesignTables, "tables" | "machine" | "commandLine"> {
  const commandLine = exampleLine(example, extra);
  const { machine, diagnostics } = readQemuMachine(commandLine, "<example>");
  if (machine === null) throw new InvariantError(diagnostics[0]?.message ?? commandLine);
  return { tables: buildQemuTables(machine), machine: linuxMachineOf(machine), commandLine };
}

/** The host's tables with more entries at the end of SRAT, which no QEMU makes. */
function withEntries(
  example: MigExample,
  entries: readonly SratEntry[],
  hmat?: Hmat,
): Pick<DesignTables, "tables" | "machine" | "commandLine"> {
  const { tables, machine } = fromLine(example);
  const host = tables.srat;
  if (host === undefined) throw new InvariantError("the example has no SRAT");
  const srat = { ...host, entries: [...host.entries, ...entries] };
  const more = hmat === undefined ? {} : { hmat };
  return { tables: { ...tables, srat, ...more }, machine, commandLine: null };
}

function objectPerNode(example: MigExample): DesignTables {
  const objects = devicesOf(example).flatMap(({ device, domains }) =>
    domains.map((domain, at) => {
      const id = `gi${device * example.nodesPerDevice + at}`;
      return `-object acpi-generic-initiator,id=${id},pci-dev=dev${device},node=${domain}`;
    }),
  );
  return {
    ...fromLine(example, { options: [...nodeOptions(example), ...objects] }),
    content: `${objects.length} generic initiators, in the order of QEMU's hash table of ids`,
    domains: devicesOf(example).map(({ domains }) => domains),
  };
}

function initiatorsInOrder(example: MigExample, what: string): DesignTables {
  const entries = devicesOf(example).flatMap(({ device, domains }) =>
    domains.map((domain) => initiator(domain, device)),
  );
  return {
    ...withEntries(example, entries),
    content: `${entries.length} ${what}`,
    domains: devicesOf(example).map(({ domains }) => domains),
  };
}

function nodePerDevice(example: MigExample): DesignTables {
  const entries = oneInitiatorEach(example);
  return {
    ...withEntries(example, entries),
    content: `${entries.length} generic initiators`,
    domains: count(example.nrDevices).map((device) => [NR_HOST_NODES + device]),
  };
}

function memoryEntries(example: MigExample, flags: number, what: string): DesignTables {
  const domains = devicesOf(example).map((one) => one.domains);
  const entries = domains.flat().map((domain) => memory(domain, 0n, 0n, flags));
  return { ...withEntries(example, entries), content: `${entries.length} ${what}`, domains };
}

function linkedByHmat(example: MigExample, hasPlaceholders: boolean): DesignTables {
  const first = NR_HOST_NODES + example.nrDevices;
  const domains = count(example.nrDevices).map((device) => domainsOf(example, device, first));
  const links = [
    ...count(NR_HOST_NODES).map((node) => proximity(node, node)),
    ...domains.flatMap((own, device) =>
      own.map((domain) => proximity(NR_HOST_NODES + device, domain)),
    ),
  ];
  const placeholders = hasPlaceholders
    ? domains.flat().map((domain) => memory(domain, 0n, 0n, SRAT_ENABLED))
    : [];
  const entries = [...oneInitiatorEach(example), ...placeholders];
  const hmat: Hmat = { header: qemuHeader(2), structures: links };
  const parts = [`${example.nrDevices} generic initiators`, `${links.length} HMAT links`];
  if (hasPlaceholders) parts.splice(1, 0, `${placeholders.length} memory entries of length 0`);
  return { ...withEntries(example, entries, hmat), content: parts.join(", "), domains };
}

function cxlWindows(example: MigExample, perDevice: number, size: string): DesignTables {
  const buses = count(example.nrDevices).map(
    (device) => `-device pxb-cxl,id=cxl.${device},bus_nr=${CXL_BUSES[device] ?? 0},bus=pcie.0`,
  );
  const owners = count(perDevice).flatMap(() => count(example.nrDevices));
  const windows = owners.map(
    (device, at) => `cxl-fmw.${at}.targets.0=cxl.${device},cxl-fmw.${at}.size=${size}`,
  );
  // Windows get domains of their own, above the host's, in the order of the table.
  const domains = count(example.nrDevices).map((device) =>
    owners.flatMap((owner, at) => (owner === device ? [NR_HOST_NODES + at] : [])),
  );
  return {
    ...fromLine(example, { machine: "cxl=on", options: [...buses, `-M ${windows.join(",")}`] }),
    content: `${windows.length} CXL windows`,
    domains,
  };
}

function hotPlugRanges(example: MigExample): DesignTables {
  const domains = devicesOf(example).map((one) => one.domains);
  const flags = SRAT_ENABLED | SRAT_MEMORY_HOT_PLUGGABLE;
  const entries = domains
    .flat()
    .map((domain, at) =>
      memory(domain, WINDOW_BASE + BigInt(at) * WINDOW_BYTES, WINDOW_BYTES, flags),
    );
  return {
    ...withEntries(example, entries),
    content: `${entries.length} hot-pluggable ranges of 16 GiB`,
    domains,
  };
}

function virtioMem(example: MigExample): DesignTables {
  const domains = devicesOf(example).map((one) => one.domains);
  const devices = domains.flat().flatMap((domain, at) => {
    const slot = (FIRST_MEMORY_SLOT + (at >> 3)).toString(16).padStart(2, "0");
    const place = `addr=${slot}.${at & 7},multifunction=on`;
    return [
      `-object memory-backend-ram,id=vm${domain},size=512M`,
      `-device virtio-mem-pci,id=vmem${domain},memdev=vm${domain},node=${domain},${place}`,
    ];
  });
  const maxMib = 1024 + 512 * domains.flat().length;
  const options = [...nodeOptions(example), ...devices];
  return {
    ...fromLine(example, { memory: `maxmem=${maxMib}M`, options }),
    content: "one hot-pluggable range, of the last node",
    domains,
  };
}

function devicesOf(example: MigExample): { readonly device: number; readonly domains: number[] }[] {
  return count(example.nrDevices).map((device) => ({
    device,
    domains: domainsOf(example, device),
  }));
}

function oneInitiatorEach(example: MigExample): SratEntry[] {
  return count(example.nrDevices).map((device) => initiator(NR_HOST_NODES + device, device));
}

function initiator(proximityDomain: number, device: number): SratEntry {
  const handle = { type: "pci", segment: 0, bus: 0, device: slotOf(device), function: 0 } as const;
  return { kind: "generic-initiator", proximityDomain, handle, flags: SRAT_ENABLED };
}

function memory(proximityDomain: number, base: bigint, length: bigint, flags: number): SratEntry {
  return { kind: "memory", proximityDomain, base, length, flags };
}

function proximity(from: number, to: number): HmatStructure {
  const domains = { initiator: from, memory: to, rangeBase: 0n, rangeLength: 0n };
  return { kind: "proximity", flags: HMAT_INITIATOR_VALID, ...domains };
}
