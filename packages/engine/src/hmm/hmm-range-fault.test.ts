import {
  createOwnerSpace,
  DevPagemap,
  EBUSY,
  EFAULT,
  EINVAL,
  EPERM,
  KERNEL_7_2_12,
  LEAF_DEVICE_EXCLUSIVE,
  LEAF_DEVICE_PRIVATE,
  LEAF_MARKER,
  LEAF_MIGRATION,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_PROTNONE,
  LEAF_SWAP,
  LEAF_WRITE,
  MARKER_GUARD,
  MARKER_POISON,
  MARKER_UFFD_WP,
  MEMORY_DEVICE_PRIVATE,
  MMU_NOTIFY_CLEAR,
  MmuIntervalNotifier,
  MmuNotifierSubscriptions,
  mmuIntervalSetSeq,
  type OwnerSpace,
  type TaskStruct,
  VM_IO,
  VM_PFNMAP,
  type VmAreaStruct,
  World,
  type WorldSpec,
} from "@faultline/core";
import { beforeEach, describe, expect, it } from "vitest";
import { cpuAccess } from "../fault/cpu-access.ts";
import { mmuNotifierInvalidateRangeEnd, mmuNotifierInvalidateRangeStart } from "../notify.ts";
import { runToCompletion } from "../verb.ts";
import { PROT_NONE, PROT_READ, PROT_WRITE } from "../vma/prot.ts";
import { sysMmap } from "../vma/sys-mmap.ts";
import {
  HMM_PFN_DMA_MAPPED,
  HMM_PFN_ERROR,
  HMM_PFN_REQ_FAULT,
  HMM_PFN_REQ_WRITE,
  HMM_PFN_VALID,
  HMM_PFN_WRITE,
  hmmPfnToMapOrder,
} from "./hmm-pfn.ts";
import { HmmRange, type HmmRangeSpec, hmmPfnWord } from "./hmm-range.ts";
import { HMM_WAIT, hmmRangeFault } from "./hmm-range-fault.ts";

const BASE = 0x200000;
const B = 512;
const RW: number = PROT_READ | PROT_WRITE;
const R = HMM_PFN_VALID;
const W: number = (HMM_PFN_VALID | HMM_PFN_WRITE) >>> 0;
const READ = HMM_PFN_REQ_FAULT;
const WRITE: number = HMM_PFN_REQ_FAULT | HMM_PFN_REQ_WRITE;

let world: World;
let task: TaskStruct;
let owner: OwnerSpace;
let devicePfn: number;

function setUp(spec: WorldSpec = {}): void {
  world = new World(spec);
  task = world.createTask(0);
  owner = createOwnerSpace("device");
  const ops = { migrateToRam: () => 0, folioFree: () => undefined };
  const pgmap = new DevPagemap(MEMORY_DEVICE_PRIVATE, owner, 0, ops);
  devicePfn = world.addDeviceChunks(pgmap, 1);
}

beforeEach(() => setUp());

function map(start: number, nrPages: number, prot: number = RW): VmAreaStruct {
  const request = { start, nrPages, prot, shared: false };
  expect(runToCompletion(sysMmap(world, task, request))).toBe(0);
  return task.mm.vmaAt(start) as VmAreaStruct;
}

function range(start: number, end: number, options: Partial<HmmRangeSpec> = {}): HmmRange {
  return new HmmRange({ mm: task.mm, start, end, devPrivateOwner: owner, ...options });
}

function run(request: HmmRange): number {
  return hmmRangeFault(world, task, request);
}

describe("what a snapshot says about a PTE", () => {
  const cases: readonly [string, number, number, number][] = [
    ["nothing", LEAF_NONE, 0, 0],
    ["a writable page", LEAF_PRESENT | LEAF_WRITE, 77, W],
    ["a read-only page", LEAF_PRESENT, 77, R],
    ["a hinting page", LEAF_PRESENT | LEAF_PROTNONE, 77, 0],
    ["a swapped page", LEAF_SWAP, 5, 0],
    ["a page under migration", LEAF_MIGRATION | LEAF_WRITE, 77, 0],
    ["an exclusive page", LEAF_DEVICE_EXCLUSIVE, 77, 0],
    ["a write-protection marker", LEAF_MARKER, MARKER_UFFD_WP, 0],
    ["a guard marker", LEAF_MARKER, MARKER_GUARD, 0],
    ["a poison marker", LEAF_MARKER, MARKER_POISON, 0],
  ];
  it.each(cases)("%s", (_name, bits, value, expected) => {
    map(BASE, B);
    task.mm.pageTable.set(BASE + 3, bits, value);
    const snapshot = range(BASE, BASE + 8);
    expect(run(snapshot)).toBe(0);
    expect(snapshot.flags[3]).toBe(expected);
    expect(snapshot.flags[2]).toBe(0);
  });

  it("reports the owner's private page as present and a foreign one as absent", () => {
    map(BASE, B);
    task.mm.pageTable.set(BASE, LEAF_DEVICE_PRIVATE | LEAF_WRITE, devicePfn + 9);
    const own = range(BASE, BASE + 1);
    expect(run(own)).toBe(0);
    expect([own.flags[0], own.pfns[0]]).toEqual([W, devicePfn + 9]);
    const foreign = range(BASE, BASE + 1, { devPrivateOwner: createOwnerSpace("other") });
    expect(run(foreign)).toBe(0);
    expect([foreign.flags[0], foreign.pfns[0]]).toEqual([0, 0]);
  });

  it("gives the kernel's 64-bit word", () => {
    map(BASE, B);
    task.mm.pageTable.set(BASE, LEAF_PRESENT | LEAF_WRITE, 0x1234);
    const snapshot = range(BASE, BASE + 1);
    expect(run(snapshot)).toBe(0);
    expect(hmmPfnWord(snapshot, 0)).toBe((1n << 63n) | (1n << 62n) | 0x1234n);
  });
});

