// A CPU fault on device-private memory: the driver brings the page, or the whole block, back.
// Mirrors the device-private branch of do_swap_page (mm/memory.c) and its PMD twin.
import {
  FRAME_LOCKED,
  invariant,
  type TaskStruct,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { folioGet, folioPut } from "../folio/folio-alloc.ts";
import type { FaultContext } from "./fault-context.ts";
import { faultWait } from "./fault-flags.ts";

/**
 * Locks the faulting folio, takes one reference on it and calls the driver. Migration tolerates
 * exactly that lock and that reference; they stay with the faulting page when its folio is split.
 * @returns what the driver returns; 0 does not promise that the page has moved.
 * @kernelpart mm/memory.c do_swap_page (v7.2) the branch of a device-private entry
 * @kernelpart mm/huge_memory.c do_huge_pmd_device_private (v7.2) the branch of a device-private
 * entry
 */
export function devicePrivateFault(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  page: number,
  flags: number,
  pfn: number,
  isPmd: boolean,
): number {
  const { frames } = world;
  const pgmap = frames.pgmapOf(pfn);
  if (pgmap === null) invariant(false, `frame ${pfn} is no device memory`);
  const head = frames.head(pfn);
  if ((frames.flags(head) & FRAME_LOCKED) !== 0) return faultWait(world, "folio-lock", head);
  world.recorder?.note("device-private-fault", vma.vmMm.mmId, page, isPmd ? world.blockPages : 1);
  frames.addFlags(head, FRAME_LOCKED);
  folioGet(world, head);
  const fault: FaultContext = { world, task, vma, page, flags, isPmd, pfn };
  const result = pgmap.ops.migrateToRam(fault);
  const held = frames.head(pfn);
  frames.clearFlags(held, FRAME_LOCKED);
  folioPut(world, held);
  return result;
}
