// The kernel's own selftests of the driver (tools/testing/selftests/mm/hmm-tests.c), under their
// names: migration of huge pages, and fixture hmm2 with two devices.
import { EINVAL, ENOENT, LEAF_DEVICE_PRIVATE, LEAF_TABLE, leafKind, World } from "@faultline/core";
import {
  MADV_COLLAPSE,
  MADV_FREE,
  MADV_HUGEPAGE,
  PROT_NONE,
  PROT_READ,
  PROT_WRITE,
} from "@faultline/engine";
import { beforeEach, describe, expect, test } from "vitest";
import { type Dmirror, HMM_DMIRROR_FLAG_FAIL_ALLOC } from "./dmirror.ts";
import { DmirrorDevice } from "./dmirror-device.ts";
import { dmirrorSetFlags } from "./dmirror-open-close.ts";
import { dmirrorRead } from "./dmirror-read-write.ts";
import { dmirrorMigrateToDevice } from "./dmirror-to-device.ts";
import { dmirrorMigrateToSystem } from "./dmirror-to-system.ts";
import { SelftestProcess } from "./selftest-process.ts";

const RW: number = PROT_READ | PROT_WRITE;
/** Pages of a huge page. */
const H = 512;
const pattern = (i: number): number => 0x1000 + i;
const patternOf = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => pattern(from + i));
const zeros = (nrPages: number): number[] => Array.from<number>({ length: nrPages }).fill(0);

let world: World;
let devices: readonly DmirrorDevice[];
let process: SelftestProcess;
let fd: Dmirror;
let fd1: Dmirror;

beforeEach(() => {
  world = new World();
  devices = [0, 1].map((number) => new DmirrorDevice(world, number, false));
  process = new SelftestProcess(world, world.createTask(0));
  [fd, fd1] = devices.map((device) => process.open(device)) as [Dmirror, Dmirror];
});

function mapHuge(prot: number, nrBlocks = 1): number {
  const start = process.map(nrBlocks * H, prot);
  expect(process.madvise(start, nrBlocks * H, MADV_HUGEPAGE)).toBe(0);
  return start;
}

function toDevice(start: number, nrPages: number, file: Dmirror = fd): number[] {
  const moved = process.command(dmirrorMigrateToDevice, file, start, nrPages);
  expect(moved).toMatchObject({ result: 0, cpages: nrPages });
  return [...moved.data];
}

function failNextAllocation(): void {
  expect(dmirrorSetFlags(fd, { nrPages: HMM_DMIRROR_FLAG_FAIL_ALLOC })).toBe(0);
}

function slotKind(page: number): number {
  return leafKind(process.task.mm.pageTable.slotBits(page));
}

