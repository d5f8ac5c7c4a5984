import { LEAF_PROTNONE, LEAF_WRITE, leafKind, LEAF_TABLE, VM_HUGEPAGE } from "@faultline/core";
import { describe, expect, test } from "vitest";
import { BASE, SmallWorld } from "../test-kit/small-world.ts";
import { splitHugePmd } from "../thp/split-pmd.ts";

const TWO_NODES = {
  nodes: [
    { nrPages: 16384, cpus: [0] },
    { nrPages: 16384, cpus: [1] },
  ],
};

/** What the scanner does to an entry: no write right, and a hint. */
function hint(small: SmallWorld, page: number): void {
  const { pageTable } = small.task.mm;
  const at = BASE + page;
  const slot = pageTable.slotBits(at);
  if (leafKind(slot) === LEAF_TABLE) {
    pageTable.set(at, (pageTable.bits(at) & ~LEAF_WRITE) | LEAF_PROTNONE, pageTable.val(at));
  } else {
    pageTable.setSlot(at, (slot & ~LEAF_WRITE) | LEAF_PROTNONE, pageTable.slotVal(at));
  }
}

describe("hint faults", () => {
  test("a local page is restored, writable on a read", () => {
    const small = new SmallWorld(TWO_NODES);
    small.map(1);
    small.write(0, 1);
    hint(small, 0);
    expect(small.leaf(0)).toBe("PN(r,ax)");
    small.read(0);
    expect(small.leaf(0)).toBe("P(w,ax)");
  });

  test("a remote page moves and comes back read-only, then writable in place", () => {
    const small = new SmallWorld(TWO_NODES);
    small.map(1);
    small.write(0, 7);
    hint(small, 0);
    small.task.cpu = 1;
    small.read(0);
    expect(small.world.frames.nodeOf(small.pfn(0))).toBe(1);
    expect(small.leaf(0)).toBe("P(r,ax)");
    const moved = small.pfn(0);
    expect(small.content(0)).toBe(7);
    small.write(0, 8);
    expect([small.leaf(0), small.pfn(0)]).toEqual(["P(w,ax)", moved]);
  });

  test("a page shared by fork is restored read-only", () => {
    const small = new SmallWorld(TWO_NODES);
    small.map(1);
    small.write(0, 1);
    small.fork();
    hint(small, 0);
    small.read(0);
    expect(small.leaf(0)).toBe("P(r)");
  });

  test("a huge leaf is restored, or moved whole", () => {
    for (const cpu of [0, 1]) {
      const small = new SmallWorld(TWO_NODES);
      small.map(small.world.blockPages, { flags: VM_HUGEPAGE });
      small.write(0, 1);
      hint(small, 0);
      small.task.cpu = cpu;
      small.read(17);
      expect(small.leaf(0)).toBe(cpu === 0 ? "H(w,ax)" : "H(r,ax)");
      expect(small.world.frames.nodeOf(small.pfn(0))).toBe(cpu);
    }
  });

  test("one fault restores every hinted page of a large folio", () => {
    const small = new SmallWorld(TWO_NODES);
    const { blockPages } = small.world;
    const vma = small.map(blockPages, { flags: VM_HUGEPAGE });
    small.write(0, 1);
    splitHugePmd(small.world, vma, BASE, false);
    for (let page = 0; page < 20; page++) hint(small, page);
    small.read(3);
    const leaves = Array.from({ length: blockPages }, (_, page) => small.leaf(page));
    expect(new Set(leaves)).toEqual(new Set(["P(w,ax)"]));
  });
});