describe("what a snapshot says about a block", () => {
  it("reports true frames and the order for a part of a present leaf", () => {
    map(BASE, B);
    task.mm.pageTable.setSlot(BASE, LEAF_PRESENT, 4096);
    const snapshot = range(BASE + 100, BASE + 132);
    expect(run(snapshot)).toBe(0);
    expect([snapshot.pfns[0], snapshot.pfns[31]]).toEqual([4196, 4227]);
    expect(hmmPfnToMapOrder(snapshot.flags[0] ?? 0)).toBe(9);
  });

  it("adds the offset inside a private block unless the preset has the defect", () => {
    for (const [spec, first] of [
      [{}, 100],
      [{ kernel: KERNEL_7_2_12 }, 0],
    ] as const) {
      setUp(spec);
      map(BASE, B);
      task.mm.pageTable.setSlot(BASE, LEAF_DEVICE_PRIVATE, devicePfn + B);
      const snapshot = range(BASE + 100, BASE + 132);
      expect(run(snapshot)).toBe(0);
      expect(snapshot.pfns[0]).toBe(devicePfn + B + first);
    }
  });

  it("calls a foreign private block an error, and an unreadable mapping or a gap too", () => {
    map(BASE, B);
    task.mm.pageTable.setSlot(BASE, LEAF_DEVICE_PRIVATE, devicePfn + B);
    map(BASE + 2 * B, B, PROT_NONE);
    map(BASE + 3 * B, B, PROT_WRITE);
    const snapshot = range(BASE, BASE + 4 * B, { devPrivateOwner: null });
    expect(run(snapshot)).toBe(0);
    expect(new Set(snapshot.flags)).toEqual(new Set([HMM_PFN_ERROR]));
  });

  it.each([
    ["VM_IO", VM_IO],
    ["VM_PFNMAP", VM_PFNMAP],
  ])("refuses %s mappings", (_name, flag) => {
    map(BASE, B).vmFlags |= flag;
    const snapshot = range(BASE, BASE + 1);
    expect(run(snapshot)).toBe(0);
    expect(snapshot.flags[0]).toBe(HMM_PFN_ERROR);
    expect(run(range(BASE, BASE + 1, { defaultFlags: READ }))).toBe(-EFAULT);
  });
});

describe("requests", () => {
  it("faults in what is missing and keeps what is there", () => {
    map(BASE, B);
    cpuAccess(world, task, BASE + 1, true);
    const request = range(BASE, BASE + 4, { defaultFlags: READ });
    expect(run(request)).toBe(0);
    expect(Array.from(request.flags)).toEqual([R, W, R, R]);
    expect([request.pfns[0], request.pfns[2]]).toEqual([world.zeroPfn, world.zeroPfn]);
  });

  it("faults for writing what is only readable", () => {
    map(BASE, B);
    cpuAccess(world, task, BASE, false);
    const request = range(BASE, BASE + 2, { defaultFlags: WRITE });
    expect(run(request)).toBe(0);
    expect(Array.from(request.flags)).toEqual([W, W]);
  });

  it("looks at single pages only through the mask, and keeps the caller's own flags", () => {
    map(BASE, B);
    const request = range(BASE, BASE + 4, { pfnFlagsMask: WRITE });
    request.flags[1] = WRITE | HMM_PFN_DMA_MAPPED;
    request.flags[2] = HMM_PFN_DMA_MAPPED;
    expect(run(request)).toBe(0);
    // The span from the first page that asks to the end of the block part is faulted in.
    expect(request.flags[0]).toBe(W);
    expect(request.flags[1]).toBe((W | HMM_PFN_DMA_MAPPED) >>> 0);
    expect(request.flags[2]).toBe((W | HMM_PFN_DMA_MAPPED) >>> 0);
    const unmasked = range(BASE + 8, BASE + 9);
    unmasked.flags[0] = WRITE;
    expect(run(unmasked)).toBe(0);
    expect(unmasked.flags[0]).toBe(0);
  });

  it("never faults the owner's own private page, not even for writing", () => {
    map(BASE, B);
    task.mm.pageTable.set(BASE, LEAF_DEVICE_PRIVATE, devicePfn);
    const request = range(BASE, BASE + 1, { defaultFlags: WRITE });
    expect(run(request)).toBe(0);
    expect(request.flags[0]).toBe(R);
  });

  it("answers by the first failing position and keeps what came before", () => {
    map(BASE, 4);
    map(BASE + 4, 4, PROT_READ);
    const request = range(BASE, BASE + 16, { defaultFlags: WRITE });
    expect(run(request)).toBe(-EPERM);
    expect(task.mm.pageTable.bits(BASE + 3) & LEAF_WRITE).not.toBe(0);
    expect(run(range(BASE + 4, BASE + 16, { defaultFlags: READ }))).toBe(-EFAULT);
    task.mm.pageTable.set(BASE + 5, LEAF_MARKER, MARKER_GUARD);
    expect(run(range(BASE + 5, BASE + 6, { defaultFlags: READ }))).toBe(-EFAULT);
    expect(run(range(BASE, BASE, { defaultFlags: READ }))).toBe(-EINVAL);
  });
});

