// `-numa hmat-lb` and `-numa hmat-cache`: latencies, bandwidths and caches, with the limits that
// the 16-bit entries of the table set.
import { HMAT_DATA_TYPES } from "../tables/hmat.ts";
import { compressBandwidths, compressLatencies, MAX_ENTRY, MIB } from "./hmat-units.ts";
import type { NumaDraft } from "./numa-options.ts";
import type { QemuOption } from "./option-list.ts";
import { OptionReader } from "./option-reader.ts";
import type { RefusalList } from "./refusals.ts";

const HIERARCHIES = ["memory", "first-level", "second-level", "third-level"] as const;
const ASSOCIATIVITIES = ["none", "direct", "complex"] as const;
const POLICIES = ["none", "write-back", "write-through"] as const;
const MAX_CACHE_LEVEL = 3;
/** Data types from this code on are bandwidths. */
const FIRST_BANDWIDTH = 3;

/** Adds one number of a matrix. */
export function addPerformance(draft: NumaDraft, option: QemuOption, refusals: RefusalList): void {
  const reader = new OptionReader(option, "numa hmat-lb", refusals);
  const numbers = ["latency", "bandwidth"];
  reader.onlyKnows(["type", "initiator", "target", "hierarchy", "data-type", ...numbers]);
  if (refusedWithoutHmat(draft, reader)) return;
  const initiator = reader.requiredInteger("initiator", 0xffff, "uint16");
  const target = reader.requiredInteger("target", 0xffff, "uint16");
  const level = reader.requiredWord("hierarchy", HIERARCHIES);
  const type = reader.requiredWord("data-type", HMAT_DATA_TYPES);
  if (initiator === undefined || target === undefined || !level || !type) return;
  const hierarchy = HIERARCHIES.indexOf(level);
  const dataType = HMAT_DATA_TYPES.indexOf(type);
  if (!namesNodes(draft, reader, initiator, target)) return;
  const isBandwidth = dataType >= FIRST_BANDWIDTH;
  const [key, other] = isBandwidth
    ? (["bandwidth", "latency"] as const)
    : (["latency", "bandwidth"] as const);
  const isThere = (name: string): boolean => reader.parameter(name) !== undefined;
  if (!isThere(key)) {
    return reader.refuse(`'${type}' needs the parameter '${key}'`);
  }
  if (isThere(other)) {
    return reader.refuse(`'${type}' does not take the parameter '${other}'`, { key: other });
  }
  const value = isBandwidth ? reader.size(key) : bigintOf(reader.integer(key));
  if (value === undefined) return;
  const entry = { hierarchy, dataType, initiator, target, value };
  const same = draft.performance.filter(
    (one) => one.hierarchy === hierarchy && one.dataType === dataType,
  );
  const pair = `initiator=${initiator} and target=${target}`;
  if (isBandwidth && value % MIB !== 0n) {
    return reader.refuse(`${value} bytes/s between ${pair} are no multiple of 1 MiB/s`, { key });
  }
  if (same.some((one) => one.initiator === initiator && one.target === target)) {
    return reader.refuse(`the ${type} between ${pair} is given twice`);
  }
  const values = same.map((one) => one.value);
  const fits = isBandwidth ? bandwidthFits(values, value) : latencyFits(values, value);
  if (!fits) {
    const hint = "the table has 16 bits for each entry and one unit for all";
    return reader.refuse(`${value} between ${pair} is too far from the others`, { key, hint });
  }
  draft.performance.push(entry);
}

