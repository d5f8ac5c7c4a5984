// One cell of the whole matrix: what a GPU touches, how, and what the kernel does meanwhile.
import type { Profile } from "@faultline/profiles";

/** What the kernel, or the machine, does meanwhile. */
export const MATRIX_NOISES = [
  "quiet",
  "fork",
  "fork-cow",
  "thp-collapse",
  "thp-split",
  "numa",
  "move-pages",
  "munmap",
  "oversubscription",
] as const;
/** One of them. */
export type MatrixNoise = (typeof MATRIX_NOISES)[number];

/** What the GPU does. */
export const MATRIX_ACCESSES = ["read", "write", "atomic"] as const;
/** One of them. */
export type MatrixAccess = (typeof MATRIX_ACCESSES)[number];

/** What is mapped at once; 2 MiB is a huge page, unless it is to become one. */
export const MATRIX_SIZES = ["4KiB", "64KiB", "2MiB"] as const;
/** One of them. */
export type MatrixSize = (typeof MATRIX_SIZES)[number];

/** Where the memory is when the GPU touches it. */
export const MATRIX_PLACES = [
  "absent",
  "ram",
  "local",
  "peer-link",
  "peer-pcie",
  "foreign",
] as const;
/** One of them. */
export type MatrixPlace = (typeof MATRIX_PLACES)[number];

/** What a cell measures. */
export interface MatrixCell {
  readonly profile: Profile;
  readonly noise: MatrixNoise;
  readonly access: MatrixAccess;
  readonly size: MatrixSize;
  readonly place: MatrixPlace;
  /** How often the noise happens, such as `1ms`. */
  readonly every: string;
}

/**
 * Mappings of each size, pages of each, and rounds over all of them: a hundred accesses and more,
 * and so many that the program takes as long as sixteen noises.
 */
const SHAPES: Readonly<Record<MatrixSize, MatrixShape>> = {
  "4KiB": { nrMappings: 16, nrPages: 1, rounds: 32 },
  "64KiB": { nrMappings: 16, nrPages: 16, rounds: 32 },
  "2MiB": { nrMappings: 8, nrPages: 512, rounds: 13 },
};

/** How much is touched how often. */
export interface MatrixShape {
  readonly nrMappings: number;
  readonly nrPages: number;
  readonly rounds: number;
}

/** The shape of a cell. */
export function matrixShape({ size }: MatrixCell): MatrixShape {
  return SHAPES[size];
}

/** The device that is measured; on the machine with the small card it is the other one. */
export function measuredDevice({ noise }: MatrixCell): string {
  return noise === "oversubscription" ? "gpu1" : "gpu0";
}

/** The device that holds the memory of a peer, or a foreign one. */
export function otherDevice({ noise }: MatrixCell): string {
  return noise === "oversubscription" ? "gpu0" : "gpu1";
}
