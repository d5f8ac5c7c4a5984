// Holding an address space: whoever works on one that is not its own keeps it from going away.
import type { MmStruct, World } from "@faultline/core";
import type { Verb } from "../verb.ts";
import { exitMmap } from "./exit-mmap.ts";

/**
 * Takes a hold on the address space.
 * @returns false when its last user has left already.
 * @kernel include/linux/sched/mm.h mmget_not_zero (v7.2)
 */
export function mmgetNotZero(mm: MmStruct): boolean {
  if (mm.mmUsers === 0) return false;
  mm.mmUsers++;
  return true;
}

/**
 * Gives up a hold; the last one to do so tears the address space down.
 * @kernel kernel/fork.c mmput (v7.2)
 */
export function* mmput(world: World, mm: MmStruct): Verb<void> {
  mm.mmUsers--;
  if (mm.mmUsers === 0) yield* exitMmap(world, mm);
}

/**
 * Runs a verb while holding an address space.
 * @returns the verb's result, or `gone` when the address space has no user any more.
 */
export function* withMm(world: World, mm: MmStruct, gone: number, work: Verb): Verb {
  if (!mmgetNotZero(mm)) return gone;
  const result = yield* work;
  yield* mmput(world, mm);
  return result;
}
