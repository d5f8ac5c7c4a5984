// Worked examples of the effort log: what an operation spends, item by item, in order.
import { formatEffort, type WorldSpec } from "@faultline/core";
import { beforeEach, describe, expect, it } from "vitest";
import { HmmRange } from "./hmm/hmm-range.ts";
import { hmmRangeFault } from "./hmm/hmm-range-fault.ts";
import { HMM_PFN_REQ_FAULT, HMM_PFN_REQ_WRITE } from "./hmm/hmm-pfn.ts";
import { BASE, SmallWorld } from "./test-kit/small-world.ts";
import { runToCompletion } from "./verb.ts";
import { sysMadvise } from "./vma/sys-madvise.ts";
import { sysMprotect } from "./vma/sys-mprotect.ts";
import { sysMunmap } from "./vma/sys-munmap.ts";
import { sysMovePages } from "./numa/sys-move-pages.ts";

let small: SmallWorld;

/** What was spent since the last call, one line for each item. */
function spent(): string[] {
  const { effort } = small.world;
  const lines = effort.items().map(formatEffort);
  expect(effort.truncated).toBe(false);
  effort.clear();
  return lines;
}

/** A world with `nrPages` mapped and the first `nrWritten` of them written. */
function setUp(nrPages: number, nrWritten: number, spec: WorldSpec = {}): void {
  small = new SmallWorld(spec);
  small.map(nrPages);
  for (let page = 0; page < nrWritten; page++) small.write(page, page + 1);
  small.world.effort.clear();
}

function munmap(nrPages: number): void {
  runToCompletion(sysMunmap(small.world, small.task, BASE, nrPages));
}

describe("small pages", () => {
  beforeEach(() => setUp(16, 0));

  it("first touch: an anon_vma, a zeroed page, and tables of three levels", () => {
    small.write(0, 1);
    expect(spent()).toEqual([
      "fault_entry 1",
      "table_alloc 3",
      "lock 1, rmap",
      "folio_alloc 1, node 0",
      "page_zero 1, node 0",
      "pte_set 1",
    ]);
    small.write(1, 1);
    expect(spent()).toEqual([
      "fault_entry 1",
      "folio_alloc 1, node 0",
      "page_zero 1, node 0",
      "pte_set 1",
    ]);
  });

  it("reading what was never written: the shared zero page, and nothing is allocated", () => {
    small.write(0, 1);
    spent();
    small.read(1);
    expect(spent()).toEqual(["fault_entry 1", "pte_set 1"]);
  });

  it("writing to the zero page replaces a translation", () => {
    small.read(0);
    spent();
    small.write(0, 1);
    expect(spent()).toEqual([
      "fault_entry 1",
      "lock 1, rmap",
      "folio_alloc 1, node 0",
      "page_zero 1, node 0",
      "pte_set 1",
      "tlb_flush 1, cpus 0x1",
    ]);
  });

  it("a hit costs nothing", () => {
    small.write(0, 1);
    spent();
    small.write(0, 2);
    small.read(0);
    expect(spent()).toEqual([]);
  });
});

describe("fork and what follows", () => {
  beforeEach(() => setUp(16, 8));

  it("walks every entry of the mapping and sets one for each page that is there", () => {
    small.fork();
    expect(spent()).toEqual([
      "lock 1, mmap_write",
      "table_alloc 1",
      "lock 1, mmap_write",
      "vma_change 1",
      "lock 1, rmap",
      "table_alloc 3",
      "pte_walk 16",
      "pte_set 8",
      "tlb_flush 1, cpus 0x1",
    ]);
  });

  it("the first writer copies, the second one takes the page over", () => {
    const child = small.fork();
    spent();
    small.write(0, 1, child);
    expect(spent()).toEqual([
      "fault_entry 1",
      "folio_alloc 1, node 0",
      "page_copy 1, node 0 -> node 0",
      "pte_set 1",
      "tlb_flush 1, cpus 0x1",
    ]);
    small.write(0, 1);
    expect(spent()).toEqual(["fault_entry 1", "pte_set 1"]);
  });

  it("unmapping shared pages frees none of them", () => {
    small.fork();
    spent();
    munmap(16);
    expect(spent()).toEqual([
      "lock 1, mmap_write",
      "pte_walk 16",
      "pte_set 8",
      "tlb_flush 1, cpus 0x1",
      "vma_change 1",
      "table_free 2",
    ]);
  });
});

