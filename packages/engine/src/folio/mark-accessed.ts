// Remembering that a folio was used, as far as khugepaged asks: a referenced mark, and the active
// list that a folio joins at its second use. Mirrors mm/swap.c; the lists themselves are left out.
import { FRAME_MLOCKED, FRAME_REFERENCED, type World } from "@faultline/core";

/**
 * Notes a use of the folio by the kernel itself. The first one marks it referenced, the second one
 * makes it active and takes the mark away, the third one marks it for good. Memory that is locked
 * knows only the first step.
 * @kernel mm/swap.c folio_mark_accessed (v7.2)
 */
export function folioMarkAccessed(world: World, head: number): void {
  const { activeFolios, frames } = world;
  const flags = frames.flags(head);
  if ((flags & FRAME_REFERENCED) === 0) {
    frames.addFlags(head, FRAME_REFERENCED);
  } else if ((flags & FRAME_MLOCKED) === 0 && !activeFolios.has(head)) {
    activeFolios.add(head);
    frames.clearFlags(head, FRAME_REFERENCED);
  }
}

/**
 * Forgets every use of the folio.
 * @kernelpart mm/swap.c lru_deactivate (v7.2) there are no lists: the flags that tell the lists
 * apart
 */
export function folioDeactivate(world: World, head: number): void {
  world.activeFolios.delete(head);
  world.frames.clearFlags(head, FRAME_REFERENCED);
}
