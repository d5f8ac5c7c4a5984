// From what a tool knows of a machine to a machine document. Tools show devices, how near they are
// to each other and their links; ports, addresses and memory are made up, and said to be.
import type { FabricKind } from "@faultline/core";
import { formatSize, powerOfTwoAbove } from "../fields.ts";
import type { MachineInput } from "../machine-schema.ts";
import type { LinkedPair } from "./direct-link-groups.ts";

/** A device as a tool shows it. */
export interface SketchDevice {
  readonly name: string;
  readonly kind: "gpu" | "nic" | "accelerator";
  /** Vendor and device id; null where the file has none. */
  readonly id: string | null;
  /** Its PCI address, where the file has it. */
  readonly at?: string;
  readonly hive?: string;
  /** What it is a part of, where that has several. */
  readonly card?: string;
  /** Of a GPU, where the file has it. */
  readonly memoryBytes?: bigint;
}

/** Devices below one switch, or alone below a port of their own. */
export interface SketchPort {
  readonly devices: readonly string[];
  /** They are functions of one device: no switch. @defaultValue false */
  readonly isOneDevice?: boolean;
}

/** A host bridge with its ports. */
export interface SketchBridge {
  readonly socket: number;
  readonly ports: readonly SketchPort[];
}

/** Ports of a host bridge: one for each switch with all below it, one for each device without. */
export function portsBySwitch<Device, Switch>(
  devices: readonly Device[],
  switchOf: (device: Device) => Switch | null,
  nameOf: (device: Device) => string,
): SketchPort[] {
  const switches = [...new Set(devices.map(switchOf))];
  return switches.flatMap((above) => {
    const below = devices.filter((device) => switchOf(device) === above).map(nameOf);
    return above === null ? below.map((name) => ({ devices: [name] })) : [{ devices: below }];
  });
}

/**
 * The address of a device, where its file has one that is its own.
 * @param all those of every device; what two of them share tells nobody where they are.
 */
