import {
  EAGAIN,
  EEXIST,
  EFAULT,
  EINVAL,
  ENOENT,
  LEAF_MARKER,
  LEAF_PRESENT,
  LEAF_UFFD_WP,
  LEAF_WRITE,
  leafKind,
  MARKER_POISON,
  type TaskStruct,
  World,
} from "@faultline/core";
import { describe, expect, it } from "vitest";
import { ACCESS_SIGBUS, cpuAccess } from "../fault/cpu-access.ts";
import { readPageContent } from "../fault/page-content.ts";
import { createFile } from "../file/create-file.ts";
import { runToCompletion, type Verb } from "../verb.ts";
import { PROT_READ, PROT_WRITE } from "../vma/prot.ts";
import { sysMmap } from "../vma/sys-mmap.ts";
import { madviseGuardInstall } from "./guard.ts";
import { userfaultfdCopy, userfaultfdPoison, userfaultfdZeropage } from "./mfill-atomic.ts";
import { userfaultfdRegister } from "./register.ts";
import { createUserfaultfd } from "./userfaultfd.ts";
import { userfaultfdWriteprotect } from "./writeprotect.ts";

const BASE = 0x100000;

interface Scene {
  readonly world: World;
  readonly task: TaskStruct;
}

function registered(mode: number, shared = false, kind: "tmpfs" | null = null): Scene {
  const world = new World();
  const task = world.createTask(0);
  const file = kind === null ? {} : { file: createFile(world, kind, 12) };
  const request = { start: BASE, nrPages: 16, prot: PROT_READ | PROT_WRITE, shared, ...file };
  runToCompletion(sysMmap(world, task, request));
  const ctx = createUserfaultfd(world, { sigbus: true, wpUnpopulated: true });
  expect(runToCompletion(userfaultfdRegister(world, task, ctx, BASE, 16, mode))).toBe(0);
  return { world, task };
}

function copy(scene: Scene, start: number, tokens: number[], wp = false): number {
  return run(userfaultfdCopy(scene.world, scene.task, BASE + start, tokens, wp));
}

function zero(scene: Scene, start: number, nrPages: number): number {
  return run(userfaultfdZeropage(scene.world, scene.task, BASE + start, nrPages));
}

function poison(scene: Scene, start: number, nrPages: number): number {
  return run(userfaultfdPoison(scene.world, scene.task, BASE + start, nrPages));
}

function run(verb: Verb): number {
  return runToCompletion(verb);
}

function bits({ task }: Scene, page: number): number {
  return task.mm.pageTable.bits(BASE + page);
}

function read({ world, task }: Scene, page: number): number {
  const rc = cpuAccess(world, task, BASE + page, false);
  return rc === 0 ? readPageContent(world, task.mm, BASE + page) : -rc;
}

describe("filling private memory", () => {
  it("copies, maps the zero page, poisons", () => {
    const scene = registered(1);
    expect(copy(scene, 0, [7, 8])).toBe(2);
    expect(zero(scene, 2, 1)).toBe(1);
    expect(poison(scene, 3, 1)).toBe(1);
    expect([0, 1, 2, 3].map((page) => read(scene, page))).toEqual([7, 8, 0, -ACCESS_SIGBUS]);
    expect(bits(scene, 0) & LEAF_WRITE).not.toBe(0);
    expect(scene.task.mm.pageTable.val(BASE + 2)).toBe(scene.world.zeroPfn);
    expect(scene.task.mm.pageTable.val(BASE + 3)).toBe(MARKER_POISON);
  });

  it("stops at the first page that is there", () => {
    const scene = registered(1);
    copy(scene, 2, [5]);
    expect(copy(scene, 0, [1, 2, 3, 4])).toBe(-EAGAIN);
    expect([0, 1, 2].map((page) => read(scene, page))).toEqual([1, 2, 5]);
    expect(copy(scene, 2, [9])).toBe(-EEXIST);
    expect(zero(scene, 2, 1)).toBe(-EEXIST);
    expect(poison(scene, 2, 1)).toBe(-EEXIST);
  });

  it("protects copies only in memory registered for it", () => {
    expect(copy(registered(1), 0, [1], true)).toBe(-EINVAL);
    const scene = registered(3);
    expect(copy(scene, 0, [1], true)).toBe(1);
    expect(bits(scene, 0) & (LEAF_WRITE | LEAF_UFFD_WP)).toBe(LEAF_UFFD_WP);
  });

  it("needs one registered VMA around the whole range", () => {
    const scene = registered(1);
    expect(copy(scene, 14, [1, 2, 3])).toBe(-ENOENT);
    expect(copy(scene, 20, [1])).toBe(-ENOENT);
    expect(copy(scene, 0, [])).toBe(-EINVAL);
  });

  it("lets a copy replace protection markers and poison, but nothing replaces a guard", () => {
    const scene = registered(3);
    const { world, task } = scene;
    run(userfaultfdWriteprotect(world, task, BASE, 2, true));
    poison(scene, 2, 2);
    const vma = task.mm.vmaAt(BASE);
    if (vma === null) throw new Error("nothing is mapped");
    run(madviseGuardInstall(world, task, vma, BASE + 4, BASE + 6));
    expect(zero(scene, 0, 1)).toBe(-EEXIST);
    expect(poison(scene, 0, 1)).toBe(-EEXIST);
    expect(zero(scene, 2, 1)).toBe(-EEXIST);
    expect(copy(scene, 0, [1])).toBe(1);
    expect(copy(scene, 2, [2])).toBe(1);
    expect(copy(scene, 4, [3])).toBe(-EEXIST);
    expect(bits(scene, 0) & (LEAF_WRITE | LEAF_UFFD_WP)).toBe(LEAF_WRITE);
  });
});

describe("filling files", () => {
  it("puts pages of shared memory into the cache and refuses those that are there", () => {
    const scene = registered(3, true);
    const file = scene.task.mm.vmaAt(BASE)?.vmFile;
    expect(copy(scene, 0, [7])).toBe(1);
    poison(scene, 1, 1);
    expect(zero(scene, 1, 1)).toBe(1);
    expect(file?.nrCached).toBe(2);
    expect(leafKind(bits(scene, 1))).toBe(LEAF_PRESENT);
    scene.task.mm.pageTable.set(BASE, 0, 0);
    expect(copy(scene, 0, [8])).toBe(-EEXIST);
  });

  it("makes private copies without looking at the file", () => {
    const scene = registered(1, false, "tmpfs");
    const file = scene.task.mm.vmaAt(BASE)?.vmFile;
    expect(copy(scene, 0, [7])).toBe(1);
    expect(file?.nrCached).toBe(0);
    expect(copy(scene, 12, [7])).toBe(-EFAULT);
    expect(poison(scene, 12, 1)).toBe(-EFAULT);
    expect(leafKind(bits(scene, 12))).not.toBe(LEAF_MARKER);
  });
});
