// Whatever processes write, fork, swap out, split and hand to a device: each reads what it, or its
// parent before the fork, last wrote.
import { LEAF_SWAP, leafKind, type TaskStruct, VM_HUGEPAGE } from "@faultline/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { folioIsAnon } from "../folio/folio-count.ts";
import { makeDeviceExclusive } from "../gup/make-device-exclusive.ts";
import { pageoutFolio } from "../swap/pageout-folio.ts";
import { BASE, SmallWorld } from "../test-kit/small-world.ts";
import { presentPfn } from "./page-content.ts";
import { splitHugePmd } from "../thp/split-pmd.ts";

const KINDS = ["write", "read", "fork", "exit", "swap", "exclusive", "split"] as const;

const step = fc.record({
  kind: fc.constantFrom(...KINDS),
  process: fc.nat(3),
  page: fc.nat(11),
});

interface Process {
  readonly task: TaskStruct;
  readonly written: Map<number, number>;
}

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Does one step to the world and to the model. */
function apply(
  small: SmallWorld,
  processes: Process[],
  { kind, process, page }: Step,
  token: number,
): void {
  const { world } = small;
  const chosen = processes[process % processes.length];
  if (chosen === undefined) return;
  const { task, written } = chosen;
  const vma = task.mm.vmas[0];
  if (kind === "write") {
    expect(small.write(page, token, task)).toBe(0);
    written.set(page, token);
  } else if (kind === "read") {
    expect(small.read(page, task)).toBe(0);
    expect(small.content(page, task)).toBe(written.get(page) ?? 0);
  } else if (kind === "fork" && processes.length < 4) {
    processes.push({ task: small.fork(task), written: new Map(written) });
  } else if (kind === "exit" && processes.length > 1) {
    processes.splice(processes.indexOf(chosen), 1);
    small.exit(task);
  } else if (kind === "exclusive") {
    expect(makeDeviceExclusive(world, task, task.mm, BASE + page, null)).toBeGreaterThan(0);
  } else if (kind === "split" && vma !== undefined) {
    splitHugePmd(world, vma, BASE + page, true);
  } else if (kind === "swap") {
    const pfn = presentPfn(task.mm, BASE + page);
    const head = pfn === 0 ? 0 : world.frames.head(pfn);
    const isZero = head === world.zeroPfn || head === world.hugeZeroPfn;
    if (head !== 0 && !isZero && folioIsAnon(world, head)) pageoutFolio(world, head);
  }
}

test.each([0, VM_HUGEPAGE])("no page is lost or crossed (advice %i)", (flags) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const small = new SmallWorld({ nrSwapPages: 4096 });
      small.map(small.world.blockPages, { flags });
      const processes: Process[] = [{ task: small.task, written: new Map() }];
      const free = small.world.buddies[0]?.nrFree ?? 0;
      steps.forEach((one, at) => apply(small, processes, one, at + 1));
      for (const { task, written } of processes) {
        for (let page = 0; page < 12; page++) {
          expect(small.read(page, task)).toBe(0);
          expect(small.content(page, task)).toBe(written.get(page) ?? 0);
          expect(leafKind(task.mm.pageTable.bits(BASE + page))).not.toBe(LEAF_SWAP);
        }
      }
      for (const { task } of processes) small.exit(task);
      expect(small.world.buddies[0]?.nrFree).toBe(free);
      expect(small.world.swap?.nrFree).toBe(4096);
    }),
    { numRuns: 150 },
  );
});
