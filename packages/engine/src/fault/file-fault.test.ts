import { type AddressSpace, MARKER_UFFD_WP, LEAF_MARKER, type FileKind } from "@faultline/core";
import { describe, expect, test } from "vitest";
import { createFile } from "../file/create-file.ts";
import { filemapAddPage } from "../file/filemap.ts";
import { BASE, SmallWorld } from "../test-kit/small-world.ts";
import { ACCESS_SIGBUS } from "./cpu-access.ts";

/** A file whose `cached` pages hold the tokens 100 + page. */
function fileWith(
  small: SmallWorld,
  kind: FileKind,
  nrPages: number,
  cached: readonly number[] = [],
): AddressSpace {
  const file = createFile(small.world, kind, nrPages);
  for (const index of cached) {
    const pfn = filemapAddPage(small.world, small.task, file, index, null);
    small.world.frames.setContent(pfn, 100 + index);
  }
  return file;
}

describe("shared memory", () => {
  test.each([
    ["tmpfs", "F(w)"],
    ["ramfs", "F(r)"],
  ] as const)("a read of %s maps %s", (kind, leaf) => {
    const small = new SmallWorld();
    small.map(4, { shared: true, file: fileWith(small, kind, 4) });
    expect(small.read(1)).toBe(0);
    expect(small.leaf(1)).toBe(leaf);
    expect(small.write(1, 5)).toBe(0);
    expect(small.leaf(1)).toBe("F(w)");
    expect(small.leaf(0)).toBe("N");
  });

  test("a read brings the cached neighbours of its window, and allocates nothing", () => {
    const small = new SmallWorld();
    const cached = [0, 3, 15, 16, 31, 32];
    const file = fileWith(small, "tmpfs", 64, cached);
    small.map(64, { shared: true, file });
    small.read(20);
    const mapped = Array.from({ length: 64 }, (_, page) => page).filter(
      (page) => small.leaf(page) !== "N",
    );
    expect(mapped).toEqual([16, 20, 31]);
    expect(file.nrCached).toBe(cached.length + 1);
  });

  test("the window stays inside the VMA and the block", () => {
    const small = new SmallWorld();
    const pages = Array.from({ length: 40 }, (_, page) => page);
    const file = fileWith(small, "tmpfs", 64, pages);
    small.map(6, { at: 5, shared: true, file, pgoff: 5 });
    small.read(7);
    expect(pages.slice(0, 12).map((page) => small.leaf(page))).toEqual([
      ...Array.from({ length: 5 }, () => "N"),
      ...Array.from({ length: 6 }, () => "F(w)"),
      "N",
    ]);
  });

  test("a write maps one page only", () => {
    const small = new SmallWorld();
    small.map(8, { shared: true, file: fileWith(small, "tmpfs", 8, [0, 1, 2]) });
    small.write(1, 9);
    expect([small.leaf(0), small.leaf(1), small.leaf(2)]).toEqual(["N", "F(w)", "N"]);
  });

  test("behind the end of the file is SIGBUS, until the file grows", () => {
    const small = new SmallWorld();
    const file = fileWith(small, "tmpfs", 2);
    small.map(4, { shared: true, file });
    expect([small.read(1), small.read(2), small.write(3, 1)]).toEqual([
      0,
      ACCESS_SIGBUS,
      ACCESS_SIGBUS,
    ]);
    file.nrPages = 4;
    expect(small.read(2)).toBe(0);
    expect(small.content(2)).toBe(0);
  });

  test("the write protection of a marker is kept", () => {
    const small = new SmallWorld();
    const vma = small.map(2, { shared: true, file: fileWith(small, "tmpfs", 2) });
    vma.vmFlags |= 0x0008_0000;
    small.task.mm.pageTable.set(BASE, LEAF_MARKER, MARKER_UFFD_WP);
    small.read(0);
    expect(small.leaf(0)).toBe("F(r)+wp");
  });
});

describe("private file mappings", () => {
  test("a read maps the file's page read-only, a write copies it and notifies", () => {
    const small = new SmallWorld();
    const file = fileWith(small, "tmpfs", 4, [1]);
    const vma = small.map(4, { file });
    small.watch();
    small.read(1);
    expect(small.leaf(1)).toBe("F(r)");
    expect(vma.anonVma).toBeNull();
    small.write(1, 5);
    expect(small.leaf(1)).toBe("P(w,ax)");
    expect(small.events).toEqual(["CLEAR 1-2"]);
    expect(small.world.frames.content(file.pages.val(1))).toBe(101);
  });

  test("a write to an absent page copies at once, without an event", () => {
    const small = new SmallWorld();
    const file = fileWith(small, "ramfs", 4, [1]);
    small.map(4, { file });
    small.watch();
    small.write(2, 5);
    expect(small.leaf(2)).toBe("P(w,ax)");
    expect(small.events).toEqual([]);
    expect(file.nrCached).toBe(2);
  });
});
