// The kernel's own selftests of the driver (tools/testing/selftests/mm/hmm-tests.c), under their
// names: fixture hmm without migration of huge pages.
import { EFAULT, ENOENT, EPERM, World } from "@faultline/core";
import {
  ACCESS_SEGV_ACCERR,
  cpuAccess,
  createFile,
  fileRead,
  fileWrite,
  MADV_HUGEPAGE,
  pinUserPages,
  PROT_NONE,
  PROT_READ,
  PROT_WRITE,
  runToCompletion,
  sysMunmap,
  type Verb,
} from "@faultline/engine";
import { beforeEach, describe, expect, test } from "vitest";
import type { Dmirror } from "./dmirror.ts";
import { createDmirrorCmd } from "./dmirror-cmd.ts";
import { DmirrorDevice } from "./dmirror-device.ts";
import { dmirrorCheckAtomic, dmirrorExclusive } from "./dmirror-exclusive.ts";
import { dmirrorMmap } from "./dmirror-mmap.ts";
import { dmirrorClose, dmirrorRelease } from "./dmirror-open-close.ts";
import { dmirrorRead, dmirrorWrite } from "./dmirror-read-write.ts";
import { dmirrorMigrateToDevice } from "./dmirror-to-device.ts";
import { dmirrorMigrateToSystem } from "./dmirror-to-system.ts";
import { SelftestProcess } from "./selftest-process.ts";

const RW: number = PROT_READ | PROT_WRITE;
/** 4 MiB. */
const B = 1024;
const pattern = (i: number): number => 0x1000 + i;
const other = (i: number): number => 0x900000 + i;
const patternOf = (nrPages: number): number[] =>
  Array.from({ length: nrPages }, (_, i) => pattern(i));
const otherOf = (nrPages: number): number[] => Array.from({ length: nrPages }, (_, i) => other(i));
const zeros = (nrPages: number): number[] => Array.from<number>({ length: nrPages }).fill(0);

let world: World;
let device: DmirrorDevice;
let process: SelftestProcess;
let fd: Dmirror;

function setUp(isCoherent = false): void {
  world = new World();
  device = new DmirrorDevice(world, 0, isCoherent);
  process = new SelftestProcess(world, world.createTask(0));
  fd = process.open(device);
}

beforeEach(() => setUp());

