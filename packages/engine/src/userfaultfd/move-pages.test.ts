import {
  EAGAIN,
  EBUSY,
  EEXIST,
  EFAULT,
  EINVAL,
  ENOENT,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_UFFD_WP,
  LEAF_WRITE,
  leafKind,
  type MmuNotifierRange,
  MmuIntervalNotifier,
  MmuNotifierSubscriptions,
  type TaskStruct,
  type UserfaultfdCtx,
  VM_HUGEPAGE,
  World,
} from "@faultline/core";
import { describe, expect, it } from "vitest";
import { sysExit } from "../fork/exit.ts";
import { sysMunmap } from "../vma/sys-munmap.ts";
import { cpuAccess } from "../fault/cpu-access.ts";
import { readPageContent, writePageContent } from "../fault/page-content.ts";
import { sysFork } from "../fork/fork.ts";
import { runToCompletion } from "../verb.ts";
import { PROT_READ, PROT_WRITE } from "../vma/prot.ts";
import { sysMmap } from "../vma/sys-mmap.ts";
import { userfaultfdCopy, userfaultfdPoison } from "./mfill-atomic.ts";
import {
  UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES,
  UFFDIO_MOVE_MODE_DONTWAKE,
  userfaultfdMove,
} from "./move-pages.ts";
import { userfaultfdRegister } from "./register.ts";
import { createUserfaultfd } from "./userfaultfd.ts";
import { userfaultfdWriteprotect } from "./writeprotect.ts";

const BASE = 0x100000;

class Scene {
  readonly world: World = new World();
  readonly task: TaskStruct = this.world.createTask(0);
  readonly ctx: UserfaultfdCtx;
  readonly events: string[] = [];

  /** `nrPages` pages, the first `nrDst` of them registered for missing faults. */
  constructor(nrPages: number, nrDst: number, isHuge = false) {
    const { world, task } = this;
    const prot = PROT_READ | PROT_WRITE;
    runToCompletion(sysMmap(world, task, { start: BASE, nrPages, prot, shared: false }));
    if (isHuge) for (const vma of task.mm.vmas) vma.vmFlags |= VM_HUGEPAGE;
    this.ctx = createUserfaultfd(world, { sigbus: true, wpUnpopulated: true });
    const verb = userfaultfdRegister(world, task, this.ctx, BASE, nrDst, 1);
    expect(runToCompletion(verb)).toBe(0);
  }

  write(start: number, nrPages: number): void {
    for (let page = start; page < start + nrPages; page++) {
      expect(cpuAccess(this.world, this.task, BASE + page, true)).toBe(0);
      writePageContent(this.world, this.task.mm, BASE + page, page + 1);
    }
  }

  move(dst: number, src: number, nrPages: number, mode = 0): number {
    const { world, task, ctx } = this;
    const verb = userfaultfdMove(world, task, ctx, BASE + dst, BASE + src, nrPages, mode);
    return runToCompletion(verb);
  }

  bits(page: number): number {
    return this.task.mm.pageTable.bits(BASE + page);
  }

  content(page: number): number {
    return readPageContent(this.world, this.task.mm, BASE + page);
  }

  listen(): void {
    const subscriptions = new MmuNotifierSubscriptions();
    const note = (_: MmuIntervalNotifier, range: MmuNotifierRange): void => {
      this.events.push(`${range.event} ${range.start - BASE} ${range.end - BASE}`);
    };
    subscriptions.insert(new MmuIntervalNotifier(this.task.mm, 0, 2 ** 45, note));
    this.task.mm.notifierSubscriptions = subscriptions;
  }
}