describe("waiting and retrying", () => {
  it("waits for a migration entry and goes on where it stood", () => {
    map(BASE, B);
    for (const page of [BASE, BASE + 1]) cpuAccess(world, task, page, true);
    const { pageTable } = task.mm;
    const [bits, pfn] = [pageTable.bits(BASE + 1), pageTable.val(BASE + 1)];
    pageTable.set(BASE + 1, LEAF_MIGRATION | LEAF_WRITE, pfn);
    const request = range(BASE, BASE + 2, { defaultFlags: READ });
    expect(run(request)).toBe(HMM_WAIT);
    expect(world.pendingWait).toEqual({ reason: "migration-entry", object: pfn });
    expect(request.position).toBe(BASE + 1);
    expect(run(request)).toBe(HMM_WAIT);
    pageTable.set(BASE + 1, bits, pfn);
    expect(run(request)).toBe(0);
    expect(Array.from(request.flags)).toEqual([W, W]);
  });

  it("does not wait where nothing is asked for, not even at a huge migration entry", () => {
    map(BASE, 2 * B);
    task.mm.pageTable.setSlot(BASE, LEAF_MIGRATION, 4096);
    const snapshot = range(BASE, BASE + B);
    expect(run(snapshot)).toBe(0);
    expect(snapshot.flags[0]).toBe(0);
    expect(run(range(BASE + 7, BASE + 9, { defaultFlags: READ }))).toBe(HMM_WAIT);
  });

  it("answers EBUSY once its sequence is stale, and succeeds under a fresh one", () => {
    map(BASE, B);
    const { mm } = task;
    const subscriptions = new MmuNotifierSubscriptions();
    mm.notifierSubscriptions = subscriptions;
    const notifier = new MmuIntervalNotifier(mm, 0, 2 ** 40, (subscription, _range, seq) =>
      mmuIntervalSetSeq(subscription, seq),
    );
    subscriptions.insert(notifier);
    const request = range(BASE, BASE + 1, { notifier, defaultFlags: WRITE });
    request.restart(subscriptions.readBegin(notifier));
    const event = mmuNotifierInvalidateRangeStart(world, mm, MMU_NOTIFY_CLEAR, BASE, BASE + 1);
    expect(subscriptions.readBegin(notifier)).toBe(-1);
    mmuNotifierInvalidateRangeEnd(event);
    expect(run(request)).toBe(-EBUSY);
    request.restart(subscriptions.readBegin(notifier));
    expect(run(request)).toBe(0);
    // A copy on write raises an event of its own, so the first try after it is stale again.
    cpuAccess(world, task, BASE + 1, false);
    request.moveTo(BASE + 1, BASE + 2);
    request.restart(subscriptions.readBegin(notifier));
    expect(run(request)).toBe(-EBUSY);
    request.restart(subscriptions.readBegin(notifier));
    expect(run(request)).toBe(0);
    expect(request.flags[0]).toBe(W);
  });
});

describe("hugetlb", () => {
  it("reports the size even where nothing is, once the GiB has a table", () => {
    const request = { start: BASE, nrPages: 2 * B, prot: RW, shared: false, hugetlb: true };
    expect(runToCompletion(sysMmap(world, task, request))).toBe(0);
    const before = range(BASE, BASE + 1);
    expect(run(before)).toBe(0);
    expect(before.flags[0]).toBe(0);
    expect(cpuAccess(world, task, BASE, true)).toBe(0);
    const after = range(BASE + B - 1, BASE + B + 1);
    expect(run(after)).toBe(0);
    const order = (flags: number | undefined): number => hmmPfnToMapOrder(flags ?? 0);
    expect([order(after.flags[0]), order(after.flags[1])]).toEqual([9, 9]);
    expect((after.flags[0] ?? 0) & HMM_PFN_VALID).not.toBe(0);
    expect((after.flags[1] ?? 0) & HMM_PFN_VALID).toBe(0);
  });
});
