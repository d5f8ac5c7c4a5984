// Writes docs/matrix.md, its figures and docs/matrix/matrix.parquet: the whole matrix of the
// benchmark, which takes some ten minutes on two cores. With the files of a run as arguments,
// from those: node scripts/matrix.mjs all.parquet all.html
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "docs/matrix");
mkdirSync(folder, { recursive: true });

const [parquet, html] = process.argv.length > 3 ? process.argv.slice(2) : runAll();
copyFileSync(parquet, join(folder, "matrix.parquet"));

/** Runs the benchmark; its two files. */
function runAll() {
  const into = mkdtempSync(join(tmpdir(), "faultline-matrix-"));
  const files = [join(into, "all.parquet"), join(into, "all.html")];
  const cli = "packages/faultline/bin/faultline.mjs";
  const argv = [cli, "bench", "--full", "--jobs", "2", "-o", files[0], "--html", files[1]];
  execFileSync(process.execPath, argv, { cwd: root, stdio: "inherit" });
  return files;
}

const database = await (await DuckDBInstance.create(":memory:")).connect();

/** What DuckDB answers, the names of the columns first; in `folder`, as a reader would ask it. */
async function ask(sql) {
  const path = join(folder, "matrix.parquet");
  const answer = await database.runAndReadAll(sql.replaceAll("matrix.parquet", path));
  const rows = answer.getRowsJson().map((row) => row.map(textOf));
  return [answer.columnNames(), ...rows];
}

function textOf(value) {
  return typeof value === "string" ? value : JSON.stringify(value ?? "").replace(/^""$/, "");
}

function count(text) {
  return Number(text).toLocaleString("en");
}

async function one(sql) {
  return (await ask(sql))[1];
}

function markdown([head, ...rows]) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, n) => (n === 0 ? "---" : "---:"));
  return [head, rule, ...rows].map(line).join("\n");
}

function plain(rows) {
  const widths = rows[0].map((_, n) => Math.max(...rows.map((row) => row[n].length)));
  return rows
    .map((row) =>
      row.map((cell, n) => (n === 0 ? cell.padEnd(widths[n]) : cell.padStart(widths[n]))),
    )
    .map((row) => row.join("  ").trimEnd())
    .join("\n");
}

/** A query and its answer, as the page shows them. */
async function asked(sql) {
  return `\`\`\`sql\n${sql}\n\`\`\`\n\n\`\`\`text\n${plain(await ask(sql))}\n\`\`\``;
}

/** A heat map of the page that the run wrote. */
const drawn = readFileSync(html, "utf8").match(/<svg[\s\S]*?<\/svg>/g) ?? [];
function figure(name, profile, alt) {
  const title = `${profile}, 2MiB: all faults of an access, mean`;
  const svg = drawn.find((each) => each.includes(`>${title}<`));
  if (svg === undefined) throw new Error(`no figure is called ${title}`);
  writeFileSync(join(folder, `${name}.svg`), `${svg}\n`);
  return `![${alt}](matrix/${name}.svg)`;
}

const FROM = "FROM 'matrix.parquet'";
const [nrCells, nrRun, nrFaults, nrAccesses] = await one(
  `SELECT count(*), count(*) FILTER (result <> 'not done'), sum(nrFaults), sum(nrAccesses) ${FROM}`,
);
const [nrFew] = await one(`SELECT count(*) ${FROM} WHERE result <> 'not done' AND p99Ps IS NULL`);
const [nrOk, leastFaults] = await one(
  `SELECT count(*), min(nrFaults) ${FROM} WHERE result = 'ok' AND p99Ps IS NOT NULL`,
);
const reasons = await ask(
  `SELECT note AS "why a cell cannot be", count(*) AS cells ${FROM} WHERE result = 'not done'
   GROUP BY note ORDER BY cells DESC`,
);
const gaveUp = await ask(
  `SELECT profile, noise, size, count(*) AS cells, string_agg(DISTINCT access, ', ' ORDER BY access)
   AS access, string_agg(DISTINCT place, ', ' ORDER BY place) AS places
   ${FROM} WHERE result NOT IN ('ok', 'not done') GROUP BY ALL ORDER BY ALL`,
);
const quiet = await ask(
  `PIVOT (SELECT profile, place, round(p50Ps / 1e6, 1) AS us ${FROM}
   WHERE noise = 'quiet' AND access = 'write' AND size = '64KiB')
   ON place IN ('absent', 'ram', 'local', 'peer-link', 'peer-pcie', 'foreign')
   USING first(us) GROUP BY profile ORDER BY profile`,
);
const slower = await ask(
  `PIVOT (SELECT a.noise, a.place,
     printf('%.2f to %.4g', quantile_cont(a.perAccessPs / q.perAccessPs, 0.5),
       max(a.perAccessPs / q.perAccessPs)) AS times
     FROM 'matrix.parquet' a JOIN 'matrix.parquet' q USING (profile, access, size, place)
     WHERE q.noise = 'quiet' AND a.noise <> 'quiet' AND a.access = 'write'
       AND a.result = 'ok' AND q.result = 'ok' AND a.nrFaults >= 100
     GROUP BY a.noise, a.place)
   ON place IN ('absent', 'ram', 'local', 'peer-link', 'peer-pcie', 'foreign')
   USING first(times) GROUP BY noise ORDER BY noise`,
);

