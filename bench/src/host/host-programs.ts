// What is measured on a host. Primitives do one thing each; prices are fitted to them. Composites
// do several things in another proportion and order; they are predicted, and nothing is fitted to
// them.
import type { HostProgram } from "./host-program.ts";

const PAGES = 16_384;
const PAGES_PER_BLOCK = 512;
const BLOCKS = PAGES / PAGES_PER_BLOCK;
const SPARSE_BLOCKS = 256;
const WRITTEN = `map small ${PAGES}; write 0 ${PAGES} 1`;
const HUGE = `map huge ${PAGES}; write 0 ${PAGES} ${PAGES_PER_BLOCK}`;
const SPARSE = `map small ${SPARSE_BLOCKS * PAGES_PER_BLOCK}`;
const TOUCH_SPARSE = `write 0 ${SPARSE_BLOCKS * PAGES_PER_BLOCK} ${PAGES_PER_BLOCK}`;

/** A step for each block of 2 MiB. */
function eachBlock(step: (firstPage: number) => string): string {
  return Array.from({ length: BLOCKS }, (_, n) => step(n * PAGES_PER_BLOCK)).join("; ");
}

/** What `bench:vs-host` shows. */
export const OPERATIONS: readonly HostProgram[] = [
  {
    name: "fault/first-touch-4k",
    what: "write faults that give pages their frames",
    unit: "page",
    nrUnits: PAGES,
    steps: `map small ${PAGES}; start; write 0 ${PAGES} 1; stop`,
  },
  {
    name: "fault/zero-page-read",
    what: "read faults that map the zero page",
    unit: "page",
    nrUnits: PAGES,
    steps: `map small ${PAGES}; start; read 0 ${PAGES} 1; stop`,
  },
  {
    name: "fault/sparse",
    what: "write faults that need a page table each",
    unit: "page",
    nrUnits: SPARSE_BLOCKS,
    steps: `${SPARSE}; start; ${TOUCH_SPARSE}; stop`,
  },
  {
    name: "fault/thp-2m",
    what: "write faults that map a huge page",
    unit: "huge page",
    nrUnits: BLOCKS,
    needs: "huge pages",
    steps: `map huge ${PAGES}; start; write 0 ${PAGES} ${PAGES_PER_BLOCK}; stop`,
  },
  {
    name: "cow/copy",
    what: "writes to pages that a child shares",
    unit: "page",
    nrUnits: PAGES,
    steps: `${WRITTEN}; fork; start; write 0 ${PAGES} 1; stop; end`,
  },
  {
    name: "cow/reuse",
    what: "writes to pages whose other process is gone",
    unit: "page",
    nrUnits: PAGES,
    steps: `${WRITTEN}; fork; end; start; write 0 ${PAGES} 1; stop`,
  },
  {
    name: "fork/one-page",
    what: "a fork of a process with one page",
    unit: "process",
    nrUnits: 1,
    steps: "map small 1; write 0 1 1; start; fork; stop; end",
  },
  {
    name: "fork/per-page",
    what: "a fork, by its pages",
    unit: "page",
    nrUnits: PAGES,
    steps: `${WRITTEN}; start; fork; stop; end`,
  },
  {
    name: "exit/one-page",
    what: "the first run and the end of a child with one page",
    unit: "process",
    nrUnits: 1,
    steps: "map small 1; write 0 1 1; fork; start; end; stop",
  },
  {
    name: "exit/per-page",
    what: "the end of a child, by the pages that it shares",
    unit: "page",
    nrUnits: PAGES,
    steps: `${WRITTEN}; fork; start; end; stop`,
  },
  {
    name: "mprotect/sparse",
    what: "mprotect() of memory with one page in each page table",
    unit: "page",
    nrUnits: SPARSE_BLOCKS * PAGES_PER_BLOCK,
    steps: `${SPARSE}; ${TOUCH_SPARSE}; start; protect 0 ${SPARSE_BLOCKS * PAGES_PER_BLOCK}; stop`,
  },
  {
    name: "munmap/per-page",
    what: "munmap() of written pages",
    unit: "page",
    nrUnits: PAGES,
    steps: `${WRITTEN}; start; unmap 0 ${PAGES}; stop`,
  },
  {
    name: "munmap/zero-page",
    what: "munmap() of pages that were only read",
    unit: "page",
    nrUnits: PAGES,
    steps: `map small ${PAGES}; read 0 ${PAGES} 1; start; unmap 0 ${PAGES}; stop`,
  },
  {
    name: "munmap/sparse",
    what: "munmap() of pages that have a page table each",
    unit: "page",
    nrUnits: SPARSE_BLOCKS,
    steps: `${SPARSE}; ${TOUCH_SPARSE}; start; unmap 0 ${SPARSE_BLOCKS * PAGES_PER_BLOCK}; stop`,
  },
  {
    name: "munmap/thp-2m",
    what: "munmap() of huge pages",
    unit: "huge page",
    nrUnits: BLOCKS,
    needs: "huge pages",
    steps: `${HUGE}; start; unmap 0 ${PAGES}; stop`,
  },
  {
    name: "thp/split",
    what: "mprotect() of one page of each huge page",
    unit: "huge page",
    nrUnits: BLOCKS,
    needs: "huge pages",
    steps: `${HUGE}; start; ${eachBlock((page) => `protect ${page + 7} 1`)}; stop`,
  },
  {
    name: "migrate/move-pages",
    what: "move_pages() to another node",
    unit: "page",
    nrUnits: PAGES,
    needs: "two nodes",
    steps: `${WRITTEN}; start; move 0 ${PAGES} 1; stop`,
  },
];

