// Times of a trace as a file of measurements that `faultline profiles fit` reads: which number of a
// profile each is about follows from the work that it is the time of.
import type { MeasuredTimes, MeasuredWork } from "@faultline/platform";
import {
  fitProfile,
  type MeasurementsDocument,
  PRICE_ORIGINS,
  type PricedOperation,
  type PriceTable,
  priceTable,
  type Profile,
  STAGE_BASIS_NAMES,
  type Stage,
  stageSlot,
} from "@faultline/profiles";

/** A document, and what was left out or changed in it; one sentence each. */
export interface TraceMeasurements {
  /** Null where nothing can be fitted or compared. */
  readonly document: MeasurementsDocument | null;
  readonly notes: readonly string[];
}

type Measurement = MeasurementsDocument["measurements"][number];
type FaultWork = Exclude<MeasuredWork, "batch">;
type FaultTimes = MeasuredTimes & { readonly work: FaultWork };

/** Stages that each work has, and the one that is what the others leave of its time. */
const WORK: Readonly<Record<FaultWork, { stages: readonly Stage[]; left: readonly Stage[] }>> = {
  collect: { stages: ["range_fault"], left: ["range_fault"] },
  bind: { stages: ["map"], left: ["map"] },
  flush: { stages: ["invalidate"], left: ["invalidate"] },
  copy: { stages: ["copy"], left: [] },
  migrate: { stages: ["unmap", "dma_map", "copy"], left: ["unmap"] },
  fault: {
    stages: ["resolve", "range_fault", "unmap", "dma_map", "copy", "map"],
    left: ["resolve", "map"],
  },
};

/** What contains others comes after them. */
const ORDER = Object.keys(WORK) as readonly FaultWork[];

const MIN_SAMPLES = 3;
const PAGE_BYTES = 4096;
const HUGE_BYTES = 2 ** 21;
const NO_COUNTS = { batches: 0, first_ranges: 0, flushes: 0, secondary_flushes: 0 } as const;

/**
 * Makes measurements of times.
 * @param base the profile to start from: its prices say what each stage is counted by.
 */
export function traceMeasurements(
  times: readonly MeasuredTimes[],
  base: Profile,
  { id, title, source }: { readonly id: string; readonly title: string; readonly source: string },
): TraceMeasurements {
  const notes: string[] = [];
  const usable = times.filter((one): one is FaultTimes => {
    return one.work !== "batch" && one.totalUs > 0;
  });
  if (times.some(({ work }) => work === "batch")) {
    notes.push("groups of faults are left out: what a group contains is not in the file");
  }
  if (usable.length === 0) return { document: null, notes };
  const table = priceTable(base);
  const taken = new Set<string>();
  const measurements = inOrder(usable).map((one): Measurement => {
    const operation = operationOf(one);
    const field = fieldOf(one, operation, table, taken);
    if (field !== null) taken.add(field);
    const { what, samplesUs, totalUs, count } = one;
    const rounded = (us: number): number => Number(us.toFixed(6));
    const data =
      samplesUs.length < MIN_SAMPLES
        ? { total: rounded(totalUs), count }
        : { samples: samplesUs.map(rounded) };
    return { what, ...(field === null ? {} : { field }), operation, unit: "us", ...data };
  });
  const document = {
    version: 1 as const,
    id,
    title,
    extends: base.id,
    hardware: "not in the file",
    source,
    measurements,
  };
  return withoutContradictions(document, table, notes);
}

/** Works in their order; of each work and direction the size that was seen most comes first. */
function inOrder(times: readonly FaultTimes[]): FaultTimes[] {
  return times.toSorted((a, b) => {
    return ORDER.indexOf(a.work) - ORDER.indexOf(b.work) || b.count - a.count;
  });
}

function operationOf({ work, sizeBytes, path }: FaultTimes): PricedOperation {
  const isAboutPages = work !== "flush" && work !== "copy";
  const pages = isAboutPages ? Math.ceil(sizeBytes / PAGE_BYTES) : 0;
  const isHuge = sizeBytes > 0 && sizeBytes % HUGE_BYTES === 0;
  const copies = path === null || sizeBytes === 0 ? [] : [{ path, size: sizeText(sizeBytes) }];
  return {
    ...NO_COUNTS,
    faults: work === "fault" ? 1 : 0,
    ranges: isAboutPages ? 1 : 0,
    folios: isAboutPages && isHuge ? sizeBytes / HUGE_BYTES : pages,
    pages,
    flushes: work === "flush" ? 1 : 0,
    copies,
    effort: {},
    huge_effort: {},
    stages: [...WORK[work].stages],
  };
}