export function sketchedPlace(busId: string, all: readonly string[]): { readonly at?: string } {
  const domain = /^([0-9a-f]{4}):[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/i.exec(busId)?.[1] ?? "ffff";
  const isReal = Number.parseInt(domain, 16) < MADE_UP_DOMAIN;
  const isOwn = all.filter((one) => one === busId).length === 1;
  return isReal && isOwn ? { at: busId } : {};
}

/** Links of one kind and width. */
export interface SketchLinks {
  readonly kind: FabricKind;
  readonly width: number;
  /** MB/s of all of them together, where the file has it. */
  readonly bandwidthMb?: number;
  readonly pairs: readonly LinkedPair[];
}

/** One NUMA node. */
export interface SketchNode {
  readonly socket: number;
  /** MiB; null where the file does not say. */
  readonly memoryMib: number | null;
  readonly cpus: readonly (number | string)[];
}

/** Everything a tool shows. */
export interface MachineSketch {
  readonly title: string;
  readonly cpu: { readonly vendor: string; readonly family: number } | null;
  readonly nodes: readonly SketchNode[];
  readonly distances?: readonly (readonly number[])[];
  readonly bridges: readonly SketchBridge[];
  readonly devices: readonly SketchDevice[];
  readonly links: readonly SketchLinks[];
  /** Switches of the private links. @defaultValue none */
  readonly switches?: readonly string[];
  /** Of each GPU, as the user says. */
  readonly gpuMemoryBytes: bigint | undefined;
}

/** A document, and what of it is made up. */
export interface SketchedMachine {
  readonly machine: MachineInput;
  readonly assumptions: readonly string[];
}

const DEFAULT_GPU_MEMORY_BYTES = 16n << 30n;
const NODE_MEMORY = "64GiB";
const FIRST_BAR = 0x3800_0000_0000;
/** One BAR is this far from the next: more than any GPU has; where there are many, less. */
const BAR_STRIDES = [2 ** 40, 2 ** 38] as const;
const MANY_BARS = 8;
/** What CPUs address without saying how much. */
const USUAL_PHYSICAL_BITS = 46;
const MOST_PHYSICAL_BITS = 52;
/** Domains of what is made up beside what has real addresses. */
const MADE_UP_DOMAIN = 0xf000;
/** Slots of a bus but the first. */
const PORT_SLOTS = 31;

/** Of one link, in each direction: NVLink 2 to 4 and first generation XGMI of Instinct cards. */
const LINK_GBYTES: Readonly<Record<FabricKind, number>> = {
  nvlink: 25,
  xgmi: 50,
  "xe-link": 25,
  c2c: 450,
};

/** Ids of what nobody has named: a vendor that makes such things, and no device. */
const HOST_ID = "8086:0000";
const PORT_ID = "8086:0001";
const SWITCH_ID = "10b5:0000";
const VENDOR_IDS = { gpu: "10de:0000", nic: "15b3:0000", accelerator: "ffff:0000" } as const;

/** Makes a document of a sketch. */
export function machineOfSketch(sketch: MachineSketch): SketchedMachine {
  const { title, cpu, devices } = sketch;
  const assumptions = new Set<string>();
  const assume = (text: string): void => void assumptions.add(text);
  if (cpu === null) {
    assume("cpu: the file does not say; GenuineIntel, family 6");
  }
  const functions = functionsOf(sketch, assume);
  const bridges = sketch.bridges.map(({ socket }, n) => ({
    name: `host${n}`,
    root_bus: `${hex4(domainOf(sketch, n))}:00`,
    socket,
  }));
  const machine: MachineInput = {
    version: 1,
    title,
    cpu: { ...(cpu ?? { vendor: "GenuineIntel", family: 6 }), ...addressBitsOf(sketch, assume) },
    ...numaOf(sketch, assume),
    host_bridges: bridges,
    functions,
    ...fabricOf(sketch, assume),
    devices: devices.map((device) => deviceOf(device, sketch, assume)),
  };
  return { machine, assumptions: [...assumptions] };
}

/** Real devices keep their addresses, so what is made up beside them has domains of its own. */
function domainOf({ devices }: MachineSketch, bridge: number): number {
  return devices.some(({ at }) => at !== undefined) ? MADE_UP_DOMAIN + bridge : bridge;
}

function barStride({ devices }: MachineSketch): number {
  const [one, many] = BAR_STRIDES;
  return devices.length > MANY_BARS ? many : one;
}

function addressBitsOf(
  sketch: MachineSketch,
  assume: (text: string) => void,
): { physical_bits?: number } {
  const nrGpus = sketch.devices.filter(({ kind }) => kind === "gpu").length;
  if (FIRST_BAR + nrGpus * barStride(sketch) <= 2 ** USUAL_PHYSICAL_BITS) return {};
  assume(`cpu: ${MOST_PHYSICAL_BITS} bits of physical addresses, which the BARs need`);
  return { physical_bits: MOST_PHYSICAL_BITS };
}

function numaOf(
  { nodes, distances }: MachineSketch,
  assume: (text: string) => void,
): Pick<MachineInput, "numa"> {
  if (nodes.length === 0) return {};
  const isUnknown = nodes.some(({ memoryMib }) => memoryMib === null);
  if (isUnknown) assume(`numa: the file has no sizes; ${NODE_MEMORY} for each node`);
  return {
    numa: {
      nodes: nodes.map(({ socket, memoryMib, cpus }) => ({
        socket,
        ...(memoryMib === 0
          ? {}
          : { memory: memoryMib === null ? NODE_MEMORY : `${memoryMib}MiB` }),
        cpus: [...cpus],
      })),
      ...(distances === undefined ? {} : { distances: distances.map((row) => [...row]) }),
    },
  };
}

type Functions = MachineInput["functions"];

function functionsOf(sketch: MachineSketch, assume: (text: string) => void): Functions {
  assume("functions: ports, switches and addresses are made up where the file has none");
  const builder = new FunctionBuilder(sketch);
  return sketch.bridges.flatMap(({ ports }, b) => [
    builder.first(b),
    ...ports.flatMap((port, p) => builder.port(b, p, port)),
  ]);
}

/** Makes up functions: each host bridge has a domain, and each device a bus of its own. */
class FunctionBuilder {
  private readonly sketch: MachineSketch;
  private readonly devices: ReadonlyMap<string, SketchDevice>;
  private readonly gpuMemoryBytes: bigint;
  private nextBus = 1;
  private nrBars = 0;

  constructor(sketch: MachineSketch) {
    const { devices, gpuMemoryBytes } = sketch;
    this.sketch = sketch;
    this.devices = new Map(devices.map((device) => [device.name, device]));
    this.gpuMemoryBytes = gpuMemoryBytes ?? DEFAULT_GPU_MEMORY_BYTES;
  }

  first(b: number): Functions[number] {
    const above = `host${b}`;
    const at = this.place(b, 0, 0);
    return { name: `${above}-first`, at, kind: "conventional", id: HOST_ID, above };
  }

  /** A root port with one device, or with a switch that has a port for each. */
  port(b: number, p: number, { devices: names, isOneDevice = false }: SketchPort): Functions {
    const above = `host${b}`;
    const name = `port${b}-${p}`;
    const at = this.place(b, 0, 1 + (p % PORT_SLOTS), Math.floor(p / PORT_SLOTS));
    const port = { name, at, kind: "root-port" as const, id: PORT_ID, above };
    if (names.length === 1 || isOneDevice) {
      return [port, ...names.map((device) => this.endpoint(b, device, name))];
    }
    return [port, ...this.switch(b, p, names, name)];
  }

  private switch(b: number, p: number, names: readonly string[], above: string): Functions {
    const name = `switch${b}-${p}`;
    const at = this.place(b, this.nextBus++, 0);
    const bus = this.nextBus++;
    const ports = names.flatMap((device, n): Functions => {
      const down = `${name}-down${n}`;
      const slot = this.place(b, bus, n);
      return [
        { name: down, at: slot, kind: "switch-downstream", id: SWITCH_ID, above: name },
        this.endpoint(b, device, down),
      ];
    });
    return [{ name, at, kind: "switch-upstream", id: SWITCH_ID, above }, ...ports];
  }

  private endpoint(b: number, name: string, above: string): Functions[number] {
    const device: SketchDevice = this.devices.get(name) ?? { name, kind: "nic", id: null };
    const { kind, id, memoryBytes = this.gpuMemoryBytes } = device;
    const at = device.at ?? this.place(b, this.nextBus++, 0);
    const end = { name, at, kind: "endpoint" as const, id: id ?? VENDOR_IDS[kind], above };
    if (kind !== "gpu") return end;
    const address = FIRST_BAR + this.nrBars++ * barStride(this.sketch);
    return {
      ...end,
      bars: [{ index: 0, address, size: formatSize(powerOfTwoAbove(memoryBytes)) }],
    };
  }

  private place(b: number, bus: number, slot: number, fn = 0): string {
    return `${hex4(domainOf(this.sketch, b))}:${hex2(bus)}:${hex2(slot)}.${fn}`;
  }
}

function deviceOf(
  { name, kind, hive, card, id, memoryBytes }: SketchDevice,
  { gpuMemoryBytes }: MachineSketch,
  assume: (text: string) => void,
): NonNullable<MachineInput["devices"]>[number] {
  if (kind === "nic") return { name, kind, initiators: [name], stack: "odp" };
  if (kind === "accelerator") return { name, kind, initiators: [name] };
  const size = formatSize(memoryBytes ?? gpuMemoryBytes ?? DEFAULT_GPU_MEMORY_BYTES);
  if (memoryBytes === undefined && gpuMemoryBytes === undefined) {
    assume(`devices: the file has no memory of GPUs; ${size} each, all of it behind a BAR`);
  }
  return {
    name,
    kind,
    initiators: [name],
    memory: { size, window: { function: name, bar: 0 } },
    page_sizes: ["4KiB", "64KiB", "2MiB"],
    ...(hive === undefined ? {} : { hive }),
    ...(card === undefined ? {} : { card }),
    stack: id?.startsWith("1002:") === true || hive !== undefined ? "amdkfd" : "uvm",
    source: memorySource(memoryBytes, gpuMemoryBytes),
  };
}

function memorySource(ofFile: bigint | undefined, ofUser: bigint | undefined): string {
  if (ofFile !== undefined) return "memory: from the file";
  return ofUser === undefined ? "memory: assumed" : "memory: given by the user";
}

function fabricOf(
  { links, switches = [] }: MachineSketch,
  assume: (text: string) => void,
): Pick<MachineInput, "fabric"> {
  if (links.length === 0) return {};
  const used = switches.filter((name) => links.some(({ pairs }) => pairs.flat().includes(name)));
  return {
    fabric: {
      ...(used.length === 0 ? {} : { switches: used.map((name) => ({ name })) }),
      links: links.map((one) => linksOf(one, assume)),
    },
  };
}

type DocumentLinks = NonNullable<NonNullable<MachineInput["fabric"]>["links"]>[number];

function linksOf(
  { kind, width, pairs, bandwidthMb }: SketchLinks,
  assume: (text: string) => void,
): DocumentLinks {
  const gbytes = LINK_GBYTES[kind];
  const common = { kind, between: pairs.map(([a, b]): [string, string] => [a, b]), width };
  if (bandwidthMb !== undefined) {
    assume("fabric: the file has no latency of links; 700 ns");
    const source = "bandwidth: from the file; latency: assumed";
    return { ...common, bandwidth: `${bandwidthMb}MB/s`, latency: "700ns", source };
  }
  assume(`fabric: the file has no rates; ${gbytes} GB/s for each ${kind} link, 700 ns`);
  const source = `bandwidth: assumed, ${gbytes} GB/s a link; latency: assumed`;
  return { ...common, bandwidth: `${gbytes * width}GB/s`, latency: "700ns", source };
}

function hex2(value: number): string {
  return value.toString(16).padStart(2, "0");
}

function hex4(value: number): string {
  return value.toString(16).padStart(4, "0");
}
