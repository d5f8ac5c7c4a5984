import { VM_HUGEPAGE, VM_NOHUGEPAGE, VM_UFFD_MISSING } from "@faultline/core";
import { describe, expect, test } from "vitest";
import { createUserfaultfd } from "../userfaultfd/userfaultfd.ts";
import { BASE, SmallWorld } from "../test-kit/small-world.ts";
import {
  ACCESS_SEGV_ACCERR,
  ACCESS_SEGV_MAPERR,
  ACCESS_SIGBUS,
  ACCESS_WAIT,
} from "./cpu-access.ts";

describe("first touch of a page", () => {
  test("a read maps the zero page and makes no anon_vma", () => {
    const small = new SmallWorld();
    const vma = small.map(4);
    expect(small.read(1)).toBe(0);
    expect(small.leaf(1)).toBe("Z");
    expect(small.content(1)).toBe(0);
    expect(vma.anonVma).toBeNull();
    expect(small.leaf(0)).toBe("N");
  });

  test("a write maps a fresh exclusive page and makes the anon_vma", () => {
    const small = new SmallWorld();
    const vma = small.map(4);
    small.watch();
    expect(small.write(2, 7)).toBe(0);
    expect(small.leaf(2)).toBe("P(w,ax)");
    expect(small.content(2)).toBe(7);
    expect(vma.anonVma).not.toBeNull();
    expect(small.events).toEqual([]);
  });

  test("a fresh page reads as zeros although its frame held something before", () => {
    const small = new SmallWorld();
    small.map(1);
    const child = small.fork();
    small.write(0, 99, child);
    const pfn = small.pfn(0, child);
    small.exit(child);
    small.write(0, 0);
    expect(small.pfn(0)).toBe(pfn);
    expect(small.content(0)).toBe(0);
  });

  test.each([
    ["", false, ACCESS_SEGV_ACCERR],
    ["", true, ACCESS_SEGV_ACCERR],
    ["r", true, ACCESS_SEGV_ACCERR],
    ["r", false, 0],
    ["w", false, 0],
    ["x", false, 0],
    ["rw", true, 0],
  ])("protection %j, write %j answers %i", (prot, isWrite, answer) => {
    const small = new SmallWorld();
    small.map(1, { prot });
    expect(isWrite ? small.write(0, 1) : small.read(0)).toBe(answer);
  });

  test.each([false, true])("one that a monitor blocks has made the table, write %j", (isWrite) => {
    const small = new SmallWorld();
    const vma = small.map(4, { flags: VM_UFFD_MISSING });
    vma.uffdCtx = createUserfaultfd(small.world, { sigbus: true, wpUnpopulated: true });
    expect(isWrite ? small.write(1, 7) : small.read(1)).toBe(ACCESS_SIGBUS);
    expect(small.leaf(1)).toBe("N");
    expect(small.task.mm.pageTable.hasPmdTable(BASE)).toBe(true);
  });

  test("nothing mapped there is SEGV_MAPERR", () => {
    const small = new SmallWorld();
    small.map(1);
    expect(small.read(1)).toBe(ACCESS_SEGV_MAPERR);
  });

  test("without memory the access waits for it instead of spinning", () => {
    const small = new SmallWorld({ nodes: [{ nrPages: 4096, cpus: [0] }] });
    small.map(8192);
    let page = 0;
    while (small.write(page, 1) === 0) page++;
    expect(small.write(page, 1)).toBe(ACCESS_WAIT);
    expect(small.world.pendingWait?.reason).toBe("allocation");
    expect(small.leaf(page - 1)).toBe("P(w,ax)");
  });
});

describe("first touch of a block", () => {
  test("a read maps the huge zero folio, a write replaces it and notifies the block", () => {
    const small = new SmallWorld();
    const { blockPages } = small.world;
    const vma = small.map(blockPages, { flags: VM_HUGEPAGE });
    small.watch();
    expect(small.read(5)).toBe(0);
    expect(small.leaf(0)).toBe("HZ");
    expect(vma.anonVma).not.toBeNull();
    expect(small.events).toEqual([]);
    expect(small.write(5, 3)).toBe(0);
    expect(small.leaf(0)).toBe("H(w,ax)");
    expect(small.events).toEqual([`CLEAR 0-${blockPages}`]);
    expect([small.content(5), small.content(6)]).toEqual([3, 0]);
  });

  test("a write maps a zeroed huge folio at once", () => {
    const small = new SmallWorld();
    small.map(small.world.blockPages, { flags: VM_HUGEPAGE });
    expect(small.write(0, 1)).toBe(0);
    expect(small.leaf(511)).toBe("H(w,ax)");
    expect(small.world.frames.order(small.pfn(0))).toBe(small.world.geometry.pmdOrder);
  });

  test.each([
    ["madvise", 0, "Z"],
    ["madvise", VM_HUGEPAGE, "HZ"],
    ["always", 0, "HZ"],
    ["always", VM_NOHUGEPAGE, "Z"],
    ["never", VM_HUGEPAGE, "Z"],
  ] as const)("enabled=%s with advice %i reads as %s", (thpEnabled, flags, leaf) => {
    const small = new SmallWorld({ settings: { thpEnabled } });
    small.map(small.world.blockPages, { flags });
    small.read(0);
    expect(small.leaf(0)).toBe(leaf);
  });

  test("a VMA that covers the block only in part gets single pages", () => {
    const small = new SmallWorld();
    const { blockPages } = small.world;
    small.map(blockPages, { at: 1, flags: VM_HUGEPAGE });
    small.write(1, 1);
    small.write(blockPages, 1);
    expect([small.leaf(1), small.leaf(blockPages)]).toEqual(["P(w,ax)", "P(w,ax)"]);
  });

  test("a block falls back to a page when no huge folio is left", () => {
    const small = new SmallWorld({ nodes: [{ nrPages: 2048, cpus: [0] }] });
    const { blockPages } = small.world;
    small.map(blockPages * 8, { flags: VM_HUGEPAGE });
    let block = 0;
    while (small.write(block * blockPages, 1) === 0 && small.leaf(block * blockPages)[0] === "H") {
      block++;
    }
    expect(small.leaf(block * blockPages)).toBe("P(w,ax)");
  });
});