/** Adds a cache in front of memory. */
export function addCache(draft: NumaDraft, option: QemuOption, refusals: RefusalList): void {
  const reader = new OptionReader(option, "numa hmat-cache", refusals);
  reader.onlyKnows(["type", "node-id", "size", "level", "associativity", "policy", "line"]);
  if (refusedWithoutHmat(draft, reader)) return;
  const node = reader.requiredInteger("node-id");
  const sizeBytes = reader.requiredSize("size");
  const level = reader.requiredInteger("level", 0xff, "uint8");
  const associativity = reader.requiredWord("associativity", ASSOCIATIVITIES);
  const policy = reader.requiredWord("policy", POLICIES);
  const lineBytes = reader.requiredInteger("line", 0xffff, "uint16");
  if (node === undefined || sizeBytes === undefined || level === undefined) return;
  if (associativity === undefined || policy === undefined || lineBytes === undefined) return;
  const problem = cacheProblem(draft, node, level, sizeBytes);
  if (problem !== null) return reader.refuse(problem);
  draft.caches.push({
    node,
    level,
    sizeBytes,
    associativity: ASSOCIATIVITIES.indexOf(associativity),
    policy: POLICIES.indexOf(policy),
    lineBytes,
  });
}

/** Whether the machine has no HMAT; that is reported. */
export function refusedWithoutHmat({ settings }: NumaDraft, reader: OptionReader): boolean {
  if (settings.hasHmat) return false;
  reader.refuse("needs a machine with HMAT", { hint: "-machine hmat=on" });
  return true;
}

function namesNodes(
  { nodes }: NumaDraft,
  reader: OptionReader,
  initiator: number,
  target: number,
): boolean {
  const hint = `declared so far: ${nodes.size} nodes`;
  const refuse = (key: "initiator" | "target", problem: string): false => {
    reader.refuse(problem, { hint, key });
    return false;
  };
  if (initiator > nodes.size) {
    return refuse("initiator", `initiator=${initiator} is beyond the last node`);
  }
  if (target > nodes.size) return refuse("target", `target=${target} is beyond the last node`);
  const from = nodes.get(initiator);
  if (from?.hasCpu !== true && from?.hasInitiator !== true) {
    return refuse("initiator", `initiator=${initiator} has neither CPUs nor a generic initiator`);
  }
  return nodes.has(target) || refuse("target", `target=${target} is no node`);
}

/** The unit before this value must leave it within 16 bits; its own unit is not looked at. */
function latencyFits(values: readonly bigint[], value: bigint): boolean {
  const { unit } = compressLatencies(values);
  return unit === 0n || value / unit < MAX_ENTRY;
}

function bandwidthFits(values: readonly bigint[], value: bigint): boolean {
  if (value === 0n) return true;
  const { unit, nrBits } = compressBandwidths([...values, value]);
  return nrBits <= 16 && value / unit < MAX_ENTRY;
}

function cacheProblem(
  { nodes, performance, caches }: NumaDraft,
  node: number,
  level: number,
  sizeBytes: bigint,
): string | null {
  const subject = `node-id=${node} level=${level}`;
  if (node >= nodes.size) return `${subject}: node ${node} is beyond the last node`;
  const isGiven = (isBandwidth: boolean): boolean =>
    performance.some(
      ({ target, dataType }) => target === node && dataType >= FIRST_BANDWIDTH === isBandwidth,
    );
  if (!isGiven(false) || !isGiven(true)) {
    return `${subject}: latency and bandwidth of node ${node} must be given before its caches`;
  }
  if (level < 1 || level > MAX_CACHE_LEVEL) return `${subject}: levels are 1 to ${MAX_CACHE_LEVEL}`;
  const at = (wanted: number): bigint | undefined =>
    caches.find((one) => one.node === node && one.level === wanted)?.sizeBytes;
  if (at(level) !== undefined) return `${subject}: this cache is given twice`;
  const below = at(level - 1);
  if (level > 1 && below === undefined)
    return `${subject}: there is no cache of level=${level - 1}`;
  if (below !== undefined && sizeBytes <= below) {
    return `${subject}: its size is not larger than that of level=${level - 1}`;
  }
  const above = at(level + 1);
  if (above !== undefined && sizeBytes >= above) {
    return `${subject}: its size is not smaller than that of level=${level + 1}`;
  }
  return null;
}

function bigintOf(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value);
}
