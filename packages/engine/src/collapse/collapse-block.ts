// One attempt at one block, as khugepaged and MADV_COLLAPSE both make it: scan, then collapse.
import type { MmStruct, VmAreaStruct, World } from "@faultline/core";
import { collapseFileBlock } from "../file/collapse-file-block.ts";
import type { Verb } from "../verb.ts";
import type { CollapseControl } from "./collapse-control.ts";
import { collapseHugePage } from "./collapse-huge-page.ts";
import { findPmdOrThpOrNone } from "./collapse-vma.ts";
import { scanBlock } from "./scan-block.ts";
import type { ScanResult } from "./scan-result.ts";

/**
 * Tries to make the block huge. A failure of the first scan changes nothing and tells nobody.
 * @kernelpart mm/khugepaged.c collapse_scan_pmd (v7.2) after the scan: the collapse alone, for
 * khugepaged and MADV_COLLAPSE alike
 */
export function* collapseBlock(
  world: World,
  vma: VmAreaStruct,
  block: number,
  cc: CollapseControl,
): Verb<ScanResult> {
  const mm: MmStruct = vma.vmMm;
  if (!vma.isAnonymous) return yield* collapseFileBlock(world, vma, block, cc);
  const slot = findPmdOrThpOrNone(mm, block);
  if (slot !== "SCAN_SUCCEED") return slot;
  const { result, nrNonPresent } = scanBlock(world, vma, block, cc);
  if (result !== "SCAN_SUCCEED") {
    world.recorder?.note("collapse-refused", mm.mmId, block, world.blockPages);
    return result;
  }
  const outcome = yield* collapseHugePage(world, mm, block, nrNonPresent > 0, cc);
  const rule = outcome === "SCAN_SUCCEED" ? "collapse-block" : "collapse-failed-late";
  world.recorder?.note(rule, mm.mmId, block, world.blockPages);
  return outcome;
}
