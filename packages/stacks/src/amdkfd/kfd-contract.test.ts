import {
  APERTURE_INTERCONNECT,
  APERTURE_LOCAL,
  APERTURE_SYSTEM,
  EFAULT,
  EFFORT_LOCK,
  EFFORT_LOCK_MMAP_WRITE,
  type EffortItem,
  EPERM,
  type TaskStruct,
} from "@faultline/core";
import {
  cpuAccess,
  HMM_PFN_REQ_FAULT,
  hmmRangeFault,
  HmmRange,
  PROT_READ,
  runToCompletion,
  sysFork,
  sysMprotect,
  sysMunmap,
} from "@faultline/engine";
import { describe, expect, test } from "vitest";
import { deviceAccess } from "../device/device-access.ts";
import { HIVE, KfdGpus } from "../test-kit/kfd-gpus.ts";
import { BASE } from "../test-kit/small-system.ts";
import { SVM_FLAG_NAMES, type SvmFlagName } from "./svm-flags.ts";

const ALWAYS_MAPPED = "KFD_IOCTL_SVM_FLAG_GPU_ALWAYS_MAPPED";
const GPU_RO = "KFD_IOCTL_SVM_FLAG_GPU_RO";

const MS = 1_000_000_000;

/** Migrations of a GPU's stream: START lines only, as `from->to`. */
function moves(gpus: KfdGpus, n: number): string[] {
  return gpus
    .events(n)
    .flatMap((line) => /^5 \((\w+)\) (\S+)/.exec(line)?.slice(1).join(" ") ?? []);
}

function fork(gpus: KfdGpus): TaskStruct {
  const child = runToCompletion(sysFork(gpus.small.world, gpus.small.task));
  if (typeof child === "number") throw new Error(`fork returned ${child}`);
  return child;
}

describe("owners", () => {
  test("GPUs of a hive have one, others each their own", () => {
    const inHive = new KfdGpus(HIVE).stacks.map(({ attached }) => attached.owner);
    expect(inHive[0]).toBe(inHive[1]);
    const alone = new KfdGpus().stacks.map(({ attached }) => attached.owner);
    expect(alone[0]).not.toBe(alone[1]);
  });
});

describe("what leaves and what arrives", () => {
  test("4 KiB on a peer's range of 4 MiB: 4 MiB out, 2 MiB in", () => {
    const gpus = new KfdGpus(HIVE);
    gpus.advise(0, { access: "access" }, 1024);
    gpus.small.fill(1024);
    gpus.access(0, "read", 0, 1024);
    gpus.events(0);
    expect(gpus.access(1, "read", 0, 1)).toMatchObject({ rc: 0, nrFaults: 1, values: [100] });
    expect([moves(gpus, 0), moves(gpus, 1)]).toEqual([["400 1->0"], ["200 0->2"]]);
  });

  test("peers of a hive take turns by way of system memory with the defaults", () => {
    const gpus = new KfdGpus(HIVE);
    for (const n of [0, 1, 0]) {
      gpus.host.advance(3 * MS);
      gpus.access(n, "write", 5 + n, 1);
    }
    expect([moves(gpus, 0), moves(gpus, 1)]).toEqual([
      ["200 0->1", "200 1->0", "200 0->1"],
      ["200 0->2", "200 2->0"],
    ]);
  });

  test("kfd.vramToVram direct: one move inside a hive, and no residence in system memory", () => {
    const gpus = new KfdGpus(HIVE, { "kfd.vramToVram": "direct" });
    gpus.access(0, "read");
    gpus.events(0);
    expect(gpus.access(1, "read").values).toEqual([100, 101, 102, 103, 104, 105, 106, 107]);
    expect([moves(gpus, 0), moves(gpus, 1)]).toEqual([[], ["200 1->2"]]);
    expect([gpus.place(0), gpus.aperture(1)]).toEqual(["gpu1", APERTURE_LOCAL]);
  });

  test("direct outside a hive: the granule goes by way of system memory", () => {
    const gpus = new KfdGpus({}, { "kfd.vramToVram": "direct" });
    gpus.advise(0, { access: "access" }, 1024);
    gpus.access(0, "read", 0, 1024);
    gpus.events(0);
    gpus.access(1, "read", 0, 1);
    expect([moves(gpus, 0), moves(gpus, 1)]).toEqual([["200 1->0"], ["200 0->2"]]);
  });

  test("a walk of somebody without an owner, such as a NIC's, takes the granule to memory", () => {
    const gpus = new KfdGpus();
    gpus.advise(0, { access: "access" }, 1024);
    gpus.small.fill(1024);
    gpus.access(0, "read", 0, 1024);
    const { world, task } = gpus.small;
    const defaultFlags = HMM_PFN_REQ_FAULT;
    const range = new HmmRange({ mm: task.mm, start: BASE, end: BASE + 1, defaultFlags });
    expect(hmmRangeFault(world, task, range)).toBe(0);
    expect([gpus.place(0), gpus.place(511), gpus.place(512)]).toEqual(["system", "system", "gpu0"]);
  });

  test("reads and writes migrate alike: no page is held twice", () => {
    for (const access of ["read", "write"] as const) {
      const gpus = new KfdGpus(HIVE);
      gpus.access(0, "read");
      gpus.access(1, access, 9, 1);
      expect([gpus.place(0), gpus.aperture(0)], access).toEqual(["gpu1", undefined]);
    }
  });
});

