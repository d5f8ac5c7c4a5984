// The stages of a device fault, one vocabulary for all vendors: drivers say in which of them they
// are, profiles price them, simulations record them.

/** The device notices that it has no translation. */
export const STAGE_DETECT = 0;
/** The fault travels to whoever handles it: message, interrupt, wake-up. */
export const STAGE_DELIVER = 1;
/** The handler reads the fault out of its buffer. */
export const STAGE_FETCH = 2;
/** The handler finds the mapping and decides what to do. */
export const STAGE_RESOLVE = 3;
/** `hmm_range_fault()` or its like. */
export const STAGE_RANGE_FAULT = 4;
/** CPU mappings are taken away. */
export const STAGE_UNMAP = 5;
/** Pages get addresses that the device can use. */
export const STAGE_DMA_MAP = 6;
/** Contents are copied. */
export const STAGE_COPY = 7;
/** The device's page table is written. */
export const STAGE_MAP = 8;
/** Stale translations are thrown away. */
export const STAGE_INVALIDATE = 9;
/** The device tries again. */
export const STAGE_REPLAY = 10;

/** The names, in the order of their numbers. */
export const STAGE_NAMES = [
  "detect",
  "deliver",
  "fetch",
  "resolve",
  "range_fault",
  "unmap",
  "dma_map",
  "copy",
  "map",
  "invalidate",
  "replay",
] as const;

/** No stage: what is not part of a device fault. */
export const NO_STAGE = 255;