describe("userfaultfdMove of single pages", () => {
  it("moves pages with their frames and makes them writable", () => {
    const scene = new Scene(32, 16);
    scene.write(16, 2);
    const pfn = scene.task.mm.pageTable.val(BASE + 16);
    expect(scene.move(0, 16, 2)).toBe(2);
    expect(scene.task.mm.pageTable.val(BASE)).toBe(pfn);
    expect(scene.bits(0) & LEAF_WRITE).not.toBe(0);
    expect(scene.bits(16)).toBe(LEAF_NONE);
    expect([scene.content(0), scene.content(1)]).toEqual([17, 18]);
  });

  it("moves zero pages and drops write protection", () => {
    const scene = new Scene(32, 16);
    const { world, task, ctx } = scene;
    scene.write(16, 1);
    cpuAccess(world, task, BASE + 17, false);
    runToCompletion(userfaultfdRegister(world, task, ctx, BASE + 16, 16, 3));
    runToCompletion(userfaultfdWriteprotect(world, task, BASE + 16, 2, true));
    expect(scene.move(0, 16, 2)).toBe(2);
    expect(scene.bits(0) & (LEAF_WRITE | LEAF_UFFD_WP)).toBe(LEAF_WRITE);
    expect(task.mm.pageTable.val(BASE + 1)).toBe(world.zeroPfn);
    expect(scene.bits(1) & LEAF_UFFD_WP).toBe(0);
  });

  it("stops at holes unless they are allowed, and never at a used destination", () => {
    const scene = new Scene(32, 16);
    const { world, task } = scene;
    scene.write(16, 1);
    expect(scene.move(0, 17, 1)).toBe(-ENOENT);
    expect(scene.move(0, 17, 1, UFFDIO_MOVE_MODE_DONTWAKE)).toBe(-ENOENT);
    expect(scene.move(0, 17, 1, UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES)).toBe(1);
    expect(scene.move(0, 16, 2)).toBe(-EAGAIN);
    runToCompletion(userfaultfdCopy(world, task, BASE + 5, [1], false));
    expect(scene.move(5, 17, 1, UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES)).toBe(-EEXIST);
  });

  it("refuses shared, pinned and poisoned pages", () => {
    const scene = new Scene(32, 16);
    const { world, task, ctx } = scene;
    scene.write(16, 3);
    const pfn = task.mm.pageTable.val(BASE + 16);
    world.frames.addPins(pfn, 1);
    expect(scene.move(0, 16, 1)).toBe(-EBUSY);
    world.frames.addPins(pfn, -1);
    runToCompletion(userfaultfdRegister(world, task, ctx, BASE + 16, 16, 1));
    runToCompletion(userfaultfdPoison(world, task, BASE + 24, 1));
    expect(scene.move(0, 24, 1)).toBe(-EFAULT);
    runToCompletion(sysFork(world, task));
    expect(scene.move(0, 17, 1)).toBe(-EBUSY);
  });

  it("announces everything up to the end of the block, even when a page is refused", () => {
    const scene = new Scene(32, 16);
    scene.write(16, 4);
    scene.listen();
    expect(scene.move(0, 16, 8)).toBe(-EAGAIN);
    expect(scene.events).toEqual(["MMU_NOTIFY_CLEAR 16 24"]);
  });
});

describe("what userfaultfdMove demands of the VMAs", () => {
  it("wants both ranges mapped, private, anonymous, alike and the destination registered", () => {
    const scene = new Scene(32, 16);
    const { world, task } = scene;
    const map = (start: number, prot: number, shared: boolean): void => {
      runToCompletion(sysMmap(world, task, { start: BASE + start, nrPages: 8, prot, shared }));
    };
    map(40, PROT_READ, false);
    map(48, PROT_READ | PROT_WRITE, true);
    expect(scene.move(0, 60, 1)).toBe(-ENOENT);
    expect(scene.move(60, 16, 1)).toBe(-ENOENT);
    expect(scene.move(0, 40, 1)).toBe(-EINVAL);
    expect(scene.move(0, 48, 1)).toBe(-EINVAL);
    expect(scene.move(16, 0, 1)).toBe(-EINVAL);
    expect(scene.move(15, 16, 2)).toBe(-EINVAL);
    expect(scene.move(0, 31, 2)).toBe(-EINVAL);
    expect(scene.move(0, 16, 0)).toBe(-EINVAL);
    expect(scene.move(0, 16, 1, 4)).toBe(-EINVAL);
  });
});

describe("userfaultfdMove of huge leaves", () => {
  it("moves a whole aligned block as it is", () => {
    const scene = new Scene(1024, 512, true);
    scene.write(512, 1);
    const head = scene.task.mm.pageTable.slotVal(BASE + 512);
    expect(scene.move(0, 512, 512)).toBe(512);
    const { pageTable } = scene.task.mm;
    expect(leafKind(pageTable.slotBits(BASE))).toBe(LEAF_PRESENT);
    expect(pageTable.slotVal(BASE)).toBe(head);
    expect(pageTable.slotBits(BASE + 512)).toBe(LEAF_NONE);
  });

  it("cuts the folio when only a part moves", () => {
    const scene = new Scene(1024, 512, true);
    scene.write(512, 512);
    const head = scene.task.mm.pageTable.slotVal(BASE + 512);
    expect(scene.move(10, 600, 4)).toBe(4);
    expect(scene.world.frames.order(head)).toBe(0);
    expect([scene.content(10), scene.content(13), scene.content(604)]).toEqual([601, 604, 605]);
    expect(scene.bits(600)).toBe(LEAF_NONE);
  });

  it("refuses a block that a fork shares", () => {
    const scene = new Scene(1024, 512, true);
    scene.write(512, 1);
    runToCompletion(sysFork(scene.world, scene.task));
    expect(scene.move(0, 512, 512)).toBe(-EBUSY);
    expect(scene.move(1, 512, 1)).toBe(-EBUSY);
  });

  it("asks the first page of a folio whether it is shared, whatever page is to move", () => {
    const scene = new Scene(1024, 512, true);
    const { world, task } = scene;
    scene.write(512, 512);
    const child = runToCompletion(sysFork(world, task)) as TaskStruct;
    expect(runToCompletion(sysMunmap(world, task, BASE + 600, 1))).toBe(0);
    runToCompletion(sysExit(world, child));
    scene.write(540, 1);
    expect(scene.move(1, 540, 1)).toBe(-EBUSY);
    scene.write(512, 1);
    expect(scene.move(1, 540, 1)).toBe(1);
  });
});
