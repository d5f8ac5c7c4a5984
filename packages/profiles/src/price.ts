// Adding up prices: stages, transfers and kernel effort, by stage and by where prices come from.
import {
  EFFORT_KIND_NAMES,
  EFFORT_PAGE_COPY,
  EFFORT_PLACE_DEVICE,
  EFFORT_PLACE_SWAP,
  EFFORT_TLB_FLUSH,
  type EffortItem,
  NR_EFFORT_KINDS,
} from "@faultline/core";
import type { PricedOperation } from "./operation-schema.ts";
import { countOf, parseSizeBytes } from "./operation-counts.ts";
import { effortSlot, PRICE_ORIGINS, type PriceTable, stageSlot } from "./price-table.ts";
import { transferPs } from "./units.ts";
import {
  type CopyPath,
  type EffortBasis,
  type Stage,
  STAGE_BASIS_NAMES,
  type StageBasis,
  STAGES,
} from "./vocabulary.ts";

/** Time by stage, and by where its prices come from. */
export interface PricedTime {
  totalPs: number;
  /** In the order of `STAGES`. */
  readonly stagePs: Float64Array;
  /** Of kernel effort outside the stages. */
  effortPs: number;
  /** In the order of {@link PRICE_ORIGINS}: how much of the total rests on assumed prices, … */
  readonly originPs: Float64Array;
}

/** No time yet. */
export function noTime(): PricedTime {
  return {
    totalPs: 0,
    stagePs: new Float64Array(STAGES.length),
    effortPs: 0,
    originPs: new Float64Array(PRICE_ORIGINS.length),
  };
}

/** The share of a time, 0 to 1, that rests on assumed prices; 0 of no time. */
export function shareAssumed({ totalPs, originPs }: PricedTime): number {
  const assumedPs = originPs[PRICE_ORIGINS.indexOf("assumed")] ?? 0;
  return totalPs === 0 ? 0 : assumedPs / totalPs;
}

/** The time of an operation. */
export function priceOperation(table: PriceTable, operation: PricedOperation): PricedTime {
  const time = noTime();
  const { copies, effort, huge_effort, stages = STAGES } = operation;
  for (const stage of stages) {
    for (const basis of STAGE_BASIS_NAMES) {
      addStage(table, time, stage, basis, countOf(operation, basis));
    }
  }
  if (stages.includes("copy")) {
    for (const { path, size } of copies) addCopy(table, time, path, parseSizeBytes(size));
  }
  for (const [order, counts] of [
    [0, effort],
    [1, huge_effort],
  ] as const) {
    for (const [name, count] of Object.entries(counts)) {
      const kind = EFFORT_KIND_NAMES.indexOf(name);
      const item = { kind, count: count ?? 0, order, from: 0, to: 0 };
      if (item.count > 0) addEffort(table, time, item);
    }
  }
  addEffortSlot(table, time, EFFORT_TLB_FLUSH, "per_secondary", operation.secondary_flushes);
  return time;
}

/** Adds the cost of a stage, `count` times. */
export function addStage(
  table: PriceTable,
  time: PricedTime,
  stage: Stage,
  basis: StageBasis,
  count: number,
): void {
  const slot = stageSlot(stage, basis);
  const ps = (table.stagePs[slot] as number) * count;
  add(time, STAGES.indexOf(stage), ps, table.stageOrigin[slot] as number);
}

/** One part of the price of a transfer. */
export interface PricedPart {
  /** The rest of its path in the profile, behind that of the way. */
  readonly part: "points" | "latency" | "bandwidth";
  /** Jobs, or bytes. */
  readonly units: number;
  readonly ps: number;
  /** Index into PRICE_ORIGINS. */
  readonly origin: number;
}

/** Told of one part of a price: which it is, of how many units, the time, and its origin. */
type TellPart = (part: PricedPart["part"], units: number, ps: number, origin: number) => void;

