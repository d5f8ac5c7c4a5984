// What is peculiar to the test driver: which events it ignores, what it erases, how its device
// memory grows and fails.
import { EINVAL, ENOENT, ENOMEM, KERNEL_7_2_12, World, type WorldSpec } from "@faultline/core";
import {
  cpuAccess,
  MADV_DONTNEED,
  MADV_HUGEPAGE,
  PROT_READ,
  PROT_WRITE,
  runToCompletion,
} from "@faultline/engine";
import { beforeEach, describe, expect, it } from "vitest";
import { type Dmirror, HMM_DMIRROR_FLAG_FAIL_ALLOC } from "./dmirror.ts";
import { DmirrorDevice } from "./dmirror-device.ts";
import { dmirrorExclusive } from "./dmirror-exclusive.ts";
import { dmirrorClose, dmirrorRelease, dmirrorSetFlags } from "./dmirror-open-close.ts";
import { dmirrorRead, dmirrorWrite } from "./dmirror-read-write.ts";
import { dmirrorMigrateToDevice } from "./dmirror-to-device.ts";
import { dmirrorMigrateToSystem } from "./dmirror-to-system.ts";
import { DPT_ATOMIC, DPT_READ, DPT_WRITE } from "./mirror-table.ts";
import { SelftestProcess } from "./selftest-process.ts";

const RW: number = PROT_READ | PROT_WRITE;
const token = (i: number): number => 0x100 + i;

let world: World;
let device: DmirrorDevice;
let process: SelftestProcess;
let fd: Dmirror;

function setUp(isCoherent = false, spec: WorldSpec = {}): void {
  world = new World(spec);
  device = new DmirrorDevice(world, isCoherent ? 2 : 0, isCoherent);
  process = new SelftestProcess(world, world.createTask(0));
  fd = process.open(device);
}

beforeEach(() => setUp());

/** Mapped and written pages. */
function written(nrPages: number): number {
  const start = process.map(nrPages, RW);
  process.store(start, nrPages, token);
  return start;
}

function tags(start: number, nrPages: number, file: Dmirror = fd): number[] {
  return Array.from({ length: nrPages }, (_, i) => file.mirror.tag(start + i));
}

describe("the mirror", () => {
  it("loses the invalidated pages and the first page after them", () => {
    const start = written(8);
    process.command(dmirrorRead, fd, start, 8);
    expect(process.madvise(start + 2, 2, MADV_DONTNEED)).toBe(0);
    const W = DPT_WRITE;
    expect(tags(start, 8)).toEqual([W, W, -1, -1, -1, W, W, W]);
  });

  it("keeps what its own device migrates and loses what another device migrates", () => {
    const second = process.open(new DmirrorDevice(world, 1, false));
    const start = written(4);
    for (const file of [fd, second]) process.command(dmirrorRead, file, start, 4);
    expect(process.command(dmirrorMigrateToDevice, fd, start, 2).result).toBe(0);
    expect(tags(start, 4)).toEqual([DPT_WRITE, DPT_WRITE, DPT_WRITE, DPT_WRITE]);
    expect(tags(start, 4, second)).toEqual([-1, -1, -1, DPT_WRITE]);
  });

  it("gives migrated holes the read tag although the CPU may write them", () => {
    const start = process.map(2, RW);
    expect(process.command(dmirrorMigrateToDevice, fd, start, 2).result).toBe(0);
    expect(process.snapshot(fd, start, 2)).toEqual([0x22, 0x22]);
    expect(tags(start, 2)).toEqual([DPT_READ, DPT_READ]);
    expect(process.command(dmirrorWrite, fd, start, 2, token)).toMatchObject({ faults: 1 });
    expect(process.command(dmirrorWrite, fd, start, 2, token)).toMatchObject({ faults: 0 });
  });

  it("answers ENOENT when a page moved or not has no entry, wherever the others went", () => {
    const start = written(4);
    const child = process.fork();
    expect(child.load(start, 4)).toEqual([0x100, 0x101, 0x102, 0x103]);
    process.madvise(start + 1, 1, MADV_DONTNEED);
    fd.flags = HMM_DMIRROR_FLAG_FAIL_ALLOC;
    expect(process.command(dmirrorMigrateToDevice, fd, start, 4).result).toBe(-ENOENT);
    expect(process.snapshot(fd, start, 4)).toEqual([0x01, 0x22, 0x21, 0x21]);
  });

  it("marks exclusive pages and loses the mark of the next page too", () => {
    const start = written(3);
    expect(process.command(dmirrorExclusive, fd, start, 3).result).toBe(0);
    expect(tags(start, 3)).toEqual([DPT_ATOMIC, DPT_ATOMIC, DPT_ATOMIC]);
    process.load(start, 1);
    expect(tags(start, 3)).toEqual([-1, -1, DPT_ATOMIC]);
  });

  it("names the wrong frames of a huge private folio on the kernel with the defect only", () => {
    const read = (): number[] => {
      const start = process.map(512, RW);
      expect(process.madvise(start, 512, MADV_HUGEPAGE)).toBe(0);
      process.store(start, 512, token);
      expect(process.command(dmirrorMigrateToDevice, fd, start, 512).result).toBe(0);
      fd.mirror.clear();
      return [...process.command(dmirrorRead, fd, start + 100, 2).data];
    };
    expect(read()).toEqual([token(100), token(101)]);
    setUp(false, { kernel: KERNEL_7_2_12 });
    expect(read()).toEqual([token(0), token(1)]);
  });
});

