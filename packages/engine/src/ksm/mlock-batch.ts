// Folios whose lock state ksmd has yet to settle. Taking a page from a locked VMA puts its folio on
// a short list of the CPU, which holds a reference; until the list is full or emptied, nobody can
// merge what else maps the folio. Mirrors mm/mlock.c; system calls empty their list before they
// end.
import { VM_LOCKED, type VmAreaStruct, type World } from "@faultline/core";
import { folioGet, folioPut } from "../folio/folio-alloc.ts";
import { ksmState } from "./ksm-state.ts";

/** Entries of a folio batch; the one that fills it empties it. */
const FOLIO_BATCH_SIZE = 31;

/**
 * Notes that a VMA got or lost a page of the folio, which only matters when it is locked.
 * @kernelpart mm/mlock.c munlock_folio, mlock_new_folio (v7.2) the list, which both share
 */
export function mlockBatchAdd(world: World, vma: VmAreaStruct, head: number): void {
  if (!vma.has(VM_LOCKED)) return;
  const { mlockBatch } = ksmState(world);
  folioGet(world, head);
  mlockBatch.push(head);
  if (mlockBatch.length === FOLIO_BATCH_SIZE) mlockDrainLocal(world);
}

/** @kernel mm/mlock.c mlock_drain_local (v7.2) */
export function mlockDrainLocal(world: World): void {
  for (const head of ksmState(world).mlockBatch.splice(0)) folioPut(world, head);
}