/** What prices are fitted to: those, and the cheapest ways to spend a unit of some effort. */
export const PRIMITIVES: readonly HostProgram[] = [
  ...OPERATIONS,
  {
    name: "munmap/sparse-zero-page",
    what: "munmap() of pages that were only read and have a page table each",
    unit: "page",
    nrUnits: SPARSE_BLOCKS,
    steps:
      `${SPARSE}; ${TOUCH_SPARSE.replace("write", "read")}; ` +
      `start; unmap 0 ${SPARSE_BLOCKS * PAGES_PER_BLOCK}; stop`,
  },
  {
    name: "munmap/thp-entries",
    what: "munmap() of huge pages that single entries map",
    unit: "page",
    nrUnits: PAGES - BLOCKS,
    needs: "huge pages",
    // Dropping one page of a huge page leaves its mapping in one piece, and its entries single.
    steps: `${HUGE}; ${eachBlock((page) => `drop ${page + 7} 1`)}; start; unmap 0 ${PAGES}; stop`,
  },
];

/** What is predicted from those, and measured to see how well. */
export const COMPOSITES: readonly HostProgram[] = [
  {
    name: "fork-strided-cow",
    what: "fork 128 MiB, write each fourth page, end the child",
    unit: "page",
    nrUnits: 2 * PAGES,
    steps:
      `map small ${2 * PAGES}; write 0 ${2 * PAGES} 1; ` +
      `start; fork; write 0 ${2 * PAGES} 4; end; stop`,
  },
  {
    name: "two-writers",
    what: "fork, the parent writes each second page, the child all, the parent the others, end",
    unit: "page",
    nrUnits: PAGES,
    steps:
      `${WRITTEN}; start; fork; write 0 ${PAGES} 2; child write 0 ${PAGES} 1; ` +
      `write 1 ${PAGES - 1} 2; end; stop`,
  },
  {
    name: "thp-partial-unmap",
    what: "populate huge pages, munmap() half of each, then the rest",
    unit: "huge page",
    nrUnits: BLOCKS,
    needs: "huge pages",
    steps:
      `map huge ${PAGES}; start; write 0 ${PAGES} ${PAGES_PER_BLOCK}; ` +
      `${eachBlock((page) => `unmap ${page + 256} 256`)}; unmap 0 ${PAGES}; stop`,
  },
  {
    name: "thp-drop-and-refill",
    what: "populate huge pages, drop a quarter of each, write that again",
    unit: "huge page",
    nrUnits: BLOCKS,
    needs: "huge pages",
    steps:
      `map huge ${PAGES}; start; write 0 ${PAGES} ${PAGES_PER_BLOCK}; ` +
      `${eachBlock((page) => `drop ${page + 128} 128; write ${page + 128} 128 1`)}; stop`,
  },
];
