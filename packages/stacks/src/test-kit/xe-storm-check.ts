// What must be true of xe's own state while a storm blows: its invariants, and that no CPU moves
// what a card keeps for a while. Used by tests only.
import { formatProblem } from "@faultline/engine";
import type { DeviceStack } from "../device/device-stack.ts";
import type { DevmemAllocation } from "../drm/devmem-allocation.ts";
import { findXeProblems } from "../xe/xe-invariants.ts";
import { XeStack } from "../xe/xe-stack.ts";
import type { StormStep } from "./storm-steps.ts";

/** What is wrong with the state of xe's cards after a step; made once for a storm. */
export function xeStormCheck(all: readonly DeviceStack[]): (step: StormStep) => readonly string[] {
  const stacks = all.filter((one): one is XeStack => one instanceof XeStack);
  let before = new Map<DevmemAllocation, number>();
  return ({ op }) => {
    // What is gone as a whole is no longer among the allocations.
    const now = stacks[0]?.host.now() ?? 0;
    const smaller = [...before].filter(([one, nrUsed]) => one.nrUsed < nrUsed).map(([one]) => one);
    const due = smaller.filter(({ timesliceEndPs }) => timesliceEndPs <= now);
    // A page whose time is over takes along whatever lies in its allocation's span.
    const isTakenAlong = (one: DevmemAllocation): boolean =>
      due.some(
        ({ start, nrPages }) => start < one.start + one.nrPages && one.start < start + nrPages,
      );
    const lost = smaller.filter((one) => !due.includes(one) && !isTakenAlong(one));
    before = new Map(stacks.flatMap(({ allocations }) => allocations.all()).map(withPages));
    const moved = op === "cpu" || op === "fill" ? lost : [];
    const problems = findXeProblems(stacks).map((problem) => formatProblem(problem));
    return [...problems, ...moved.map(({ start }) => `a CPU moved page ${start} too early`)];
  };
}

function withPages(allocation: DevmemAllocation): [DevmemAllocation, number] {
  return [allocation, allocation.nrUsed];
}

/** Allocations inside their timeslice, which no CPU's access makes smaller. */
export function keptPages(stacks: readonly XeStack[]): DevmemAllocation[] {
  return stacks.flatMap(({ allocations, host }) =>
    allocations.all().filter(({ timesliceEndPs }) => timesliceEndPs > host.now()),
  );
}
