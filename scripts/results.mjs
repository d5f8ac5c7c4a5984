// Writes docs/results.md, its figures and docs/results/*.jsonl: the benchmarks with what their
// numbers mean. Each cell of the tables is a row of those files, with all that it takes to run it
// again.
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { barChart } from "./bar-chart.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const cli = "packages/faultline/bin/faultline.mjs";
const folder = "docs/results";
mkdirSync(`${root}${folder}`, { recursive: true });

/** Runs a benchmark; its tables and its cells. */
async function bench(name, ...options) {
  const file = `${folder}/${name}.jsonl`;
  const argv = [cli, "bench", name, "--markdown", ...options, "-o", file];
  const limits = { cwd: root, maxBuffer: 2 ** 26 };
  const { stdout: tables } = await promisify(execFile)(process.execPath, argv, limits);
  const lines = readFileSync(`${root}${file}`, "utf8").trim().split("\n");
  return { tables, cells: lines.map((line) => JSON.parse(line)) };
}

function figure(name, alt, content) {
  writeFileSync(`${root}${folder}/${name}.svg`, barChart(content));
  return `![${alt}](results/${name}.svg)`;
}

/** Picoseconds with three digits. */
function time(ps) {
  const [unit, size] = ps >= 1e9 ? ["ms", 1e9] : ps >= 1e6 ? ["us", 1e6] : ["ns", 1e3];
  return `${Number((ps / size).toPrecision(3))} ${unit}`;
}

/** The share of assumed numbers, from the least to the most, of the cells with the same names. */
function assumed(cells, ...names) {
  const shares = new Map();
  for (const cell of cells) {
    if (cell.result !== "ok") continue;
    const name = names.map((one) => cell[one]).join(", ");
    shares.set(name, [...(shares.get(name) ?? []), cell.shareAssumed * 100]);
  }
  return [...shares]
    .map(([name, own]) => {
      const [least, most] = [Math.min(...own).toFixed(0), Math.max(...own).toFixed(0)];
      return `${name} ${least === most ? "" : `${least} to `}${most} %`;
    })
    .join(";\n  ");
}

const [vendors, rdma, designs] = await Promise.all([
  bench("vendors"),
  bench("rdma"),
  bench("designs"),
]);

const NOISES = ["fork", "thp", "numa"];
const slower = vendors.cells.filter(
  ({ size, place, noise, slowdown }) =>
    size === "2MiB" && place === "driver" && NOISES.includes(noise) && slowdown !== null,
);
const vendorFigure = figure(
  "vendors",
  "How many times as long the program takes, by profile and noise",
  {
    title: "Writes of 2 MiB placed by the driver: how many times as long as in quiet",
    groups: [...new Set(slower.map(({ profile }) => profile))].map((profile) => ({
      label: profile,
      bars: slower
        .filter((cell) => cell.profile === profile)
        .map(({ noise, slowdown }) => ({
          name: noise,
          value: slowdown,
          text: `×${slowdown.toFixed(2)}`,
        })),
    })),
  },
);

const huge = rdma.cells.filter(({ size, result }) => size === "2MiB" && result === "ok");
const rdmaFigure = figure("rdma", "What a round takes, by GPU, machine and design", {
  title: "A round of a GPU and a NIC over 2 MiB, median",
  groups: [...new Set(huge.map(({ gpu, place }) => `${gpu}, ${place}`))].map((label) => ({
    label,
    bars: huge
      .filter(({ gpu, place }) => `${gpu}, ${place}` === label)
      .map(({ design, p50Ps }) => ({ name: design, value: p50Ps, text: time(p50Ps) })),
  })),
});

const designFigure = figure("designs", "What a round takes under each design", {
  title: "A round of two GPUs, a NIC and now and then a CPU over 2 MiB, mean",
  groups: [
    ...new Set(designs.cells.map(({ machine, driver }) => `${machine}, ${driver} driver`)),
  ].map((label) => ({
    label,
    bars: designs.cells
      .filter(({ machine, driver }) => `${machine}, ${driver} driver` === label)
      .map(({ design, meanPs }) => ({ name: design, value: meanPs, text: time(meanPs) })),
  })),
});

