// One cell of the whole matrix: a GPU touches memory that is put into the same place before every
// round, while the kernel does something else, as a scenario that anybody can run.
import { writeYaml } from "@faultline/diagnostics";
import type { Profile } from "@faultline/profiles";
import { machineFile, type ShippedMachine } from "../machines/shipped-machine.ts";
import { matrixNoiseSteps } from "./matrix-noise.ts";
import { matrixPlacement } from "./matrix-placement.ts";

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

/** Mappings of each size, pages of each, and rounds over all of them: a hundred faults and more. */
const SHAPES: Readonly<Record<MatrixSize, MatrixShape>> = {
  "4KiB": { nrMappings: 16, nrPages: 1, rounds: 8 },
  "64KiB": { nrMappings: 16, nrPages: 16, rounds: 8 },
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

/** What the program computes after each access. */
const PAUSE = "20us";

/** Machines with private links, by the driver that knows them. */
const LINKED: Readonly<Record<string, ShippedMachine>> = {
  amdkfd: "mi300x-node",
  xe: "xe-pair-xe-link",
  uvm: "dgx-h100",
};

/** The device that is measured; on the machine with the small card it is the other one. */
export function measuredDevice({ noise }: MatrixCell): string {
  return noise === "oversubscription" ? "gpu1" : "gpu0";
}

/** The device that holds the memory of a peer, or a foreign one. */
export function otherDevice({ noise }: MatrixCell): string {
  return noise === "oversubscription" ? "gpu0" : "gpu1";
}

/** Why a cell cannot be; null where it can. */
export function whyNotMatrix(cell: MatrixCell): string | null {
  const { profile, noise, size, place } = cell;
  const isThp = noise === "thp-collapse" || noise === "thp-split";
  if (isThp && size !== "2MiB") return "there is no huge page in less than 2 MiB";
  const isInGpu = place !== "absent" && place !== "ram";
  if (profile.stack === "ats" && isInGpu) {
    return "walks the CPUs' page tables: its memory is a node, which no driver moves pages to";
  }
  if (profile.id.includes("upm") && isInGpu) return "has no memory but that of the CPUs";
  if (noise === "oversubscription" && profile.stack === "ats") return "keeps nothing of its own";
  if (place !== "peer-link") return null;
  if (LINKED[profile.stack] === undefined) return "no machine links two of these";
  if (noise === "oversubscription") return "the machine with a small card has no private links";
  if (noise === "move-pages" && profile.stack === "xe") return "that machine has one NUMA node";
  return null;
}

/** The scenario of a cell, as YAML. */
export function matrixScenario(cell: MatrixCell): string {
  const { profile, noise, access, size, place, every } = cell;
  const { nrMappings, rounds } = SHAPES[size];
  const device = measuredDevice(cell);
  const names = Array.from({ length: nrMappings }, (_, i) => `m${i}`);
  const touch = (at: string): object => {
    return { do: "workload", device, at, access, count: 1, outstanding: 1, pause: PAUSE };
  };
  return writeYaml({
    version: 1,
    title: `${profile.id}: ${access} of ${size}, ${place}, ${noise} once in ${every}`,
    settings: { transparent_hugepage: size === "2MiB" ? "madvise" : "never" },
    machine: machineOf(cell),
    steps: [
      ...names.map((name) => ({ do: "mmap", name, pages: SHAPES[size].nrPages })),
      ...matrixNoiseSteps(cell, names),
      ...Array.from({ length: rounds }, () => [
        ...names.flatMap((at) => matrixPlacement(cell, at)),
        ...names.map(touch),
      ]).flat(),
    ],
  });
}

function machineOf(cell: MatrixCell): object {
  const { profile, noise, place } = cell;
  const stack = profile.stack === "ats" ? "sva" : profile.stack;
  const devices = [
    { name: measuredDevice(cell), stack },
    { name: otherDevice(cell), stack: place === "foreign" ? "ideal" : stack },
  ].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const linked = LINKED[profile.stack];
  if (place === "peer-link" && linked !== undefined) return { file: machineFile(linked), devices };
  if (noise === "oversubscription") return { file: machineFile("one-small-card"), devices };
  const nodes = [
    { memory: "4GiB", cpus: [0, 1] },
    { memory: "4GiB", cpus: [2, 3] },
  ];
  return { nodes, devices };
}