describe("reach", () => {
  test("outside a hive no entry of a GPU names another's memory, whatever is advised", () => {
    const gpus = new KfdGpus();
    const { mm } = gpus.small.task;
    for (const access of ["access", "in_place"] as const) {
      for (const [holder, other] of [
        [0, 1],
        [1, 0],
      ] as const) {
        gpus.host.advance(3 * MS);
        gpus.advise(other, { access });
        gpus.access(holder, "write", 3, 1);
        gpus.access(other, "read", 0, 1);
        for (const stack of gpus.stacks) {
          const leaf = stack.open(mm).lookup(BASE);
          const isForeign = leaf?.aperture !== APERTURE_LOCAL && leaf?.aperture !== APERTURE_SYSTEM;
          expect(leaf !== null && isForeign).toBe(false);
        }
      }
    }
  });

  test("inside a hive a peer's page keeps one address, and no DMA mapping stands behind it", () => {
    const gpus = new KfdGpus(HIVE);
    gpus.advise(1, { access: "in_place" });
    gpus.access(0, "read");
    const mirror = gpus.stack(1).open(gpus.small.task.mm);
    gpus.access(1, "read");
    expect(gpus.aperture(1)).toBe(APERTURE_INTERCONNECT);
    const leaf = mirror.lookup(BASE);
    const address = leaf === null ? null : mirror.addressOf(BASE, leaf);
    expect(address?.space).toBe(gpus.small.system.machine.fabric.space);
    const initiators = [...gpus.stack(1).attached.mappings.values()].map((one) => one.initiator);
    expect(new Set(initiators)).toEqual(new Set([null]));
  });
});

describe("the 2 ms window", () => {
  test("a fault on what was mapped just now only tells the GPU to try again", () => {
    const gpus = new KfdGpus();
    gpus.access(0, "read", 0, 1);
    gpus.events(0);
    const stack = gpus.stack(0);
    const { task } = gpus.small;
    const fault = () => runToCompletion(stack.fault(stack.open(task.mm), task, BASE, "read"));
    expect([fault(), gpus.events(0)]).toEqual([0, []]);
    gpus.host.advance(2 * MS);
    expect(fault()).toBe(0);
    expect(gpus.events(0).map((line) => line.charAt(0))).toEqual(["7", "5", "b", "6", "8"]);
  });
});

