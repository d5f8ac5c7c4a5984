import { VM_HUGETLB } from "@faultline/core";
import { describe, expect, test } from "vitest";
import { createFile } from "../file/create-file.ts";
import { largeRecord } from "../folio/folio-count.ts";
import { SmallWorld } from "../test-kit/small-world.ts";

function hugetlb(shared: boolean): { small: SmallWorld; nrPages: number } {
  const small = new SmallWorld();
  const nrPages = 2 * small.world.blockPages;
  const file = createFile(small.world, "hugetlb", nrPages);
  small.map(nrPages, { flags: VM_HUGETLB, shared, file });
  return { small, nrPages };
}

describe("hugetlb", () => {
  test("a private read maps a page of its own, read-only; a write makes it writable", () => {
    const { small } = hugetlb(false);
    small.read(3);
    expect([small.leaf(0), small.leaf(small.world.blockPages)]).toEqual(["H(r,ax)", "empty"]);
    const head = small.pfn(0);
    small.write(3, 9);
    expect([small.leaf(0), small.pfn(0)]).toEqual(["H(w,ax)", head]);
    expect(small.world.largeFolios.hugetlb[largeRecord(small.world, head)]).toBe(1);
  });

  test("a page shared by fork is copied whole, with an event over the block", () => {
    const { small } = hugetlb(false);
    small.write(0, 1);
    small.write(7, 7);
    const child = small.fork();
    small.watch();
    small.write(0, 2);
    expect(small.events).toEqual([`CLEAR 0-${small.world.blockPages}`]);
    expect([small.content(0), small.content(7), small.content(0, child)]).toEqual([2, 7, 1]);
    expect(small.pfn(0)).not.toBe(small.pfn(0, child));
    const old = small.pfn(0, child);
    small.write(0, 3, child);
    expect(small.pfn(0, child)).toBe(old);
  });

  test("shared mappings see one page", () => {
    const { small } = hugetlb(true);
    const child = small.fork();
    small.write(5, 5);
    expect(small.read(5, child)).toBe(0);
    expect(small.content(5, child)).toBe(5);
    expect(small.pfn(0, child)).toBe(small.pfn(0));
  });
});
