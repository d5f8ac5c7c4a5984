// From a QEMU command line to its machine, or to why QEMU would not start it. What QEMU checks in
// one go is checked in one go; a problem ends the reading where QEMU would end.
import { type Diagnostic, SourceText } from "@faultline/diagnostics";
import { splitWords } from "./command-words.ts";
import { completeNuma } from "./complete-numa.ts";
import { type MachineSettings, readMachineSettings } from "./machine-settings.ts";
import { layOutCxl, memoryWindow, placeMemoryDevices } from "./memory-layout.ts";
import { readNumaOptions } from "./numa-options.ts";
import { objectOrder } from "./object-order.ts";
import { type AffinitySettings, type ObjectTable, readObjects } from "./object-table.ts";
import { type QemuOption, readOptions } from "./option-list.ts";
import { deviceReader, layOutPci, type PciLayout } from "./pci-layout.ts";
import type { QemuMachine } from "./qemu-machine.ts";
import { type Refusal, RefusalList } from "./refusals.ts";

/** What QEMU does with a command line. */
export type QemuVerdict = "starts" | "refuses" | "crashes" | "unknown";

/** A machine, or why there is none. */
export interface QemuResult {
  /** Null unless QEMU starts it, and for machines without a board. */
  readonly machine: QemuMachine | null;
  readonly verdict: QemuVerdict;
  /** In the order in which QEMU would come to them; the first error is the one it reports. */
  readonly refusals: readonly Refusal[];
  /** The same, without the options. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a command line as a shell would pass it: `qemu-system-x86_64 -M q35 -m 1G …`.
 * @param line the program may be left out; then it is that of x86-64, unless the machine is `virt`.
 * @param file how diagnostics name the line.
 */
export function readQemuMachine(line: string, file: string): QemuResult {
  const source = new SourceText(file, line);
  const words = splitWords(line);
  const [first] = words;
  const program = first === undefined || first.text.startsWith("-") ? "" : first.text;
  const options = readOptions(words, source);
  const refusals = new RefusalList(source);
  const settings = readMachineSettings(options, program, refusals);
  if (settings === null) return finish(null, "unknown", refusals);
  const objects = readObjects(options, settings, refusals);
  if (objects.crashes) return finish(null, "crashes", refusals);
  if (refusals.hasErrors || settings.type === "none") return finish(null, "starts", refusals);
  return finish(buildMachine(options, settings, objects, refusals), "starts", refusals);
}

function finish(
  machine: QemuMachine | null,
  verdict: QemuVerdict,
  refusals: RefusalList,
): QemuResult {
  const isRefused = verdict === "starts" && refusals.hasErrors;
  return {
    machine: isRefused ? null : machine,
    verdict: isRefused ? "refuses" : verdict,
    refusals: refusals.all,
    diagnostics: refusals.all.map(({ diagnostic }) => diagnostic),
  };
}

function buildMachine(
  options: readonly QemuOption[],
  settings: MachineSettings,
  objects: ObjectTable,
  refusals: RefusalList,
): QemuMachine | null {
  const { type } = settings;
  if (type === "none") return null;
  const draft = readNumaOptions(options, settings, objects, refusals);
  if (refusals.hasErrors) return null;
  const { nodes, cpus, distances } = completeNuma(draft, refusals);
  if (refusals.hasErrors) return null;
  const deviceIds = readDeviceIds(options, refusals);
  const pci = layOutPci(options, type, refusals);
  const window = memoryWindow(type, settings);
  const nrNodes = nodes.length;
  const memoryDevices = placeMemoryDevices(options, window, nrNodes, objects, refusals);
  if (pci === null || refusals.hasErrors) return null;
  const { expanders } = pci;
  const cxl = layOutCxl(type, settings, window, expanders, deviceIds, refusals);
  if (settings.hasAcpi && nrNodes > 0) checkAffinity(objects, nrNodes, pci, refusals);
  const order = objectOrder(objects.ids);
  const inOrder = (list: readonly AffinitySettings[]): AffinitySettings[] =>
    list.toSorted((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
  return {
    type,
    hasAcpi: settings.hasAcpi,
    hasHmat: settings.hasHmat,
    ramBytes: settings.ramBytes,
    cpus,
    nodes,
    distances,
    performance: draft.performance,
    caches: draft.caches,
    initiators: inOrder(objects.initiators),
    ports: inOrder(objects.ports),
    functions: pci.functions,
    memoryWindow: window,
    memoryDevices,
    cxl,
  };
}

/** Ids of devices in the order of their creation. */
function readDeviceIds(options: readonly QemuOption[], refusals: RefusalList): string[] {
  const ids: string[] = [];
  for (const option of options.filter(({ name }) => name === "device")) {
    const reader = deviceReader(option, refusals);
    const id = reader.text("id");
    if (id === undefined) continue;
    if (ids.includes(id)) reader.refuse(`there is a device '${id}' already`, { key: "id" });
    ids.push(id);
  }
  return ids;
}

/** Objects are looked at when the tables are built, in the order of the tables. */
function checkAffinity(
  { initiators, ports, ids }: ObjectTable,
  nrNodes: number,
  { functions, expanders }: PciLayout,
  refusals: RefusalList,
): void {
  const order = objectOrder(ids);
  const last = `nodes are numbered from 0 to ${nrNodes - 1}`;
  const check = (
    list: readonly AffinitySettings[],
    kind: string,
    isTarget: (id: string) => boolean,
    what: string,
  ): void => {
    for (const one of list.toSorted((a, b) => order.indexOf(a.id) - order.indexOf(b.id))) {
      const name = `${kind} ${one.id}`;
      const report = (message: string, hint?: string): void =>
        refusals.add(one.option, "E_QEMU_REFUSES", `${name}: ${message}`, { hint });
      if (one.node >= nrNodes) report(`there is no node ${one.node}`, last);
      else if (!isTarget(one.target)) report(`'${one.target}' is no ${what}`);
    }
  };
  const isFunction = (id: string): boolean => functions.some((one) => one.id === id);
  const isHost = (id: string): boolean => expanders.some((one) => one.id === id && one.isCxl);
  check(initiators, "acpi-generic-initiator", isFunction, "PCI device");
  check(ports, "acpi-generic-port", isHost, "CXL host bridge");
}
