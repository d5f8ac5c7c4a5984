import { PROT_READ, runToCompletion, sysMprotect } from "@faultline/engine";
import { beforeEach, describe, expect, test } from "vitest";
import { beginToDevice } from "../device/migrate-range.ts";
import { BASE } from "../test-kit/small-system.ts";
import { UvmGpus } from "../test-kit/uvm-gpus.ts";
import { type BeginPiece, moveRuns } from "./move-runs.ts";

let gpus: UvmGpus;

beforeEach(() => {
  gpus = new UvmGpus();
});

/** Takes system memory to the first GPU, unless a piece is to be refused. */
function begin(isRefused: (start: number) => boolean = () => false): BeginPiece {
  const { attached } = gpus.stack(0);
  const { system } = gpus.small;
  const terms = { flags: 1, pgmapOwner: attached.owner, target: attached };
  return (vma, start, end) => {
    const accept = (): number => (isRefused(start) ? -12 : 0);
    return beginToDevice(system, { ...terms, accept }, vma, start, end);
  };
}

/** Moves runs of `[first, pages]`: how many waits there were, and what was told of each run. */
function move(runs: readonly (readonly [number, number])[], how: BeginPiece = begin()) {
  const { system, task } = gpus.small;
  const ranges = runs.map(([at, nrPages]) => ({ start: BASE + at, nrPages }));
  const told: [number, number][] = [];
  const verb = moveRuns(system, task.mm, ranges, how, ({ start }, nrMoved) => {
    told.push([start - BASE, nrMoved]);
  });
  const waits: string[] = [];
  let step = verb.next();
  for (; step.done !== true; step = verb.next()) waits.push(step.value.reason);
  return { nrMoved: step.value, waits, told };
}

describe("runs of a block", () => {
  test("move together, with one wait for all of their copies", () => {
    const { nrMoved, waits, told } = move([
      [0, 1],
      [3, 2],
      [7, 1],
    ]);
    expect(waits).toEqual(["copy"]);
    expect(told).toEqual([
      [0, 1],
      [3, 2],
      [7, 1],
    ]);
    expect(nrMoved).toBe(4);
    const { world, task } = gpus.small;
    const places = [0, 1, 3, 4, 7].map((at) => {
      return (
        world.frames.pgmapOf(task.mm.pageTable.val(BASE + at)) === gpus.stack(0).attached.pgmap
      );
    });
    expect(places).toEqual([true, false, true, true, true]);
  });

  test("that are none take no lock and no time", () => {
    expect(move([])).toEqual({ nrMoved: 0, waits: [], told: [] });
  });

  test("end at what is not mapped and at a piece that is refused, the others go on", () => {
    const refused = begin((start) => start === BASE + 4);
    const { nrMoved, waits, told } = move(
      [
        [0, 2],
        [4, 2],
        [5000, 1],
        [7, 1],
      ],
      refused,
    );
    expect(waits).toEqual(["copy"]);
    expect(told).toEqual([
      [0, 2],
      [4, 0],
      [5000, 0],
      [7, 1],
    ]);
    expect(nrMoved).toBe(3);
  });

  test("of which nothing can move wait for nothing", () => {
    const { nrMoved, waits } = move(
      [[0, 2]],
      begin(() => true),
    );
    expect([nrMoved, waits]).toEqual([0, []]);
  });

  test("are told of once where they cross from one mapping into another", () => {
    const { world, task } = gpus.small;
    expect(runToCompletion(sysMprotect(world, task, BASE + 2, 2, PROT_READ))).toBe(0);
    const { waits, told } = move([[0, 6]]);
    expect(task.mm.vmas.length).toBe(3);
    expect([waits, told]).toEqual([["copy"], [[0, 6]]]);
  });
});
