// A machine document as the objects of core, ready for the engine to boot.
import {
  ACS_BIT_NAMES,
  AcsCapability,
  invariant,
  parsePciAddress,
  type PciBar,
  type PciBootSpec,
  type PciDev,
  type PciHostBridge,
  PciTree,
} from "@faultline/core";
import { parseBus, parseId, parseSizeBytes } from "./fields.ts";
import type { DocumentFunction, MachineDocument } from "./machine-schema.ts";
import { memoryRanges } from "./memory-ranges.ts";

const PAGE_SHIFTS = { "4KiB": 12, "16KiB": 14, "64KiB": 16 } as const;

/** The machine of a document that loadMachine() accepted; paths are the document's names. */
export function buildPciMachine(document: MachineDocument): PciBootSpec {
  const { boot } = document;
  const { physical_bits: bits, ...cpuId } = document.cpu;
  const cpu = bits === undefined ? cpuId : { ...cpuId, physicalBits: bits };
  const pageShift = PAGE_SHIFTS[document.page_size];
  const toPfn = (address: bigint): number => Number(address >> BigInt(pageShift));
  const [low, high] = memoryRanges(document);
  const tree = new PciTree();
  const functions = addFunctions(tree, document);
  return {
    tree,
    cpu,
    pageShift,
    ramEndPfn: toPfn((high ?? low).end),
    lowEndPfn: toPfn(low.end),
    swiotlb: boot.swiotlb,
    iommu: document.iommu ?? null,
    acs: {
      atsIsOff: boot.noats,
      configAcs: boot.config_acs.map(({ flags, function: path }) => ({ flags, path })),
      disableAcsRedir: boot.disable_acs_redir,
    },
    groups: groupsOf(document, functions),
    peerMemory: document.functions.flatMap(({ name, bars }) =>
      bars
        .filter(({ peer_memory: isPeerMemory }) => isPeerMemory)
        .map(({ index }) => ({ fn: find(functions, name), bar: index, nrPages: 0 })),
    ),
  };
}

function find(functions: ReadonlyMap<string, PciDev>, name: string): PciDev {
  const fn = functions.get(name);
  invariant(fn !== undefined, `there is no function ${name}`);
  return fn;
}

/** Adds functions after what they are below; the document may name them in any order. */
function addFunctions(tree: PciTree, document: MachineDocument): Map<string, PciDev> {
  const bridges = new Map<string, PciHostBridge>();
  for (const { name, root_bus, socket } of document.host_bridges) {
    const windows = functionsBelow(document.functions, name).flatMap(({ bars }) =>
      bars.map(barOf).map(({ busStart, sizeBytes }) => ({ busStart, sizeBytes })),
    );
    const spec = { name, ...parseBus(root_bus), socket, windows };
    bridges.set(name, tree.addHostBridge(spec));
  }
  const added = new Map<string, PciDev>();
  const byName = new Map(document.functions.map((fn) => [fn.name, fn]));
  const add = (fn: DocumentFunction): PciDev => {
    const known = added.get(fn.name);
    if (known !== undefined) return known;
    const bridge = byName.get(fn.above);
    const above = bridge === undefined ? bridges.get(fn.above) : add(bridge);
    invariant(above !== undefined, `${fn.name} is below nothing`);
    const done = addFunction(tree, fn, above);
    added.set(fn.name, done);
    return done;
  };
  for (const fn of document.functions) add(fn);
  return added;
}

function addFunction(tree: PciTree, fn: DocumentFunction, above: PciHostBridge | PciDev): PciDev {
  const address = parsePciAddress(fn.at);
  invariant(address !== null, `${fn.name} has the address ${fn.at}`);
  const acs = fn.acs && new AcsCapability(acsBits(fn.acs.capability), acsBits(fn.acs.firmware));
  const spec = {
    path: fn.name,
    address,
    kind: fn.kind,
    ...parseId(fn.id),
    acs: acs ?? null,
    bars: fn.bars.map(barOf),
    isVirtual: fn.virtual,
  };
  return tree.addFunction(spec, above);
}

function acsBits(names: readonly string[]): number {
  return ACS_BIT_NAMES.reduce((bits, [bit, name]) => (names.includes(name) ? bits | bit : bits), 0);
}

function barOf(bar: DocumentFunction["bars"][number]): PciBar {
  const start = BigInt(bar.address);
  return {
    index: bar.index,
    start,
    busStart: bar.bus_address === undefined ? start : BigInt(bar.bus_address),
    sizeBytes: parseSizeBytes(bar.size),
    isPrefetchable: bar.prefetchable,
    is64Bit: start >= 1n << 32n,
  };
}

function functionsBelow(functions: readonly DocumentFunction[], name: string): DocumentFunction[] {
  const direct = functions.filter(({ above }) => above === name);
  return [...direct, ...direct.flatMap((fn) => functionsBelow(functions, fn.name))];
}

/** Requesters in one group share a domain; without a number a function is a group of its own. */
function groupsOf(
  { functions }: MachineDocument,
  built: ReadonlyMap<string, PciDev>,
): Map<PciDev, string> {
  return new Map(
    functions.map(({ name, iommu_group: group }) => [
      find(built, name),
      group === undefined ? `group of ${name}` : `group ${group}`,
    ]),
  );
}
