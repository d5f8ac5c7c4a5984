// One cell of the vendor benchmark: a program of a GPU that writes its memory over and over while
// the kernel does something else, as a scenario that anybody can run.
import { writeYaml } from "@faultline/diagnostics";
import { type Profile, shippedProfile } from "@faultline/profiles";

/** What the kernel does meanwhile. */
export const BENCH_NOISES = ["quiet", "fork", "thp", "numa"] as const;
/** One of them. */
export type BenchNoise = (typeof BENCH_NOISES)[number];

/** What a fault is about: a mapping of one page, or of 2 MiB. */
export const BENCH_SIZES = ["4KiB", "2MiB"] as const;
/** One of them. */
export type BenchSize = (typeof BENCH_SIZES)[number];

/** Where the driver may put memory: where it likes, or where it is. */
export const BENCH_PLACES = ["driver", "ram"] as const;
/** One of them. */
export type BenchPlace = (typeof BENCH_PLACES)[number];

/** What a cell measures. */
export interface BenchCell {
  readonly profile: Profile;
  readonly noise: BenchNoise;
  readonly size: BenchSize;
  readonly place: BenchPlace;
  /** How often the noise happens, such as `10ms`. */
  readonly every: string;
}

/** Mappings of each size, pages of each, and rounds over all of them. */
const SHAPES: Readonly<Record<BenchSize, { nrMappings: number; nrPages: number; rounds: number }>> =
  {
    "4KiB": { nrMappings: 64, nrPages: 1, rounds: 20 },
    "2MiB": { nrMappings: 16, nrPages: 512, rounds: 80 },
  };

/** What the program computes after each access. */
const PAUSE = "50us";

type Steps = Record<string, unknown>[];

/** The GPU of every cell. */
export const BENCH_DEVICE = "gpu0";

/** How many accesses the program of a cell makes. */
export function nrAccessesOf({ size }: BenchCell): number {
  return SHAPES[size].nrMappings * SHAPES[size].rounds;
}

/** Why a cell cannot be; null where it can. */
export function whyNot({ place, profile }: BenchCell): string | null {
  if (place === "driver") return null;
  return profile.stack === "ats"
    ? "walks the CPUs' page tables, so no driver places anything"
    : null;
}

/** The scenario of a cell, as YAML. */
export function benchScenario(cell: BenchCell): string {
  const { profile, noise, size, place } = cell;
  return writeYaml({
    version: 1,
    title: `${profile.id}: writes of ${size}, ${noise}, placed by ${place}`,
    // One that does not come with the program is given with `--profile`.
    ...(shippedProfile(profile.id) === profile ? { profile: profile.id } : {}),
    settings: { transparent_hugepage: size === "4KiB" ? "never" : "madvise" },
    machine: {
      nodes: [
        { memory: "4GiB", cpus: [0, 1] },
        { memory: "4GiB", cpus: [2, 3] },
      ],
      devices: [{ name: BENCH_DEVICE }],
    },
    steps: [...mappings(cell), ...noiseSteps(cell), ...program(cell)],
  });
}

/** A CPU writes each mapping; those of 2 MiB are huge pages, unless they are to become so. */
function mappings({ size, noise, place, profile }: BenchCell): Steps {
  const { nrMappings, nrPages } = SHAPES[size];
  return Array.from({ length: nrMappings }, (_, i): Steps => {
    const at = `m${i}`;
    const advise = { do: "madvise", at, advice: "MADV_HUGEPAGE" };
    const write = { do: "write", at };
    const isHuge = size === "2MiB";
    return [
      { do: "mmap", name: at, pages: nrPages },
      ...(isHuge && noise !== "thp" ? [advise, write] : [write]),
      ...(isHuge && noise === "thp" ? [advise] : []),
      ...(place === "ram" ? [stayInRam(profile, at)] : []),
    ];
  }).flat();
}

/** Advice that keeps memory where it is; only amdkfd needs to be told that the GPU may use it. */
function stayInRam({ stack }: Profile, at: string): Steps[number] {
  const access = stack === "amdkfd" ? { access: "in_place" } : {};
  return { do: "device_advise", device: BENCH_DEVICE, at, preferred_location: "system", ...access };
}

function noiseSteps({ noise, every }: BenchCell): Steps {
  switch (noise) {
    case "quiet":
      return [];
    case "fork":
      return [{ do: "fork_and_exit", every }];
    case "thp":
      return [{ do: "khugepaged", every }];
    case "numa":
      return [{ do: "numa_scan", every }];
  }
}

function program({ size }: BenchCell): Steps {
  const { nrMappings, rounds } = SHAPES[size];
  return Array.from({ length: nrMappings * rounds }, (_, n) => ({
    do: "workload",
    device: BENCH_DEVICE,
    at: `m${n % nrMappings}`,
    access: "write",
    count: 1,
    outstanding: 1,
    pause: PAUSE,
  }));
}