describe("huge pages", () => {
  test("migrate_anon_huge_empty", () => {
    const start = mapHuge(PROT_READ);
    expect(toDevice(start, H)).toEqual(zeros(H));
    expect(slotKind(start)).toBe(LEAF_DEVICE_PRIVATE);
    expect(process.load(start, H)).toEqual(zeros(H));
  });

  test("migrate_anon_huge_zero", () => {
    const start = mapHuge(PROT_READ);
    process.load(start, 1);
    expect(toDevice(start, H)).toEqual(zeros(H));
    expect(process.load(start, H)).toEqual(zeros(H));
  });

  test("migrate_anon_huge_free", () => {
    const start = mapHuge(RW);
    process.store(start, H, pattern);
    expect(toDevice(start, H)).toEqual(patternOf(0, H));
    expect(process.madvise(start, H, MADV_FREE)).toBe(0);
    expect(process.load(start, H)).toEqual(patternOf(0, H));
  });

  test("migrate_anon_huge_fault", () => {
    const start = process.map(H, RW);
    process.store(start, H, pattern);
    expect(process.madvise(start, H, MADV_COLLAPSE)).toBe(0);
    expect(toDevice(start, H)).toEqual(patternOf(0, H));
    expect(new Set(process.snapshot(fd, start, H))).toEqual(new Set([0x26]));
    expect(slotKind(start)).toBe(LEAF_DEVICE_PRIVATE);
    expect(process.load(start, H)).toEqual(patternOf(0, H));
    expect(new Set(process.snapshot(fd, start, H))).toEqual(new Set([0x06]));
  });

  for (const isHuge of [false, true]) {
    for (const hole of [0, H / 4, H / 2]) {
      test(`migrate_partial_unmap_fault (huge ${isHuge}, hole at ${hole})`, () => {
        const start = isHuge ? mapHuge(RW) : process.map(H, RW);
        process.store(start, H, pattern);
        toDevice(start, H);
        process.munmap(start + hole, H / 2);
        expect(process.load(start, hole)).toEqual(patternOf(0, hole));
        const after = hole + H / 2;
        expect(process.load(start + after, H - after)).toEqual(patternOf(after, H));
      });
    }
  }

  for (const movesFirst of [false, true]) {
    for (const dontunmap of [false, true]) {
      for (const isHuge of [false, true]) {
        for (const offset of [0, H / 4, H / 2]) {
          const how = `${movesFirst ? "before" : "after"} migration, huge ${isHuge}`;
          test(`migrate_remap_fault (${how}, dontunmap ${dontunmap}, offset ${offset})`, () => {
            const start = isHuge ? mapHuge(RW) : process.map(H, RW);
            const target = process.map(2 * H, PROT_NONE);
            process.munmap(target, 2 * H);
            process.store(start, H, pattern);
            if (movesFirst) process.mremap(start, H, target + offset, dontunmap);
            const place = movesFirst ? target + offset : start;
            expect(toDevice(place, H)).toEqual(patternOf(0, H));
            if (!movesFirst) process.mremap(start, H, target + offset, dontunmap);
            expect(process.load(target + offset, H)).toEqual(patternOf(0, H));
          });
        }
      }
    }
  }

  test("migrate_anon_huge_err", () => {
    const start = mapHuge(RW);
    process.store(start, H, pattern);
    failNextAllocation();
    expect(toDevice(start, H)).toEqual(patternOf(0, H));
    expect(slotKind(start)).toBe(LEAF_TABLE);
    expect(process.load(start, 1)).toEqual([pattern(0)]);
    process.munmap(start, H);

    const again = mapHuge(RW);
    process.store(again, H, pattern);
    toDevice(again, H);
    failNextAllocation();
    const back = process.command(dmirrorMigrateToSystem, fd, again, H);
    expect(back).toMatchObject({ result: 0, cpages: H });
    expect(process.load(again, H)).toEqual(patternOf(0, H));
  });

  test("migrate_anon_huge_zero_err", () => {
    const start = mapHuge(PROT_READ);
    failNextAllocation();
    expect(toDevice(start, H)).toEqual(zeros(H));
    expect(process.load(start, 1)).toEqual([0]);
    process.munmap(start, H);

    const again = mapHuge(PROT_READ);
    process.load(again, 1);
    failNextAllocation();
    expect(toDevice(again, H)).toEqual(zeros(H));
    expect(process.load(again, H)).toEqual(zeros(H));
  });

  for (const isHuge of [false, true]) {
    test(`benchmark_thp_migration (huge ${isHuge})`, () => {
      for (const nrPages of [H / 4, H / 2, H, 2 * H, 8 * H]) {
        const nrBlocks = Math.ceil(nrPages / H);
        const start = isHuge ? mapHuge(RW, nrBlocks) : process.map(nrPages, RW);
        process.store(start, nrPages, pattern);
        for (let round = 0; round < 3; round++) {
          expect(toDevice(start, nrPages)).toEqual(patternOf(0, nrPages));
          const back = process.command(dmirrorMigrateToSystem, fd, start, nrPages);
          const isWhole = isHuge && nrPages >= H;
          expect(back).toMatchObject({ result: 0, cpages: isWhole ? nrBlocks : nrPages });
        }
        process.munmap(start, nrPages);
      }
      expect(devices[0]?.memory.nrPagesInUse).toBe(0);
    });
  }
});

describe("two devices", () => {
  test("migrate_mixed", () => {
    const start = process.map(6, PROT_NONE);
    const migrate = (file: Dmirror, first: number, nrPages: number): number =>
      process.command(dmirrorMigrateToDevice, file, start + first, nrPages).result;
    expect(migrate(fd1, 0, 6)).toBe(-EINVAL);
    process.munmap(start + 1, 1);
    expect(migrate(fd1, 0, 3)).toBe(-EINVAL);
    process.mprotect(start + 2, 1, PROT_READ);
    process.load(start + 2, 1);
    process.mprotect(start + 3, 1, RW);
    process.store(start + 3, 1, pattern);
    process.mprotect(start + 3, 1, PROT_READ);
    process.mprotect(start + 4, 2, RW);
    process.store(start + 4, 2, pattern);
    expect(toDevice(start + 2, 4, fd1)).toEqual([0, pattern(0), pattern(0), pattern(1)]);
    expect(migrate(fd, 5, 1)).toBe(-ENOENT);
  });

  test("snapshot", () => {
    const start = process.map(7, RW);
    process.mprotect(start, 1, PROT_NONE);
    process.munmap(start + 1, 1);
    process.mprotect(start + 2, 1, PROT_READ);
    process.load(start + 2, 1);
    process.store(start + 3, 2, pattern);
    process.mprotect(start + 3, 1, PROT_READ);
    toDevice(start + 5, 1, fd);
    toDevice(start + 6, 1, fd1);
    const expected = [0xff, 0xff, 0x11, 0x01, 0x02, 0x22, 0x00];
    expect(process.snapshot(fd, start, 7)).toEqual(expected);
  });

  test("double_map", () => {
    const start = process.map(6, RW);
    process.store(start, 6, pattern);
    process.mprotect(start, 6, PROT_READ);
    const data = patternOf(0, 6);
    for (const file of [fd, fd1]) {
      const read = process.command(dmirrorRead, file, start, 6);
      expect(read).toMatchObject({ result: 0, cpages: 6, faults: 1, data });
    }
    expect(toDevice(start, 6, fd1)).toEqual(data);
    const read = process.command(dmirrorRead, fd, start, 6);
    expect(read).toMatchObject({ result: 0, cpages: 6, faults: 1, data });
    expect(process.snapshot(fd1, start, 6)).toEqual([1, 1, 1, 1, 1, 1]);
  });
});
