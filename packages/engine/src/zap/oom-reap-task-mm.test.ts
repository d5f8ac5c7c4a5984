import { EAGAIN, MmuIntervalNotifier, VM_HUGETLB } from "@faultline/core";
import { describe, expect, it } from "vitest";
import { ACCESS_SIGBUS } from "../fault/cpu-access.ts";
import { createFile } from "../file/create-file.ts";
import { BASE, SmallWorld } from "../test-kit/small-world.ts";
import { oomReapTaskMm } from "./oom-reap-task-mm.ts";

function reap({ world, task }: SmallWorld): number {
  return oomReapTaskMm(world, task.mm);
}

describe("the OOM reaper", () => {
  it("takes private pages, and leaves shared ones and huge files alone", () => {
    const small = new SmallWorld();
    const file = createFile(small.world, "shmem", 8);
    small.map(4);
    small.map(4, { at: 16, shared: true, file });
    small.map(4, { at: 32, flags: VM_HUGETLB });
    for (const page of [0, 3, 16]) small.write(page, 1);
    const hugetlb = small.leaf(32);
    expect(reap(small)).toBe(0);
    expect([0, 3, 16].map((page) => small.leaf(page))).toEqual(["N", "N", "F(w)"]);
    expect(small.leaf(32)).toBe(hugetlb);
  });

  it("gives the frames back before the process has exited", () => {
    const small = new SmallWorld();
    const free = small.world.buddies[0]?.nrFree;
    small.map(64);
    for (let page = 0; page < 64; page++) small.write(page, 1);
    reap(small);
    expect(small.world.buddies[0]?.nrFree).toBe(free);
    small.exit(small.task);
  });

  it("has later touches of private pages end with SIGBUS, and lets shared ones through", () => {
    const small = new SmallWorld();
    small.map(4);
    small.map(4, { at: 16, shared: true, file: createFile(small.world, "shmem", 8) });
    small.write(0, 1);
    reap(small);
    expect([small.read(0), small.write(1, 1)]).toEqual([ACCESS_SIGBUS, ACCESS_SIGBUS]);
    expect([small.read(16), small.write(17, 1)]).toEqual([0, 0]);
  });

  it("tells of one event for each mapping that it empties", () => {
    const small = new SmallWorld();
    small.map(4);
    small.map(4, { at: 16 });
    small.watch();
    reap(small);
    expect(small.events).toEqual(["CLEAR 0-4", "CLEAR 16-20"]);
  });

  it("leaves a mapping whose notifier must block, and takes it when the notifier is gone", () => {
    const small = new SmallWorld();
    small.map(4);
    small.map(4, { at: 16 });
    for (const page of [0, 16]) small.write(page, 1);
    small.watch();
    const { mm } = small.task;
    const driver = new MmuIntervalNotifier(mm, BASE, BASE + 4, () => {});
    driver.needsToBlock = () => true;
    mm.notifierSubscriptions?.insert(driver);
    expect(reap(small)).toBe(-EAGAIN);
    expect([small.leaf(0), small.leaf(16)]).toEqual(["P(w,ax)", "N"]);
    // What was called before the refusal stays called, and nothing is left half begun.
    expect(small.events).toEqual(["CLEAR 0-4", "CLEAR 16-20"]);
    expect(mm.notifierSubscriptions?.activeInvalidateRanges).toBe(0);
    mm.notifierSubscriptions?.remove(driver);
    expect([reap(small), small.leaf(0)]).toEqual([0, "N"]);
  });
});
