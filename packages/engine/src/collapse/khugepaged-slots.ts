// Which address spaces khugepaged knows. An mm is entered once, when one of its VMAs is seen to be
// worth scanning at a huge fault, new advice, a merge of VMAs or a fork; never by looking at all.
// Mirrors mm/khugepaged.c and include/linux/khugepaged.h.
import type { MmStruct, VmAreaStruct, World } from "@faultline/core";
import { khugepagedAllowable } from "./collapse-vma.ts";

const SUBSYSTEM = "khugepaged";

/** Address spaces in the order in which they were entered. */
interface KhugepagedState {
  readonly slots: MmStruct[];
}

function stateOf(world: World): KhugepagedState {
  let state = world.subsystems.get(SUBSYSTEM) as KhugepagedState | undefined;
  if (state === undefined) {
    state = { slots: [] };
    world.subsystems.set(SUBSYSTEM, state);
  }
  return state;
}

/** Address spaces that khugepaged goes through, those that have ended left out. */
export function khugepagedSlots(world: World): MmStruct[] {
  const { slots } = stateOf(world);
  const alive = slots.filter((mm) => mm.isAlive);
  slots.splice(0, slots.length, ...alive);
  return alive;
}

function enter(world: World, mm: MmStruct): void {
  const { slots } = stateOf(world);
  if (!slots.includes(mm)) slots.push(mm);
}

/**
 * Enters the VMA's address space when khugepaged could work on the VMA as it is now. An earlier
 * entry is never taken back.
 * @kernel mm/khugepaged.c khugepaged_enter_vma (v7.2)
 */
export function khugepagedEnterVma(world: World, vma: VmAreaStruct): void {
  if (khugepagedAllowable(world, vma)) enter(world, vma.vmMm);
}

/**
 * A child is known to khugepaged when its parent is.
 * @kernel include/linux/khugepaged.h khugepaged_fork (v7.2)
 */
export function khugepagedFork(world: World, child: MmStruct, parent: MmStruct): void {
  if (stateOf(world).slots.includes(parent)) enter(world, child);
}
