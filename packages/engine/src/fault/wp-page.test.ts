import {
  EFFORT_TLB_FLUSH,
  FRAME_KSM,
  PAGE_GEOMETRIES,
  type PageGeometry,
  VM_HUGEPAGE,
} from "@faultline/core";
import { describe, expect, test } from "vitest";
import { folioGet, folioPut } from "../folio/folio-alloc.ts";
import { SmallWorld } from "../test-kit/small-world.ts";
import { splitHugePmd } from "../thp/split-pmd.ts";

describe("writing a read-only small page", () => {
  test("the writer copies, the other side is not upgraded and reuses at its own write", () => {
    const small = new SmallWorld();
    small.map(1);
    small.write(0, 1);
    small.watch();
    const child = small.fork();
    small.events.length = 0;
    expect([small.leaf(0), small.leaf(0, child)]).toEqual(["P(r)", "P(r)"]);

    small.write(0, 2);
    expect(small.events).toEqual(["CLEAR 0-1"]);
    expect([small.leaf(0), small.leaf(0, child)]).toEqual(["P(w,ax)", "P(r)"]);
    expect([small.content(0), small.content(0, child)]).toEqual([2, 1]);

    const old = small.pfn(0, child);
    small.write(0, 3, child);
    expect(small.leaf(0, child)).toBe("P(w,ax)");
    expect(small.pfn(0, child)).toBe(old);
  });

  test.each([
    ["arm64-4k", 1],
    ["x86-4k", 0],
  ])("%s flushes %i times when the last user makes its page writable", (name, nrFlushes) => {
    const geometry = PAGE_GEOMETRIES.find((one) => one.name === name) as PageGeometry;
    const small = new SmallWorld({ geometry });
    small.map(1);
    small.write(0, 1);
    small.exit(small.fork());
    small.world.effort.clear();
    small.write(0, 2);
    expect(small.leaf(0)).toBe("P(w,ax)");
    const kinds = small.world.effort.kind.subarray(0, small.world.effort.length);
    expect(kinds.filter((kind) => kind === EFFORT_TLB_FLUSH).length).toBe(nrFlushes);
  });

  test("reuse moves the page to the VMA's own anon_vma", () => {
    const small = new SmallWorld();
    small.map(1);
    small.write(0, 1);
    const child = small.fork();
    small.exit(small.task);
    small.write(0, 2, child);
    const owner = small.world.frames.rmapOwner(small.pfn(0, child));
    expect(owner).toBe(child.mm.vmas[0]?.anonVma?.id);
  });

  test("a foreign reference or a KSM page is copied even with one mapping", () => {
    for (const spoil of ["reference", "ksm"]) {
      const small = new SmallWorld();
      small.map(1);
      small.write(0, 1);
      small.exit(small.fork());
      const pfn = small.pfn(0);
      if (spoil === "reference") folioGet(small.world, pfn);
      else small.world.frames.addFlags(pfn, FRAME_KSM);
      small.write(0, 2);
      expect(small.pfn(0), spoil).not.toBe(pfn);
      expect(small.leaf(0)).toBe("P(w,ax)");
      if (spoil === "reference") folioPut(small.world, pfn);
      expect(small.world.frames.isFree(pfn)).toBe(true);
    }
  });

  test("a write to the zero page allocates and notifies", () => {
    const small = new SmallWorld();
    small.map(2);
    small.read(0);
    small.watch();
    small.write(0, 5);
    expect(small.events).toEqual(["CLEAR 0-1"]);
    expect(small.leaf(0)).toBe("P(w,ax)");
    expect(small.content(0)).toBe(5);
  });
});

describe("writing a read-only huge leaf", () => {
  function forkedBlock(): { small: SmallWorld; child: ReturnType<SmallWorld["fork"]> } {
    const small = new SmallWorld();
    small.map(small.world.blockPages, { flags: VM_HUGEPAGE });
    small.write(0, 1);
    small.write(9, 9);
    return { small, child: small.fork() };
  }

  test("shared: the leaf is split and one page is copied", () => {
    const { small, child } = forkedBlock();
    small.watch();
    small.write(0, 2);
    const { blockPages } = small.world;
    expect(small.events).toEqual([`CLEAR 0-${blockPages}`, "CLEAR 0-1"]);
    expect([small.leaf(0), small.leaf(9), small.leaf(0, child)]).toEqual([
      "P(w,ax)",
      "P(r)",
      "H(r)",
    ]);
    expect([small.content(0), small.content(9), small.content(0, child)]).toEqual([2, 9, 1]);
    expect(small.world.frames.order(small.pfn(0))).toBe(0);
  });

  test("alone again: the whole folio becomes writable in place, without an event", () => {
    const { small, child } = forkedBlock();
    small.exit(child);
    small.watch();
    const head = small.pfn(0);
    small.write(3, 3);
    expect(small.leaf(0)).toBe("H(w,ax)");
    expect(small.pfn(0)).toBe(head);
    expect(small.events).toEqual([]);
  });

  test("a PTE-mapped folio of one process is reused page by page", () => {
    const { small, child } = forkedBlock();
    const vma = small.task.mm.vmas[0];
    if (vma === undefined) throw new Error("no VMA");
    splitHugePmd(small.world, vma, vma.vmStart, false);
    small.exit(child);
    const tail = small.pfn(9);
    small.write(9, 10);
    expect(small.pfn(9)).toBe(tail);
    expect([small.leaf(9), small.leaf(10)]).toEqual(["P(w,ax)", "P(r)"]);
  });

  test("the third process to map a folio copies even when it is the only one left", () => {
    const { small, child } = forkedBlock();
    const third = small.fork();
    const vma = third.mm.vmas[0];
    if (vma === undefined) throw new Error("no VMA");
    splitHugePmd(small.world, vma, vma.vmStart, false);
    small.exit(small.task);
    small.exit(child);
    const shared = small.pfn(9, third);
    small.write(9, 10, third);
    expect(small.pfn(9, third)).not.toBe(shared);
    expect(small.world.frames.order(small.pfn(9, third))).toBe(0);
  });
});