describe("a range that GPUs may only read", () => {
  test("is mapped without the right to write, and a write faults on and on", () => {
    const gpus = new KfdGpus();
    gpus.advise(0, { setFlags: [GPU_RO] });
    expect(gpus.access(0, "read")).toMatchObject({ rc: 0 });
    expect(gpus.stack(0).open(gpus.small.task.mm).lookup(BASE)?.writable).toBe(false);
    expect(gpus.access(0, "write", 4)).toMatchObject({ rc: -11, nrDone: 0 });
    expect(gpus.access(0, "atomic", 4)).toMatchObject({ rc: -11, nrDone: 0 });
    expect(gpus.access(0, "read", 0, 1).values).toEqual([100]);
  });

  test("loses entries that may write when the flag comes, and gets them when it goes", () => {
    const gpus = new KfdGpus();
    expect(gpus.access(0, "write", 4)).toMatchObject({ rc: 0 });
    gpus.advise(0, { setFlags: [GPU_RO] });
    expect(gpus.access(0, "write", 5).rc).toBe(-11);
    gpus.advise(0, { clrFlags: [GPU_RO] });
    expect(gpus.access(0, "write", 6).rc).toBe(0);
    expect(gpus.access(0, "read", 0, 1).values).toEqual([6]);
  });

  test("the other flags change nothing", () => {
    const run = (flags: readonly SvmFlagName[]): unknown => {
      const gpus = new KfdGpus();
      gpus.advise(0, { setFlags: flags });
      const values = [gpus.access(0, "write", 4), gpus.access(0, "read")];
      return [values, gpus.events(0), gpus.aperture(0)];
    };
    const others = SVM_FLAG_NAMES.filter((name) => name !== GPU_RO && name !== ALWAYS_MAPPED);
    expect(others).toHaveLength(6);
    expect(run(others)).toEqual(run([]));
  });
});

describe("a change that spans ranges", () => {
  test("is told for each range, and no further than the range goes", () => {
    const gpus = new KfdGpus();
    gpus.access(0, "read", 0, 600);
    gpus.stack(0).smiLines.splice(0);
    fork(gpus);
    const lines = gpus.stack(0).smiLines.map((line) => line.replace(/^(\w+) \d+ -\d+ /, "$1 "));
    expect(lines).toEqual(["b @4000000(200) 1 0", "b @4000200(200) 1 0"]);
  });
});

describe("the program's own memory", () => {
  test.each(["heap", "stack"])("its %s stays in system memory, unless advised", (segment) => {
    const gpus = new KfdGpus();
    const { mm } = gpus.small.task;
    if (segment === "heap") Object.assign(mm, { startBrk: BASE, brk: BASE + 8 });
    else mm.startStack = BASE + 2047;
    gpus.access(0, "read");
    expect([gpus.place(0), gpus.aperture(0)]).toEqual(["system", APERTURE_SYSTEM]);
    gpus.advise(0, { preferredLocation: "default" });
    gpus.host.advance(3 * MS);
    runToCompletion(sysFork(gpus.small.world, gpus.small.task));
    gpus.access(0, "read");
    expect(gpus.place(0)).toBe("gpu0");
  });
});

describe("room on a GPU", () => {
  const small = { devices: [{ name: "gpu0", memoryMib: 8 }, { name: "gpu1" }] };

  test("is taken for the whole range by its first page, and kept until the last has left", () => {
    const gpus = new KfdGpus(small);
    gpus.advise(0, { access: "access" }, 1024);
    gpus.advise(0, { access: "access" }, 1024, 1024);
    gpus.access(0, "read", 0, 1);
    const stack = gpus.stack(0);
    expect([stack.attached.memory?.nrFree, stack.nrUnreserved]).toEqual([2048 - 512, 1024]);
    gpus.access(0, "read", 0, 1, 1024);
    expect([stack.attached.memory?.nrFree, stack.nrUnreserved]).toEqual([1024, 0]);
    // What both hold is half of the memory, and still the third range has to push one out.
    gpus.small.map(512, 4096);
    gpus.access(0, "read", 0, 1, 4096);
    expect([gpus.place(0), gpus.place(1024), gpus.place(4096)]).toEqual(["system", "gpu0", "gpu0"]);
  });

  test("is there for the next granule of a range, however full the GPU is", () => {
    const gpus = new KfdGpus(small);
    gpus.advise(0, { access: "access" }, 2048);
    gpus.access(0, "read", 0, 1);
    gpus.events(0);
    gpus.access(0, "read", 0, 1, 1536);
    expect(gpus.place(1536)).toBe("gpu0");
    expect(gpus.events(0).filter((line) => line.endsWith(" 3"))).toEqual([]);
  });
});

