// Populating a large address space: what it takes, of the time and of this machine's memory.
import { World } from "@faultline/core";
import { cpuAccess, PROT_READ, PROT_WRITE, runToCompletion, sysMmap } from "@faultline/engine";
import { heldBytes } from "../held-bytes.ts";
import { mustBeZero, START } from "./scale-world.ts";

const GIB = 2 ** 30;
const PAGES_PER_GIB = GIB / 4096;

/** What populating took, of the time and of this machine's memory. */
export interface PopulateResult {
  readonly gib: number;
  readonly pages: number;
  readonly seconds: number;
  readonly nsPerPage: number;
  readonly hostGib: number;
  readonly peakRssGib: number;
  readonly bytesPerPage: number;
}

/** Writes every 4 KiB page of so many GiB. */
export function populate(nrGib: number): PopulateResult {
  const nrPages = nrGib * PAGES_PER_GIB;
  const bytesBefore = heldBytes();
  const world = new World({ nodes: [{ nrPages: nrPages + PAGES_PER_GIB, cpus: [0] }] });
  const task = world.createTask(0);
  const prot = PROT_READ | PROT_WRITE;
  const request = { start: START, nrPages, prot, shared: false };
  mustBeZero(runToCompletion(sysMmap(world, task, request)));
  const from = performance.now();
  for (let page = START; page < START + nrPages; page++) {
    if (cpuAccess(world, task, page, true) !== 0) throw new Error(`page ${page} faulted`);
    const done = page - START + 1;
    if (done % (64 * PAGES_PER_GIB) === 0) {
      process.stderr.write(`${done / PAGES_PER_GIB} of ${nrGib} GiB\n`);
    }
  }
  const seconds = (performance.now() - from) / 1000;
  const bytes = heldBytes() - bytesBefore;
  // The world is looked at once more, so that a collection before this line cannot take it.
  if (world.tables.nrTables === 0) throw new Error("the world lost its page tables");
  return {
    gib: nrGib,
    pages: nrPages,
    seconds: Number(seconds.toFixed(1)),
    nsPerPage: Number(((seconds * 1e9) / nrPages).toFixed(1)),
    hostGib: Number((bytes / GIB).toFixed(2)),
    peakRssGib: Number((process.resourceUsage().maxRSS / 2 ** 20).toFixed(2)),
    bytesPerPage: Number((bytes / nrPages).toFixed(2)),
  };
}

/** The result in one sentence. */
export function populateSentence(result: PopulateResult): string {
  return (
    `${result.gib} GiB of 4 KiB pages in ${result.seconds} s (${result.nsPerPage} ns a page); ` +
    `${result.hostGib} GiB held, peak ${result.peakRssGib} GiB, ` +
    `${result.bytesPerPage} bytes a page\n`
  );
}
