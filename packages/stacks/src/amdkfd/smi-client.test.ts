import { EFAULT, EPERM } from "@faultline/core";
import { PROT_READ, runToCompletion, sysMprotect, sysMunmap } from "@faultline/engine";
import { describe, expect, test } from "vitest";
import { KfdGpus } from "../test-kit/kfd-gpus.ts";
import { BASE } from "../test-kit/small-system.ts";
import { KFD_SMI_EVENT_ALL_PROCESS, smiEventMask } from "./smi-client.ts";
import { SMI_EVENT_NUMBERS } from "./smi-events.ts";

const ALL = (1n << 63n) - 1n;
const START = smiEventMask(SMI_EVENT_NUMBERS.PAGE_FAULT_START);

/** Numbers of the events that a GPU has told since the last call. */
function told(gpus: KfdGpus): string[] {
  const lines = gpus.stack(0).smiLines.splice(0);
  return lines.map((line) => line.split(" ")[0] ?? "");
}

describe("a reader of the event stream", () => {
  test("hears of what its mask says, once", () => {
    const gpus = new KfdGpus();
    const { pid } = gpus.small.task;
    const client = gpus.stack(0).openEvents(pid, false);
    gpus.access(0, "read", 0, 1);
    expect(client.read()).toEqual([]);
    client.write(START);
    gpus.access(0, "read", 0, 1, 512);
    expect(client.read()).toEqual([expect.stringMatching(/^7 0 -\d+ @\w+\(1\) R$/)]);
    expect(client.read()).toEqual([]);
  });

  test("hears of another process only with the right, and when it asks", () => {
    for (const [isPrivileged, mask, nrLines] of [
      [false, START, 0],
      [false, START | KFD_SMI_EVENT_ALL_PROCESS, 0],
      [true, START, 0],
      [true, START | KFD_SMI_EVENT_ALL_PROCESS, 1],
    ] as const) {
      const gpus = new KfdGpus();
      const client = gpus.stack(0).openEvents(gpus.small.task.pid + 1, isPrivileged);
      client.write(mask);
      gpus.access(0, "read", 0, 1);
      expect(client.read(), `${isPrivileged} ${mask}`).toHaveLength(nrLines);
    }
  });

  test("hears of everybody's fatal faults, beginnings and ends", () => {
    const gpus = new KfdGpus();
    const stack = gpus.stack(0);
    const client = stack.openEvents(gpus.small.task.pid + 1, false);
    client.write(ALL);
    const { mm, pid } = gpus.small.task;
    gpus.small.task.comm = "solver";
    stack.close(stack.open(mm));
    stack.open(mm);
    gpus.access(0, "read", 0, 1, 4096);
    expect(client.read()).toEqual([
      `d ${pid.toString(16)} program`,
      `c ${pid.toString(16)} program`,
      `1 ${pid.toString(16)}:program`,
    ]);
  });

  test("loses what its 8192 bytes have no room for, and is not told", () => {
    const gpus = new KfdGpus();
    const client = gpus.stack(0).openEvents(gpus.small.task.pid, false);
    client.write(ALL);
    for (let n = 0; n < 200; n++) client.add("VMFAULT", 1, "x".repeat(63));
    expect(client.read()).toHaveLength(8192 / 64);
    expect(client.nrDropped).toBe(200 - 8192 / 64);
    client.add("VMFAULT", 1, "again");
    expect(client.read()).toEqual(["again"]);
  });
});

describe("a fault that nobody can serve", () => {
  test("is fatal: VMFAULT, with the name of the program", () => {
    const gpus = new KfdGpus();
    const { world, task } = gpus.small;
    runToCompletion(sysMprotect(world, task, BASE, 8, PROT_READ));
    expect(gpus.access(0, "write").rc).toBe(-EPERM);
    expect(gpus.stack(0).smiLines).toEqual([`1 ${task.pid.toString(16)}:program`]);
  });

  test("is one where nothing was ever mapped, and none where a mapping went", () => {
    const gpus = new KfdGpus();
    const { world, task } = gpus.small;
    expect(gpus.access(0, "read", 0, 1, 4096).rc).toBe(-EFAULT);
    expect(told(gpus)).toEqual(["1"]);
    gpus.access(0, "read", 0, 1);
    told(gpus);
    runToCompletion(sysMunmap(world, task, BASE, 512));
    expect(told(gpus)).toEqual(["b"]);
    expect(gpus.access(0, "read", 0, 1).rc).toBe(-EFAULT);
  });

  test("is every fault without XNACK", () => {
    const gpus = new KfdGpus({}, { "kfd.xnack": false });
    gpus.access(0, "read");
    expect(told(gpus)).toEqual(["1"]);
  });
});

test("PAGE_FAULT_START tells when the driver began, not when it told", () => {
  const gpus = new KfdGpus();
  const { task } = gpus.small;
  const stack = gpus.stack(0);
  const verb = stack.fault(stack.open(task.mm), task, BASE, "read");
  gpus.host.advance(5000);
  for (let step = verb.next(); step.done !== true; step = verb.next()) gpus.host.advance(7000);
  const times = stack.smiLines.map((line) => Number(line.split(" ")[1]));
  expect(stack.smiLines[0]).toMatch(/^7 5 /);
  expect(times.at(-1)).toBeGreaterThan(times[0] ?? 0);
});
