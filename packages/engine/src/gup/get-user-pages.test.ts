import {
  createOwnerSpace,
  DevPagemap,
  EAGAIN,
  EFAULT,
  EINVAL,
  ENOMEM,
  EOPNOTSUPP,
  LEAF_MARKER,
  LEAF_MIGRATION,
  LEAF_PRESENT,
  LEAF_WRITE,
  MARKER_GUARD,
  MEMORY_DEVICE_COHERENT,
  VM_HUGEPAGE,
} from "@faultline/core";
import { describe, expect, test } from "vitest";
import { createFile } from "../file/create-file.ts";
import { folioRefCount } from "../folio/folio-count.ts";
import { folioAddNewAnonRmap, folioRemoveRmapPte } from "../rmap/add-remove.ts";
import { BASE, SmallWorld } from "../test-kit/small-world.ts";
import { runToCompletion } from "../verb.ts";
import { GUP_WAIT } from "./gup-flags.ts";
import { makeDeviceExclusive } from "./make-device-exclusive.ts";
import { pinUserPages, unpinUserPages } from "./pin-user-pages.ts";
import { faultinPageRange, mmPopulate } from "./populate.ts";

const READ_ONLY = { write: false, longterm: true };
const READ_WRITE = { write: true, longterm: true };

function pin(small: SmallWorld, page: number, nrPages: number, request = READ_WRITE) {
  const { world, task } = small;
  return pinUserPages(world, task, task.mm, BASE + page, nrPages, request);
}

function populate(small: SmallWorld, from: number, to: number, isWrite: boolean): number {
  const { world, task } = small;
  return faultinPageRange(world, task, task.mm, BASE + from, BASE + to, isWrite);
}

describe("pins", () => {
  test("a write pin faults the pages in and holds them until they are given back", () => {
    const small = new SmallWorld();
    small.map(3);
    const { rc, pfns } = pin(small, 0, 3);
    expect(rc).toBe(3);
    expect(pfns).toEqual([small.pfn(0), small.pfn(1), small.pfn(2)]);
    expect(pfns.map((pfn) => small.world.frames.pinCount(pfn))).toEqual([1, 1, 1]);
    expect(small.task.mm.hasPinned).toBe(true);
    unpinUserPages(small.world, pfns);
    expect(pfns.map((pfn) => folioRefCount(small.world, pfn))).toEqual([1, 1, 1]);
  });

  test("a pinned page stays with its owner when the process forks", () => {
    const small = new SmallWorld();
    small.map(1);
    small.write(0, 5);
    pin(small, 0, 1);
    const pinned = small.pfn(0);
    const child = small.fork();
    expect([small.leaf(0), small.pfn(0)]).toEqual(["P(w,ax)", pinned]);
    expect(small.pfn(0, child)).not.toBe(pinned);
    expect(small.content(0, child)).toBe(5);
  });

  test("a lasting read-only pin of a shared page gets a copy, read-only and exclusive", () => {
    const small = new SmallWorld();
    small.map(2);
    small.write(0, 5);
    const child = small.fork();
    small.watch();
    small.events.length = 0;
    expect(pin(small, 0, 1, READ_ONLY).rc).toBe(1);
    expect([small.leaf(0), small.leaf(0, child)]).toEqual(["P(r,ax)", "P(r)"]);
    expect(small.events).toEqual(["CLEAR 0-1"]);
    expect(small.content(0)).toBe(5);
  });

  test("a lasting read-only pin of the zero page gets a page; a short one the zero page", () => {
    const small = new SmallWorld();
    small.map(2);
    small.read(0);
    small.read(1);
    const short = pin(small, 0, 1, { write: false, longterm: false });
    expect(short.pfns).toEqual([small.world.zeroPfn]);
    unpinUserPages(small.world, short.pfns);
    pin(small, 1, 1, READ_ONLY);
    expect([small.leaf(0), small.leaf(1)]).toEqual(["Z", "P(r,ax)"]);
  });

  test("what cannot be pinned: holes, forbidden access, guard regions", () => {
    const small = new SmallWorld();
    small.map(2);
    small.map(1, { at: 2, prot: "r" });
    small.map(1, { at: 3, prot: "" });
    small.map(1, { at: 4 });
    small.task.mm.pageTable.set(BASE + 4, LEAF_MARKER, MARKER_GUARD);
    expect(pin(small, 2, 1).rc).toBe(-EFAULT);
    expect(pin(small, 3, 1, READ_ONLY).rc).toBe(-EFAULT);
    expect(pin(small, 4, 1).rc).toBe(-EFAULT);
    expect(pin(small, 5, 1).rc).toBe(-EFAULT);
    const partial = pin(small, 0, 3);
    expect(partial.rc).toBe(2);
    expect(partial.pfns).toHaveLength(2);
  });

  test("a pin that has to wait holds nothing meanwhile", () => {
    const small = new SmallWorld();
    small.map(2);
    small.write(0, 1);
    small.task.mm.pageTable.set(BASE + 1, LEAF_MIGRATION, 77);
    expect(pin(small, 0, 2)).toEqual({ rc: GUP_WAIT, pfns: [] });
    expect(small.world.frames.pinCount(small.pfn(0))).toBe(0);
    small.task.mm.pageTable.set(BASE + 1, 0, 0);
    expect(pin(small, 0, 2).rc).toBe(2);
  });

  test("a lasting pin takes coherent device memory to the system first", () => {
    const small = new SmallWorld();
    const vma = small.map(1);
    small.write(0, 5);
    const { world } = small;
    const freed: number[] = [];
    const pgmap = new DevPagemap(MEMORY_DEVICE_COHERENT, createOwnerSpace("gpu"), 0, {
      migrateToRam: () => 0,
      folioFree: (head) => void freed.push(head),
    });
    const device = world.addDeviceChunks(pgmap, 1) + 8;
    const old = small.pfn(0);
    folioRemoveRmapPte(world, old, small.task.mm);
    folioAddNewAnonRmap(world, device, vma, BASE);
    world.frames.setContent(device, 5);
    small.task.mm.pageTable.set(BASE, LEAF_PRESENT | LEAF_WRITE, device);
    const short = pin(small, 0, 1, { write: true, longterm: false });
    expect(short.pfns).toEqual([device]);
    unpinUserPages(world, short.pfns);
    const lasting = pin(small, 0, 1);
    expect(lasting.rc).toBe(1);
    expect(world.frames.nodeOf(small.pfn(0))).toBe(0);
    expect(small.content(0)).toBe(5);
    expect(freed).toEqual([device]);
  });
});

