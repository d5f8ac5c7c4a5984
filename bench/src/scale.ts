// `npm run bench:scale`: populates 1 TiB of 4 KiB pages and prints what it took.
import { World } from "@faultline/core";
import { cpuAccess, PROT_READ, PROT_WRITE, runToCompletion, sysMmap } from "@faultline/engine";
import { parseArgs } from "node:util";
import { heldBytes } from "./held-bytes.ts";

const GIB = 2 ** 30;
const PAGES_PER_GIB = GIB / 4096;
const START = 2 ** 20;

const { values } = parseArgs({
  options: {
    gib: { type: "string", default: "1024" },
    json: { type: "boolean", default: false },
  },
});
const nrGib = Number(values.gib);
const nrPages = nrGib * PAGES_PER_GIB;

const world = new World({ nodes: [{ nrPages: nrPages + PAGES_PER_GIB, cpus: [0] }] });
const task = world.createTask(0);
const prot = PROT_READ | PROT_WRITE;
runToCompletion(sysMmap(world, task, { start: START, nrPages, prot, shared: false }));

const from = performance.now();
for (let page = START; page < START + nrPages; page++) {
  if (cpuAccess(world, task, page, true) !== 0) throw new Error(`page ${page} faulted`);
  const done = page - START + 1;
  if (done % (64 * PAGES_PER_GIB) === 0) {
    process.stderr.write(`${done / PAGES_PER_GIB} of ${nrGib} GiB\n`);
  }
}
const seconds = (performance.now() - from) / 1000;
const bytes = heldBytes();
const result = {
  gib: nrGib,
  pages: nrPages,
  seconds: Number(seconds.toFixed(1)),
  nsPerPage: Number(((seconds * 1e9) / nrPages).toFixed(1)),
  hostGib: Number((bytes / GIB).toFixed(2)),
  peakRssGib: Number((process.resourceUsage().maxRSS / 2 ** 20).toFixed(2)),
  bytesPerPage: Number((bytes / nrPages).toFixed(2)),
};
process.stdout.write(
  values.json
    ? `${JSON.stringify(result)}\n`
    : `${result.gib} GiB of 4 KiB pages in ${result.seconds} s (${result.nsPerPage} ns a page); ` +
        `${result.hostGib} GiB held, peak ${result.peakRssGib} GiB, ` +
        `${result.bytesPerPage} bytes a page\n`,
);
