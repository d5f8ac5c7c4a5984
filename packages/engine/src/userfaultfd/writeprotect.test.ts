import {
  ENOENT,
  LEAF_MARKER,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_UFFD_WP,
  LEAF_WRITE,
  leafKind,
  MARKER_UFFD_WP,
  type TaskStruct,
  type UserfaultfdCtx,
  VM_HUGEPAGE,
  World,
} from "@faultline/core";
import { describe, expect, it } from "vitest";
import { ACCESS_SIGBUS, cpuAccess } from "../fault/cpu-access.ts";
import { sysFork } from "../fork/fork.ts";
import { runToCompletion } from "../verb.ts";
import { PROT_READ, PROT_WRITE } from "../vma/prot.ts";
import { sysMmap } from "../vma/sys-mmap.ts";
import { userfaultfdRegister } from "./register.ts";
import { createUserfaultfd, type UserfaultfdFeatures } from "./userfaultfd.ts";
import { userfaultfdWriteprotect } from "./writeprotect.ts";

const BASE = 0x100000;

class Scene {
  readonly world: World = new World();
  readonly task: TaskStruct = this.world.createTask(0);
  readonly ctx: UserfaultfdCtx;

  constructor(nrPages: number, shared: boolean, features: UserfaultfdFeatures) {
    const prot = PROT_READ | PROT_WRITE;
    const request = { start: BASE, nrPages, prot, shared };
    expect(runToCompletion(sysMmap(this.world, this.task, request))).toBe(0);
    this.ctx = createUserfaultfd(this.world, features);
  }

  access(page: number, isWrite: boolean): number {
    return cpuAccess(this.world, this.task, BASE + page, isWrite);
  }

  register(start: number, nrPages: number): void {
    const verb = userfaultfdRegister(this.world, this.task, this.ctx, BASE + start, nrPages, 2);
    expect(runToCompletion(verb)).toBe(0);
  }

  protect(start: number, nrPages: number, on: boolean): number {
    const verb = userfaultfdWriteprotect(this.world, this.task, BASE + start, nrPages, on);
    return runToCompletion(verb);
  }

  bits(page: number): number {
    return this.task.mm.pageTable.bits(BASE + page);
  }
}

const SIGBUS = { sigbus: true, wpUnpopulated: true };

describe("userfaultfdWriteprotect", () => {
  it("stops writes with SIGBUS and gives an exclusive page its write bit back", () => {
    const scene = new Scene(16, false, SIGBUS);
    scene.access(0, true);
    scene.register(0, 16);
    expect(scene.protect(0, 1, true)).toBe(0);
    expect(scene.bits(0) & (LEAF_WRITE | LEAF_UFFD_WP)).toBe(LEAF_UFFD_WP);
    expect(scene.access(0, false)).toBe(0);
    expect(scene.access(0, true)).toBe(ACCESS_SIGBUS);
    expect(scene.protect(0, 1, false)).toBe(0);
    expect(scene.bits(0) & (LEAF_WRITE | LEAF_UFFD_WP)).toBe(LEAF_WRITE);
  });

  it("leaves a page shared by fork read-only when protection is taken off", () => {
    const scene = new Scene(16, false, SIGBUS);
    scene.access(0, true);
    runToCompletion(sysFork(scene.world, scene.task));
    scene.register(0, 16);
    scene.protect(0, 1, true);
    scene.protect(0, 1, false);
    expect(scene.bits(0) & (LEAF_WRITE | LEAF_UFFD_WP)).toBe(0);
  });

  it("resolves writes silently in asynchronous mode", () => {
    const scene = new Scene(16, false, { wpAsync: true });
    scene.access(0, true);
    scene.register(0, 16);
    scene.protect(0, 2, true);
    expect(scene.access(0, true)).toBe(0);
    expect(scene.access(1, true)).toBe(0);
    for (const page of [0, 1]) {
      expect(scene.bits(page) & (LEAF_WRITE | LEAF_UFFD_WP)).toBe(LEAF_WRITE);
    }
  });

  it("marks absent pages, and a write to one allocates it before it stops", () => {
    const scene = new Scene(16, false, SIGBUS);
    scene.register(0, 16);
    scene.protect(0, 2, true);
    expect(leafKind(scene.bits(0))).toBe(LEAF_MARKER);
    expect(scene.task.mm.pageTable.val(BASE)).toBe(MARKER_UFFD_WP);
    expect(scene.access(0, true)).toBe(ACCESS_SIGBUS);
    expect(leafKind(scene.bits(0))).toBe(LEAF_PRESENT);
    expect(scene.bits(0) & (LEAF_WRITE | LEAF_UFFD_WP)).toBe(LEAF_UFFD_WP);
    scene.protect(0, 2, false);
    expect(scene.bits(1)).toBe(LEAF_NONE);
  });

  it("does not touch absent anonymous pages unless asked for at opening", () => {
    const scene = new Scene(16, false, { sigbus: true });
    scene.register(0, 16);
    expect(scene.protect(0, 2, true)).toBe(0);
    expect(scene.bits(0)).toBe(LEAF_NONE);
  });

  it("keeps a huge leaf for a whole block and splits it for a part", () => {
    const scene = new Scene(1024, false, SIGBUS);
    for (const vma of scene.task.mm.vmas) vma.vmFlags |= VM_HUGEPAGE;
    scene.access(0, true);
    scene.access(512, true);
    scene.register(0, 1024);
    scene.protect(0, 512, true);
    scene.protect(600, 1, true);
    const { pageTable } = scene.task.mm;
    expect(leafKind(pageTable.slotBits(BASE))).toBe(LEAF_PRESENT);
    expect(pageTable.slotBits(BASE) & LEAF_UFFD_WP).not.toBe(0);
    expect(scene.bits(599) & (LEAF_WRITE | LEAF_UFFD_WP)).toBe(LEAF_WRITE);
    expect(scene.bits(600) & (LEAF_WRITE | LEAF_UFFD_WP)).toBe(LEAF_UFFD_WP);
  });

  it("ends at the first VMA that is not registered, with those before it done", () => {
    const scene = new Scene(16, false, SIGBUS);
    for (let page = 0; page < 16; page++) scene.access(page, true);
    scene.register(0, 8);
    expect(scene.protect(4, 8, true)).toBe(-ENOENT);
    expect(scene.bits(7) & LEAF_UFFD_WP).not.toBe(0);
    expect(scene.bits(8) & LEAF_UFFD_WP).toBe(0);
    expect(scene.protect(20, 4, true)).toBe(-ENOENT);
  });

  it("never gives shared memory its write bit back without a fault", () => {
    const scene = new Scene(16, true, SIGBUS);
    scene.access(0, true);
    scene.register(0, 16);
    scene.protect(0, 1, true);
    scene.protect(0, 1, false);
    expect(scene.bits(0) & (LEAF_WRITE | LEAF_UFFD_WP)).toBe(0);
    expect(scene.access(0, true)).toBe(0);
    expect(scene.bits(0) & LEAF_WRITE).not.toBe(0);
  });
});
