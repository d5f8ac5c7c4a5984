import { describe, expect, test } from "vitest";
import type { ConformanceCase } from "./case.ts";
import type { KernelUnderTest, OpOutcome } from "./kernel-under-test.ts";
import { parseOp } from "./parse-case.ts";
import { createWorldUnderTest } from "./world-under-test.ts";

const CASE: ConformanceCase = {
  id: "a",
  category: "unit",
  seed: 0,
  boot: "std",
  windowPages: 1024,
  numa: true,
  thp: true,
  options: 0,
  ops: [],
};

/** Runs operations one after the other; returns the kernel and what the last one answered. */
function run(
  ops: readonly (readonly (string | number)[])[],
  setup: Partial<ConformanceCase> = {},
): { readonly kernel: KernelUnderTest; readonly last: OpOutcome } {
  const kernel = createWorldUnderTest({ case: { ...CASE, ...setup }, preset: "7.2.12" });
  let last: OpOutcome = {};
  ops.forEach((op, opIndex) => {
    const parsed = parseOp(op, (problem) => expect(problem).toBe(""));
    if (parsed !== null) last = kernel.execute(parsed, opIndex);
  });
  return { kernel, last };
}

describe("processes and descriptors", () => {
  test("only process 0 is there at the start, and nothing else can act", () => {
    const { kernel, last } = run([["rd", 1, 0, 1]]);
    expect(last).toEqual({ e: "DEAD" });
    expect(kernel.observe(1)).toBeNull();
    expect(kernel.observe(0)).toMatchObject({ v: [], pm: ".".repeat(1024) });
  });

  test("a child number that is in use cannot be forked again until its process exits", () => {
    const fork = ["fork", 0, 1] as const;
    expect(run([fork, fork]).last).toEqual({ e: "BADFORK" });
    expect(run([fork, ["exit", 1], fork]).last).toEqual({ r: 0 });
  });

  test("a child has no descriptor of its parent's", () => {
    const before = [
      ["open", 0, 0],
      ["fork", 0, 1],
    ] as const;
    expect(run([...before, ["dread", 1, 0, 0, 1]]).last).toEqual({ e: "EBADF" });
    const { kernel } = run(before);
    expect(kernel.observe(0)?.snapshots[0]).toHaveLength(1024);
    expect(kernel.observe(1)?.snapshots[0]).toBeNull();
  });

  test("devices 2 and 3 exist with coherent memory only", () => {
    expect(run([["open", 0, 2]]).last).toEqual({ e: "ENOENT" });
    expect(run([["open", 0, 2]], { boot: "coh" }).last).toEqual({ r: 0 });
  });

  test("the machine holds one set of pins, which any descriptor drops", () => {
    const pinned = [
      ["mmap", 0, 0, 4, "rw", "p"],
      ["fork", 0, 1],
      ["pin", 0, 0, 4, 1],
      ["pin", 1, 0, 4, 1],
    ] as const;
    expect(run([["unpin", 0]]).last).toEqual({ e: "EBADF" });
    expect(run(pinned).last).toEqual({ e: "EINVAL" });
    expect(run([...pinned, ["exit", 1], ["pin", 0, 0, 4, 1]]).last).toEqual({ r: 0 });
  });
});

describe("what is shown", () => {
  test("accesses answer with tokens or signals", () => {
    const ops = [
      ["mmap", 0, 0, 2, "rw", "p"],
      ["mmap", 0, 2, 1, "r", "p"],
      ["wr", 0, 1, 3],
    ] as const;
    expect(run(ops).last).toEqual({ r: 0, t: [0x30001, "SA", "SM"] });
  });

  test("a huge page is one leaf and one folio, judged by its head", () => {
    const { kernel } = run([
      ["mmap", 0, 0, 512, "rw", "p"],
      ["madvise", 0, 0, 512, "hugepage"],
      ["wr", 0, 5, 1],
      ["open", 0, 0],
      ["fork", 0, 1],
    ]);
    const view = kernel.observe(0);
    const empty = ".".repeat(512);
    expect(view).toMatchObject({
      v: [[0, 512, "rw-p"]],
      pm: "p".repeat(512) + empty,
      h: "H".repeat(512) + empty,
      k: `H${"T".repeat(511)}${empty}`,
      n: "a".repeat(512) + empty,
    });
    expect(view?.snapshots[0]?.[511]).toBe(0x05);
    expect(kernel.observe(1)?.c[5]).toBe(view?.c[5]);
  });

  test("zero pages, device pages and holes have their own letters and identities", () => {
    const { kernel } = run([
      ["mmap", 0, 0, 8, "rw", "p"],
      ["open", 0, 0],
      ["rd", 0, 0, 1],
      ["todev", 0, 0, 1, 1],
      ["wr", 0, 2, 1],
      ["excl", 0, 0, 2, 1],
    ]);
    const view = kernel.observe(0);
    expect(view?.pm.slice(0, 4)).toBe("zWX.");
    expect(view?.n?.slice(0, 4)).toBe("-...");
    expect([view?.c[0], view?.c[3]]).toEqual([0, 0]);
    expect(view?.c[1]).not.toBe(view?.c[2]);
  });
});
