import {
  type AddressSpace,
  EINVAL,
  EOPNOTSUPP,
  FRAME_ANON,
  LEAF_NONE,
  LEAF_PRESENT,
  leafKind,
  type MmuNotifierRange,
  MmuIntervalNotifier,
  MmuNotifierSubscriptions,
  type TaskStruct,
  World,
} from "@faultline/core";
import { describe, expect, it } from "vitest";
import { ACCESS_SIGBUS, cpuAccess } from "../fault/cpu-access.ts";
import { readPageContent } from "../fault/page-content.ts";
import { sysFork } from "../fork/fork.ts";
import { runToCompletion } from "../verb.ts";
import { PROT_READ, PROT_WRITE } from "../vma/prot.ts";
import { sysMmap } from "../vma/sys-mmap.ts";
import { createFile, fileGet, filePut } from "./create-file.ts";
import { filemapGetPage } from "./filemap.ts";
import { fileWrite } from "./read-write.ts";
import { filePunchHole, fileTruncate } from "./truncate.ts";

const BASE = 0x100000;
const LENGTH = 16;

interface Setup {
  readonly world: World;
  readonly task: TaskStruct;
  readonly file: AddressSpace;
  readonly events: string[];
}

/** A file whose first eight pages hold 1 to 8, mapped at BASE. */
function mapped(kind: "tmpfs" | "ramfs", shared: boolean): Setup {
  const world = new World();
  const task = world.createTask(0);
  const file = createFile(world, kind, LENGTH);
  fileGet(file);
  runToCompletion(fileWrite(world, task, file, 0, [1, 2, 3, 4, 5, 6, 7, 8]));
  const prot = PROT_READ | PROT_WRITE;
  const request = { start: BASE, nrPages: LENGTH, prot, shared, file };
  expect(runToCompletion(sysMmap(world, task, request))).toBe(0);
  const events: string[] = [];
  const subscriptions = new MmuNotifierSubscriptions();
  const note = (_: MmuIntervalNotifier, range: MmuNotifierRange): void => {
    events.push(`${range.event} ${range.start - BASE} ${range.end - BASE}`);
  };
  subscriptions.insert(new MmuIntervalNotifier(task.mm, 0, 2 ** 45, note));
  task.mm.notifierSubscriptions = subscriptions;
  return { world, task, file, events };
}

function freePages(world: World): number {
  return world.buddies.reduce((sum, buddy) => sum + buddy.nrFree, 0);
}

function kindAt(task: TaskStruct, page: number): number {
  return leafKind(task.mm.pageTable.bits(BASE + page));
}

function touch(setup: Setup, pages: number, isWrite: boolean): void {
  for (let page = BASE; page < BASE + pages; page++) {
    expect(cpuAccess(setup.world, setup.task, page, isWrite)).toBe(0);
  }
}

