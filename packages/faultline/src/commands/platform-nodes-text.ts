// The nodes of a kernel, and the outcomes of proposals, as text and as JSON.
import {
  type AccessClass,
  type DesignOutcome,
  formatNumberList,
  type LinuxNode,
  type LinuxNodeMap,
  type MigExample,
} from "@faultline/platform";
import { jsonReady } from "../json-ready.ts";
import { plainTable } from "../plain-table.ts";

/** Nodes that are online and have no memory. */
function memorylessNodes({ online, hasMemory }: LinuxNodeMap): number[] {
  return online.filter((node) => !hasMemory.includes(node));
}

/** A list of nodes, a dash when it is empty. */
function list(nodes: Iterable<number>): string {
  return formatNumberList(nodes) || "-";
}

/** The nodes of one kernel. */
export function formatNodeMap(map: LinuxNodeMap): string {
  const masks: readonly (readonly [string, readonly number[]])[] = [
    ["possible", map.possible],
    ["online", map.online],
    ["has_cpu", map.hasCpu],
    ["has_memory", map.hasMemory],
    ["has_normal_memory", map.hasNormalMemory],
    ["has_generic_initiator", map.hasInitiator],
    ["online without memory", memorylessNodes(map)],
  ];
  const rows = masks.map(([name, nodes]) => [name, list(nodes)]);
  const parts = [
    plainTable(["nodes", "list"], rows),
    nodeTable(map),
    accessTable(map),
    cacheTable(map),
    tierLines(map),
    noteLines(map),
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function nodeTable(map: LinuxNodeMap): string {
  const rows = map.nodes.map((node) => [
    node.node,
    node.proximityDomain ?? "-",
    stateOf(node, map),
    formatNumberList(node.cpus) || "-",
    map.hasMemory.includes(node.node) ? "yes" : "-",
    node.origin,
    shortDistances(node.distances),
  ]);
  const head = ["node", "domain", "state", "CPUs", "memory", "made by", "distances"];
  return plainTable(head, rows, ["right", "right"]);
}

function stateOf({ node }: LinuxNode, { online }: LinuxNodeMap): string {
  return online.includes(node) ? "online" : "possible";
}

/** Many nodes have long rows; equal numbers next to each other are counted. */
function shortDistances(distances: readonly number[]): string {
  const runs: [value: number, length: number][] = [];
  for (const value of distances) {
    const last = runs.at(-1);
    if (last?.[0] === value) last[1]++;
    else runs.push([value, 1]);
  }
  return runs
    .map(([value, length]) => (length > 2 ? `${value}×${length}` : repeated(value, length)))
    .join(" ");
}

function repeated(value: number, length: number): string {
  return Array.from({ length }, () => `${value}`).join(" ");
}

function accessTable({ nodes }: LinuxNodeMap): string {
  const rows = nodes.flatMap(({ node, access }) =>
    (access ?? []).map((one, at) => [node, at, list(one.initiators), ...accessNumbers(one)]),
  );
  if (rows.length === 0) return "";
  const head = [
    "memory of",
    "class",
    "best from",
    "read ns",
    "write ns",
    "read MB/s",
    "write MB/s",
  ];
  return plainTable(head, rows, ["right", "right", "left", "right", "right", "right", "right"]);
}

/** The kernel shows 0 for what it does not know. */
function accessNumbers(access: AccessClass): string[] {
  const { readLatency, writeLatency, readBandwidth, writeBandwidth } = access;
  const numbers = [readLatency, writeLatency, readBandwidth, writeBandwidth];
  return numbers.map((number) => (number === 0 ? "-" : `${number}`));
}

const INDEXING = ["direct", "indexed", "other"];
const WRITE_POLICY = ["write-back", "write-through", "other"];

function cacheTable({ nodes }: LinuxNodeMap): string {
  const rows = nodes.flatMap(({ node, caches }) =>
    caches.map(({ level, sizeBytes, lineBytes, indexing, writePolicy }) => [
      node,
      level,
      `${sizeBytes}`,
      lineBytes,
      INDEXING[indexing] ?? "",
      WRITE_POLICY[writePolicy] ?? "",
    ]),
  );
  if (rows.length === 0) return "";
  const head = ["memory of", "cache level", "bytes", "line", "indexing", "policy"];
  return plainTable(head, rows, ["right", "right", "right", "right"]);
}

function tierLines({ tiers }: LinuxNodeMap): string {
  const sorted = [...tiers].sort(([a], [b]) => a - b);
  return sorted.map(([tier, nodes]) => `memory tier ${tier}: nodes ${list(nodes)}\n`).join("");
}

function noteLines({ sratRejected, hmatRejected, panic, notes }: LinuxNodeMap): string {
  const lines = [
    ...notes,
    sratRejected === null ? "" : `SRAT is not used: ${sratRejected}`,
    hmatRejected === null ? "" : `HMAT is not used: ${hmatRejected}`,
    panic === null ? "" : `the kernel does not come up: ${panic}`,
  ];
  return lines
    .filter((line) => line !== "")
    .map((line) => `${line}\n`)
    .join("");
}

/** The nodes of one kernel as JSON. */
export function nodeMapJson(map: LinuxNodeMap): object {
  const { pxmToNode, tiers, ...rest } = map;
  return jsonReady({
    ...rest,
    memoryless: memorylessNodes(map),
    pxmToNode: pxmToNode.map(([domain, node]) => ({ domain, node })),
    tiers: [...tiers].map(([tier, nodes]) => ({ tier, nodes })),
  }) as object;
}

/** Proposals side by side. */
export function formatDesigns(outcomes: readonly DesignOutcome[], example: MigExample): string {
  const { nrDevices, nodesPerDevice, architecture } = example;
  const hasSurvivors = outcomes.some(({ survivors }) => survivors !== null);
  const rows = outcomes.map(({ design, map, devices, survivors }) => [
    design.id,
    list(map.possible),
    list(map.online),
    list(memorylessNodes(map)),
    list(map.hasInitiator),
    ...devices.map(({ nodes }) => nodesInOrder(nodes)),
    ...(hasSurvivors ? [list(survivors?.kept ?? [])] : []),
  ]);
  const head = [
    "design",
    "possible",
    "online",
    "memory-less",
    "initiators",
    ...Array.from({ length: nrDevices }, (_, device) => `nodes of dev${device}`),
    ...(hasSurvivors ? ["left"] : []),
  ];
  const title = `${nrDevices} devices with ${nodesPerDevice} nodes each, ${architecture}`;
  return `${title}; nodes of a device in the order of its domains\n\n${plainTable(head, rows)}`;
}

/** Nodes in a given order; runs that count up are shortened. */
function nodesInOrder(nodes: readonly number[]): string {
  if (nodes.length === 0) return "-";
  const isRun = nodes.every((node, at) => node === (nodes[0] ?? 0) + at);
  return isRun ? formatNumberList(nodes) : nodes.join(" ");
}

/** One proposal in detail. */
export function formatDesign(outcome: DesignOutcome): string {
  const { design, content, commandLine, devices, survivors, map } = outcome;
  const rows = devices.map(({ name, nodes, domainsWithoutNode, oneDomain }) => [
    name,
    nodesInOrder(nodes),
    list(domainsWithoutNode),
    oneDomain === null ? "-" : [...new Set([oneDomain.first, oneDomain.last])].join(" or "),
  ]);
  const head = ["device", "its nodes", "domains without node", "if it had one domain"];
  const left = survivors === null ? "" : `left after deletion: ${list(survivors.kept)}\n`;
  const line = commandLine === null ? "no QEMU builds these tables" : commandLine;
  return [
    `${design.id}: ${design.title}\n`,
    `status: ${design.status}\ntables: ${content}\ntells the system: ${design.tells}\n`,
    `${plainTable(head, rows)}${left}`,
    formatNodeMap(map),
    `${line}\n`,
  ].join("\n");
}

/** One proposal as JSON. */
export function designJson(outcome: DesignOutcome): object {
  const { design, content, commandLine, devices, survivors, map } = outcome;
  const { id, title, status, tells } = design;
  const nodes = nodeMapJson(map);
  return { id, title, status, tells, content, commandLine, devices, survivors, ...nodes };
}
