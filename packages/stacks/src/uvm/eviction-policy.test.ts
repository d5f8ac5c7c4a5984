import { assertWorldConsistent } from "@faultline/engine";
import { describe, expect, test } from "vitest";
import { BASE } from "../test-kit/small-system.ts";
import { UvmGpus } from "../test-kit/uvm-gpus.ts";
import { UVM_EVICTION_POLICIES } from "./eviction-policy.ts";

/** A GPU with two chunks of 2 MiB, which the pages 0 to 511 and 512 to 1023 fill. */
function full(policy: string): UvmGpus {
  const devices = [{ name: "gpu0", memoryMib: 4 }, { name: "gpu1" }];
  const knobs = { "uvm.evictionPolicy": policy, uvm_perf_prefetch_enable: 0 };
  const gpus = new UvmGpus({ devices }, knobs);
  for (const at of [0, 512]) gpus.access(0, "write", 1, 512, at);
  return gpus;
}

/** Pages of the GPU that have come back to RAM, in order. */
function evicted(gpus: UvmGpus): number[] {
  return Array.from({ length: 1024 }, (_, at) => at).filter((at) => gpus.place(at) === "system");
}

/** A GPU loses its entry of a page, and faults on it again. */
function faultAgain(gpus: UvmGpus, at: number): void {
  gpus
    .stack(0)
    .open(gpus.small.task.mm)
    .unmap(BASE + at, 1);
  gpus.access(0, "write", 2, 1, at);
}

describe("a GPU that is full", () => {
  test("gives up the 2 MiB that were allocated first, used or not", () => {
    const gpus = full("allocation-2m");
    faultAgain(gpus, 0);
    gpus.access(0, "write", 3, 1, 1024);
    expect([evicted(gpus).length, evicted(gpus)[0]]).toEqual([512, 0]);
  });

  test("gives up the 2 MiB on which it faulted longest ago", () => {
    const gpus = full("lru-2m");
    faultAgain(gpus, 0);
    gpus.access(0, "write", 3, 1, 1024);
    expect([evicted(gpus).length, evicted(gpus)[0]]).toEqual([512, 512]);
  });

  test("gives up the 2 MiB on which it faulted least often", () => {
    const gpus = full("lfu-2m");
    for (const at of [0, 1, 2]) faultAgain(gpus, at);
    faultAgain(gpus, 600);
    gpus.access(0, "write", 3, 1, 1024);
    expect([evicted(gpus).length, evicted(gpus)[0]]).toEqual([512, 512]);
  });

  test("gives up 64 KiB, or the page, on which it faulted longest ago", () => {
    for (const [policy, nrPages] of [
      ["sl-64k", 16],
      ["lru-4k", 1],
    ] as const) {
      const gpus = full(policy);
      faultAgain(gpus, 0);
      gpus.access(0, "write", 3, 1, 1024);
      const left = evicted(gpus);
      expect([policy, left.length, left.includes(0)]).toEqual([
        policy,
        nrPages,
        nrPages > 1 && false,
      ]);
    }
  });

  test("gives up any page, the same one in each run", () => {
    const runs = [0, 1].map(() => {
      const gpus = full("random-4k");
      gpus.access(0, "write", 3, 4, 1024);
      return evicted(gpus);
    });
    expect(runs[0]).toHaveLength(4);
    expect(runs[0]).toEqual(runs[1]);
    expect(runs[0]).not.toEqual([0, 1, 2, 3]);
  });

  test("gives up a tree of which less than half would be left", () => {
    const { chunks } = full("tbn").stack(0);
    const going = (nrPages: number): number => {
      const frames = new Set<number>();
      for (const { first, nrPages: size } of chunks.victims(nrPages, new Set())) {
        for (let at = 0; at < size; at++) frames.add(first + at);
      }
      return frames.size;
    };
    expect([1, 16, 17, 256, 257].map(going)).toEqual([16, 16, 32, 256, 512]);
  });
});

test.each(Object.keys(UVM_EVICTION_POLICIES))("under %s nothing is lost", (policy) => {
  const gpus = full(policy);
  for (const at of [1024, 0, 1536]) {
    gpus.access(0, "write", at, 64, at);
    expect(gpus.access(0, "read", 0, 64, at).values).toEqual(Array(64).fill(at));
  }
  for (const [at, value] of [
    [0, 0],
    [64, 1],
    [512, 1],
    [1024, 1024],
    [1536, 1536],
  ] as const) {
    expect(gpus.access(1, "read", 0, 1, at).values).toEqual([value]);
  }
  for (const stack of gpus.stacks) stack.close(stack.open(gpus.small.task.mm));
  assertWorldConsistent(gpus.small.world);
});
