import {
  MPOL_BIND,
  type TaskStruct,
  VM_MAYBE_GUARD,
  VM_READ,
  VM_WRITE,
  VmAreaStruct,
  World,
} from "@faultline/core";
import { describe, expect, test } from "vitest";
import { anonVmaFork, anonVmaPrepare } from "../rmap/anon-vma.ts";
import { findMergeableNeighbours, type VmaMergeRequest } from "./vma-merge-rules.ts";

const RW = VM_READ | VM_WRITE;

interface Fixture {
  readonly world: World;
  readonly task: TaskStruct;
  readonly prev: VmAreaStruct;
  readonly next: VmAreaStruct;
  readonly request: VmaMergeRequest;
}

/** Two VMAs with a hole of ten pages between them, and a request to fill it. */
function setUp(): Fixture {
  const world = new World();
  const task = world.createTask(0);
  const { mm } = task;
  const prev = new VmAreaStruct(mm, 100, 110, RW, 100);
  const next = new VmAreaStruct(mm, 120, 130, RW, 120);
  mm.insertVma(prev);
  mm.insertVma(next);
  const request: VmaMergeRequest = {
    mm,
    start: 110,
    end: 120,
    pgoff: 110,
    flags: RW,
    file: null,
    anonVma: null,
    policy: null,
    uffdCtx: null,
    middle: null,
    copiedFrom: null,
    keepsSource: false,
  };
  return { world, task, prev, next, request };
}

describe("findMergeableNeighbours", () => {
  test("takes both sides when everything agrees", () => {
    const { prev, next, request } = setUp();
    expect(findMergeableNeighbours(request, prev, next)).toEqual({ prev, next });
  });

  test("wants contiguous offsets on each side", () => {
    const { prev, next, request } = setUp();
    next.vmPgoff = 500;
    expect(findMergeableNeighbours(request, prev, next)).toEqual({ prev, next: null });
    const moved = { ...request, pgoff: 490 };
    expect(findMergeableNeighbours(moved, prev, next)).toEqual({ prev: null, next });
  });

  test("ignores guard regions, but no other flag and no policy", () => {
    const { prev, next, request } = setUp();
    prev.vmFlags |= VM_MAYBE_GUARD;
    next.vmPolicy = { mode: MPOL_BIND, nodes: [0] };
    expect(findMergeableNeighbours(request, prev, next)).toEqual({ prev, next: null });
  });

  test("does not link two anon_vmas, and prefers the lower side", () => {
    const { world, prev, next, request } = setUp();
    prev.anonVma = world.createAnonVma(null);
    prev.anonVmaChain = [{ vma: prev, anonVma: prev.anonVma }];
    next.anonVma = world.createAnonVma(null);
    next.anonVmaChain = [{ vma: next, anonVma: next.anonVma }];
    expect(findMergeableNeighbours(request, prev, next)).toEqual({ prev, next: null });
  });

  test("does not widen a VMA that still has links to its parent's pages", () => {
    const { world, task, prev, next, request } = setUp();
    anonVmaPrepare(world, prev);
    const childMm = world.createMm();
    const child = new VmAreaStruct(childMm, 100, 110, RW, 100);
    anonVmaFork(world, child, prev);
    expect(child.anonVmaChain).toHaveLength(2);
    const inChild = { ...request, mm: childMm };
    expect(findMergeableNeighbours(inChild, child, null)).toEqual({ prev: null, next: null });
    expect(findMergeableNeighbours(request, prev, next)).toEqual({ prev, next });
    expect(task.mm.vmas).toEqual([prev, next]);
  });
});
