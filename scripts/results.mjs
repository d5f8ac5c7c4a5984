// Writes docs/results.md: the vendor benchmark with what its numbers mean.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const cli = "packages/faultline/bin/faultline.mjs";
const faultline = (...argv) =>
  execFileSync(process.execPath, [cli, ...argv], { cwd: root, encoding: "utf8" });

const page = `# Results

In April 2024 a maintainer wrote that GPU page faults are too slow for fork(), transparent huge
pages and NUMA balancing, and that somebody should write a tool that compares vendors. This page
is what that tool says today. \`npm run results\` writes it; \`npx --no-install faultline
bench\` prints the tables, in 40 seconds.

A GPU's program writes to 64 mappings of one page, twenty times over, or to 16 mappings of 2
MiB, eighty times over, and computes 50 us after each write. Meanwhile the kernel does nothing
else (quiet), forks the process and ends the child at once (fork), lets khugepaged make a pass
(thp), or makes a pass of NUMA balancing over the process (numa), once in 10 ms each. In quiet
every mapping faults once. For each profile the first table has the median and the 99th
percentile of the GPU's write faults, and how much longer the whole program takes than in quiet;
the second one the stage or wait that has most of a fault's time, and what of the priced time
rests on assumed numbers, at most.

## What they say

- **What hurts is not the fault, it is how often it comes.** The median of a fault about doubles
  at most; the program takes up to 35 times as long, because every fork and every scan takes
  away the translations of all its memory.
- **Drivers that move 2 MiB for each fault pay most.** Where a fault takes 0.7 ms or more and
  the working set has sixteen of them, a fork once in 10 ms leaves no time for anything else. xe
  with device pages of 4 KiB takes 27 times as long as in quiet; with device pages of 2 MiB,
  twice as long.
- **A GPU that walks the CPUs' page tables hardly notices**: it has no translations of its own
  that would have to be made again by a driver.
- **khugepaged passes over blocks that are on a device**, so where a driver moves whole blocks
  it changes nothing. In RAM the faults that wait for a collapse take milliseconds, once for
  each block. UVM is the exception: here it moves 64 KiB of a block, and up to \`max_ptes_swap\`
  pages khugepaged fetches back to collapse the block. So the two take the same memory from each
  other for ever.

## What they do not say

- These are not measurements. Each number is simulated: what the kernel and the drivers do is
  exact as far as [the conformance runs](conformance.md) show, what it costs comes from
  [profiles](profiles.md), and the last column says how much of that nobody has published. Where
  it is near 100, compare shapes and not times.
- A real kernel scans for NUMA balancing once in a second at most, and khugepaged sleeps ten
  seconds between passes. All noises happen equally often here, so that they can be compared;
  \`--every\` changes that.
- One program, one GPU, one fault at a time. [compare](timing.md) runs other programs.
- Every world has pages of 4 KiB; what is known of GH200 with 64 KiB is in its prices only.
- Every cell is a scenario: \`npx --no-install faultline bench --profiles ID --noises fork
  --sizes 2MiB --places driver --scenario\` prints it, and \`faultline run\` runs it and shows
  the same digest as \`--json\` here.

## Tables

${faultline("bench", "--markdown")}`;

writeFileSync(`${root}docs/results.md`, page);
