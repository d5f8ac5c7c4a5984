import {
  createOwnerSpace,
  DevPagemap,
  type DevPagemapOps,
  FRAME_LOCKED,
  LEAF_DEVICE_PRIVATE,
  LEAF_MARKER,
  LEAF_MIGRATION,
  LEAF_PRESENT,
  LEAF_WRITE,
  LEAF_YOUNG,
  MARKER_GUARD,
  MARKER_POISON,
  MARKER_UFFD_WP,
  MEMORY_DEVICE_PRIVATE,
  VM_UFFD_MISSING,
  VM_UFFD_WP,
} from "@faultline/core";
import { describe, expect, test } from "vitest";
import { allocFolioFor } from "../folio/folio-alloc.ts";
import { folioRefCount } from "../folio/folio-count.ts";
import { makeDeviceExclusive } from "../gup/make-device-exclusive.ts";
import { folioAddNewAnonRmap, folioRemoveRmapPte } from "../rmap/add-remove.ts";
import { pageoutFolio } from "../swap/pageout-folio.ts";
import { BASE, SmallWorld } from "../test-kit/small-world.ts";
import { ACCESS_SEGV_MAPERR, ACCESS_SIGBUS, ACCESS_WAIT } from "./cpu-access.ts";
import type { FaultContext } from "./fault-context.ts";
import { FAULT_FLAG_USER, VM_FAULT_OOM } from "./fault-flags.ts";

describe("swapped pages", () => {
  test("an exclusive page comes back writable on a read", () => {
    const small = new SmallWorld({ nrSwapPages: 64 });
    small.map(1);
    small.write(0, 4);
    expect(pageoutFolio(small.world, small.pfn(0))).toBe(true);
    expect(small.leaf(0)).toBe("S(ax)");
    small.read(0);
    expect(small.leaf(0)).toBe("P(w,ax)");
    expect(small.content(0)).toBe(4);
    expect(small.world.swap?.nrFree).toBe(64);
  });

  test("a slot shared by fork comes back read-only, and from the cache for the second", () => {
    const small = new SmallWorld({ nrSwapPages: 64 });
    small.map(1);
    small.write(0, 4);
    pageoutFolio(small.world, small.pfn(0));
    const child = small.fork();
    small.read(0);
    expect([small.leaf(0), small.leaf(0, child)]).toEqual(["P(r)", "S"]);
    small.read(0, child);
    expect(small.pfn(0, child)).toBe(small.pfn(0));
    expect(small.world.swap?.nrFree).toBe(64);
    small.write(0, 5, child);
    expect([small.content(0), small.content(0, child)]).toEqual([4, 5]);
  });
});

/** A device page in place of page 0, and a driver that answers with `answers`, one per fault. */
function onDevice(answers: number[]): { small: SmallWorld; faults: FaultContext[]; pfn: number } {
  const small = new SmallWorld();
  const vma = small.map(2);
  small.write(0, 8);
  const { world } = small;
  const faults: FaultContext[] = [];
  const ops: DevPagemapOps<FaultContext> = {
    migrateToRam(fault: FaultContext): number {
      faults.push(fault);
      const answer = answers.shift() ?? 0;
      expect(world.frames.flags(fault.pfn) & FRAME_LOCKED).toBe(FRAME_LOCKED);
      expect(folioRefCount(world, fault.pfn)).toBe(2);
      if (answer !== 0) return answer;
      const back = allocFolioFor(world, fault.task, fault.vma, 0);
      world.frames.setContent(back, world.frames.content(fault.pfn));
      folioRemoveRmapPte(world, fault.pfn, fault.vma.vmMm);
      folioAddNewAnonRmap(world, back, fault.vma, fault.page);
      fault.vma.vmMm.pageTable.set(fault.page, LEAF_PRESENT | LEAF_WRITE | LEAF_YOUNG, back);
      return 0;
    },
    folioFree(head: number): void {
      world.frames.setContent(head, 0);
    },
  };
  const pgmap = new DevPagemap(MEMORY_DEVICE_PRIVATE, createOwnerSpace("gpu"), 0, ops);
  const device = world.addDeviceChunks(pgmap, 1) + 64;
  const old = small.pfn(0);
  world.frames.setContent(device, world.frames.content(old));
  folioAddNewAnonRmap(world, device, vma, BASE);
  small.task.mm.pageTable.set(BASE, LEAF_DEVICE_PRIVATE | LEAF_WRITE, device);
  return { small, faults, pfn: device };
}

