import {
  EBUSY,
  EINVAL,
  EPERM,
  LEAF_MARKER,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_UFFD_WP,
  LEAF_WRITE,
  leafKind,
  type TaskStruct,
  type UserfaultfdCtx,
  VM_MAYWRITE,
  World,
} from "@faultline/core";
import { describe, expect, it } from "vitest";
import { ACCESS_SIGBUS, cpuAccess } from "../fault/cpu-access.ts";
import { createFile } from "../file/create-file.ts";
import { runToCompletion } from "../verb.ts";
import { PROT_READ, PROT_WRITE } from "../vma/prot.ts";
import { sysMmap } from "../vma/sys-mmap.ts";
import { userfaultfdRegister } from "./register.ts";
import { userfaultfdUnregister } from "./unregister.ts";
import { createUserfaultfd, userfaultfdClose } from "./userfaultfd.ts";
import { userfaultfdWriteprotect } from "./writeprotect.ts";

const BASE = 0x100000;
const MISSING = 1;
const WP = 2;
const ALL = { sigbus: true, wpUnpopulated: true };

interface Setup {
  readonly world: World;
  readonly task: TaskStruct;
  readonly ctx: UserfaultfdCtx;
}

function anonymous(nrPages: number, nrWritten: number): Setup {
  const world = new World();
  const task = world.createTask(0);
  const prot = PROT_READ | PROT_WRITE;
  runToCompletion(sysMmap(world, task, { start: BASE, nrPages, prot, shared: false }));
  for (let i = 0; i < nrWritten; i++) expect(cpuAccess(world, task, BASE + i, true)).toBe(0);
  return { world, task, ctx: createUserfaultfd(world, ALL) };
}

function register(setup: Setup, start: number, nrPages: number, mode: number): number {
  const { world, task, ctx } = setup;
  return runToCompletion(userfaultfdRegister(world, task, ctx, BASE + start, nrPages, mode));
}

function protect(setup: Setup, start: number, nrPages: number, on: boolean): number {
  const { world, task } = setup;
  return runToCompletion(userfaultfdWriteprotect(world, task, BASE + start, nrPages, on));
}

function bordersOf({ task }: Setup): number[] {
  return task.mm.vmas.map((vma) => vma.vmStart - BASE);
}

function bitsAt({ task }: Setup, page: number): number {
  return task.mm.pageTable.bits(BASE + page);
}

describe("userfaultfdRegister", () => {
  it("splits VMAs at the ends of the range and merges them again", () => {
    const setup = anonymous(16, 0);
    expect(register(setup, 4, 4, MISSING)).toBe(0);
    expect(bordersOf(setup)).toEqual([0, 4, 8]);
    expect(cpuAccess(setup.world, setup.task, BASE + 4, false)).toBe(ACCESS_SIGBUS);
    expect(cpuAccess(setup.world, setup.task, BASE + 8, false)).toBe(0);
    const { world, task, ctx } = setup;
    expect(runToCompletion(userfaultfdUnregister(world, task, ctx, BASE, 16))).toBe(0);
    expect(bordersOf(setup)).toEqual([0]);
    expect(cpuAccess(world, task, BASE + 4, false)).toBe(0);
  });

  it("leaves a VMA whole that has the mode already", () => {
    const setup = anonymous(16, 0);
    expect(register(setup, 0, 16, MISSING | WP)).toBe(0);
    expect(register(setup, 4, 4, MISSING)).toBe(0);
    expect(bordersOf(setup)).toEqual([0]);
  });

  it("refuses nothing, unmapped ranges, unknown modes and foreign registrations", () => {
    const setup = anonymous(16, 0);
    expect(register(setup, 0, 0, MISSING)).toBe(-EINVAL);
    expect(register(setup, 16, 4, MISSING)).toBe(-EINVAL);
    expect(register(setup, 0, 4, 0)).toBe(-EINVAL);
    expect(register(setup, 0, 4, 8)).toBe(-EINVAL);
    expect(register(setup, 0, 4, MISSING)).toBe(0);
    const other = { ...setup, ctx: createUserfaultfd(setup.world, ALL) };
    expect(register(other, 2, 4, MISSING)).toBe(-EBUSY);
  });

  it("refuses memory that can never be written", () => {
    const setup = anonymous(16, 0);
    for (const vma of setup.task.mm.vmas) vma.vmFlags &= ~VM_MAYWRITE;
    expect(register(setup, 0, 4, MISSING)).toBe(-EPERM);
  });

  it("takes ramfs files only for write protection that resolves itself", () => {
    const world = new World();
    const task = world.createTask(0);
    const file = createFile(world, "ramfs", 8);
    const prot = PROT_READ | PROT_WRITE;
    runToCompletion(sysMmap(world, task, { start: BASE, nrPages: 8, prot, shared: true, file }));
    const signalled: Setup = { world, task, ctx: createUserfaultfd(world, ALL) };
    expect(register(signalled, 0, 8, WP)).toBe(-EINVAL);
    const asynchronous: Setup = { world, task, ctx: createUserfaultfd(world, { wpAsync: true }) };
    expect(register(asynchronous, 0, 8, MISSING)).toBe(-EINVAL);
    expect(register(asynchronous, 0, 8, WP)).toBe(0);
  });
});

describe("ending a registration", () => {
  it("removes protection and markers where write protection was registered", () => {
    const setup = anonymous(16, 8);
    register(setup, 0, 16, WP);
    expect(protect(setup, 0, 12, true)).toBe(0);
    expect(leafKind(bitsAt(setup, 9))).toBe(LEAF_MARKER);
    const { world, task, ctx } = setup;
    expect(runToCompletion(userfaultfdClose(world, task.mm, ctx))).toBe(0);
    expect(bitsAt(setup, 0) & (LEAF_PRESENT | LEAF_UFFD_WP | LEAF_WRITE)).toBe(
      LEAF_PRESENT | LEAF_WRITE,
    );
    expect(bitsAt(setup, 9)).toBe(LEAF_NONE);
    expect(bordersOf(setup)).toEqual([0]);
  });

  it("leaves protection bits where the mode was given up before", () => {
    const setup = anonymous(16, 16);
    register(setup, 0, 16, WP);
    protect(setup, 0, 16, true);
    register(setup, 4, 4, MISSING);
    const { world, task, ctx } = setup;
    expect(cpuAccess(world, task, BASE + 4, true)).toBe(0);
    expect(cpuAccess(world, task, BASE + 8, true)).toBe(ACCESS_SIGBUS);
    runToCompletion(userfaultfdClose(world, task.mm, ctx));
    expect(bitsAt(setup, 4) & LEAF_UFFD_WP).not.toBe(0);
    expect(bitsAt(setup, 8) & LEAF_UFFD_WP).toBe(0);
  });

  it("is refused for an unmapped range", () => {
    const { world, task, ctx } = anonymous(16, 0);
    const verb = userfaultfdUnregister(world, task, ctx, BASE + 16, 4);
    expect(runToCompletion(verb)).toBe(-EINVAL);
  });
});