describe("reading and writing", () => {
  test("open_close", () => {
    expect(dmirrorClose(world, process.task, fd)).toBe(0);
    expect(device.files.size).toBe(0);
    expect(process.task.mm.notifierSubscriptions?.intervals).toHaveLength(0);
  });

  test("anon_read", () => {
    const start = process.map(B, RW);
    process.store(start + 2, B - 2, (i) => pattern(i + 2));
    process.mprotect(start, B, PROT_READ);
    process.load(start + 1, 1);
    const read = process.command(dmirrorRead, fd, start, B);
    expect(read).toMatchObject({ result: 0, cpages: B, faults: 1 });
    expect(read.data).toEqual([0, 0, ...patternOf(B).slice(2)]);
  });

  test("anon_read_prot", () => {
    const start = process.map(B, RW);
    process.store(start, B, pattern);
    process.mprotect(start, B, PROT_NONE);
    const read = process.command(dmirrorRead, fd, start, B, other);
    expect(read.result).toBe(-EFAULT);
    expect(read.data).toEqual(otherOf(B));
    process.mprotect(start, B, PROT_READ);
    expect(process.load(start, B)).toEqual(patternOf(B));
  });

  test("anon_write", () => {
    const start = process.map(B, RW);
    const written = process.command(dmirrorWrite, fd, start, B, pattern);
    expect(written).toMatchObject({ result: 0, cpages: B, faults: 1 });
    expect(process.load(start, B)).toEqual(patternOf(B));
  });

  test("anon_write_prot", () => {
    const start = process.map(B, PROT_READ);
    expect(process.command(dmirrorRead, fd, start, 1)).toMatchObject({ result: 0, faults: 1 });
    expect(process.command(dmirrorWrite, fd, start, B, pattern).result).toBe(-EPERM);
    expect(process.load(start, B)).toEqual(zeros(B));
    process.mprotect(start, B, RW);
    const written = process.command(dmirrorWrite, fd, start, B, pattern);
    expect(written).toMatchObject({ result: 0, cpages: B, faults: 1 });
    expect(process.load(start, B)).toEqual(patternOf(B));
  });

  for (const isHuge of [false, true]) {
    for (const migrates of [false, true]) {
      test(`anon_write_child (huge ${isHuge}, migrated ${migrates})`, () => {
        const start = process.map(B, RW);
        if (isHuge) expect(process.madvise(start, B, MADV_HUGEPAGE)).toBe(0);
        process.store(start, B, pattern);
        if (migrates) {
          expect(process.command(dmirrorMigrateToDevice, fd, start, B).result).toBe(0);
        }
        const child = process.fork();
        expect(child.load(start, B)).toEqual(patternOf(B));
        const childFd = child.open(device);
        const written = child.command(dmirrorWrite, childFd, start, B, other);
        expect(written).toMatchObject({ result: 0, cpages: B, faults: 1 });
        expect(child.load(start, B)).toEqual(otherOf(B));
        child.exit();
        expect(process.load(start, B)).toEqual(patternOf(B));
      });
    }
  }

  test("anon_write_child_shared", () => {
    const start = process.map(B, RW, { shared: true });
    process.store(start, B, pattern);
    const child = process.fork();
    const written = child.command(dmirrorWrite, child.open(device), start, B, other);
    expect(written).toMatchObject({ result: 0, cpages: B, faults: 1 });
    child.exit();
    expect(process.load(start, B)).toEqual(otherOf(B));
  });

  test("anon_write_huge", () => {
    const start = process.map(512, RW);
    expect(process.madvise(start, 512, MADV_HUGEPAGE)).toBe(0);
    const written = process.command(dmirrorWrite, fd, start, 512, pattern);
    expect(written).toMatchObject({ result: 0, cpages: 512, faults: 1 });
    expect(process.load(start, 512)).toEqual(patternOf(512));
  });

  test("anon_write_hugetlbfs", () => {
    const start = process.map(512, RW, { hugetlb: true });
    const written = process.command(dmirrorWrite, fd, start, 512, pattern);
    expect(written).toMatchObject({ result: 0, cpages: 512, faults: 1 });
    expect(process.load(start, 512)).toEqual(patternOf(512));
  });

  test("file_read", () => {
    const file = createFile(world, "tmpfs", B);
    runToCompletion(fileWrite(world, process.task, file, 0, patternOf(B)));
    const start = process.map(B, PROT_READ, { shared: true, file });
    const read = process.command(dmirrorRead, fd, start, B);
    expect(read).toMatchObject({ result: 0, cpages: B, faults: 1, data: patternOf(B) });
  });

  test("file_write", () => {
    const file = createFile(world, "tmpfs", B);
    const start = process.map(B, RW, { shared: true, file });
    const written = process.command(dmirrorWrite, fd, start, B, pattern);
    expect(written).toMatchObject({ result: 0, cpages: B, faults: 1 });
    expect(process.load(start, B)).toEqual(patternOf(B));
    const tokens: number[] = [];
    runToCompletion(fileRead(world, process.task, file, 0, B, tokens));
    expect(tokens).toEqual(patternOf(B));
  });

  test("anon_read_multiple", () => {
    for (let c = 0; c < 10; c++) {
      const start = process.map(B, RW);
      process.store(start, B, (i) => pattern(i + c));
      const read = process.command(dmirrorRead, fd, start, B);
      expect(read).toMatchObject({ result: 0, cpages: B, faults: 1 });
      expect(read.data).toEqual(patternOf(B + c).slice(c));
      process.munmap(start, B);
    }
  });

  for (let headStart = 0; headStart < 10; headStart++) {
    test(`anon_teardown (unmapping ${headStart} steps ahead)`, () => {
      const start = process.map(B, RW);
      process.store(start, B, pattern);
      const cmd = createDmirrorCmd(start, B);
      const unmap = sysMunmap(world, process.task, start + B / 2, B / 2);
      const read = dmirrorRead(world, process.task, fd, cmd);
      const [unmapped, result] = interleave(unmap, read, headStart);
      expect(unmapped).toBe(0);
      expect([0, -EFAULT]).toContain(result);
      if (result === 0) {
        expect(cmd).toMatchObject({ cpages: B, faults: 1 });
        expect(Array.from(cmd.data)).toEqual(patternOf(B));
      }
    });
  }

  test("mixedmap", () => {
    const start = 0x40000;
    const mapped = runToCompletion(dmirrorMmap(world, process.task, start, 1, RW));
    expect(mapped).toBe(0);
    expect(process.snapshot(fd, start, 1)).toEqual([0x01]);
  });

  test("compound", () => {
    const start = process.map(512, RW, { hugetlb: true });
    process.store(start, 1, pattern);
    expect(new Set(process.snapshot(fd, start, 512))).toEqual(new Set([0x06]));
    process.mprotect(start, 512, PROT_READ);
    expect(new Set(process.snapshot(fd, start, 512))).toEqual(new Set([0x05]));
  });
});

