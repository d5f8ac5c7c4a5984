import { VM_READ, type VmAreaStruct } from "@faultline/core";
import { beforeEach, expect, test } from "vitest";
import { SmallWorld } from "../test-kit/small-world.ts";
import type { MigrateVma } from "./migrate-vma.ts";
import { WorksheetPool } from "./worksheet-pool.ts";

const TERMS = { pgmapOwner: null };
let vma: VmAreaStruct;
let pool: WorksheetPool;

beforeEach(() => {
  const small = new SmallWorld();
  small.map(8);
  const [mapped] = small.task.mm.vmas;
  if (mapped === undefined) throw new Error("nothing is mapped");
  vma = mapped;
  pool = new WorksheetPool();
});

/** What it holds of each page, one column after another. */
function wordsOf({ srcFlags, srcPfn, dstFlags, dstPfn }: MigrateVma): number[] {
  return [...srcFlags, ...srcPfn, ...dstFlags, ...dstPfn];
}

test.each([4, 64])("a worksheet of %i pages that was closed is opened again, empty", (nrPages) => {
  const { vmStart } = vma;
  const faulted = { pgmapOwner: null, faultPage: 7 };
  const sheet = pool.open(vma, vmStart, vmStart + nrPages, 3, faulted);
  const { srcFlags, srcPfn, dstFlags, dstPfn } = sheet;
  for (const column of [srcFlags, srcPfn, dstFlags, dstPfn]) column.fill(9);
  sheet.cpages = 2;
  pool.close(sheet);
  const again = pool.open(vma, vmStart + 1, vmStart + 1 + nrPages, 5, TERMS);
  expect(again).toBe(sheet);
  expect(wordsOf(again)).toEqual(Array.from({ length: 4 * nrPages }, () => 0));
  const { start, end, flags, faultPage, cpages, p2pAllow } = again;
  expect([start - vmStart, end - vmStart, flags, faultPage, cpages, p2pAllow]).toEqual([
    1,
    1 + nrPages,
    5,
    0,
    0,
    null,
  ]);
  expect(again.vma.has(VM_READ)).toBe(true);
});

test("worksheets in use and worksheets of another length are others", () => {
  const { vmStart } = vma;
  const one = pool.open(vma, vmStart, vmStart + 4, 0, TERMS);
  expect(pool.open(vma, vmStart, vmStart + 4, 0, TERMS)).not.toBe(one);
  pool.close(one);
  expect(pool.open(vma, vmStart, vmStart + 8, 0, TERMS).nrPages).toBe(8);
  const long = pool.open(vma, vmStart, vmStart + 4096, 0, TERMS);
  pool.close(long);
  expect(pool.open(vma, vmStart, vmStart + 4096, 0, TERMS)).not.toBe(long);
});
