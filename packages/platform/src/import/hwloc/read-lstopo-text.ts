// The text that lstopo prints without a file: objects, indented by what contains them, several on
// a line where each contains one. Sizes are rounded; a PCI device has an address and a class.
import { type Diagnostic, SourceText } from "@faultline/diagnostics";
import { ImportProblems, type Report } from "../import-problems.ts";
import { type TextLine, textLines } from "../text-lines.ts";
import type { HwlocObject, HwlocTopology } from "./read-hwloc.ts";

/** An object whose attributes are still being filled in. */
interface Open extends HwlocObject {
  readonly attributes: Map<string, string>;
  readonly children: Open[];
  readonly parent: Open | null;
  readonly line: TextLine;
}

/** PCI class codes of the names that lstopo gives classes. */
const CLASSES: Readonly<Record<string, string>> = {
  "3D": "0302",
  Display: "0380",
  VGA: "0300",
  Ethernet: "0200",
  InfiniBand: "0207",
  "Co-Processor": "0b40",
  ProcessingAccelerator: "1200",
  NVMExp: "0108",
};
const UNITS = ["", "K", "M", "G", "T"];
const WORD_BITS = 32;
/** More than any kernel numbers. */
const MAX_INDEX = 2 ** 20;

const TYPES = [
  ["Machine", "System", "NUMANode", "MemCache", "Package", "Socket", "Die", "Tray", "Drawer"],
  ["Group\\d*", "L[1-5][id]?(?:Cache)?", "Core", "PU", "HostBridge", "PCIBridge", "Bridge"],
  ["PCI", "Net", "OpenFabrics", "GPU", "CoProc", "Block", "DMA", "Misc", "Memory", "Storage"],
];
const OBJECT = new RegExp(`^(${TYPES.flat().join("|")})\\b(.*)$`);
const FOOT = /^(?:depth|special depth|relative|latency|bandwidth|topology|cpukind|index|\s+\d)/i;
const ADDRESS = /\b(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}:[0-9a-f]{2}\.[0-7])\b/i;
const IDS = /\b([0-9a-f]{4}:[0-9a-f]{4})\b/i;
const OS_DEVICES = ["Net", "OpenFabrics", "GPU", "CoProc", "Block", "DMA"];

/** Whether a text is not XML. */
export function looksLikeLstopoText(text: string): boolean {
  return /^\s*(?:Machine|System)\b/m.test(text) && !/^\s*</.test(text);
}

/** Reads the text; null with diagnostics where it cannot be used. */
export function readLstopoText(
  text: string,
  file: string,
): { readonly topology: HwlocTopology | null; readonly diagnostics: readonly Diagnostic[] } {
  const problems = new ImportProblems(new SourceText(file, text));
  const { report } = problems;
  const objects: Open[] = [];
  const stack: { readonly indent: number; readonly object: Open }[] = [];
  for (const line of textLines(text)) {
    if (objects.length > 0 && (line.text.trim() === "" || FOOT.test(line.text))) break;
    readLine(line, stack, objects, report);
  }
  const [machine] = objects;
  if (machine === undefined) {
    const hint = "the file is what `lstopo` prints";
    report({ start: 0, end: 0 }, "E_IMPORT_FORMAT", "no line begins with Machine", { hint });
    return { topology: null, diagnostics: problems.sorted() };
  }
  checkTwice(objects, report);
  addNode(machine, objects);
  for (const object of objects) addSets(object, objects);
  const topology: HwlocTopology = {
    version: "text",
    machine,
    objects,
    infos: new Map(),
    matrices: [],
    memoryAttributes: [],
  };
  return { topology: problems.hasErrors ? null : topology, diagnostics: problems.sorted() };
}

function readLine(
  line: TextLine,
  stack: { readonly indent: number; readonly object: Open }[],
  objects: Open[],
  report: Report,
): void {
  const indent = line.text.length - line.text.trimStart().length;
  const parts = line.text.trim().split(" + ");
  const found = parts.map((part) => OBJECT.exec(part));
  if (objects.length === 0 && found[0]?.[1] !== "Machine" && found[0]?.[1] !== "System") return;
  while ((stack.at(-1)?.indent ?? -1) >= indent) stack.pop();
  for (const [n, match] of found.entries()) {
    if (match === null) {
      const message = `no object of lstopo: ${parts[n]}`;
      report(line, "E_IMPORT_VALUE", message, { severity: "warning" });
      return;
    }
    const parent = stack.at(-1)?.object ?? objects[0] ?? null;
    const object = objectOf(match, parent, line);
    parent?.children.push(object);
    objects.push(object);
    stack.push({ indent, object });
  }
}