describe("migration", () => {
  test("migrate", () => {
    const start = process.map(B, RW);
    process.store(start, B, pattern);
    const moved = process.command(dmirrorMigrateToDevice, fd, start, B);
    expect(moved).toMatchObject({ result: 0, cpages: B, data: patternOf(B) });
    expect(new Set(process.snapshot(fd, start, B))).toEqual(new Set([0x22]));
  });

  test("migrate_file_private", () => {
    const file = createFile(world, "tmpfs", B);
    const start = process.map(B, RW, { file });
    process.store(start, B, pattern);
    const moved = process.command(dmirrorMigrateToDevice, fd, start, B);
    expect(moved).toMatchObject({ result: 0, cpages: B, data: patternOf(B) });
  });

  test("migrate_fault", () => {
    const start = process.map(B, RW);
    process.store(start, B, pattern);
    const first = process.command(dmirrorMigrateToDevice, fd, start, B);
    expect(first).toMatchObject({ result: 0, cpages: B });
    expect(process.load(start, B / 2)).toEqual(patternOf(B / 2));
    const second = process.command(dmirrorMigrateToDevice, fd, start, B);
    expect(second).toMatchObject({ result: 0, cpages: B, data: patternOf(B) });
  });

  test("migrate_release", () => {
    const start = process.map(B, RW);
    process.store(start, B, pattern);
    expect(process.command(dmirrorMigrateToDevice, fd, start, B).result).toBe(0);
    expect(runToCompletion(dmirrorRelease(world, process.task, fd))).toBe(0);
    expect(device.memory.nrPagesInUse).toBe(0);
    expect(process.load(start, B / 2)).toEqual(patternOf(B / 2));
  });

  test("migrate_shared", () => {
    const start = process.map(B, RW, { shared: true });
    expect(process.command(dmirrorMigrateToDevice, fd, start, B).result).toBe(-ENOENT);
  });

  for (const isCoherent of [false, true]) {
    test(`migrate_multiple (coherent ${isCoherent})`, () => {
      setUp(isCoherent);
      for (let c = 0; c < 10; c++) {
        const start = process.map(B, RW);
        process.store(start, B, (i) => pattern(i + c));
        const moved = process.command(dmirrorMigrateToDevice, fd, start, B);
        expect(moved).toMatchObject({ result: 0, cpages: B });
        if (isCoherent) {
          const back = process.command(dmirrorMigrateToSystem, fd, start, B);
          expect(back).toMatchObject({ result: 0, cpages: B });
        }
        expect(process.load(start, B)).toEqual(patternOf(B + c).slice(c));
        process.munmap(start, B);
        expect(device.memory.nrPagesInUse).toBe(0);
      }
    });

    test(`hmm_gup_test (coherent ${isCoherent})`, () => {
      setUp(isCoherent);
      const start = process.map(4, RW);
      process.store(start, 4, pattern);
      expect(process.command(dmirrorMigrateToDevice, fd, start, 4)).toMatchObject({ result: 0 });
      const { task } = process;
      for (let i = 0; i < 4; i++) {
        const request = { write: true, longterm: i >= 2 };
        expect(pinUserPages(world, task, task.mm, start + i, 1, request).rc).toBe(1);
      }
      const expected = isCoherent ? [0x42, 0x42, 0x02, 0x02] : [0x02, 0x02, 0x02, 0x02];
      expect(process.snapshot(fd, start, 4)).toEqual(expected);
      expect(process.load(start, 4)).toEqual(patternOf(4));
    });
  }

  test("hmm_cow_in_device", () => {
    const start = process.map(4, RW);
    process.store(start, 4, pattern);
    expect(process.command(dmirrorMigrateToDevice, fd, start, 4)).toMatchObject({ result: 0 });
    const child = process.fork();
    process.store(start, 4, other);
    expect(child.load(start, 4)).toEqual(patternOf(4));
    child.exit();
    expect(process.snapshot(fd, start, 4)).toEqual([0x02, 0x02, 0x02, 0x02]);
    expect(process.load(start, 4)).toEqual(otherOf(4));
  });
});