test("a range is made under mmap_lock for writing, once", () => {
  const gpus = new KfdGpus();
  const locks = (): number => {
    const items = gpus.small.world.effort.items();
    gpus.small.world.effort.clear();
    const isWrite = ({ kind, from }: EffortItem): boolean => {
      return kind === EFFORT_LOCK && from === EFFORT_LOCK_MMAP_WRITE;
    };
    return items.filter(isWrite).reduce((sum, { count }) => sum + count, 0);
  };
  locks();
  gpus.access(0, "read", 0, 1);
  expect(locks()).toBe(1);
  gpus.host.advance(3 * MS);
  gpus.access(1, "read", 0, 1);
  expect(locks()).toBe(0);
});

test("where user space has asked for pages is told with each move", () => {
  const gpus = new KfdGpus();
  const { task } = gpus.small;
  const stack = gpus.stack(0);
  const range = { start: BASE, nrPages: 512 };
  runToCompletion(stack.prefetch(stack.open(task.mm), task, range));
  runToCompletion(stack.evict(stack.open(task.mm), task, range));
  const starts = gpus.events(0).filter((line) => line.startsWith("5"));
  expect(starts).toEqual(["5 (200) 0->1 1:ffffffff 0", "5 (200) 1->0 0:ffffffff 0"]);
});

test.each([
  ["access", false, "system"],
  ["in_place", false, "system"],
  ["in_place", true, "system"],
  ["access", true, "gpu0"],
  ["none", false, "gpu0"],
] as const)(
  "a prefetch with another hive's GPU having %s, XNACK %s: %s",
  (access, xnack, place) => {
    const gpus = new KfdGpus({}, { "kfd.xnack": xnack });
    gpus.advise(1, { access });
    const { task } = gpus.small;
    const stack = gpus.stack(0);
    const range = { start: BASE, nrPages: 512 };
    runToCompletion(stack.prefetch(stack.open(task.mm), task, range));
    expect(gpus.place(0)).toBe(place);
  },
);

test("a GPU without memory of its own uses pages where they are, whatever is preferred", () => {
  const gpus = new KfdGpus({ devices: [{ name: "apu", memoryMib: 0 }, { name: "gpu1" }] });
  gpus.advise(0, { preferredLocation: gpus.small.device("gpu1") });
  expect(gpus.access(0, "read").rc).toBe(0);
  expect([gpus.place(0), gpus.aperture(0)]).toEqual(["system", APERTURE_SYSTEM]);
});