describe("populating", () => {
  test("read faults in zero pages, write fresh pages", () => {
    const small = new SmallWorld();
    small.map(2);
    expect(populate(small, 0, 2, false)).toBe(0);
    expect([small.leaf(0), small.leaf(1)]).toEqual(["Z", "Z"]);
    expect(populate(small, 0, 1, true)).toBe(0);
    expect(small.leaf(0)).toBe("P(w,ax)");
  });

  test("its errors: forbidden, hole, signal", () => {
    const small = new SmallWorld();
    small.map(1, { prot: "r" });
    small.map(1, { at: 1 });
    small.task.mm.pageTable.set(BASE + 1, LEAF_MARKER, MARKER_GUARD);
    expect(populate(small, 0, 1, true)).toBe(-EINVAL);
    expect(populate(small, 0, 2, false)).toBe(-EFAULT);
    expect(populate(small, 3, 4, false)).toBe(-ENOMEM);
  });

  test("mlock writes to private memory, so sharing is broken; its errors are its own", () => {
    const small = new SmallWorld();
    small.map(1);
    small.write(0, 1);
    small.fork();
    small.map(1, { at: 1, prot: "" });
    const { world, task } = small;
    const lock = (from: number, to: number, ignore = false): number =>
      runToCompletion(mmPopulate(world, task, task.mm, BASE + from, BASE + to, ignore));
    expect(lock(0, 1)).toBe(0);
    expect(small.leaf(0)).toBe("P(w,ax)");
    expect(lock(0, 2)).toBe(-ENOMEM);
    expect(lock(0, 2, true)).toBe(0);
  });

  test("mlock without memory is EAGAIN", () => {
    const small = new SmallWorld({ nodes: [{ nrPages: 2048, cpus: [0] }] });
    small.map(4096);
    const { world, task } = small;
    expect(runToCompletion(mmPopulate(world, task, task.mm, BASE, BASE + 4096))).toBe(-EAGAIN);
  });
});

describe("make_device_exclusive", () => {
  const exclusive = (small: SmallWorld, page: number): number => {
    const { world, task } = small;
    return makeDeviceExclusive(world, task, task.mm, BASE + page, createOwnerSpace("gpu"));
  };

  test("breaks sharing, then installs the entry with an EXCLUSIVE event", () => {
    const small = new SmallWorld();
    small.map(1);
    small.write(0, 5);
    small.fork();
    small.watch();
    small.events.length = 0;
    const pfn = exclusive(small, 0);
    expect([small.leaf(0), small.pfn(0)]).toEqual(["X", pfn]);
    expect(small.events).toEqual(["CLEAR 0-1", "EXCLUSIVE 0-1"]);
    expect(folioRefCount(small.world, pfn)).toBe(1);
    expect(small.world.frames.isAnonExclusive(pfn)).toBe(true);
  });

  test("splits a huge leaf and keeps its folio", () => {
    const small = new SmallWorld();
    const { blockPages } = small.world;
    small.map(blockPages, { flags: VM_HUGEPAGE });
    small.write(0, 1);
    small.watch();
    const pfn = exclusive(small, 3);
    expect(small.events).toEqual([`CLEAR 0-${blockPages}`, "EXCLUSIVE 3-4"]);
    expect([small.leaf(2), small.leaf(3)]).toEqual(["P(w,ax)", "X"]);
    expect(small.world.frames.order(pfn)).toBe(small.world.geometry.pmdOrder);
  });

  test("an exclusive page that is taken again is restored in between", () => {
    const small = new SmallWorld();
    small.map(1);
    small.write(0, 5);
    const pfn = exclusive(small, 0);
    small.watch();
    expect(exclusive(small, 0)).toBe(pfn);
    expect(small.events).toEqual(["CLEAR 0-1", "EXCLUSIVE 0-1"]);
  });

  test("shared memory is EOPNOTSUPP, read-only memory and holes are EFAULT", () => {
    const small = new SmallWorld();
    small.map(1, { shared: true, file: createFile(small.world, "shmem", 1) });
    small.map(1, { at: 1, prot: "r" });
    expect(exclusive(small, 0)).toBe(-EOPNOTSUPP);
    expect(exclusive(small, 1)).toBe(-EFAULT);
    expect(exclusive(small, 2)).toBe(-EFAULT);
    expect(folioRefCount(small.world, small.pfn(0))).toBe(2);
  });
});