describe("exclusive access", () => {
  test("exclusive", () => {
    const start = process.map(B, RW);
    process.store(start, B, pattern);
    const held = process.command(dmirrorExclusive, fd, start, B);
    expect(held).toMatchObject({ result: 0, data: patternOf(B) });
    const cmd = createDmirrorCmd(start, B);
    expect(dmirrorCheckAtomic(fd, cmd)).toBe(-EPERM);
    process.store(start, B, (i) => pattern(i + 1));
    expect(process.load(start, B)).toEqual(patternOf(B + 1).slice(1));
    expect(dmirrorCheckAtomic(fd, cmd)).toBe(0);
  });

  test("exclusive_mprotect", () => {
    const start = process.map(B, RW);
    process.store(start, B, pattern);
    expect(process.command(dmirrorExclusive, fd, start, B).result).toBe(0);
    process.mprotect(start, B, PROT_READ);
    expect(process.command(dmirrorWrite, fd, start, B, other).result).toBe(-EPERM);
    expect(cpuAccess(world, process.task, start, true)).toBe(ACCESS_SEGV_ACCERR);
  });

  test("exclusive_cow", () => {
    const start = process.map(B, RW);
    process.store(start, B, pattern);
    expect(process.command(dmirrorExclusive, fd, start, B).result).toBe(0);
    const child = process.fork();
    process.store(start, B, (i) => pattern(i + 1));
    child.store(start, B, (i) => pattern(i + 2));
    expect(process.load(start, B)).toEqual(patternOf(B + 1).slice(1));
    expect(child.load(start, B)).toEqual(patternOf(B + 2).slice(2));
  });
});

/** Drives two verbs in turns, the first one `headStart` steps ahead. */
function interleave(first: Verb, second: Verb, headStart: number): [number, number] {
  const results: (number | undefined)[] = [undefined, undefined];
  for (let step = 0; step < 1000; step++) {
    for (const [i, verb] of [first, second].entries()) {
      const isTooEarly = i === 1 && step < headStart && results[0] === undefined;
      if (results[i] !== undefined || isTooEarly) continue;
      const next = verb.next();
      if (next.done === true) results[i] = next.value;
    }
    const [a, b] = results;
    if (a !== undefined && b !== undefined) return [a, b];
  }
  throw new Error("the two verbs wait for each other");
}
