// The tree of `lspci -t`, with names (-v) or without: host bridges, bridges with their buses, and
// functions, drawn with | + - and \. What a function is shows in its name alone.
import { type Diagnostic, SourceText } from "@faultline/diagnostics";
import { ImportProblems, type Report } from "../import-problems.ts";
import { type TextLine, textLines } from "../text-lines.ts";
import type { LspciFunction, LspciRegion } from "./read-lspci.ts";

/** The functions of a tree, and its root buses. */
export interface LspciTree {
  readonly functions: readonly LspciFunction[];
  /** With their domains, in the order of the file. */
  readonly rootBuses: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

interface Bus {
  readonly domain: string;
  readonly number: string;
  /** The bridge above; null for a root bus. */
  readonly bridge: Node | null;
  readonly nodes: Node[];
}

interface Node {
  readonly slot: string;
  readonly on: Bus;
  name: string;
  below: Bus | null;
  readonly line: TextLine;
}

const ROOT = /^\s*[-+\\|\s]*\[(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}\]/m;
const ART = /[\s|+\\-]*/y;
const BUS = /\[(?:([0-9a-f]{4,8}):)?([0-9a-f]{2})(?:-[0-9a-f]{2})?\]/y;
const SLOT = /([01][0-9a-f]\.[0-7])(?=\s|-|$)/y;
const ID = /\b([0-9a-f]{4}:[0-9a-f]{4})\b/;

/** Parts of a GPU or of a vendor's other chips that are no GPU. */
const NO_GPU = anyOf(
  ["Audio", "USB", "UCSI", "Serial", "NVSwitch", "Bridge", "Port\\b", "Switch", "Ethernet"],
  ["ConnectX", "BlueField", "Device 1af1", "Device 22a3"],
);
const GPU = anyOf(
  ["NVIDIA Corporation", "\\[AMD/ATI\\]"],
  ["Arc\\b", "Data Center GPU", "Ponte Vecchio", "DG[12]\\b", "Battlemage", "Graphics"].map(
    (name) => `Intel Corporation.*\\b${name}`,
  ),
);
/** Those that can do RDMA, by their names: others take part in no transfer between devices. */
const NIC = anyOf(
  ["Mellanox", "ConnectX", "BlueField", "InfiniBand", "Omni-Path", "Elastic Fabric Adapter"],
  ["BCM57[4-6]\\d\\d", "NetXtreme-E", "\\bE810", "\\bX722", "\\bE830", "Pensando", "FastLinQ"],
);

function anyOf(...names: readonly (readonly string[])[]): RegExp {
  return new RegExp(names.flat().join("|"), "i");
}

/** Whether a text is such a tree. */
export function looksLikeLspciTree(text: string): boolean {
  return ROOT.test(text);
}

/** Reads the tree; a GPU gets a region of `gpuRegionBytes`, because a tree shows none. */
export function readLspciTree(text: string, file: string, gpuRegionBytes: bigint): LspciTree {
  const problems = new ImportProblems(new SourceText(file, text));
  const roots: Bus[] = [];
  const columns = new Map<number, Bus>();
  for (const line of textLines(text)) readLine(line, roots, columns, problems.report);
  const nodes = roots.flatMap(nodesBelow);
  checkAddresses(nodes, problems.report);
  let nrGpus = 0n;
  const functions = nodes.map((node) => {
    const region = isGpu(node) ? regionOf(nrGpus++, gpuRegionBytes) : null;
    return functionOf(node, region);
  });
  return {
    functions,
    rootBuses: roots.map(({ domain, number }) => `${domain}:${number}`),
    diagnostics: problems.sorted(),
  };
}

function readLine(line: TextLine, roots: Bus[], columns: Map<number, Bus>, report: Report): void {
  let at = 0;
  let bus: Bus | null = null;
  let node: Node | null = null;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(line.text);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  for (;;) {
    take(ART);
    const column = at;
    const asBus = take(BUS);
    if (asBus !== null) {
      const [, written, number = ""] = asBus;
      const domain: string = written ?? node?.on.domain ?? "0000";
      bus = { domain, number, bridge: node, nodes: [] };
      if (node === null) roots.push(bus);
      else node.below = bus;
      node = null;
      continue;
    }
    const asSlot = take(SLOT);
    if (asSlot === null) break;
    const on: Bus | undefined = bus ?? columns.get(column);
    if (on === undefined) {
      const place = { start: line.start + column, end: line.start + at };
      report(place, "E_IMPORT_REFERENCE", `a function below no bus: ${asSlot[1]}`);
      return;
    }
    columns.set(column, on);
    bus = null;
    node = { slot: asSlot[1] ?? "", on, name: "", below: null, line };
    on.nodes.push(node);
    if (!line.text.startsWith("-", at)) {
      node.name = line.text.slice(at).trim();
      return;
    }
  }
  const rest = line.text.slice(at).trim();
  if (rest === "" || (bus === null && node === null && !/^\s*[|+\\]/.test(line.text))) return;
  const place = { start: line.start + at, end: line.end };
  report(place, "E_IMPORT_VALUE", `neither a bus nor a function: ${rest}`);
}

function nodesBelow(bus: Bus): Node[] {
  return bus.nodes.flatMap((node) => [
    node,
    ...(node.below === null ? [] : nodesBelow(node.below)),
  ]);
}

function addressText({ on, slot }: Node): string {
  return `${on.domain}:${on.number}:${slot}`;
}

function checkAddresses(nodes: readonly Node[], report: Report): void {
  const seen = new Set<string>();
  for (const node of nodes) {
    const address = addressText(node);
    if (seen.has(address)) report(node.line, "E_IMPORT_TWICE", `a second function at ${address}`);
    seen.add(address);
  }
}

function isGpu({ name, below }: Node): boolean {
  return below === null && GPU.test(name) && !NO_GPU.test(name);
}

/** A GPU shows all of its memory somewhere above every other one's. */
function regionOf(n: bigint, sizeBytes: bigint): LspciRegion {
  const address = (0x3800n << 32n) + n * (1n << 40n);
  return { index: 0, address, sizeBytes, isPrefetchable: true };
}

function functionOf(node: Node, region: LspciRegion | null): LspciFunction {
  const { on, name, below, line } = node;
  const isBridge = below !== null;
  const isNic = !isBridge && region === null && NIC.test(name);
  const plain = isNic ? "Ethernet controller" : "";
  return {
    written: addressText(node),
    domain: on.domain,
    bus: on.number,
    className: isBridge ? "PCI bridge" : region === null ? plain : "3D controller",
    title: name,
    id: ID.exec(name)?.[1] ?? null,
    express: expressOf(node),
    secondary: below?.number ?? null,
    regions: region === null ? [] : [region],
    acs: null,
    numaNode: null,
    iommuGroup: null,
    linkCap: null,
    linkSta: null,
    cxl: null,
    line,
  };
}

/** The PCIe type by the place: on a root bus a port, below it a switch where bridges go on. */
function expressOf(node: Node): string | null {
  const { on, below } = node;
  const { bridge } = on;
  if (bridge === null) return below === null ? null : "Root Port";
  const above = expressOf(bridge);
  if (above?.startsWith("PCI-Express to PCI") === true) return null;
  if (below === null) return "Endpoint";
  if (above === "Upstream Port") return "Downstream Port";
  const goesOn = below.nodes.length > 0 && below.nodes.every((one) => one.below !== null);
  return goesOn ? "Upstream Port" : "PCI-Express to PCI/PCI-X Bridge";
}
