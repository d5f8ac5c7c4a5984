// KFD's topology in sysfs (/sys/class/kfd/kfd/topology): a folder for each node, with its numbers,
// its memory banks, and its links to other nodes, over its own wires (io_links) or through the host
// (p2p_links). Links are told from both ends.
import { type Diagnostic, diagnosticFor } from "@faultline/diagnostics";
import type { ImportFile, ImportInput } from "../import-input.ts";
import { KfdProperties } from "./kfd-properties.ts";

/** One direction of a link. */
export interface KfdLink {
  readonly where: "io_links" | "p2p_links";
  readonly properties: KfdProperties;
  readonly type: number;
  readonly from: number;
  readonly to: number;
  readonly weight: number;
  /** MB/s; 0 is unknown. */
  readonly maxBandwidth: number;
}

/** A CPU or a GPU; one with both is an APU of old. */
export interface KfdNode {
  readonly number: number;
  readonly properties: KfdProperties;
  readonly isGpu: boolean;
  readonly links: readonly KfdLink[];
  /** Bytes of its memory banks; null where the capture has none. */
  readonly memoryBytes: bigint | null;
}

/** A whole topology. */
export interface KfdTree {
  /** By number. */
  readonly nodes: readonly KfdNode[];
  readonly nrFiles: number;
}

