// Whether devices can be made of what they name: functions, BARs, nodes, hives.
import { PCI_BRIDGE_KINDS } from "@faultline/core";
import {
  type Diagnostic,
  type DocumentPath,
  hintForName,
  type YamlSource,
} from "@faultline/diagnostics";
import { reportDuplicates } from "./report-duplicates.ts";
import { parseSizeBytes, powerOfTwoAbove } from "./fields.ts";
import type { DocumentDevice, MachineDocument } from "./machine-schema.ts";

const SMALLEST_PAGE_BYTES = 4096n;

/** Problems of `devices:`. */
export function checkDevices(yaml: YamlSource, document: MachineDocument): Diagnostic[] {
  const { devices } = document;
  const initiators = devices.flatMap((device, d) =>
    device.initiators.map((name, i) => [name, ["devices", d, "initiators", i]] as const),
  );
  return [
    ...initiators.flatMap(([name, path]) => initiatorProblems(yaml, document, name, path)),
    ...reportDuplicates(yaml, "E_MACHINE_DEVICE", "an initiator of two devices", initiators),
    ...devices.flatMap((device, d) => [
      ...windowProblems(yaml, document, device, ["devices", d, "memory"]),
      ...pageSizeProblems(yaml, device, ["devices", d, "page_sizes"]),
      ...nodeProblems(yaml, document, device, ["devices", d, "node"]),
      ...hiveProblems(yaml, document, device, ["devices", d, "hive"]),
    ]),
  ];
}

function initiatorProblems(
  yaml: YamlSource,
  { functions }: MachineDocument,
  name: string,
  path: DocumentPath,
): Diagnostic[] {
  const fn = functions.find((one) => one.name === name);
  if (fn === undefined) {
    const known = functions.filter(({ kind }) => !PCI_BRIDGE_KINDS.has(kind));
    const hint = hintForName(
      "functions",
      name,
      known.map((one) => one.name),
    );
    return [yaml.diagnostic(path, "E_NAME_UNKNOWN", `unknown function: ${name}`, { hint })];
  }
  if (!PCI_BRIDGE_KINDS.has(fn.kind)) return [];
  const message = `a bridge issues no DMA: ${name}`;
  return [yaml.diagnostic(path, "E_MACHINE_DEVICE", message, { hint: `it is of kind ${fn.kind}` })];
}

function windowProblems(
  yaml: YamlSource,
  { functions }: MachineDocument,
  { name, initiators, memory }: DocumentDevice,
  path: DocumentPath,
): Diagnostic[] {
  const window = memory?.window;
  if (memory === undefined || window === undefined) return [];
  if (!initiators.includes(window.function)) {
    const message = `the window is not on an initiator of ${name}: ${window.function}`;
    const hint = hintForName("initiators", window.function, initiators);
    const at = [...path, "window", "function"];
    return [yaml.diagnostic(at, "E_MACHINE_DEVICE", message, { hint })];
  }
  const fn = functions.find((one) => one.name === window.function);
  if (fn === undefined) return [];
  const bar = fn.bars.find(({ index }) => index === window.bar);
  const at = [...path, "window", "bar"];
  if (bar === undefined) {
    const known = fn.bars.map(({ index }) => String(index));
    const hint = hintForName("BARs", String(window.bar), known);
    const message = `${window.function} has no BAR ${window.bar}`;
    return [yaml.diagnostic(at, "E_NAME_UNKNOWN", message, { hint })];
  }
  const largest = powerOfTwoAbove(parseSizeBytes(memory.size));
  if (parseSizeBytes(bar.size) <= largest) return [];
  const message = `the BAR is larger than the memory that it shows: ${bar.size}`;
  const hint = `${name} has ${memory.size}; a BAR is at most the next power of two`;
  return [yaml.diagnostic(at, "E_MACHINE_DEVICE", message, { hint })];
}

function pageSizeProblems(
  yaml: YamlSource,
  { page_sizes: sizes }: DocumentDevice,
  path: DocumentPath,
): Diagnostic[] {
  return sizes.flatMap((size, s) => {
    const bytes = parseSizeBytes(size);
    const before = s === 0 ? 0n : parseSizeBytes(sizes[s - 1] ?? "1B");
    const at = [...path, s];
    if (bytes < SMALLEST_PAGE_BYTES || (bytes & (bytes - 1n)) !== 0n) {
      const message = `no page size: ${size}`;
      const hint = "page sizes are powers of two from 4KiB on";
      return [yaml.diagnostic(at, "E_MACHINE_DEVICE", message, { hint })];
    }
    if (bytes > before) return [];
    const hint = "page sizes go from the smallest to the largest, each once";
    return [yaml.diagnostic(at, "E_MACHINE_DEVICE", `out of order: ${size}`, { hint })];
  });
}

function nodeProblems(
  yaml: YamlSource,
  { numa }: MachineDocument,
  { node }: DocumentDevice,
  path: DocumentPath,
): Diagnostic[] {
  const nrNodes = numa?.nodes.length ?? 1;
  if (node === undefined || node < nrNodes) return [];
  const hint = nrNodes === 1 ? "there is node 0 only" : `nodes are 0 to ${nrNodes - 1}`;
  return [yaml.diagnostic(path, "E_NAME_UNKNOWN", `unknown node: ${node}`, { hint })];
}

function hiveProblems(
  yaml: YamlSource,
  { devices, fabric }: MachineDocument,
  { name, hive }: DocumentDevice,
  path: DocumentPath,
): Diagnostic[] {
  if (hive === undefined) return [];
  const others = devices
    .filter((other) => other.hive === hive && other.name !== name)
    .map((other) => other.name);
  const switches = fabric.switches.map((one) => one.name);
  const isLinked = fabric.links.some(({ between }) =>
    between.some((ends) => {
      const [a, b] = ends;
      const end = a === name ? b : b === name ? a : null;
      return end !== null && (others.includes(end) || switches.includes(end));
    }),
  );
  if (others.length === 0 || isLinked) return [];
  const message = `no link to its hive: ${name}`;
  const hint = `nothing joins it to ${others.slice(0, 4).join(", ")}`;
  return [yaml.diagnostic(path, "E_MACHINE_DEVICE", message, { severity: "warning", hint })];
}
