// khugepaged: the daemon that looks for blocks worth making huge. Mirrors mm/khugepaged.c. How
// much it scans at a time and how long it sleeps are its host's business; a pass here looks at
// everything.
import type { MmStruct, World } from "@faultline/core";
import type { Verb } from "../verb.ts";
import { collapseBlock } from "./collapse-block.ts";
import { createCollapseControl } from "./collapse-control.ts";
import { hugepagePmdEnabled, khugepagedAllowable } from "./collapse-vma.ts";
import { kernelThread } from "./kernel-thread.ts";
import { khugepagedSlots } from "./khugepaged-slots.ts";

/** Passes in a row without a collapse after which the daemon counts as done. */
const IDLE_PASSES = 2;

/**
 * Passes over every known address space until two in a row collapse nothing.
 * @returns how many blocks were collapsed.
 */
export function* khugepagedScan(world: World): Verb {
  let total = 0;
  for (let idle = 0; idle < IDLE_PASSES; ) {
    const collapsed = yield* khugepagedDoScan(world);
    total += collapsed;
    idle = collapsed === 0 ? idle + 1 : 0;
  }
  return total;
}

/**
 * One pass over every known address space; nothing while huge pages are switched off.
 * @returns how many blocks were collapsed.
 * @kernel mm/khugepaged.c khugepaged_do_scan (v7.2)
 */
export function* khugepagedDoScan(world: World): Verb {
  if (!hugepagePmdEnabled(world)) return 0;
  let collapsed = 0;
  for (const mm of khugepagedSlots(world)) collapsed += yield* scanMm(world, mm);
  return collapsed;
}

/** @kernel mm/khugepaged.c khugepaged_scan_mm_slot (v7.2) */
function* scanMm(world: World, mm: MmStruct): Verb {
  const { blockPages } = world;
  const cc = createCollapseControl(world, kernelThread(world, mm), true);
  let collapsed = 0;
  for (const vma of mm.vmas.slice()) {
    const table = mm.pageTable;
    const first = table.blockStart(vma.vmStart + blockPages - 1);
    for (let block = first; block + blockPages <= vma.vmEnd; block += blockPages) {
      // Other actors may have changed the mappings while the last block was under way.
      const current = mm.vmaAt(block);
      if (current === null || !khugepagedAllowable(world, current)) break;
      const result = yield* collapseBlock(world, current, block, cc);
      if (result === "SCAN_SUCCEED") collapsed++;
    }
  }
  return collapsed;
}