/** A tree, or why there is none. */
export interface ReadKfd {
  readonly tree: KfdTree | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** HSA_IOLINKTYPE_XGMI. */
export const KFD_XGMI = 11;
/** Heaps of a GPU: HSA_HEAPTYPE_FRAME_BUFFER_PUBLIC and _PRIVATE; 0 is system memory. */
const FRAME_BUFFERS = [1, 2];

const NODE = /^(?<above>(?:.*\/)?)(?<node>\d+)\/properties$/;
const PART =
  /^(?<above>(?:.*\/)?)(?<node>\d+)\/(?<part>io_links|p2p_links|mem_banks)\/\d+\/properties$/;
const OTHER = /\/(?:io_links|p2p_links|mem_banks|caches|perf)\/\d+\/properties$/;
const HINT = "the folder is /sys/class/kfd/kfd/topology, as it is or as .tar.gz";

interface Found {
  readonly file: ImportFile;
  readonly above: string;
  readonly node: number;
  readonly part: string;
}

/** Reads a folder, an archive, or the properties of one node. */
export function readKfd(input: ImportInput): ReadKfd {
  if (input.origin === "file") return readLone(input);
  const found = input.files.flatMap(partOf);
  const roots = [...new Set(found.map(({ above }) => above))];
  const refuse = (message: string): ReadKfd => {
    const options = { hint: HINT };
    return {
      tree: null,
      diagnostics: [diagnosticFor(input.name, "E_IMPORT_FILES", message, options)],
    };
  };
  if (found.length === 0) return refuse("no file NUMBER/properties in it");
  if (roots.length > 1) return refuse(`${roots.length} topologies: ${roots.join(", ")}`);
  const files: KfdProperties[] = [];
  const open = (file: ImportFile): KfdProperties | null => {
    const source = input.text(file);
    if (source === null) return null;
    const properties = new KfdProperties(source);
    files.push(properties);
    return properties;
  };
  const numbers = [...new Set(found.map(({ node }) => node))].toSorted((a, b) => a - b);
  const nodes = numbers.flatMap((number) => nodeOf(number, found, open));
  checkLinks(nodes);
  checkCounts(nodes);
  checkAddresses(nodes);
  const diagnostics = [...input.problems, ...files.flatMap((one) => one.diagnostics())];
  const isBroken = diagnostics.some(({ severity }) => severity === "error") || nodes.length === 0;
  if (isBroken && diagnostics.length === 0) return refuse("no node has a file properties");
  return { tree: isBroken ? null : { nodes, nrFiles: input.files.length }, diagnostics };
}

function partOf(file: ImportFile): Found[] {
  const path = file.path;
  const groups = (PART.exec(path) ?? (OTHER.test(path) ? null : NODE.exec(path)))?.groups;
  if (groups === undefined) return [];
  const { above = "", node = "", part = "node" } = groups;
  return [{ file, above, node: Number(node), part }];
}

function nodeOf(
  number: number,
  found: readonly Found[],
  open: (file: ImportFile) => KfdProperties | null,
): KfdNode[] {
  const own = found.filter(({ node }) => node === number);
  const filesOf = (wanted: string): KfdProperties[] =>
    own
      .filter(({ part }) => part === wanted)
      .toSorted((a, b) => a.file.path.localeCompare(b.file.path, "en", { numeric: true }))
      .flatMap(({ file }) => open(file) ?? []);
  const [properties] = filesOf("node");
  if (properties === undefined) return [];
  properties.reportGarbled(`node ${number}`);
  const isGpu = properties.number("simd_count") > 0;
  const links = (["io_links", "p2p_links"] as const).flatMap((where) =>
    filesOf(where).map((one) => linkOf(where, one, number)),
  );
  const banks = filesOf("mem_banks");
  for (const bank of banks) bank.reportGarbled(`a memory bank of node ${number}`);
  const memory = banks
    .filter((bank) => FRAME_BUFFERS.includes(bank.number("heap_type")) === isGpu)
    .map((bank) => bank.exact("size_in_bytes") ?? 0n);
  const memoryBytes = memory.length === 0 ? null : memory.reduce((sum, one) => sum + one, 0n);
  return [{ number, properties, isGpu, links, memoryBytes }];
}

function linkOf(where: KfdLink["where"], properties: KfdProperties, node: number | null): KfdLink {
  const end = (name: string): string =>
    properties.has(name) ? `node ${properties.number(name)}` : "a node that it does not name";
  properties.reportGarbled(`the link from ${end("node_from")} to ${end("node_to")}`);
  const from = properties.number("node_from");
  if (node !== null && properties.has("node_from") && from !== node) {
    const message = `a link from node ${from} in the folder of node ${node}`;
    properties.report("node_from", "E_IMPORT_CONTRADICTION", message);
  }
  return {
    where,
    properties,
    type: properties.number("type"),
    from,
    to: properties.number("node_to"),
    weight: properties.number("weight"),
    maxBandwidth: properties.number("max_bandwidth"),
  };
}

function checkLinks(nodes: readonly KfdNode[]): void {
  const known = new Set(nodes.map(({ number }) => number));
  const ways = new Set(
    nodes.flatMap(({ links }) => links.map(({ where, from, to }) => `${where} ${from} ${to}`)),
  );
  for (const { properties, where, from, to } of nodes.flatMap(({ links }) => links)) {
    if (!properties.has("node_to")) continue;
    if (!known.has(to)) {
      const hint = `nodes in it: ${[...known].join(", ")}`;
      const message = `a link from node ${from} to an unknown node: ${to}`;
      properties.report("node_to", "E_IMPORT_REFERENCE", message, { hint });
    } else if (from === to) {
      properties.report("node_to", "E_IMPORT_VALUE", `a link from node ${from} to itself`);
    } else if (!ways.has(`${where} ${to} ${from}`)) {
      const message = `the link from node ${from} to node ${to} has no way back: it counts as one`;
      const details = { severity: "warning" as const };
      properties.report("node_to", "E_IMPORT_CONTRADICTION", message, details);
    }
  }
}

/** Counts of links that a node announces and the capture does not have, by their names. */
export function countMismatches(nodes: readonly KfdNode[]): Map<string, KfdNode[]> {
  const found = new Map<string, KfdNode[]>();
  for (const where of ["io_links", "p2p_links"] as const) {
    const wrong = nodes.filter(({ properties, links }) => {
      const own = links.filter((link) => link.where === where).length;
      return properties.has(`${where}_count`) && properties.number(`${where}_count`) !== own;
    });
    if (wrong.length > 0) found.set(`${where}_count`, wrong);
  }
  return found;
}

function checkCounts(nodes: readonly KfdNode[]): void {
  for (const [name, [first, ...others]] of countMismatches(nodes)) {
    if (first === undefined) continue;
    const where = name.replace("_count", "");
    const own = first.links.filter((link) => link.where === where).length;
    const more = others.length === 0 ? "" : `; ${others.length} more nodes like it`;
    const announced = first.properties.number(name);
    const message =
      `node ${first.number} announces ${announced} in ${name},` +
      ` the capture has ${own} in ${where}${more}`;
    first.properties.report(name, "E_IMPORT_COUNT", message, { severity: "warning" });
  }
}

/** Partitions of one GPU may share an address; other GPUs may not. */
function checkAddresses(nodes: readonly KfdNode[]): void {
  const seen = new Map<string, KfdNode>();
  for (const node of nodes.filter(({ isGpu }) => isGpu)) {
    const address = kfdAddress(node);
    const first = address === null ? undefined : seen.get(address);
    if (address !== null) seen.set(address, first ?? node);
    if (first === undefined || isSameCard(first, node)) continue;
    const message = `node ${node.number} is at ${address}, where node ${first.number} is`;
    node.properties.report("location_id", "E_IMPORT_TWICE", message);
  }
}

function isSameCard(a: KfdNode, b: KfdNode): boolean {
  const id = a.properties.exact("unique_id") ?? 0n;
  return id !== 0n && id === b.properties.exact("unique_id");
}

/** The PCI address of a GPU; null where the file does not tell. */
export function kfdAddress({ properties }: KfdNode): string | null {
  const location = properties.number("location_id");
  if (location === 0) return null;
  const [bus, device, fn] = [(location >> 8) & 0xff, (location >> 3) & 0x1f, location & 7];
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");
  return `${hex(properties.number("domain"), 4)}:${hex(bus, 2)}:${hex(device, 2)}.${fn}`;
}

/** One file: a node is a machine of one node, a link is none. */
function readLone(input: ImportInput): ReadKfd {
  const file = input.only();
  const source = file === null ? null : input.text(file);
  if (source === null) return { tree: null, diagnostics: input.problems };
  const properties = new KfdProperties(source);
  const isLink = properties.has("node_from") || properties.has("node_to");
  const isNode = properties.has("simd_count") || properties.has("cpu_cores_count");
  if (isLink) {
    const { from, to } = linkOf("io_links", properties, null);
    if (properties.diagnostics().length === 0) {
      const message = `one link, from node ${from} to node ${to}: a machine needs its nodes`;
      properties.report("type", "E_IMPORT_FILES", message, { hint: HINT });
    }
  } else if (!isNode) {
    const message = "no properties of a node or a link of KFD";
    properties.report("", "E_IMPORT_FORMAT", message, { hint: HINT });
  }
  if (isNode && !isLink) properties.reportGarbled("the node");
  const diagnostics = properties.diagnostics();
  if (diagnostics.some(({ severity }) => severity === "error")) return { tree: null, diagnostics };
  const isGpu = properties.number("simd_count") > 0;
  const node = { number: 0, properties, isGpu, links: [], memoryBytes: null };
  return { tree: { nodes: [node], nrFiles: 1 }, diagnostics };
}
