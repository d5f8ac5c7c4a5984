// What ksmd remembers: the address spaces it visits, one item for each page it has seen, the tree
// of merged pages and, for the pass under way, the tree of candidates. Mirrors the structures of
// mm/ksm.c. Both trees are maps from content, because equal content is all they are searched for.
import type { KsmRmapItem, KsmStableNode, MmStruct, World } from "@faultline/core";

const SUBSYSTEM = "ksm";

/** No checksum taken yet: no content token has this value. */
export const NO_CHECKSUM = -1;

/** struct ksm_rmap_item: one page of a mergeable VMA that ksmd has seen. */
export interface KsmScanItem extends KsmRmapItem {
  /** Set anew when the page is merged. */
  index: number;
  anonVma: KsmRmapItem["anonVma"];
  /** Content at the last look; a page that changes from pass to pass is left alone. */
  checksum: number;
  /** The merged page this page maps, as far as ksmd knows. */
  stableNode: KsmStableNode | null;
}

/** struct ksm_mm_slot: one address space; items ascend by page. */
export interface KsmMmSlot {
  readonly mm: MmStruct;
  items: KsmScanItem[];
}

/** Everything ksmd remembers between passes. */
export interface KsmState {
  /** Address spaces in the order in which they first had a mergeable VMA. */
  readonly slots: KsmMmSlot[];
  /** Merged pages by content. Several copies of one content form a chain, newest first. */
  readonly stable: Map<number, KsmStableNode[]>;
  /** Candidates of this pass by content. */
  readonly unstable: Map<number, KsmScanItem>;
  /** Folios that ksmd holds because locked VMAs have just got or lost them. */
  readonly mlockBatch: number[];
}

/** The world's KSM state, created when first asked for. */
export function ksmState(world: World): KsmState {
  let state = world.subsystems.get(SUBSYSTEM) as KsmState | undefined;
  if (state === undefined) {
    state = { slots: [], stable: new Map(), unstable: new Map(), mlockBatch: [] };
    world.subsystems.set(SUBSYSTEM, state);
  }
  return state;
}

/**
 * Makes ksmd visit an address space from now on.
 * @kernel mm/ksm.c __ksm_enter (v7.2)
 */
export function ksmEnter(world: World, mm: MmStruct): void {
  const { slots } = ksmState(world);
  if (!slots.some((slot) => slot.mm === mm)) slots.push({ mm, items: [] });
}

/**
 * Takes an item out of whichever tree holds it.
 * @kernel mm/ksm.c remove_rmap_item_from_tree (v7.2)
 */
export function removeRmapItemFromTree(state: KsmState, item: KsmScanItem): void {
  const node = item.stableNode;
  if (node !== null) {
    const at = node.items.indexOf(item);
    if (at >= 0) node.items.splice(at, 1);
    item.stableNode = null;
  } else if (state.unstable.get(item.checksum) === item) {
    state.unstable.delete(item.checksum);
  }
}
