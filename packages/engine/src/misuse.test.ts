// Calls that make no sense: each ends with an ArgumentError that names the argument, before
// anything has changed, and never with an exception from inside.
import { ArgumentError, type TaskStruct, World } from "@faultline/core";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { cpuAccess } from "./fault/cpu-access.ts";
import { createFile } from "./file/create-file.ts";
import { fileRead } from "./file/read-write.ts";
import { filePunchHole, fileTruncate } from "./file/truncate.ts";
import { sysExit } from "./fork/exit.ts";
import { pinUserPages } from "./gup/pin-user-pages.ts";
import { HmmRange } from "./hmm/hmm-range.ts";
import { findWorldProblems } from "./invariants/find-world-problems.ts";
import { createMigrateWords } from "./migrate/migrate-vma.ts";
import { sysMbind } from "./numa/sys-mbind.ts";
import { sysMigratePages } from "./numa/sys-migrate-pages.ts";
import { sysMovePages } from "./numa/sys-move-pages.ts";
import { sysSetMempolicy } from "./numa/sys-set-mempolicy.ts";
import { taskNumaWork } from "./numa/task-numa-work.ts";
import { BASE, SmallWorld } from "./test-kit/small-world.ts";
import { userfaultfdPoison, userfaultfdZeropage } from "./userfaultfd/mfill-atomic.ts";
import { userfaultfdWriteprotect } from "./userfaultfd/writeprotect.ts";
import { runToCompletion, type Verb } from "./verb.ts";
import type { MadviseAdvice } from "./vma/madvise-advice.ts";
import { sysMadvise } from "./vma/sys-madvise.ts";
import { sysMlock, sysMunlock } from "./vma/sys-mlock.ts";
import { sysMmap } from "./vma/sys-mmap.ts";
import { sysMprotect } from "./vma/sys-mprotect.ts";
import { sysMremap } from "./vma/sys-mremap.ts";
import { sysMunmap } from "./vma/sys-munmap.ts";

let world: World;
let task: TaskStruct;
let small: SmallWorld;

beforeEach(() => {
  small = new SmallWorld({ nrSwapPages: 16 });
  small.map(16);
  for (const page of [0, 1, 5]) small.write(page, page);
  ({ world, task } = small);
});

type RangeCall = (start: number, nrPages: number) => Verb | number;

/** Every call that takes a range, by name. */
const RANGE_CALLS: Readonly<Record<string, RangeCall>> = {
  mmap: (start, nrPages) => sysMmap(world, task, { start, nrPages, prot: 3, shared: false }),
  munmap: (start, nrPages) => sysMunmap(world, task, start, nrPages),
  mprotect: (start, nrPages) => sysMprotect(world, task, start, nrPages, 1),
  mlock: (start, nrPages) => sysMlock(world, task, start, nrPages),
  munlock: (start, nrPages) => sysMunlock(world, task, start, nrPages),
  mbind: (start, nrPages) => sysMbind(world, task, start, nrPages, null),
  madvise: (start, nrPages) => sysMadvise(world, task, start, nrPages, "MADV_DONTNEED"),
  pageout: (start, nrPages) => sysMadvise(world, task, start, nrPages, "MADV_PAGEOUT"),
  mremapFrom: (start, nrPages) =>
    sysMremap(world, task, start, nrPages, nrPages, BASE + 4096, { dontunmap: false }),
  mremapTo: (start, nrPages) =>
    sysMremap(world, task, BASE, 4, nrPages, start, { dontunmap: false }),
  movePages: (start, nrPages) => {
    const pages = [start, start + nrPages];
    return sysMovePages(world, task, { pages, nodes: [0, 0], status: new Int32Array(2) });
  },
  wp: (start, nrPages) => userfaultfdWriteprotect(world, task, start, nrPages, true),
  zeropage: (start, nrPages) => userfaultfdZeropage(world, task, start, nrPages),
  poison: (start, nrPages) => userfaultfdPoison(world, task, start, nrPages),
  access: (start, nrPages) =>
    cpuAccess(world, task, start, false) + cpuAccess(world, task, nrPages, true),
  punch: (start, nrPages) => filePunchHole(world, createFile(world, "shmem", 8), start, nrPages),
  truncate: (start) => fileTruncate(world, createFile(world, "shmem", 8), start),
};

const oddNumber = fc.oneof(
  fc.constantFrom(NaN, Infinity, -Infinity, -1, -0.5, 0.5, 2 ** 45, 2 ** 53, BASE + 0.5, -BASE),
  fc.constantFrom(0, 1, 3, BASE, BASE + 1, BASE + 4),
  fc.double(),
);

