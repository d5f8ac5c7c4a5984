// ksmd: passes over every page of every mergeable VMA. Mirrors mm/ksm.c. How many pages it looks at
// before it sleeps, and for how long, are its host's business; smart_scan is off.
import {
  EFFORT_PTE_WALK,
  LEAF_NONE,
  leafKind,
  VM_MERGEABLE,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { mmapReadLock, mmapReadUnlock } from "../mmap-lock.ts";
import type { Verb } from "../verb.ts";
import {
  type KsmMmSlot,
  type KsmScanItem,
  type KsmState,
  ksmEnter,
  ksmState,
  NO_CHECKSUM,
  removeRmapItemFromTree,
} from "./ksm-state.ts";
import { mergeablePfn, cmpAndMergePage } from "./merge-candidate.ts";
import { mlockDrainLocal } from "./mlock-batch.ts";
import { pruneStableTree } from "./stable-tree.ts";

/** Passes beyond those asked for; pages that never come to rest would keep ksmd going for ever. */
const MAX_EXTRA_PASSES = 16;

/**
 * Lets ksmd make at least `passes` full passes and go on while they bring any page further: whoever
 * switches it off comes too late to stop it in the middle of its work.
 * @returns how many passes were made.
 */
export function* ksmScan(world: World, passes: number): Verb {
  let made = 0;
  for (let hasProgress = true; made < passes + MAX_EXTRA_PASSES; made++) {
    if (made >= passes && !hasProgress) break;
    hasProgress = (yield* ksmDoScan(world)) > 0;
  }
  return made;
}

/**
 * One full pass over every known address space. A page that was never seen takes two: it has to
 * look the same twice.
 * @returns how many pages the pass brought further.
 * @kernel mm/ksm.c ksm_do_scan (v7.2)
 */
export function* ksmDoScan(world: World): Verb {
  const state = ksmState(world);
  enterForked(world);
  forgetEnded(state);
  pruneStableTree(world, state);
  state.unstable.clear();
  mlockDrainLocal(world);
  let progress = 0;
  for (const slot of state.slots) {
    const { mm } = slot;
    yield* mmapReadLock(world, mm);
    progress += scanMm(world, state, slot);
    mmapReadUnlock(mm);
  }
  mlockDrainLocal(world);
  return progress;
}

/**
 * A fork of an address space with mergeable memory is visited too.
 * @differs the kernel enters the child during fork; nothing can tell before the next pass.
 */
function enterForked(world: World): void {
  for (const task of world.tasks.values()) {
    if (task.mm.vmas.some((vma) => vma.has(VM_MERGEABLE))) ksmEnter(world, task.mm);
  }
}

/** Address spaces that ended take their items out of the trees before anything else is merged. */
function forgetEnded(state: KsmState): void {
  const { slots } = state;
  for (const slot of slots) {
    if (!slot.mm.isAlive) for (const item of slot.items) removeRmapItemFromTree(state, item);
  }
  const alive = slots.filter((slot) => slot.mm.isAlive);
  slots.splice(0, slots.length, ...alive);
}

/** Looks at the pages of one mm in ascending order. */
function scanMm(world: World, state: KsmState, slot: KsmMmSlot): number {
  const { mm } = slot;
  const walk: ItemWalk = { known: slot.items, next: 0, kept: [] };
  let progress = 0;
  for (const vma of mm.vmas) {
    if (!vma.has(VM_MERGEABLE) || vma.anonVma === null) continue;
    progress += scanVma(world, state, vma, walk);
  }
  dropUpTo(state, walk, Infinity);
  slot.items = walk.kept;
  world.effort.add(EFFORT_PTE_WALK, walk.kept.length);
  return progress;
}

function scanVma(world: World, state: KsmState, vma: VmAreaStruct, walk: ItemWalk): number {
  let progress = 0;
  const table = vma.vmMm.pageTable;
  for (let page = vma.vmStart; page < vma.vmEnd; page++) {
    if (leafKind(table.slotBits(page)) === LEAF_NONE) {
      page = table.blockStart(page) + table.blockPages - 1;
      continue;
    }
    const pfn = mergeablePfn(world, vma.vmMm, page);
    if (pfn === 0) continue;
    const item = itemOf(state, vma, walk, page);
    if (cmpAndMergePage(world, state, vma, item, pfn)) progress++;
  }
  return progress;
}

/** The old items of an mm beside those of the pass under way. */
interface ItemWalk {
  readonly known: readonly KsmScanItem[];
  next: number;
  readonly kept: KsmScanItem[];
}

/** Forgets the items of pages that the pass has gone past without finding anything there. */
function dropUpTo(state: KsmState, walk: ItemWalk, page: number): void {
  for (;;) {
    const item = walk.known[walk.next];
    if (item === undefined || item.page >= page) return;
    removeRmapItemFromTree(state, item);
    walk.next++;
  }
}

/**
 * The page's item, the one of the last pass where there is one.
 * @kernel mm/ksm.c get_next_rmap_item (v7.2)
 */
function itemOf(state: KsmState, vma: VmAreaStruct, walk: ItemWalk, page: number): KsmScanItem {
  dropUpTo(state, walk, page);
  let item = walk.known[walk.next];
  if (item?.page === page) walk.next++;
  else item = newItem(vma, page);
  walk.kept.push(item);
  return item;
}

function newItem(vma: VmAreaStruct, page: number): KsmScanItem {
  const { anonVma } = vma;
  return {
    mm: vma.vmMm,
    page,
    index: vma.indexOf(page) >>> 0,
    anonVma: anonVma as NonNullable<typeof anonVma>,
    checksum: NO_CHECKSUM,
    stableNode: null,
  };
}
