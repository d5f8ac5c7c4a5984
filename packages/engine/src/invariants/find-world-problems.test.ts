// A check that cannot fail checks nothing: every rule is broken by hand once, and must be named.
import {
  FRAME_ANON_EXCLUSIVE,
  FRAME_LOCKED,
  InvariantError,
  LEAF_MIGRATION,
  LEAF_PRESENT,
  LEAF_WRITE,
  LEAF_TABLE,
  MmuNotifierSubscriptions,
  VM_WRITE,
  type VmAreaStruct,
} from "@faultline/core";
import { beforeEach, describe, expect, it } from "vitest";
import { folioMarkAccessed } from "../folio/mark-accessed.ts";
import { BASE, SmallWorld } from "../test-kit/small-world.ts";
import { runToCompletion } from "../verb.ts";
import { sysMadvise } from "../vma/sys-madvise.ts";
import { sysMmap } from "../vma/sys-mmap.ts";
import { sysMunmap } from "../vma/sys-munmap.ts";
import { assertWorldConsistent, findWorldProblems } from "./find-world-problems.ts";

const THP_PAGE = 512;
const SHARED_PAGE = 2048;

let small: SmallWorld;
let vma: VmAreaStruct;

/** Ids of the broken rules, each once. */
function broken(): string[] {
  return [...new Set(findWorldProblems(small.world).map((problem) => problem.rule))].sort();
}

/** Small pages, a huge one, shared memory, swap, and a child that shares all of them. */
beforeEach(() => {
  small = new SmallWorld({ nrSwapPages: 64 });
  small.map(1024);
  const { world, task } = small;
  runToCompletion(sysMadvise(world, task, BASE + THP_PAGE, 512, "MADV_HUGEPAGE"));
  runToCompletion(
    sysMmap(world, task, { start: BASE + SHARED_PAGE, nrPages: 4, prot: 3, shared: true }),
  );
  for (const page of [0, 1, 2, 3, THP_PAGE, SHARED_PAGE]) small.write(page, page + 1);
  runToCompletion(sysMadvise(world, task, BASE + 3, 1, "MADV_PAGEOUT"));
  small.fork();
  small.write(0, 7);
  vma = small.task.mm.vmaAt(BASE) as VmAreaStruct;
});

it("a world that only verbs have changed is consistent", () => {
  expect(small.leaf(3)).toBe("S");
  expect(small.leaf(THP_PAGE)).toBe("H(r)");
  expect(findWorldProblems(small.world)).toEqual([]);
  expect(() => assertWorldConsistent(small.world)).not.toThrow();
});

it("all problems are told at once, with their places", () => {
  const { world } = small;
  world.frames.addPageMapcount(small.pfn(1), 1);
  world.frames.addFlags(small.pfn(0), FRAME_LOCKED);
  expect(() => assertWorldConsistent(world)).toThrow(InvariantError);
  expect(() => assertWorldConsistent(world)).toThrow(
    /mapcount: mapcount is 3, not 2 \(frame \d+\)[^]*|lock-at-rest/,
  );
  expect(broken()).toEqual(["lock-at-rest", "mapcount"]);
});

describe("entries", () => {
  it("must lie in mappings and count as mappings", () => {
    small.task.mm.pageTable.set(BASE + 1500, LEAF_PRESENT, small.pfn(0));
    expect(broken()).toEqual(["leaf-outside"]);
  });

  it("must not name free frames", () => {
    const { world } = small;
    const free = world.buddies[0]?.alloc(0) ?? 0;
    world.buddies[0]?.free(free, 0);
    small.task.mm.pageTable.set(BASE + 9, LEAF_PRESENT, free);
    expect(broken()).toEqual(["leaf-frame"]);
  });

  it("must not be left by a migration", () => {
    small.task.mm.pageTable.set(BASE + 9, LEAF_MIGRATION, small.pfn(0));
    expect(broken()).toEqual(["migration-at-rest"]);
  });

  it("must not allow more than the page and the mapping do", () => {
    small.task.mm.pageTable.set(BASE + 1, LEAF_PRESENT | LEAF_WRITE, small.pfn(1));
    expect(broken()).toEqual(["writable-exclusive"]);
    vma.vmFlags &= ~VM_WRITE;
    expect(broken()).toEqual(["leaf-rights", "writable-exclusive"]);
  });
});