describe("device-private pages", () => {
  test("the driver is asked with the folio locked and referenced once", () => {
    const { small, faults, pfn } = onDevice([]);
    expect(small.read(0)).toBe(0);
    expect(small.content(0)).toBe(8);
    expect(faults).toMatchObject([{ page: BASE, pfn, isPmd: false, flags: FAULT_FLAG_USER }]);
    expect(small.world.frames.flags(pfn) & FRAME_LOCKED).toBe(0);
    expect(folioRefCount(small.world, pfn)).toBe(0);
  });

  test("VM_FAULT_OOM of the driver is tried again at once", () => {
    const { small, faults } = onDevice([VM_FAULT_OOM]);
    expect(small.write(0, 9)).toBe(0);
    expect(faults).toHaveLength(2);
  });

  test("a driver that never gets its page back makes the access wait", () => {
    const { small } = onDevice(Array.from({ length: 100 }, () => VM_FAULT_OOM));
    expect(small.read(0)).toBe(ACCESS_WAIT);
  });

  test("a folio somebody else has locked is waited for, and nothing changes", () => {
    const { small, faults, pfn } = onDevice([]);
    small.world.frames.addFlags(pfn, FRAME_LOCKED);
    expect(small.read(0)).toBe(ACCESS_WAIT);
    expect(small.world.pendingWait).toEqual({ reason: "folio-lock", object: pfn });
    expect(faults).toEqual([]);
    small.world.frames.clearFlags(pfn, FRAME_LOCKED);
    expect(small.read(0)).toBe(0);
  });
});

describe("device-exclusive pages", () => {
  test("a CPU read takes the page back writable, with an event for it alone", () => {
    const small = new SmallWorld();
    small.map(2);
    small.write(0, 6);
    const { world, task } = small;
    makeDeviceExclusive(world, task, task.mm, BASE, null);
    small.watch();
    expect(small.read(0)).toBe(0);
    expect(small.leaf(0)).toBe("P(w,ax)");
    expect(small.content(0)).toBe(6);
    expect(small.events).toEqual(["CLEAR 0-1"]);
  });

  test("it stays read-only when the VMA lost its write permission", () => {
    const small = new SmallWorld();
    const vma = small.map(1);
    small.write(0, 6);
    makeDeviceExclusive(small.world, small.task, small.task.mm, BASE, null);
    vma.vmFlags &= ~2;
    expect(small.read(0)).toBe(0);
    expect(small.leaf(0)).toBe("P(r,ax)");
  });
});

describe("markers and migration entries", () => {
  test.each([
    [MARKER_GUARD, ACCESS_SEGV_MAPERR],
    [MARKER_POISON, ACCESS_SIGBUS],
  ])("marker %i answers %i to reads and writes", (marker, answer) => {
    const small = new SmallWorld();
    small.map(1);
    small.task.mm.pageTable.set(BASE, LEAF_MARKER, marker);
    expect([small.read(0), small.write(0, 1)]).toEqual([answer, answer]);
    expect(small.leaf(0)).toBe(`K${marker}`);
  });

  test("a migration entry is waited for", () => {
    const small = new SmallWorld();
    small.map(1);
    small.task.mm.pageTable.set(BASE, LEAF_MIGRATION, 1234);
    expect(small.read(0)).toBe(ACCESS_WAIT);
    expect(small.world.pendingWait).toEqual({ reason: "migration-entry", object: 1234 });
  });

  test("a write-protection marker gives a protected page, or nothing once unregistered", () => {
    for (const isRegistered of [true, false]) {
      const small = new SmallWorld();
      const vma = small.map(1, { flags: isRegistered ? VM_UFFD_WP : 0 });
      const featureSigbus = true;
      vma.uffdCtx = {
        id: 1,
        featureSigbus,
        featureWpAsync: false,
        featureWpUnpopulated: true,
        released: false,
      };
      small.task.mm.pageTable.set(BASE, LEAF_MARKER, MARKER_UFFD_WP);
      expect(small.write(0, 1)).toBe(isRegistered ? ACCESS_SIGBUS : 0);
      expect(small.leaf(0)).toBe(isRegistered ? "P(r,ax)+wp" : "P(w,ax)");
    }
  });

  test("asynchronous write protection is resolved by the kernel", () => {
    const small = new SmallWorld();
    const vma = small.map(1, { flags: VM_UFFD_WP });
    vma.uffdCtx = {
      id: 1,
      featureSigbus: false,
      featureWpAsync: true,
      featureWpUnpopulated: true,
      released: false,
    };
    small.task.mm.pageTable.set(BASE, LEAF_MARKER, MARKER_UFFD_WP);
    expect(small.write(0, 1)).toBe(0);
    expect(small.leaf(0)).toBe("P(w,ax)");
  });

  test("a missing page belongs to the monitor: SIGBUS if asked for, else a wait for it", () => {
    for (const featureSigbus of [true, false]) {
      const small = new SmallWorld();
      const vma = small.map(1, { flags: VM_UFFD_MISSING });
      vma.uffdCtx = {
        id: 1,
        featureSigbus,
        featureWpAsync: false,
        featureWpUnpopulated: false,
        released: false,
      };
      expect(small.read(0)).toBe(featureSigbus ? ACCESS_SIGBUS : ACCESS_WAIT);
      if (!featureSigbus) expect(small.world.pendingWait?.reason).toBe("userfault");
      expect(small.leaf(0)).toBe("N");
    }
  });
});
