// Scatter lists: what a driver hands in, and the segments a device gets. Mirrors
// include/linux/scatterlist.h; entries begin and end at page boundaries.
import type { DmaAddress } from "@faultline/core";
import type { DmaPage } from "./dma-page.ts";

/** Contiguous pages, all RAM or all of one provider; `page` is the first. */
export interface SgEntry {
  readonly page: DmaPage;
  readonly nrPages: number;
}

/** Contiguous pages as a device sees them. */
export interface SgSegment {
  readonly address: DmaAddress;
  readonly nrPages: number;
}

/** A mapped list. */
export interface SgTable {
  /** 0, or a negative errno: then there are no segments. */
  readonly rc: number;
  readonly segments: readonly SgSegment[];
  /** The IOVAs behind the segments; null when none were needed. */
  readonly iova: { readonly start: number; readonly nrPages: number } | null;
}

/** A list that could not be mapped. */
export function failedSgTable(rc: number): SgTable {
  return { rc, segments: [], iova: null };
}