describe("ranges", () => {
  const names = fc.constantFrom(...Object.keys(RANGE_CALLS));

  it("are whole page numbers or refused, whatever the call", () => {
    fc.assert(
      fc.property(names, oddNumber, oddNumber, (name, start, nrPages) => {
        // Populating a range is work; what is asked for stays small.
        fc.pre(!(Number.isSafeInteger(nrPages) && nrPages > 2 ** 20));
        const isMeaningful = [start, nrPages].every((n) => Number.isSafeInteger(n) && n >= 0);
        let error: unknown = null;
        try {
          const call = RANGE_CALLS[name]?.(start, nrPages) ?? 0;
          if (typeof call !== "number") runToCompletion(call);
        } catch (caught) {
          error = caught;
        }
        if (error !== null) expect(error).toBeInstanceOf(ArgumentError);
        if (isMeaningful && start < 2 ** 44) expect(error).toBeNull();
        expect(findWorldProblems(world).filter(({ rule }) => rule !== "file-mappings")).toEqual([]);
      }),
      { numRuns: 1500 },
    );
  });

  it("name the argument", () => {
    const error = (call: () => unknown): string => {
      try {
        call();
      } catch (caught) {
        if (caught instanceof ArgumentError) return `${caught.argument} | ${caught.message}`;
        throw caught;
      }
      return "no error";
    };
    expect(error(() => runToCompletion(sysMunmap(world, task, -1, 1)))).toBe(
      "start | start: -1 is no whole number from 0 to 35184372088832",
    );
    expect(error(() => runToCompletion(sysMlock(world, task, 0, 1.5)))).toMatch(/^nrPages \|/);
    const request = { start: 0, nrPages: -4, prot: 3, shared: false };
    expect(error(() => runToCompletion(sysMmap(world, task, request)))).toMatch(
      /^request.nrPages \|/,
    );
    expect(error(() => pinUserPages(world, task, task.mm, NaN, 1, PIN))).toMatch(/^start \|/);
    expect(error(() => cpuAccess(world, task, BASE + 2.5, true))).toMatch(/^page \|/);
    expect(error(() => new HmmRange({ mm: task.mm, start: 4, end: 3 }))).toMatch(/^end \|/);
    expect(error(() => createMigrateWords(-1))).toMatch(/^nrPages \|/);
    expect(error(() => createFile(world, "tmpfs", -1))).toMatch(/^nrPages \|/);
    const file = createFile(world, "tmpfs", 4);
    const read = fileRead(world, task, file, -2, 1, new Uint32Array(1));
    expect(error(() => runToCompletion(read))).toMatch(/^index \|/);
  });
});

const PIN = { write: true, longterm: true };

describe("everything else", () => {
  const argumentOf = (call: () => unknown): string => {
    try {
      call();
    } catch (caught) {
      expect(caught).toBeInstanceOf(ArgumentError);
      return (caught as ArgumentError).argument;
    }
    return "";
  };

  it("a process that has exited does nothing any more", () => {
    const child = small.fork();
    small.exit(child);
    expect(argumentOf(() => runToCompletion(sysExit(world, child)))).toBe("task");
    expect(argumentOf(() => runToCompletion(sysMunmap(world, child, 0, 1)))).toBe("task");
    expect(argumentOf(() => runToCompletion(taskNumaWork(world, child)))).toBe("task");
    expect(argumentOf(() => runToCompletion(sysMunmap(new World(), task, 0, 1)))).toBe("task");
  });

  it("CPUs, nodes and advice must exist", () => {
    expect(argumentOf(() => world.createTask(7))).toBe("cpu");
    expect(argumentOf(() => world.createTask(-1))).toBe("cpu");
    const policy = { mode: "MPOL_BIND", nodes: [0, -3] } as const;
    expect(argumentOf(() => sysSetMempolicy(world, task, policy))).toBe("policy.nodes");
    expect(argumentOf(() => runToCompletion(sysMbind(world, task, 0, 1, policy)))).toBe(
      "policy.nodes",
    );
    expect(argumentOf(() => runToCompletion(sysMigratePages(world, task, [0], [-1])))).toBe("to");
    const advice = "MADV_NONSENSE" as MadviseAdvice;
    expect(argumentOf(() => runToCompletion(sysMadvise(world, task, BASE, 1, advice)))).toBe(
      "advice",
    );
  });

  it("a machine must be possible", () => {
    expect(argumentOf(() => new World({ nodes: [] }))).toBe("nodes");
    expect(argumentOf(() => new World({ nodes: [{ nrPages: 5, cpus: [0] }] }))).toBe(
      "nodes.nrPages",
    );
    expect(argumentOf(() => new World({ nodes: [{ nrPages: 4096, cpus: [-1] }] }))).toBe(
      "nodes.cpus",
    );
    expect(argumentOf(() => new World({ nrSwapPages: 0.5 }))).toBe("nrSwapPages");
  });

  it("a node without memory is a node, and odd pages at the end of one are left out", () => {
    const nodes = [
      { nrPages: 5000, cpus: [0] },
      { nrPages: 0, cpus: [1] },
    ];
    const other = new World({ nodes });
    const remote = other.createTask(1);
    const request = { start: BASE, nrPages: 4, prot: 3, shared: false };
    expect(runToCompletion(sysMmap(other, remote, request))).toBe(0);
    expect(cpuAccess(other, remote, BASE, true)).toBe(0);
    expect(findWorldProblems(other)).toEqual([]);
  });
});