describe("fileTruncate", () => {
  it("drops private copies beyond the new end, in every process", () => {
    const setup = mapped("tmpfs", false);
    const { world, task, file } = setup;
    touch(setup, 8, true);
    const child = runToCompletion(sysFork(world, task)) as TaskStruct;
    expect(runToCompletion(fileTruncate(world, file, 4))).toBe(0);
    for (const process of [task, child]) {
      expect(kindAt(process, 3)).toBe(LEAF_PRESENT);
      expect(kindAt(process, 4)).toBe(LEAF_NONE);
      expect(cpuAccess(world, process, BASE + 4, false)).toBe(ACCESS_SIGBUS);
    }
  });

  it("frees the truncated pages and shows zeros when the file grows again", () => {
    const setup = mapped("tmpfs", true);
    const { world, task, file } = setup;
    touch(setup, 8, false);
    expect(file.nrCached).toBe(8);
    runToCompletion(fileTruncate(world, file, 4));
    expect(file.nrCached).toBe(4);
    runToCompletion(fileTruncate(world, file, 8));
    touch(setup, 8, false);
    const contents = [3, 4].map((page) => readPageContent(world, task.mm, BASE + page));
    expect(contents).toEqual([4, 0]);
  });

  it("tells the subscribers about the part of each VMA behind the new end", () => {
    const { world, file, events } = mapped("tmpfs", true);
    runToCompletion(fileTruncate(world, file, 4));
    expect(events).toEqual(["MMU_NOTIFY_CLEAR 4 16", "MMU_NOTIFY_CLEAR 4 16"]);
  });

  it("leaves the mappings of shared memory alone when it does not shrink", () => {
    const { world, file, events } = mapped("tmpfs", true);
    runToCompletion(fileTruncate(world, file, LENGTH));
    runToCompletion(fileTruncate(world, file, 64));
    expect(events).toEqual([]);
  });

  it("unmaps what lies behind the end of a ramfs file even when it grows", () => {
    const { world, file, events } = mapped("ramfs", true);
    file.nrPages = 8;
    runToCompletion(fileTruncate(world, file, 12));
    expect(events).toEqual(["MMU_NOTIFY_CLEAR 12 16", "MMU_NOTIFY_CLEAR 12 16"]);
  });

  it("keeps a truncated page that is pinned, without a file", () => {
    const setup = mapped("tmpfs", true);
    const { world, file } = setup;
    touch(setup, 8, false);
    const pfn = filemapGetPage(world, file, 6);
    world.frames.addPins(pfn, 1);
    runToCompletion(fileTruncate(world, file, 0));
    expect(world.frames.isFree(pfn)).toBe(false);
    expect(world.frames.extraRefs(pfn)).toBe(1);
    expect(world.frames.rmapOwner(pfn)).toBe(0);
  });
});

describe("filePunchHole", () => {
  it("unmaps pages of the file and keeps private copies", () => {
    const setup = mapped("tmpfs", false);
    const { world, task, file } = setup;
    touch(setup, 8, false);
    touch(setup, 4, true);
    expect(runToCompletion(filePunchHole(world, file, 2, 4))).toBe(0);
    const { pageTable } = task.mm;
    expect(world.frames.flags(pageTable.val(BASE + 3)) & FRAME_ANON).not.toBe(0);
    expect(kindAt(task, 4)).toBe(LEAF_NONE);
    expect(cpuAccess(world, task, BASE + 4, false)).toBe(0);
    expect(readPageContent(world, task.mm, BASE + 4)).toBe(0);
    expect(readPageContent(world, task.mm, BASE + 6)).toBe(7);
  });

  it("is refused for an empty range and by file systems without holes", () => {
    const tmpfs = mapped("tmpfs", true);
    expect(runToCompletion(filePunchHole(tmpfs.world, tmpfs.file, 2, 0))).toBe(-EINVAL);
    const ramfs = mapped("ramfs", true);
    expect(runToCompletion(filePunchHole(ramfs.world, ramfs.file, 2, 1))).toBe(-EOPNOTSUPP);
    expect(ramfs.events).toEqual([]);
  });
});

describe("the life of a file", () => {
  it("ends with the last holder and gives all its pages back", () => {
    const world = new World();
    const task = world.createTask(0);
    const file = createFile(world, "tmpfs", LENGTH);
    fileGet(file);
    const before = freePages(world);
    runToCompletion(fileWrite(world, task, file, 0, [1, 2, 3]));
    expect(freePages(world)).toBe(before - 3);
    filePut(world, file);
    expect(freePages(world)).toBe(before);
    expect(world.rmapTarget(file.id)).toBe(null);
  });

  it("outlasts its descriptor while it is mapped", () => {
    const { world, task, file } = mapped("tmpfs", true);
    filePut(world, file);
    expect(file.refs).toBe(1);
    expect(cpuAccess(world, task, BASE, false)).toBe(0);
    expect(readPageContent(world, task.mm, BASE)).toBe(1);
  });
});
