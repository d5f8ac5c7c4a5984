// Makes one case in which a device and a CPU work on the same pages at once.

import { Random } from "./random.mjs";

const KINDS = [
  "fork",
  "forkwrite",
  "munmap",
  "mprotect",
  "collapse",
  "cpuwrite",
  "cpuread",
  "mremap",
  "dontneed",
  "move",
];
const BLOCK = 512;
const SMALL = 64;
const DURATION_MS = 700;

/** Small pages or a huge one; the seeds go through all kinds with both before they repeat. */
export function makeRaceCase(seed, base) {
  const random = new Random(seed);
  const kind = KINDS[seed % KINDS.length];
  const isHuge = kind === "collapse" || Math.floor(seed / KINDS.length) % 2 === 1;
  const windowPages = isHuge ? 2 * BLOCK : SMALL;
  const len = isHuge ? BLOCK : SMALL;
  const hugeOps = [
    ["madvise", 0, 0, BLOCK, "hugepage"],
    ["wr", 0, 0, BLOCK],
  ];
  return {
    ...base,
    boot: "std",
    W: windowPages,
    numa: 0,
    thp: isHuge ? 1 : 0,
    x: 2,
    ops: [
      ["open", 0, 0],
      ["mmap", 0, 0, windowPages, "rw", "p"],
      ...(isHuge ? hugeOps : []),
      ["race", 0, kind, 0, 0, len, DURATION_MS, random.below(2 ** 16)],
      ["rd", 0, 0, len],
    ],
  };
}