/** Tells the parts of what a transfer costs that is cut into jobs of equal size. */
function forEachPart(
  { copies }: PriceTable,
  path: CopyPath,
  nrBytes: number,
  nrJobs: number,
  tell: TellPart,
): void {
  const price = copies[path];
  const { sizesBytes, timesPs, bytesPerSecond } = price;
  if (sizesBytes.length > 0) {
    const jobPs = interpolate(sizesBytes, timesPs, nrBytes / nrJobs);
    tell("points", nrJobs, jobPs * nrJobs, price.pointOrigin);
    return;
  }
  tell("latency", nrJobs, price.latencyPs * nrJobs, price.latencyOrigin);
  if (bytesPerSecond <= 0) return;
  tell("bandwidth", nrBytes, transferPs(nrBytes, bytesPerSecond), price.rateOrigin);
}

/** What a transfer costs; cut into jobs of equal size that follow each other. */
export function transferParts(
  table: PriceTable,
  path: CopyPath,
  nrBytes: number,
  nrJobs = 1,
): PricedPart[] {
  const parts: PricedPart[] = [];
  forEachPart(table, path, nrBytes, nrJobs, (part, units, ps, origin) => {
    parts.push({ part, units, ps, origin });
  });
  return parts;
}

const COPY_STAGE = STAGES.indexOf("copy");

/** Adds a transfer, to the stage `copy`. */
export function addCopy(
  table: PriceTable,
  time: PricedTime,
  path: CopyPath,
  nrBytes: number,
  nrJobs = 1,
): void {
  forEachPart(table, path, nrBytes, nrJobs, (_part, _units, ps, origin) => {
    add(time, COPY_STAGE, ps, origin);
  });
}

/**
 * Adds an item of the effort log. Pages copied from or to a device are a transfer of its copy
 * engine; everything else is work of a CPU. A driver's own work is priced by stage, not here.
 * @param nrBound devices whose TLBs a flush reaches, because they are bound to the address space.
 */
export function addEffort(
  table: PriceTable,
  time: PricedTime,
  item: EffortItem,
  nrBound = 0,
): void {
  const { kind, count, order, from, to } = item;
  if (kind >= NR_EFFORT_KINDS) return;
  const path = kind === EFFORT_PAGE_COPY ? devicePath(from, to) : null;
  if (path !== null) {
    addCopy(table, time, path, count * table.pageSizeBytes);
    return;
  }
  const huge = effortSlot(kind, "per_huge_unit");
  const isHuge = order > 0 && (table.effortOrigin[huge] as number) !== 0;
  addEffortSlot(table, time, kind, "per_item", 1);
  addEffortSlot(table, time, kind, isHuge ? "per_huge_unit" : "per_unit", count);
  if (kind === EFFORT_TLB_FLUSH) {
    addEffortSlot(table, time, kind, "per_cpu", Math.max(0, nrBits(from) - 1) * count);
    addEffortSlot(table, time, kind, "per_secondary", nrBound * count);
  }
}

function addEffortSlot(
  table: PriceTable,
  time: PricedTime,
  kind: number,
  basis: EffortBasis,
  count: number,
): void {
  const slot = effortSlot(kind, basis);
  add(time, -1, (table.effortPs[slot] as number) * count, table.effortOrigin[slot] as number);
}

function add(time: PricedTime, stage: number, ps: number, origin: number): void {
  time.totalPs += ps;
  time.originPs[origin] = (time.originPs[origin] as number) + ps;
  if (stage < 0) time.effortPs += ps;
  else time.stagePs[stage] = (time.stagePs[stage] as number) + ps;
}

/** The path of a copy between two places; null when no device has a part in it. */
function devicePath(from: number, to: number): CopyPath | null {
  const isDevice = (place: number): boolean =>
    place >= EFFORT_PLACE_DEVICE && place < EFFORT_PLACE_SWAP;
  if (isDevice(to)) return isDevice(from) ? "to_peer" : "to_device";
  return isDevice(from) ? "to_system" : null;
}

function nrBits(mask: number): number {
  let count = 0;
  for (let rest = mask >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count += 1;
  return count;
}

/** On the line through the two nearest points, rounded; beyond the last, on its line. */
function interpolate(sizes: readonly number[], times: Float64Array, size: number): number {
  const after = sizes.findIndex((other) => other >= size);
  const right = Math.max(1, after === -1 ? sizes.length - 1 : after);
  const [x0, x1] = [sizes[right - 1] as number, sizes[right] as number];
  const [y0, y1] = [times[right - 1] as number, times[right] as number];
  return Math.max(0, Math.round(y0 + ((y1 - y0) * (size - x0)) / (x1 - x0)));
}