describe("device memory", () => {
  it("belongs to the file that migrated it, and its failure hits that file's faults", () => {
    const start = written(1);
    expect(process.command(dmirrorMigrateToDevice, fd, start, 1).result).toBe(0);
    fd.flags = HMM_DMIRROR_FLAG_FAIL_ALLOC;
    // The CPU simply tries again.
    expect(process.load(start, 1)).toEqual([token(0)]);
    expect(fd.flags).toBe(0);
    expect(device.memory.nrPagesInUse).toBe(0);
  });

  it("fails a migration to system memory as a whole", () => {
    const start = written(4);
    expect(process.command(dmirrorMigrateToDevice, fd, start, 4).result).toBe(0);
    fd.flags = HMM_DMIRROR_FLAG_FAIL_ALLOC;
    expect(process.command(dmirrorMigrateToSystem, fd, start, 4).result).toBe(-ENOMEM);
    expect(process.snapshot(fd, start, 4)).toEqual([0x22, 0x22, 0x22, 0x22]);
    const again = process.command(dmirrorMigrateToSystem, fd, start, 4);
    expect(again).toMatchObject({ result: 0, cpages: 4 });
  });

  it("grows by chunks where it is private and ends where it is coherent", () => {
    for (const isCoherent of [false, true]) {
      setUp(isCoherent, { nodes: [{ nrPages: 2 ** 18, cpus: [0] }] });
      const nrPages = 2 ** 16 + 8;
      const start = process.map(nrPages, RW);
      const moved = process.command(dmirrorMigrateToDevice, fd, start + 1, nrPages - 1);
      expect(moved.result).toBe(isCoherent ? -ENOENT : 0);
      expect(device.memory.nrPagesInUse).toBe(isCoherent ? 2 ** 16 : nrPages - 1);
    }
  });

  it("is evicted whole when any file of the device is closed", () => {
    const start = written(2);
    const child = process.fork();
    const childFd = child.open(device);
    const childStart = child.map(2, RW);
    child.store(childStart, 2, token);
    expect(child.command(dmirrorMigrateToDevice, childFd, childStart, 2).result).toBe(0);
    expect(process.command(dmirrorMigrateToDevice, fd, start, 2).result).toBe(0);
    expect(device.memory.nrPagesInUse).toBe(4);
    expect(dmirrorClose(world, process.task, fd)).toBe(0);
    expect(device.memory.nrPagesInUse).toBe(0);
    expect(child.snapshot(childFd, childStart, 2)).toEqual([0x02, 0x02]);
    expect(child.load(childStart, 2)).toEqual([token(0), token(1)]);
  });

  it("can be released and is added anew by the next migration", () => {
    const start = written(2);
    expect(process.command(dmirrorMigrateToDevice, fd, start, 2).result).toBe(0);
    expect(runToCompletion(dmirrorRelease(world, process.task, fd))).toBe(0);
    expect(device.memory.chunks).toHaveLength(0);
    expect(tags(start, 2)).toEqual([-1, -1]);
    expect(process.command(dmirrorMigrateToDevice, fd, start, 2).result).toBe(0);
    expect(process.load(start, 2)).toEqual([token(0), token(1)]);
  });
});

it("pages that find no room when their file is closed stay on the device", () => {
  setUp(false, { nodes: [{ nrPages: 2048, cpus: [0] }] });
  const start = written(200);
  expect(process.command(dmirrorMigrateToDevice, fd, start, 200).result).toBe(0);
  const others = process.map(1500, RW);
  for (let i = 0; i < 1500; i++) if (cpuAccess(world, process.task, others + i, true) !== 0) break;
  expect(dmirrorClose(world, process.task, fd)).toBe(0);
  expect(device.memory.nrPagesInUse).toBeGreaterThan(0);
  world.pendingWait = null;
  expect(process.madvise(others, 1500, MADV_DONTNEED)).toBe(0);
  expect(process.load(start, 200)).toEqual(Array.from({ length: 200 }, (_, i) => token(i)));
  expect(device.memory.nrPagesInUse).toBe(0);
});

describe("commands", () => {
  it("refuse an empty range, flags included", () => {
    for (const run of [dmirrorRead, dmirrorWrite, dmirrorMigrateToDevice, dmirrorExclusive]) {
      expect(process.command(run, fd, 0x2000, 0).result).toBe(-EINVAL);
    }
    expect(dmirrorSetFlags(fd, { nrPages: 0 })).toBe(-EINVAL);
    expect(dmirrorSetFlags(fd, { nrPages: 2 })).toBe(0);
  });

  it("move what lies before a gap and then refuse it", () => {
    const start = written(4);
    expect(process.command(dmirrorMigrateToDevice, fd, start, 6).result).toBe(-EINVAL);
    expect(process.snapshot(fd, start, 6)).toEqual([0x22, 0x22, 0x22, 0x22, 0xff, 0xff]);
  });
});
