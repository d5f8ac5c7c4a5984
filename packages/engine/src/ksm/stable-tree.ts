// The tree of merged pages: finding the copy a page can join, adding copies, forgetting copies that
// no longer exist. Mirrors mm/ksm.c with merge_across_nodes on; pruning by time is left out.
import {
  FRAME_CHUNK_SHIFT,
  FRAME_FREE,
  FRAME_KSM,
  type KsmStableNode,
  type World,
} from "@faultline/core";
import { type KsmScanItem, type KsmState, removeRmapItemFromTree } from "./ksm-state.ts";

/**
 * The stable node whose page this is, or null.
 * @kernel mm/ksm.c folio_stable_node (v7.2)
 */
export function folioStableNode(world: World, head: number): KsmStableNode | null {
  if ((world.frames.flags(head) & FRAME_KSM) === 0) return null;
  const target = world.rmapTarget(world.frames.rmapOwner(head));
  return target?.kind === "ksm" ? target : null;
}

/**
 * True while the node's page still is this node's. A page that died is noticed only here: nothing
 * tells ksmd when the last mapping of a merged page goes.
 * @kernelpart mm/ksm.c ksm_get_folio (v7.2) the question alone; no reference is taken
 */
export function isNodeAlive(world: World, node: KsmStableNode): boolean {
  const { frames } = world;
  const chunk = frames.chunks[node.pfn >>> FRAME_CHUNK_SHIFT];
  if (chunk === null || chunk === undefined) return false;
  const flags = frames.flags(node.pfn);
  if ((flags & FRAME_KSM) === 0 || (flags & FRAME_FREE) !== 0) return false;
  return frames.rmapOwner(node.pfn) === node.id;
}

/** @kernel mm/ksm.c remove_node_from_stable_tree (v7.2) */
function removeNode(world: World, state: KsmState, node: KsmStableNode): void {
  for (const item of node.items.slice()) removeRmapItemFromTree(state, item as KsmScanItem);
  world.dropRmapTarget(node);
}

/** The live copies of a content, newest first; the dead ones are forgotten on the way. */
function chainOf(world: World, state: KsmState, content: number): KsmStableNode[] {
  const chain = state.stable.get(content);
  if (chain === undefined) return [];
  const alive = chain.filter((node) => isNodeAlive(world, node));
  if (alive.length === chain.length) return chain;
  for (const node of chain) if (!alive.includes(node)) removeNode(world, state, node);
  if (alive.length === 0) state.stable.delete(content);
  else state.stable.set(content, alive);
  return alive;
}

/**
 * Whether `more` further pages may join the copy. A copy without a known mapping is none: its page
 * may be on its way out.
 * @kernel mm/ksm.c __is_page_sharing_candidate (v7.2)
 */
function isPageSharingCandidate(world: World, node: KsmStableNode, more = 0): boolean {
  const shared = node.items.length;
  return shared > 0 && shared + more < world.settings.ksmMaxPageSharing;
}

/**
 * Finds a copy of the content with room for one more. A copy with room for two moves to the front
 * of its chain, so that the next search ends at once.
 * @returns null when there is no copy or all are full.
 * @kernel mm/ksm.c stable_tree_search (v7.2)
 */
export function stableTreeSearch(
  world: World,
  state: KsmState,
  content: number,
): KsmStableNode | null {
  const chain = chainOf(world, state, content);
  const at = chain.findIndex((node) => isPageSharingCandidate(world, node));
  const found = chain[at];
  if (found === undefined) return null;
  if (at > 0 && isPageSharingCandidate(world, found, 1)) {
    chain.splice(at, 1);
    chain.unshift(found);
  }
  return found;
}

/**
 * Adds a freshly merged page as a new copy of its content.
 * @kernel mm/ksm.c stable_tree_insert (v7.2)
 */
export function stableTreeInsert(world: World, state: KsmState, head: number): KsmStableNode {
  const content = world.frames.content(head);
  const node = world.createKsmStableNode(head);
  world.frames.setRmap(head, node.id, world.frames.rmapIndex(head));
  const chain = state.stable.get(content);
  if (chain === undefined) state.stable.set(content, [node]);
  else chain.unshift(node);
  return node;
}

/**
 * Notes that an item's page maps the copy. The newest item comes first: reverse mapping visits it
 * first.
 * @kernel mm/ksm.c stable_tree_append (v7.2)
 */
export function stableTreeAppend(item: KsmScanItem, node: KsmStableNode): void {
  item.stableNode = node;
  node.items.unshift(item);
}

/** Forgets every copy whose page is gone, so that the tree does not outgrow its memory. */
export function pruneStableTree(world: World, state: KsmState): void {
  for (const content of state.stable.keys()) chainOf(world, state, content);
}
