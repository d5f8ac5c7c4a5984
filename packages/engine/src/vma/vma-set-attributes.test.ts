import {
  MPOL_BIND,
  type Mempolicy,
  type TaskStruct,
  type UserfaultfdCtx,
  VM_UFFD_MISSING,
  VM_UFFD_WP,
  World,
} from "@faultline/core";
import { describe, expect, test } from "vitest";
import { runToCompletion } from "../verb.ts";
import { PROT_READ } from "./prot.ts";
import { sysMmap } from "./sys-mmap.ts";
import { vmaSetPolicy } from "./vma-set-policy.ts";
import { vmaSetUffd } from "./vma-set-uffd.ts";

const CTX: UserfaultfdCtx = {
  id: 1,
  featureSigbus: true,
  featureWpAsync: false,
  featureWpUnpopulated: true,
  released: false,
};

function setUp(): { world: World; task: TaskStruct } {
  const world = new World();
  const task = world.createTask(0);
  for (const start of [100, 140]) {
    const request = { start, nrPages: 30, prot: PROT_READ, shared: false };
    expect(runToCompletion(sysMmap(world, task, request))).toBe(0);
  }
  return { world, task };
}

function starts(task: TaskStruct): number[] {
  return task.mm.vmas.map((vma) => vma.vmStart);
}

describe("vmaSetPolicy", () => {
  test("splits at both ends, skips holes, and merges when the policies agree again", () => {
    const { world, task } = setUp();
    const policy: Mempolicy = { mode: MPOL_BIND, nodes: [0] };
    expect(vmaSetPolicy(world, task.mm, 120, 150, policy)).toBe(0);
    expect(starts(task)).toEqual([100, 120, 140, 150]);
    expect(task.mm.vmas.map((vma) => vma.vmPolicy)).toEqual([null, policy, policy, null]);
    expect(vmaSetPolicy(world, task.mm, 100, 120, { mode: MPOL_BIND, nodes: [0] })).toBe(0);
    expect(starts(task)).toEqual([100, 140, 150]);
    expect(vmaSetPolicy(world, task.mm, 0, 1000, null)).toBe(0);
    expect(starts(task)).toEqual([100, 140]);
  });
});

describe("vmaSetUffd", () => {
  test("replaces the modes and detaches with a null context", () => {
    const { world, task } = setUp();
    const { mm } = task;
    expect(vmaSetUffd(world, mm, 110, 120, CTX, VM_UFFD_MISSING)).toBe(0);
    expect(starts(task)).toEqual([100, 110, 120, 140]);
    expect(vmaSetUffd(world, mm, 100, 130, CTX, VM_UFFD_WP)).toBe(0);
    expect(starts(task)).toEqual([100, 140]);
    expect(mm.vmaAt(100)?.has(VM_UFFD_WP)).toBe(true);
    expect(mm.vmaAt(100)?.has(VM_UFFD_MISSING)).toBe(false);
    expect(vmaSetUffd(world, mm, 0, 1000, null, 0)).toBe(0);
    expect(mm.vmas.map((vma) => vma.uffdCtx)).toEqual([null, null]);
    expect(mm.vmaAt(100)?.has(VM_UFFD_WP)).toBe(false);
  });

  test("leaves memory alone that has the modes already", () => {
    const { world, task } = setUp();
    const { mm } = task;
    expect(vmaSetUffd(world, mm, 100, 130, CTX, VM_UFFD_MISSING | VM_UFFD_WP)).toBe(0);
    expect(vmaSetUffd(world, mm, 110, 120, CTX, VM_UFFD_WP)).toBe(0);
    expect(starts(task)).toEqual([100, 140]);
  });
});
