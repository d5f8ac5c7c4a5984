// How often an operation pays each price.
import type { PricedOperation } from "./operation-schema.ts";
import type { StageBasis } from "./vocabulary.ts";

const BYTES_PER: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 2 ** 20, GiB: 2 ** 30 };

/** Bytes of a text that `sizeField` accepts. */
export function parseSizeBytes(text: string): number {
  const [, digits = "0", unit = "B"] = /^(\d+)(.*)$/.exec(text) ?? [];
  return Number(digits) * (BYTES_PER[unit] ?? 1);
}

/** How many of what a stage's cost is counted by an operation has. */
export function countOf(operation: PricedOperation, basis: StageBasis): number {
  switch (basis) {
    case "per_fault":
      return operation.faults;
    case "per_batch":
      return operation.batches;
    case "per_range":
      return operation.ranges;
    case "per_first_range":
      return operation.first_ranges;
    case "per_folio":
      return operation.folios;
    case "per_page":
      return operation.pages;
    case "per_flush":
      return operation.flushes;
  }
}