describe("frames", () => {
  it("count their mappings and references", () => {
    const { frames } = small.world;
    frames.addPageMapcount(small.pfn(1), 1);
    frames.addExtraRefs(small.pfn(SHARED_PAGE), 1);
    expect(broken()).toEqual(["mapcount", "refcount"]);
  });

  it("are pinned only while in use", () => {
    small.world.frames.pins.set(small.pfn(1), 2);
    expect(broken()).toEqual(["pins", "refcount"]);
  });

  it("may be referenced by declared holders", () => {
    const { world } = small;
    world.frames.addExtraRefs(small.pfn(1), 2);
    const holder = { pageTables: [], refs: new Map([[small.pfn(1), 2]]) };
    expect(findWorldProblems(world, { holders: [holder] })).toEqual([]);
  });

  it("are exclusive to one mapping", () => {
    small.world.frames.addFlags(small.pfn(1), FRAME_ANON_EXCLUSIVE);
    expect(broken()).toEqual(["anon-exclusive-shared"]);
  });

  it("are not lost", () => {
    expect(small.world.buddies[0]?.alloc(0)).not.toBe(0);
    expect(broken()).toEqual(["folio-lost"]);
  });

  it("are not freed twice, nor while in use", () => {
    const { world } = small;
    world.buddies[0]?.free(small.pfn(0), 0);
    expect(broken()).toEqual(["frame-owned-twice", "leaf-frame"]);
  });

  it("are counted when they are free", () => {
    const [buddy] = small.world.buddies;
    if (buddy !== undefined) buddy.nrFree++;
    expect(broken()).toEqual(["free-count"]);
  });

  it("leave the side tables when they are freed, in runs too", () => {
    const { world, task } = small;
    const pfn = small.pfn(0);
    folioMarkAccessed(world, pfn);
    folioMarkAccessed(world, pfn);
    expect(world.activeFolios.has(pfn)).toBe(true);
    runToCompletion(sysMunmap(world, task, BASE, 1));
    expect(world.activeFolios.size).toBe(0);
    world.activeFolios.add(pfn);
    expect(broken()).toEqual(["side-map"]);
  });
});

describe("large folios", () => {
  it("have a record that counts", () => {
    const { frames, largeFolios } = small.world;
    const record = frames.rmapOwner(small.pfn(THP_PAGE) + 1);
    largeFolios.entireMapcount[record] = 3;
    expect(broken()).toEqual(["large-mapcount"]);
    largeFolios.entireMapcount[record] = 2;
    largeFolios.mmCount1[record] = 7;
    expect(broken()).toEqual(["large-slots"]);
    largeFolios.mmCount1[record] = 1;
    largeFolios.maybeShared[record] = 0;
    expect(broken()).toEqual(["large-shared"]);
    largeFolios.maybeShared[record] = 1;
    largeFolios.alloc();
    expect(broken()).toEqual(["large-record"]);
  });

  it("keep their shape", () => {
    small.world.frames.setFlags(small.pfn(THP_PAGE) + 5, 0);
    expect(broken()).toEqual(["folio-shape"]);
  });
});

describe("everything around", () => {
  it("anon_vmas and VMAs know each other", () => {
    const { anonVma } = vma;
    anonVma?.chain.pop();
    expect(broken()).toContain("anon-vma-chain");
    vma.anonVmaChain = [];
    expect(broken()).toContain("rmap-lost");
  });

  it("anon_vmas count", () => {
    if (vma.anonVma !== null) vma.anonVma.numChildren++;
    small.world.createAnonVma(null);
    const messages = findWorldProblems(small.world).map((problem) => problem.message);
    expect(broken()).toEqual(["anon-vma-counts"]);
    expect(messages).toHaveLength(2);
  });

  it("files know their mappings and their cache", () => {
    const file = small.task.mm.vmaAt(BASE + SHARED_PAGE)?.vmFile;
    if (file === null || file === undefined) throw new Error("shared memory without a file");
    file.nrCached++;
    expect(broken()).toEqual(["cache-count"]);
    file.nrCached--;
    file.iMmap.pop();
    expect(broken()).toEqual(["file-mappings"]);
  });

  it("swap slots count their entries", () => {
    small.world.swap?.addCount(small.pfn(3), 1);
    expect(broken()).toEqual(["swap-count"]);
  });

  it("the swap cache and its pages know each other", () => {
    const slot = small.pfn(3);
    small.read(3);
    small.world.swap?.slotOfPfn.clear();
    expect(small.world.swap?.cachedPfn[slot]).not.toBe(0);
    expect(broken()).toEqual(["swap-cache"]);
  });

  it("page tables are not lost, nor shared", () => {
    const table = small.world.tables.alloc();
    expect(broken()).toEqual(["page-tables"]);
    small.world.tables.free(table);
    const { pageTable } = small.task.mm;
    pageTable.setSlot(BASE + 4096, LEAF_TABLE, pageTable.leafTable(BASE));
    expect(broken()).toEqual(["page-tables"]);
  });

  it("nothing is under way", () => {
    const { mm } = small.task;
    mm.mmapLock.readers++;
    mm.notifierSubscriptions = new MmuNotifierSubscriptions();
    mm.notifierSubscriptions.activeInvalidateRanges++;
    expect(broken()).toEqual(["interval-at-rest", "lock-at-rest"]);
  });

  it("mappings ascend", () => {
    const { vmas } = small.task.mm;
    vmas.reverse();
    expect(broken()).toContain("vma-order");
  });
});