/** Bytes in the largest unit that leaves a whole number, as measurements write them. */
function sizeText(bytes: number): string {
  if (bytes % 2 ** 20 === 0) return `${bytes / 2 ** 20}MiB`;
  return bytes % 1024 === 0 ? `${bytes / 1024}KiB` : `${bytes}B`;
}

/** The number that a time decides; null for a check. */
function fieldOf(
  { work, path }: FaultTimes,
  operation: PricedOperation,
  table: PriceTable,
  taken: ReadonlySet<string>,
): string | null {
  if (work === "copy") {
    if (path === null || table.copies[path].bytesPerSecond === 0) return null;
    const field = `costs.copy.${path}.bandwidth`;
    return taken.has(field) ? null : field;
  }
  // What comes back from a device does so by another way than faults that go there.
  if (path === "to_system") return null;
  for (const stage of WORK[work].left) {
    const field = mainField(stage, operation, table);
    if (field !== null) return taken.has(field) ? null : field;
  }
  return null;
}

/** Of the prices of a stage the one that the operation pays most for. */
function mainField(stage: Stage, operation: PricedOperation, table: PriceTable): string | null {
  const counts: Readonly<Record<string, number>> = {
    per_fault: operation.faults,
    per_range: operation.ranges,
    per_folio: operation.folios,
    per_page: operation.pages,
    per_flush: operation.flushes,
  };
  const costs = STAGE_BASIS_NAMES.map((basis) => {
    const ps = table.stagePs[stageSlot(stage, basis)] as number;
    return { basis, ps: ps * (counts[basis] ?? 0) };
  });
  const [most] = costs.toSorted((a, b) => b.ps - a.ps);
  return most === undefined || most.ps === 0 ? null : `costs.${stage}.${most.basis}`;
}

/**
 * Where others leave nothing of a time, those of them that are mere assumptions share what there
 * is; where even that is nothing, the time is only compared.
 */
function withoutContradictions(
  document: MeasurementsDocument,
  table: PriceTable,
  notes: readonly string[],
): TraceMeasurements {
  const { problems } = fitProfile(document);
  const contradicted = document.measurements.find(({ field }) => {
    const isMeant = (message: string): boolean => message.startsWith(`${field}: `);
    return field !== undefined && problems.some(({ message }) => isMeant(message));
  });
  if (contradicted === undefined) return { document, notes };
  const { what, field = "", share, ...rest } = contradicted;
  const assumed = share === undefined ? assumedBeside(contradicted, document, table) : [];
  const instead =
    assumed.length === 0 ? { what, ...rest } : { what, field, share: assumed, ...rest };
  const note =
    assumed.length === 0
      ? `${field} is only checked: the other numbers leave nothing of its time`
      : `${field} shares its time with what is assumed: ${assumed.join(", ")}`;
  const measurements = document.measurements.map((one) => (one === contradicted ? instead : one));
  return withoutContradictions({ ...document, measurements }, table, [...notes, note]);
}

/** Numbers of the same stages that are assumed, and that no measurement is about. */
function assumedBeside(
  { field, operation }: Measurement,
  { measurements }: MeasurementsDocument,
  table: PriceTable,
): string[] {
  const taken = new Set(measurements.flatMap((one) => [one.field, ...(one.share ?? [])]));
  return (operation?.stages ?? []).flatMap((stage) => {
    return STAGE_BASIS_NAMES.flatMap((basis) => {
      const slot = stageSlot(stage, basis);
      const isAssumed = PRICE_ORIGINS[table.stageOrigin[slot] ?? 0] === "assumed";
      const name = `costs.${stage}.${basis}`;
      const isPaid = isAssumed && (table.stagePs[slot] ?? 0) > 0 && name !== field;
      return isPaid && !taken.has(name) ? [name] : [];
    });
  });
}
