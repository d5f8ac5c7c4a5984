// The machine of a recording as the engine has it, after boot and with its providers published.
import {
  AcsCapability,
  type IommuSpec,
  invariant,
  parsePciAddress,
  type PciBar,
  type PciDev,
  type PciHostBridge,
  type PciMachine,
  PciTree,
  type PciWindow,
} from "@faultline/core";
import { bootPciMachine } from "@faultline/engine";
import type { RecordedFunction, RecordedMachine } from "./p2p-record.ts";

const PAGE_SHIFT = 12;
const PAGES_PER_MIB = 256;
/** The recorded machines have up to 2.75 GiB of RAM in one piece, or 2 GiB and the rest high. */
const ONE_PIECE_MIB = 2816;
const LOW_MIB = 2048;
const PAGES_BELOW_4_GIB = 2 ** 20;

/** A machine with its functions in the order of the recording. */
export interface BuiltMachine {
  readonly machine: PciMachine;
  readonly functions: readonly PciDev[];
}

/** Builds and boots a machine that parseMachine() accepted. */
export function buildMachine(record: RecordedMachine): BuiltMachine {
  const { cpu, memory_mib: mib, boot } = record;
  const tree = new PciTree();
  const functions = addFunctions(tree, record);
  const isOnePiece = mib < ONE_PIECE_MIB;
  const lowEndPfn = (isOnePiece ? mib : LOW_MIB) * PAGES_PER_MIB;
  const ramEndPfn = isOnePiece ? lowEndPfn : PAGES_BELOW_4_GIB + (mib - LOW_MIB) * PAGES_PER_MIB;
  const isOff = boot.args.includes("swiotlb=noforce");
  const machine = bootPciMachine({
    tree,
    cpu,
    pageShift: PAGE_SHIFT,
    ramEndPfn,
    lowEndPfn,
    swiotlb: boot.swiotlb_force ? "force" : isOff ? "noforce" : "default",
    iommu: iommuOf(record),
    acs: {
      atsIsOff: boot.noats,
      configAcs: boot.config_acs.map(([flags, path]) => ({ flags, path })),
      disableAcsRedir: boot.disable_acs_redir,
    },
    groups: groupsOf(functions, record.functions),
    peerMemory: record.functions.flatMap(({ provider }, i) => {
      const fn = functions[i];
      if (provider === undefined || fn === undefined) return [];
      return [{ fn, bar: provider.bar, nrPages: provider.registered / 2 ** PAGE_SHIFT }];
    }),
  });
  writeAcs(machine, record.runtime_acs);
  return { machine, functions };
}

/** Writes ACS control registers, by path; a path that does not exist is none of ours. */
export function writeAcs({ tree }: PciMachine, values: Readonly<Record<string, number>>): void {
  for (const [path, value] of Object.entries(values)) tree.atPath(path)?.acs?.write(value);
}

function addFunctions(tree: PciTree, { host_bridges, functions }: RecordedMachine): PciDev[] {
  const bridges = new Map<string, PciHostBridge>();
  for (const { root } of host_bridges) {
    const [domain = "", bus = ""] = root.split(":");
    const windows = functions.filter((fn) => fn.root === root).flatMap(windowsOf);
    const numbers = { domain: Number.parseInt(domain, 16), bus: Number.parseInt(bus, 16) };
    bridges.set(root, tree.addHostBridge({ name: root, ...numbers, windows }));
  }
  const added: (PciDev | undefined)[] = [];
  const add = (i: number): PciDev => {
    const done = added[i];
    if (done !== undefined) return done;
    const record = functions[i] as RecordedFunction;
    const above = record.upstream === null ? bridges.get(record.root) : add(record.upstream);
    invariant(above !== undefined, `${record.path} has nothing above it`);
    const fn = addFunction(tree, record, above);
    added[i] = fn;
    return fn;
  };
  return functions.map((_, i) => add(i));
}

function addFunction(
  tree: PciTree,
  record: RecordedFunction,
  above: PciHostBridge | PciDev,
): PciDev {
  const address = parsePciAddress(record.bdf);
  invariant(address !== null, `${record.path} has the address ${record.bdf}`);
  const [vendor = 0, device = 0] = record.id.split(":").map((id) => Number.parseInt(id, 16));
  const { path, kind, acs } = record;
  const ids = { path, address, kind, vendor, device };
  const spec = {
    ...ids,
    acs: acs === null ? null : new AcsCapability(acs.cap, acs.power_up),
    bars: barsOf(record),
    isVirtual: record.vf === 1,
  };
  return tree.addFunction(spec, above);
}

function barsOf({ provider }: RecordedFunction): PciBar[] {
  if (provider === undefined) return [];
  return [
    {
      index: provider.bar,
      start: BigInt(`0x${provider.cpu}`),
      busStart: BigInt(`0x${provider.bus}`),
      sizeBytes: BigInt(`0x${provider.len}`),
      isPrefetchable: provider.prefetchable === 1,
      is64Bit: provider.bits64 === 1,
    },
  ];
}

function windowsOf(fn: RecordedFunction): PciWindow[] {
  return barsOf(fn).map(({ busStart, sizeBytes }) => ({ busStart, sizeBytes }));
}

function iommuOf({ iommu }: RecordedMachine): IommuSpec | null {
  if (iommu === "none") return null;
  const vendor = iommu.startsWith("intel") ? "intel" : "amd";
  if (iommu.endsWith("-off")) return { vendor, mode: "off" };
  return { vendor, mode: iommu.endsWith("-pt") ? "identity" : "translate" };
}

/** Functions that no IOMMU serves, such as an IOMMU itself, have no group. */
function groupsOf(
  functions: readonly PciDev[],
  records: readonly RecordedFunction[],
): Map<PciDev, string> {
  const groups = new Map<PciDev, string>();
  functions.forEach((fn, i) => {
    const record = records[i];
    if (record === undefined || record.iommu === "off") return;
    groups.set(fn, `group ${record.iommu_group ?? record.path}`);
  });
  return groups;
}
