// A profile as numbers that a simulation adds up: typed arrays of integer picoseconds, one entry
// for each stage and basis and each kind of effort and basis, and beside each where it is from.
import { EFFORT_KIND_NAMES, NR_EFFORT_KINDS } from "@faultline/core";
import { engineValue, type ProfileField } from "./field.ts";
import { parseSizeBytes } from "./operation-counts.ts";
import type { Profile } from "./profile.ts";
import { transferPs } from "./units.ts";
import {
  COPY_PATHS,
  type CopyPath,
  EFFORT_BASIS_NAMES,
  type EffortBasis,
  FIELD_KINDS,
  type ProfileStack,
  type Stage,
  STAGE_BASIS_NAMES,
  type StageBasis,
  STAGES,
} from "./vocabulary.ts";

/** Origins of prices by number: 0 is a price that the profile does not give, which is no time. */
export const PRICE_ORIGINS = ["unpriced", ...FIELD_KINDS] as const;

/** What a transfer on one path costs. */
export interface CopyPrice {
  latencyPs: number;
  latencyOrigin: number;
  /** 0 when the path has points, or takes no time. */
  bytesPerSecond: number;
  rateOrigin: number;
  /** Sizes and their times, smallest first; empty when the path has a rate. */
  readonly sizesBytes: readonly number[];
  readonly timesPs: Float64Array;
  readonly pointOrigin: number;
}

/** All prices of a profile. */
export interface PriceTable {
  /** The id of the profile. */
  readonly profile: string;
  readonly stack: ProfileStack;
  readonly pageSizeBytes: number;
  /** Picoseconds per stage and basis, at {@link stageSlot}. */
  readonly stagePs: Float64Array;
  /** Indexes into {@link PRICE_ORIGINS}, beside `stagePs`. */
  readonly stageOrigin: Uint8Array;
  /** Per stage, bit `1 << kind` for each kind of effort that its costs contain already. */
  readonly stageCovers: Uint32Array;
  /** Picoseconds per kind of effort and basis, at {@link effortSlot}. */
  readonly effortPs: Float64Array;
  /** Indexes into {@link PRICE_ORIGINS}, beside `effortPs`. */
  readonly effortOrigin: Uint8Array;
  readonly copies: Readonly<Record<CopyPath, CopyPrice>>;
  /** What the queue of an IOMMU's flushes takes for each, whoever waits; 0 without a limit. */
  readonly flushCommandPs: number;
}

/** Where the price of a stage and basis is in a table. */
export function stageSlot(stage: Stage, basis: StageBasis): number {
  return STAGES.indexOf(stage) * STAGE_BASIS_NAMES.length + STAGE_BASIS_NAMES.indexOf(basis);
}

/** Where the price of a kind of effort (`EFFORT_*`) and basis is in a table. */
export function effortSlot(kind: number, basis: EffortBasis): number {
  return kind * EFFORT_BASIS_NAMES.length + EFFORT_BASIS_NAMES.indexOf(basis);
}

/**
 * The prices of a profile.
 * @param pageSizeBytes base page of the machine, for what the profile gives as bytes per second.
 */
export function priceTable(profile: Profile, pageSizeBytes = 4096): PriceTable {
  return tableOf(profile, [...profile.fields.values()], pageSizeBytes);
}

/** A table of some of a profile's fields. */
export function tableOf(
  { id, stack, document }: Pick<Profile, "id" | "stack" | "document">,
  fields: readonly ProfileField[],
  pageSizeBytes: number,
): PriceTable {
  const byPath = new Map(fields.map((field) => [field.path, field]));
  const copyPrice = (path: CopyPath): CopyPrice => {
    const points = document.costs.copy?.[path]?.points ?? [];
    const times = points.map((_, i) => byPath.get(`costs.copy.${path}.points.${i}.time`));
    return {
      latencyPs: 0,
      latencyOrigin: 0,
      bytesPerSecond: 0,
      rateOrigin: 0,
      sizesBytes: points.map(({ size }) => parseSizeBytes(size)),
      timesPs: Float64Array.from(times, (field) => (field && engineValue(field)) ?? 0),
      pointOrigin: Math.max(0, ...times.map((field) => (field ? originOf(field) : 0))),
    };
  };
  const nrStageSlots = STAGES.length * STAGE_BASIS_NAMES.length;
  const nrEffortSlots = NR_EFFORT_KINDS * EFFORT_BASIS_NAMES.length;
  const table: PriceTable = {
    profile: id,
    stack,
    pageSizeBytes,
    stagePs: new Float64Array(nrStageSlots),
    stageOrigin: new Uint8Array(nrStageSlots),
    stageCovers: Uint32Array.from(STAGES, (stage) =>
      coverMask(document.costs[stage]?.covers ?? []),
    ),
    effortPs: new Float64Array(nrEffortSlots),
    effortOrigin: new Uint8Array(nrEffortSlots),
    copies: {
      to_device: copyPrice("to_device"),
      to_system: copyPrice("to_system"),
      to_peer: copyPrice("to_peer"),
    },
    flushCommandPs: periodPs(byPath.get("device.flush_rate_limit")),
  };
  for (const field of fields) setPrice(table, field.path, engineValue(field) ?? 0, originOf(field));
  return table;
}

/** A rate per second as whole picoseconds. */
function periodPs(rate: ProfileField | undefined): number {
  const perSecond = rate === undefined ? null : engineValue(rate);
  return perSecond === null || perSecond <= 0 ? 0 : Math.round(1e12 / perSecond);
}

function originOf({ kind }: ProfileField): number {
  return PRICE_ORIGINS.indexOf(kind);
}

function coverMask(kinds: readonly string[]): number {
  return kinds.reduce((mask, kind) => mask | (1 << EFFORT_KIND_NAMES.indexOf(kind)), 0);
}

/** The picoseconds at a path of a stage or of an effort's price; 0 at others. */
export function priceAt(table: PriceTable, path: string): number {
  const [section, name = "", basis = ""] = path.split(".");
  if (section === "costs") return table.stagePs[stageSlot(name as Stage, basis as StageBasis)] ?? 0;
  if (section !== "effort") return 0;
  return table.effortPs[effortSlot(EFFORT_KIND_NAMES.indexOf(name), basis as EffortBasis)] ?? 0;
}

/** Sets the price at a path; paths that price nothing are ignored. */
export function setPrice(table: PriceTable, path: string, value: number, origin: number): void {
  const [section, name = "", key = "", last = ""] = path.split(".");
  if (section === "costs" && isCopyPath(key)) {
    const copy = table.copies[key];
    if (last === "latency") Object.assign(copy, { latencyPs: value, latencyOrigin: origin });
    if (last === "bandwidth") Object.assign(copy, { bytesPerSecond: value, rateOrigin: origin });
  } else if (section === "costs") {
    const slot = stageSlot(name as Stage, key as StageBasis);
    table.stagePs[slot] = value;
    table.stageOrigin[slot] = origin;
  } else if (section === "effort") {
    const isRate = key === "bandwidth";
    const basis = isRate ? "per_unit" : (key as EffortBasis);
    const slot = effortSlot(EFFORT_KIND_NAMES.indexOf(name), basis);
    table.effortPs[slot] = isRate ? transferPs(table.pageSizeBytes, value) : value;
    table.effortOrigin[slot] = origin;
  }
}

function isCopyPath(key: string): key is CopyPath {
  return (COPY_PATHS as readonly string[]).includes(key);
}