it("munmap walks the whole range, and frees pages and tables", () => {
  setUp(16, 8);
  munmap(16);
  expect(spent()).toEqual([
    "lock 1, mmap_write",
    "pte_walk 16",
    "folio_free 8, node 0",
    "pte_set 8",
    "tlb_flush 1, cpus 0x1",
    "vma_change 1",
    "table_free 2",
  ]);
});

it("mprotect sets the entries that change", () => {
  setUp(16, 8);
  runToCompletion(sysMprotect(small.world, small.task, BASE, 16, 1));
  expect(spent()).toEqual([
    "lock 1, mmap_write",
    "pte_walk 16",
    "pte_set 8",
    "tlb_flush 1, cpus 0x1",
  ]);
});

describe("huge pages", () => {
  beforeEach(() => setUp(512, 0, { settings: { thpEnabled: "always" } }));

  it("a fault zeroes all of the page and sets one entry", () => {
    small.write(0, 1);
    expect(spent()).toEqual([
      "fault_entry 1",
      "lock 1, rmap",
      "folio_alloc 1, order 9, node 0",
      "page_zero 512, node 0",
      "table_alloc 2",
      "pte_set 1, order 9",
    ]);
  });

  it("protecting a part splits the leaf", () => {
    small.write(0, 1);
    spent();
    runToCompletion(sysMprotect(small.world, small.task, BASE + 8, 1, 1));
    expect(spent().filter((line) => !line.startsWith("lock") && !line.startsWith("vma"))).toEqual([
      "split 1, order 9",
      "tlb_flush 1, order 9, cpus 0x1",
      "table_alloc 1",
      "pte_set 512",
      "pte_walk 1",
      "pte_set 1",
      "tlb_flush 1, cpus 0x1",
    ]);
  });

  it("munmap clears one entry", () => {
    small.write(0, 1);
    spent();
    munmap(512);
    expect(spent()).toEqual([
      "lock 1, mmap_write",
      "pte_set 1, order 9",
      "folio_free 1, order 9, node 0",
      "tlb_flush 1, cpus 0x1",
      "vma_change 1",
      "table_free 1",
    ]);
  });
});

describe("swap and nodes", () => {
  it("a page goes to swap and comes back to where its reader runs", () => {
    const nodes = [0, 1].map((cpu) => ({ nrPages: 2 ** 14, cpus: [cpu] }));
    setUp(1, 1, { nrSwapPages: 8, nodes });
    runToCompletion(sysMadvise(small.world, small.task, BASE, 1, "MADV_PAGEOUT"));
    expect(spent()).toEqual([
      "lock 1, mmap_read",
      "pte_walk 1",
      "rmap_visit 1",
      "pte_set 1",
      "tlb_flush 1, cpus 0x1",
      "swap_io 1, node 0 -> swap",
      "folio_free 1, node 0",
    ]);
    small.task.cpu = 1;
    small.read(0);
    expect(spent()).toEqual([
      "fault_entry 1",
      "folio_alloc 1, node 1",
      "swap_io 1, swap -> node 1",
      "pte_set 1",
    ]);
  });

  it("moving a page to another node", () => {
    const nodes = [0, 1].map((cpu) => ({ nrPages: 2 ** 14, cpus: [cpu] }));
    setUp(1, 1, { nodes });
    const request = { pages: [BASE], nodes: [1], status: new Int32Array(1) };
    runToCompletion(sysMovePages(small.world, small.task, request));
    expect(spent()).toEqual([
      "lock 1, mmap_read",
      "folio_alloc 1, node 1",
      "rmap_visit 1",
      "pte_set 1",
      "tlb_flush 1, cpus 0x1",
      "page_copy 1, node 0 -> node 1",
      "rmap_visit 1",
      "pte_set 1",
      "folio_free 1, node 0",
    ]);
  });
});

describe("hmm_range_fault", () => {
  it("a snapshot only walks; a fault on holes is as many faults without an exception", () => {
    setUp(8, 4);
    const { mm } = small.task;
    const range = (defaultFlags: number): HmmRange =>
      new HmmRange({ mm, start: BASE, end: BASE + 8, capacity: 8, defaultFlags });
    expect(hmmRangeFault(small.world, small.task, range(0))).toBe(0);
    expect(spent()).toEqual(["pte_walk 8"]);
    const write = HMM_PFN_REQ_FAULT | HMM_PFN_REQ_WRITE;
    expect(hmmRangeFault(small.world, small.task, range(write))).toBe(0);
    const page = ["folio_alloc 1, node 0", "page_zero 1, node 0", "pte_set 1"];
    expect(spent()).toEqual(["pte_walk 8", ...page, ...page, ...page, ...page, "pte_walk 4"]);
  });
});