const ASKED = [
  `SELECT profile, noise, round(perAccessPs / 1e6, 1) AS us, nrFaults, nrAccesses, most
FROM 'matrix.parquet'
WHERE access = 'write' AND size = '4KiB' AND place = 'local' AND result = 'ok'
ORDER BY perAccessPs DESC LIMIT 5;`,
  `SELECT a.profile, round(max(a.p99Ps / q.p99Ps), 2) AS slower
FROM 'matrix.parquet' a JOIN 'matrix.parquet' q USING (profile, access, size, place)
WHERE a.noise = 'numa' AND q.noise = 'quiet' AND a.result = 'ok'
GROUP BY a.profile ORDER BY slower DESC, a.profile;`,
];

const page = `# The whole matrix

\`bench --full\` runs what [the results](results.md) show a part of: nine noises, three accesses,
three sizes and six places of memory, for every GPU. \`npm run matrix\` runs it and writes this
page, [matrix/matrix.parquet](matrix/matrix.parquet) and the figures. That took nine and a half
minutes on two CPUs (AMD EPYC); a run that was stopped goes on where it was:

\`\`\`sh
npx --no-install faultline bench --full --jobs 2 -o all.parquet --html all.html
npx --no-install faultline bench full --profiles intel-xe-svm-thp --noises fork --sizes 4KiB
npm run matrix
\`\`\`

${count(nrCells)} cells, of which ${count(nrRun)} can be, with ${count(nrFaults)} faults in
${count(nrAccesses)} accesses. A cell has 512 accesses, one after another with 20 us of computing
between them, or 104 where 2 MiB are mapped at once. A percentile is there where a fault lies
beyond it: p50 and p90 of ten faults, p99 of a hundred. ${nrFew} cells that ran have too few for a
p99 and say so in \`note\`; of the ${count(nrOk)} others that ended well none has fewer than
${leastFaults}.

| noise | once in 1 ms, or as often as it can |
|---|---|
| quiet | nothing |
| fork | the process forks, and the child ends at once |
| fork-cow | the same, and before it ends the child writes one of the mappings, each in turn |
| thp-collapse | khugepaged passes over blocks of single pages that are to be huge since just now |
| thp-split | the last page of each huge page is dropped |
| numa | a pass of NUMA balancing over the process |
| move-pages | \`move_pages()\` of each mapping to the other node |
| munmap | a thread maps, writes and unmaps 64 pages elsewhere in the process |
| oversubscription | a second program has filled a card of 4 MiB, and writes 2 MiB that are new |

| place | where a page is when the GPU touches it; the GPU has no translation of it |
|---|---|
| absent | nowhere |
| ram | a CPU of node 0 has written it |
| local | in the GPU's own memory, writable |
| peer-link, peer-pcie | in that of another GPU, with and without a private link |
| foreign | in that of a device of another driver |

## Figures

What an access waits for in all its faults, which is longer than a fault where a page is taken
away again before it is used. The page that \`--html\` writes has such a figure, and one of the
medians, for each profile and size.

${figure("xe", "intel-xe-svm-thp", "Intel xe with huge device pages, 2 MiB")}

${figure("uvm", "nv-hopper-x86-uvm", "NVIDIA Hopper under UVM, 2 MiB")}

${figure("amdkfd", "amd-mi300x-xnack-pcie", "AMD MI300X under amdkfd, 2 MiB")}

## What it says

The median of a write fault, 64 KiB, quiet, in us:

${markdown(quiet)}

What a noise makes of a write: how many times as long as in quiet an access waits, the median over
profiles and sizes, and the most:

${markdown(slower)}

- **Reading, writing and atomics cost the same while nobody interferes.** Every driver here asks
  for pages that it may write where the mapping allows that. Under fork and NUMA balancing they
  differ: what these have made read-only can be read, and has to be made writable before it is
  written.
- **Fork and NUMA balancing hurt memory on a device most.** A page of a device becomes read-only,
  and the way back to writable leads through RAM: the next write moves it there and back again. In
  RAM, and where a GPU walks the CPUs' page tables, an entry is changed and that is all.
- **Whoever moves 2 MiB for each fault may never get through.** A fault of amdkfd takes 0.8 to 2.4
  ms there. Where the kernel forks once in 1 ms it is made again and again, and after 64 times the
  access is given up. Atomics of xe end so for another reason: what an atomic has brought is kept
  for 5 ms, a fork makes it read-only meanwhile, and it may not leave to be made writable.
- **A private link helps the driver that uses it.** xe copies from card to card; amdkfd goes over
  RAM, with or without a link; UVM's copy is a small part of its fault.
- **A munmap elsewhere in the process is not felt at the median**, and makes one fault in a
  hundred wait for mmap_lock and flushes.
- **khugepaged is felt where it finds something to do**: in RAM, where a fault waits for a
  collapse.
- **A card that is full costs an eviction for each fault**, and amdkfd, which serves one fault
  after the other, makes others wait for it.


## What it does not say

- As in [the results](results.md#what-they-do-not-say), nothing here is measured, and much of the
  prices is assumed: \`shareAssumed\` says how much of a cell. NUMA balancing and khugepaged come
  far less often than once in 1 ms on a real machine.
- A GPU touches one page of a mapping, and what comes with it is its driver's choice: of 64 KiB in
  a foreign device xe takes one page, because a larger chunk has to be present.
- thp-collapse is not quiet with something added: its memory is written in single pages first.
  Where a driver moves less of such memory at once, as UVM does, a fault is shorter than in quiet.
- A noise can make a fault shorter, too: what fork or NUMA balancing has brought back to RAM is
  not fetched from a peer; a huge page that is split already need not be split by UVM.
- move-pages is nearly free, because the model moves a folio in one instant and lets its time pass
  afterwards: no fault meets a page under way.
- Device memory is set to zero for nothing, so that \`absent\` hardly depends on the size.
- A noise that takes longer than 1 ms follows itself without a pause: a fork of eight split huge
  pages takes 5.7 ms on Thor and holds mmap_lock, which is where the largest numbers come from.
- In cells that gave up, percentiles are those of the attempts; they are left out of the table
  above.

Cells where an access was given up after 64 faults (\`EAGAIN\`):

${markdown(gaveUp)}

${markdown(reasons)}

## Asking it

Each cell is a row with \`profile\`, \`noise\`, \`access\`, \`size\`, \`place\`, \`result\`,
\`nrFaults\`, \`nrAccesses\`, \`p50Ps\`, \`p90Ps\`, \`p99Ps\`, \`maxPs\`, \`perAccessPs\`,
\`most\` (the stage or wait with most of the time) and its \`mostShare\`, \`nrNoises\`,
\`shareAssumed\`, \`note\`, and what it takes to run it again: \`version\`, \`profileVersion\`,
\`kernel\`, \`every\`, \`seed\`, \`digest\`. The same options with \`--scenario\` print a cell's
scenario. With DuckDB, in docs/matrix:

${(await Promise.all(ASKED.map(asked))).join("\n\n")}

With pandas:

\`\`\`python
import pandas
cells = pandas.read_parquet("docs/matrix/matrix.parquet")
writes = cells.query("access == 'write' and size == '2MiB' and profile == 'intel-xe-svm-thp'")
print(writes.pivot(index="noise", columns="place", values="perAccessPs") / 1e6)
\`\`\`
`;
writeFileSync(join(root, "docs/matrix.md"), page);