function objectOf([, type = "", rest = ""]: RegExpExecArray, parent: Open | null, line: TextLine) {
  const attributes = new Map<string, string>();
  const infos = new Map<string, string>();
  const set = (name: string, value: string | undefined): void => {
    if (value !== undefined) attributes.set(name, value);
  };
  const index = /P#(\d+)/.exec(rest)?.[1] ?? /L#(\d+)/.exec(rest)?.[1];
  set("os_index", index !== undefined && Number(index) < MAX_INDEX ? index : undefined);
  const size = /([\d.]+)([KMGT])i?B/.exec(rest.replace(/total=[^\s)]*/, ""));
  if (size !== null) set("size_text", size[0]);
  const bytes = size === null ? 0 : Number(size[1]) * 1024 ** UNITS.indexOf(size[2] ?? "");
  if (type === "NUMANode" || type === "Machine") set("local_memory", String(Math.round(bytes)));
  if (type === "HostBridge") set("bridge_type", "0-1");
  if (type === "PCIBridge") set("bridge_type", "1-1");
  if (type === "PCI") {
    const [, domain = "0000", place] = ADDRESS.exec(rest) ?? [];
    if (place !== undefined) set("pci_busid", `${domain}:${place}`);
    const className = /\(([^)]*)\)/.exec(rest)?.[1] ?? "";
    set("pci_class", className);
    set("pci_type", `${CLASSES[className] ?? "ffff"} [${IDS.exec(rest)?.[1] ?? ""}]`);
  }
  set("name", /"([^"]*)"/.exec(rest)?.[1]);
  return { type: typeOf(type), attributes, infos, parent, children: [] as Open[], line };
}

function typeOf(type: string): string {
  if (type === "Socket") return "Package";
  if (type === "HostBridge" || type === "PCIBridge") return "Bridge";
  if (type === "PCI") return "PCIDev";
  return OS_DEVICES.includes(type) ? "OSDev" : type.replace(/^Group\d*$/, "Group");
}

function checkTwice(objects: readonly Open[], report: Report): void {
  const seen = new Set<string>();
  for (const { type, attributes, line } of objects) {
    const what =
      type === "PCIDev"
        ? attributes.get("pci_busid")
        : type === "PU" || type === "NUMANode"
          ? `${type} ${attributes.get("os_index")}`
          : undefined;
    if (what === undefined) continue;
    if (seen.has(what)) report(line, "E_IMPORT_TWICE", `twice in the file: ${what}`);
    seen.add(what);
  }
}

/** An old lstopo shows no node where there is one: its memory is the machine's. */
function addNode(machine: Open, objects: Open[]): void {
  if (objects.some(({ type }) => type === "NUMANode")) return;
  const attributes = new Map([
    ["os_index", "0"],
    ["local_memory", machine.attributes.get("local_memory") ?? "0"],
  ]);
  const { line } = machine;
  const node = {
    type: "NUMANode",
    attributes,
    infos: new Map(),
    parent: machine,
    children: [],
    line,
  };
  machine.children.push(node);
  objects.push(node);
}

/** CPUs inside an object; a node that contains none is beside them. */
function addSets(object: Open, objects: readonly Open[]): void {
  const numbersIn = (around: Open, type: string): number[] =>
    objects
      .filter((one) => one.type === type && isInside(one, around))
      .map(({ attributes }) => Number(attributes.get("os_index") ?? 0));
  if (object.type === "NUMANode") {
    const own = numbersIn(object, "PU");
    const near = own.length > 0 || object.parent === null ? own : numbersIn(object.parent, "PU");
    object.attributes.set("cpuset", setOf(near));
    object.attributes.set("nodeset", setOf([Number(object.attributes.get("os_index") ?? 0)]));
  } else if (["Machine", "Package", "Group", "Die"].includes(object.type)) {
    const nodes = numbersIn(object, "NUMANode");
    if (nodes.length > 0) object.attributes.set("nodeset", setOf(nodes));
  }
}

function isInside(object: Open, around: Open): boolean {
  for (let at: Open | null = object; at !== null; at = at.parent) if (at === around) return true;
  return false;
}

/** Numbers as a set in hwloc's words. */
function setOf(numbers: readonly number[]): string {
  const words = Array.from(
    { length: Math.floor(Math.max(0, ...numbers) / WORD_BITS) + 1 },
    () => 0,
  );
  for (const number of numbers) {
    const word = Math.floor(number / WORD_BITS);
    words[word] = (words[word] ?? 0) + 2 ** (number % WORD_BITS);
  }
  return words
    .toReversed()
    .map((word) => `0x${word.toString(16).padStart(8, "0")}`)
    .join(",");
}