describe("pages that somebody holds", () => {
  test("keep a range from leaving for another GPU: three tries, and system memory serves", () => {
    const gpus = new KfdGpus(HIVE);
    gpus.access(0, "read");
    const { world, task } = gpus.small;
    const held = task.mm.pageTable.val(BASE);
    world.frames.addExtraRefs(held, 1);
    gpus.events(0);
    expect(gpus.access(1, "read", 0, 1, 4).rc).toBe(0);
    const out = gpus.events(0).filter((line) => line.startsWith("5"));
    // The fallback is a fourth one: what is left comes to system memory, as far as it can.
    expect(out).toHaveLength(4);
    expect([gpus.place(0), gpus.place(4)]).toEqual(["gpu0", "system"]);
    world.frames.addExtraRefs(held, -1);
  });

  test("are tried three times under pressure, and then another range", () => {
    const gpus = new KfdGpus({ devices: [{ name: "gpu0", memoryMib: 4 }] });
    gpus.access(0, "read", 0, 1);
    gpus.access(0, "read", 0, 1, 512);
    const { world, task } = gpus.small;
    const held = task.mm.pageTable.val(BASE);
    world.frames.addExtraRefs(held, 1);
    gpus.events(0);
    expect(gpus.access(0, "read", 0, 1, 1024).rc).toBe(0);
    const out = gpus.events(0).filter((line) => /^5 .* 1->0 .* 3$/.test(line));
    expect(out).toHaveLength(4);
    expect([gpus.place(0), gpus.place(512)]).not.toContain("nothing");
    world.frames.addExtraRefs(held, -1);
  });
});

describe("a forked child", () => {
  test("writes by a GPU without room what it shares with its parent on that GPU", () => {
    const gpus = new KfdGpus({ devices: [{ name: "gpu0", memoryMib: 4 }] });
    gpus.access(0, "read", 0, 1024);
    expect(gpus.stack(0).attached.memory?.nrFree).toBe(0);
    const child = fork(gpus);
    const stack = gpus.stack(0);
    const request = { start: BASE, nrPages: 1, access: "write" as const, value: 77 };
    const mirror = stack.open(child.mm);
    const outcome = runToCompletion(deviceAccess(stack, mirror, child, request));
    expect(outcome).toMatchObject({ rc: 0, nrDone: 1 });
    const { world, task } = gpus.small;
    expect(cpuAccess(world, task, BASE, false)).toBe(0);
    expect(gpus.access(0, "read", 0, 1).values).toEqual([100]);
  });

  test("of a process whose memory fills the GPU pushes it out", () => {
    const gpus = new KfdGpus({ devices: [{ name: "gpu0", memoryMib: 4 }] });
    const child = fork(gpus);
    gpus.access(0, "read", 0, 1024);
    gpus.events(0);
    const stack = gpus.stack(0);
    const request = { start: BASE, nrPages: 1, access: "read" as const };
    const { rc, values } = runToCompletion(
      deviceAccess(stack, stack.open(child.mm), child, request),
    );
    expect([rc, values]).toEqual([0, [100]]);
    expect(gpus.events(0).filter((line) => line.startsWith("5"))).toEqual([
      "5 (200) 1->0 ffffffff:ffffffff 3",
      "5 (200) 0->1 ffffffff:ffffffff 1",
    ]);
  });
});

describe("a range", () => {
  test("has no gap: attributes and prefetches are refused with -EFAULT", () => {
    const gpus = new KfdGpus();
    const { world, task } = gpus.small;
    runToCompletion(sysMunmap(world, task, BASE + 3, 1));
    const stack = gpus.stack(0);
    const range = { start: BASE, nrPages: 8 };
    expect(gpus.advise(0, { preferredLocation: "system" }, 8)).toBe(-EFAULT);
    expect(runToCompletion(stack.prefetch(stack.open(task.mm), task, range))).toBe(-EFAULT);
    expect(gpus.access(0, "read", 0, 3).rc).toBe(0);
  });

  test("may lie in mappings with different rights", () => {
    const gpus = new KfdGpus();
    const { world, task } = gpus.small;
    runToCompletion(sysMprotect(world, task, BASE + 4, 4, PROT_READ));
    expect(gpus.advise(0, { access: "access" }, 8)).toBe(0);
    expect(gpus.access(0, "write", 9, 4).rc).toBe(0);
    expect(gpus.access(0, "read", 0, 8).values).toEqual([9, 9, 9, 9, 104, 105, 106, 107]);
    expect(gpus.access(0, "write", 9, 1, 4).rc).toBe(-EPERM);
  });
});