const versions = new Map(
  [...vendors.cells, ...rdma.cells].map(({ profile, profileVersion }) => [profile, profileVersion]),
);

const page = `# Results

In April 2024 a maintainer wrote that GPU page faults are too slow for fork(), transparent huge
pages and NUMA balancing, and that somebody should write a tool that compares vendors. This page
is what that tool says today. \`npm run results\` writes it; [the whole matrix](matrix.md) has more
noises, accesses, sizes and places.

A GPU's program writes to 64 mappings of one page, twenty times over, or to 16 mappings of 2
MiB, eighty times over, and computes 50 us after each write. Meanwhile the kernel does nothing
else (quiet), forks the process and ends the child at once (fork), lets khugepaged make a pass
(thp), or makes a pass of NUMA balancing over the process (numa), once in 10 ms each. In quiet
every mapping faults once. For each profile the first table has the median and the 99th
percentile of the GPU's write faults, and how much longer the whole program takes than in quiet;
the second one the stage or wait that has most of a fault's time, and what of the priced time
rests on assumed numbers, at most.

${vendorFigure}

### What they say

- **What hurts is not the fault, it is how often it comes.** The median of a fault about doubles
  at most; the program takes up to 35 times as long, because every fork and every scan takes
  away the translations of all its memory.
- **Drivers that move 2 MiB for each fault pay most.** Where a fault takes 0.7 ms or more and
  the working set has sixteen of them, a fork once in 10 ms leaves no time for anything else. xe
  with device pages of 4 KiB takes 27 times as long as in quiet; with device pages of 2 MiB,
  twice as long.
- **A median can fall under noise.** In quiet every fault is the first one of its page. Faults that
  come again are cheaper where the first one made what lasts: under UVM the DMA mappings of system
  memory. What the noise costs is in the last number, not in the median.
- **A GPU that walks the CPUs' page tables hardly notices**: it has no translations of its own
  that would have to be made again by a driver.
- **khugepaged passes over blocks that are on a device**, so where a driver moves whole blocks
  it changes nothing. In RAM the faults that wait for a collapse take milliseconds, once for
  each block. UVM is the exception: here it moves 64 KiB of a block, and up to \`max_ptes_swap\`
  pages khugepaged fetches back to collapse the block. So the two take the same memory from each
  other for ever.

### What they do not say

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

## RDMA to memory of GPUs

A GPU writes a buffer, a NIC with on-demand paging (mlx5) reads it and writes it, and the GPU reads
it again: one round, a hundred and one times. \`npx --no-install faultline bench rdma\` prints the
tables. Four machines decide what PCI allows: a switch without and with ACS, two root ports of a
CPU that allows peers (Zen), and two sockets whose host bridges the kernel lists for peers below one
bridge only. Four designs decide what the kernel does:

| design | what happens when the NIC touches a private page of a GPU |
|---|---|
| 7.2 | the page migrates to system memory, and back when the GPU touches it |
| v2 | the posted series: the page's P2P page is mapped for the NIC; single pages only |
| v2-pmd | the same for huge pages too |
| target-aware | as v2-pmd, and the op knows which device asks |

${rdmaFigure}

### What they say

- **Where a P2P page can be had, a round has no faults at all after the first.** What is left are
  2 048 pages that are touched, at the pace that the scenario sets.
- **As posted the series does nothing for huge pages.** One entry maps 2 MiB, and the series looks
  at entries of single pages; so xe and amdkfd, which move a huge page as a whole, gain nothing
  until the op covers huge entries. UVM moves its pages in parts, leaves no huge entry, and gains
  at once.
- **ACS does not decide whether, only how**: through the host bridge in place of a bus address.
  Where the host bridge is not allowed (two sockets), everything migrates as in 7.2, under every
  design.
- **That the op knows who asks saves the failed attempt**: without it the P2P pages are looked up
  and mapped in vain, which costs UVM 5 us a round.
- nouveau maps memory where it is and migrates only when a program asks, so nothing has to be
  converted. Its prices are those of a V100 under UVM; nobody has published its own.
- Where UVM finds a page going to and fro, it makes the CPU wait; here a NIC's fault that needs the
  page naps with it, half a millisecond each: the rounds of a millisecond are two naps.

### What they do not say

- **How fast the data itself goes.** A page that is reached takes 82 ns, 4 KiB at 400 Gbit/s, by
  every way: a bus address, the host bridge and system memory differ only in faults. What a real
  host bridge takes from the bandwidth is not in these numbers.
- The NIC's prices are those of one profile (nic-mlx5-odp) and rest on published measurements of its
  faults. No times of the series itself were found: its steps cost what the same steps cost
  elsewhere. What of the priced time of a cell rests on assumed numbers:
  ${assumed(rdma.cells, "gpu")}.
- A percentile is shown where one sample lies beyond it: ten at least for p50, a hundred for p99.

### Tables

${rdma.tables}
## The five designs

GPU A writes 2 MiB in single pages, GPU B and a NIC read them, and once in ten rounds a CPU reads
sixteen of them. \`npx --no-install faultline bench designs\` prints the tables; MiB are of all
hundred and one rounds. [The switches](open-questions.md#designs-as-a-whole) behind each design:

| design | what it is |
|---|---|
| 7.2 | each driver forms its owners as it does today |
| same-owner | every device is an owner of its own |
| owner-groups | devices that reach each other completely share an owner |
| p2p-allow | the caller of hmm_range_fault() and of a migration may accept another owner's pages |
| p2p-op | private pages are shown as P2P pages |
| private-outside-physical | private frames are numbered in a space of their own |

${designFigure}

### What they say

- **The NIC sees one of them only.** Its driver has no private memory and so no owner that could
  match; but for p2p-op all of its pages come from system memory.
- **A shared owner, or a callback, halves what xe copies over system memory**: GPU B pulls from GPU
  A directly. amdkfd does not use it: its ranges move over system memory whoever owns them.
- **p2p-op spares the NIC's migration and nothing else.** It comes with an owner for each device, so
  on xe it is better than that alone and worse than a shared owner.
- **Vendors' drivers pull, whatever the design allows.** GPU B copies what it could have read in
  place. The driver ideal does not, and there the designs differ in the way: by link for owners and
  the callback, over PCIe for p2p-op, in system memory where every device is alone.
- private-outside-physical changes how frames are numbered, and nothing that takes time here.

### What they do not say

- One program. Where nobody shares, every design costs the same.
- ideal serves each page with a fault of its own, so the rounds in which pages move are long; its
  mean says how many those are. It is a bound for what a design can do, and nobody's driver.
- The pace of an access is the same by every way, as above.
- What of the priced time rests on assumed numbers:
  ${assumed(designs.cells, "machine", "driver")}.

### Tables

${designs.tables}
## Vendors: tables

${vendors.tables}
## Where each number comes from

[results/vendors.jsonl](results/vendors.jsonl), [results/rdma.jsonl](results/rdma.jsonl) and
[results/designs.jsonl](results/designs.jsonl) hold every cell as a line: what it is, its seed, the
version of the program and of its profile, every number, and the digest of the run. The same
options with \`--scenario\` print a cell's scenario, which \`faultline run\` runs to the same
digest.
Everything is of kernel preset 7.2-fixed and seed ${vendors.cells[0].seed}.

| profile | version of its numbers |
|---|---|
${[...versions].map(([id, version]) => `| ${id} | ${version} |`).join("\n")}
`;

writeFileSync(`${root}docs/results.md`, page);
