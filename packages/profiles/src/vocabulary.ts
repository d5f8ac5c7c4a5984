// The words of profiles: the stages of a device fault, what a stage's cost is counted by, the kinds
// of numbers, how sure their sources are, and the device stacks.
import { STAGE_NAMES } from "@faultline/core";

/** Stages of a device fault, one vocabulary for all vendors, in the order of the usual path. */
export const STAGES: typeof STAGE_NAMES = STAGE_NAMES;

/** A stage of a device fault. */
export type Stage = (typeof STAGES)[number];

/** What a fault can wait for. A profile prices none of them: they come out of a simulation. */
export const WAITS = [
  "lock",
  "queue",
  "batch",
  "link",
  "migration",
  "throttle",
  "cpu",
  "iommu",
  "fence",
  "buffer",
] as const;

/** A reason to wait. */
export type FaultWait = (typeof WAITS)[number];

/** What the cost of a stage is counted by, with what one of it is. */
export const STAGE_BASES = {
  per_fault: "a fault that is served",
  per_batch: "a batch of faults that is served together",
  per_range: "a range served as one: a VA block, an SVM range, a request of a NIC",
  per_first_range: "a range that its device has not used before",
  per_folio: "a folio, or an entry of a page table that covers several pages",
  per_page: "a base page of the machine",
  per_flush: "a flush of the device's TLB",
} as const;

/** What the cost of a stage is counted by. */
export type StageBasis = keyof typeof STAGE_BASES;

/** The bases in the order of a price table's columns. */
export const STAGE_BASIS_NAMES = Object.keys(STAGE_BASES) as readonly StageBasis[];

/** What the price of an effort kind is counted by, with what one of it is. */
export const EFFORT_BASES = {
  per_item: "an entry of the effort log, however large its count",
  per_unit: "a unit of order 0",
  per_huge_unit: "a unit of a higher order; per_unit where it is missing",
  per_cpu: "a CPU other than the one that flushes (tlb_flush)",
  per_secondary: "a device bound to the address space that is flushed (tlb_flush)",
} as const;

/** What the price of an effort kind is counted by. */
export type EffortBasis = keyof typeof EFFORT_BASES;

/** The bases in the order of a price table's columns. */
export const EFFORT_BASIS_NAMES = Object.keys(EFFORT_BASES) as readonly EffortBasis[];

/** Ways of data that a device copies. */
export const COPY_PATHS = ["to_device", "to_system", "to_peer"] as const;

/** A way of data that a device copies. */
export type CopyPath = (typeof COPY_PATHS)[number];

/** Where a number comes from, surest first. */
export const FIELD_KINDS = ["measured", "published", "fitted", "assumed"] as const;

/** Where a number comes from. */
export type FieldKind = (typeof FIELD_KINDS)[number];

/** How sure a figure is, surest first; `estimate` is for what no figure supports. */
export const CONFIDENCES = [
  "quoted",
  "quoted_secondary",
  "inferred",
  "recalled",
  "estimate",
] as const;

/** How sure a figure is. */
export type Confidence = (typeof CONFIDENCES)[number];

/** Device stacks that a profile can run; `ats` is a device that walks the CPU's page tables. */
export const STACKS = ["xe", "amdkfd", "nouveau", "uvm", "odp", "sva", "ideal", "ats"] as const;

/** The name of a device stack: one of `STACKS`, or that of a driver that a program brings along. */
export type ProfileStack = (typeof STACKS)[number] | (string & {});

/** The less sure of two confidences. */
export function weakerConfidence(left: Confidence, right: Confidence): Confidence {
  return CONFIDENCES.indexOf(left) > CONFIDENCES.indexOf(right) ? left : right;
}
