// One pass over a VA block: for each faulted page choose where it should be, move what must move
// with what the prefetcher adds, and map it on the GPU. Mirrors uvm_va_block_service_locked of
// uvm_va_block.c.
import { EAGAIN, EFAULT, type TaskStruct, VM_READ, VM_WRITE } from "@faultline/core";
import type { VmAreaStruct } from "@faultline/core";
import type { Verb } from "@faultline/engine";
import { deviceAllows } from "../device/device-access.ts";
import type { DeviceMirror } from "../device/device-mirror.ts";
import type { DeviceFault, DeviceFaultKind } from "../device/device-stack.ts";
import { noteRange } from "../device/driver-work.ts";
import { mirrorRange, requestFlags } from "../device/mirror-range.ts";
import { choosePrefetch } from "./choose-prefetch.ts";
import { ATS_RULE, chooseResidency, UVM_RULE_IDS } from "./choose-residency.ts";
import { mapPages } from "./map-pages.ts";
import { movePages } from "./move-pages.ts";
import { PageWishes } from "./page-wishes.ts";
import { dropDuplicates, duplicatePage } from "./read-duplicates.ts";
import type { UvmProcessor } from "./select-residency.ts";
import type { UvmBlockPass } from "./uvm-counters.ts";
import { runsOf } from "./uvm-move.ts";
import type { UvmStack } from "./uvm-stack.ts";
import type { UvmVaBlock } from "./uvm-va-block.ts";

/** Faults of one block that lie in one mapping, ascending; of a page the strongest first. */
export interface BlockFaults {
  readonly block: UvmVaBlock;
  /** Null where nothing is mapped. */
  readonly vma: VmAreaStruct | null;
  readonly faults: readonly DeviceFault[];
}

/** What came of a pass. */
export interface BlockOutcome {
  readonly pass: UvmBlockPass;
  /** Results that are not 0, by page. */
  readonly failed: ReadonlyMap<number, number>;
}

interface Plan {
  /** Pages by where they should be. */
  readonly places: Map<UvmProcessor, number[]>;
  readonly wishes: PageWishes;
  readonly failed: Map<number, number>;
}

/** Serves the faults of a block. */
export function* serviceBlock(
  stack: UvmStack,
  mirror: DeviceMirror,
  task: TaskStruct,
  { block, vma, faults }: BlockFaults,
): Verb<BlockOutcome> {
  noteRange(stack.system.world, stack.attached, !block.users.has(stack.processor));
  block.users.add(stack.processor);
  const plan = planFaults(stack, mirror, { block, vma, faults });
  const { wishes, failed } = plan;
  for (const page of wishes.pages) {
    if (wishes.isWrite(page)) dropDuplicates(block.space, page, page + 1);
  }
  yield* unshare(stack, mirror, task, block, wishes);
  let nrPrefetched = 0;
  let nrMoved = 0;
  for (const [to, faulted] of plan.places) {
    const further = vma === null ? [] : prefetchFor(stack, block, vma, faulted, to);
    nrPrefetched += further.length;
    for (const { start, nrPages } of runsOf(further)) mirror.note("uvm-prefetch", start, nrPages);
    for (const page of further) if (!wishes.has(page)) wishes.set(page, "present");
    const stays = (page: number): boolean =>
      to === stack.processor && isCopied(stack, mirror, block, page, wishes);
    const pages = faulted.filter((page) => !stays(page));
    const others = further.filter((page) => !stays(page));
    if (pages.length > 0) {
      nrMoved += yield* movePages(stack, { block, to, task, mirror, pages, cause: "coherence" });
    }
    if (others.length > 0) {
      const move = { block, to, task, mirror, pages: others, cause: "prefetch" as const };
      nrMoved += yield* movePages(stack, move);
    }
  }
  stack.stats.prefetched_pages += nrPrefetched;
  yield* mapEach(stack, mirror, task, wishes, failed);
  noteUse(stack, mirror, plan);
  yield* mapOnOthers(stack, block, task, wishes.pages);
  stack.stats.block_services++;
  const pass = { start: block.start, nrFaulted: faults.length, nrPrefetched, nrMoved };
  return { pass, failed };
}

/** What to do about each fault. */
function planFaults(
  stack: UvmStack,
  mirror: DeviceMirror,
  { block, vma, faults }: BlockFaults,
): Plan {
  const wishes = new PageWishes(block.range);
  const plan: Plan = { places: new Map(), wishes, failed: new Map() };
  const { thrashing } = block;
  for (const { page, access } of faults) {
    if (!isLegal(stack, vma, access)) {
      plan.failed.set(page, -EFAULT);
      continue;
    }
    if (wishes.has(page) || isSatisfied(mirror, page, access)) continue;
    const hint = thrashing.hint(page, stack.processor);
    if (hint.kind === "throttle") {
      stack.stats.throttled_faults++;
      mirror.note("uvm-throttle", page, 1);
      plan.failed.set(page, -EAGAIN);
      continue;
    }
    const pinned = hint.kind === "pin" ? hint.residency : null;
    const asker = { faulting: stack.processor, access, pinned, isAccessCounter: false, task: null };
    const { residency, rule } = chooseResidency(stack, block, page, asker);
    stack.rules.set(rule, (stack.rules.get(rule) ?? 0) + 1);
    mirror.note(UVM_RULE_IDS[rule] ?? "", page, 1);
    const isKept = rule === ATS_RULE && block.processorOf(page) !== null;
    if (!isKept) pagesAt(plan, residency).push(page);
    wishes.set(page, access);
  }
  return plan;
}

function pagesAt({ places }: Plan, residency: UvmProcessor): number[] {
  const known = places.get(residency);
  if (known !== undefined) return known;
  const pages: number[] = [];
  places.set(residency, pages);
  return pages;
}

/** Whether a page that is read gets, or has, a copy here instead of coming itself. */
function isCopied(
  stack: UvmStack,
  mirror: DeviceMirror,
  block: UvmVaBlock,
  page: number,
  wishes: PageWishes,
): boolean {
  if (wishes.isWrite(page) || !block.space.policies.at(page).isReadDuplicated) return false;
  return mirror.duplicates.has(page) || duplicatePage(stack, mirror, block, page);
}

/**
 * A page that is to be written, but that fork() has made read-only, is copied first. HMM never
 * faults an own page, so nobody asks for it here, and a device page comes to system memory, alone:
 * who wants it is the GPU, which has no use for its neighbours there.
 */
function* unshare(
  stack: UvmStack,
  mirror: DeviceMirror,
  task: TaskStruct,
  block: UvmVaBlock,
  wishes: PageWishes,
): Verb<void> {
  const { range: notified } = block;
  for (const page of wishes.pages) {
    if (!wishes.isWrite(page)) continue;
    if (!block.isWriteProtected(page)) continue;
    const request = { start: page, nrPages: 1, request: requestFlags(true), owner: null, notified };
    block.unsharing.add(page);
    yield* mirrorRange(stack.host, mirror, task, request, () => 0);
    block.unsharing.delete(page);
  }
}

/** Prefetching follows a migration; where nothing moves, nothing follows. */
function prefetchFor(
  stack: UvmStack,
  block: UvmVaBlock,
  vma: VmAreaStruct,
  faulted: readonly number[],
  to: UvmProcessor,
): number[] {
  if (stack.isAts || faulted.every((page) => block.processorOf(page) === to)) return [];
  return choosePrefetch(block, vma, faulted, to, stack.knobs);
}

/** All at once; after a failure one by one, so that each page has a result of its own. */
function* mapEach(
  stack: UvmStack,
  mirror: DeviceMirror,
  task: TaskStruct,
  wishes: PageWishes,
  failed: Map<number, number>,
): Verb<void> {
  if ((yield* mapPages(stack, mirror, task, wishes)) === 0) return;
  for (const page of wishes.pages) {
    const wish = wishes.get(page) ?? "present";
    if (wish === "present") continue;
    const rc = yield* mapPages(stack, mirror, task, PageWishes.of([page], wish));
    if (rc !== 0 && wish !== "prefetch") failed.set(page, rc);
  }
}

/** Memory of the GPU's own that faults have led to, for policies that go by use. */
function noteUse({ chunks, attached, system }: UvmStack, mirror: DeviceMirror, plan: Plan): void {
  for (const pages of plan.places.values()) {
    for (const page of pages) {
      const leaf = mirror.lookup(page);
      const pgmap = leaf === null ? null : system.world.frames.pgmapOf(leaf.pfn);
      if (leaf !== null && pgmap === attached.pgmap) chunks.touched(leaf.pfn);
    }
  }
}

/** GPUs that have asked to keep mappings get them anew after pages have moved. */
function* mapOnOthers(
  stack: UvmStack,
  { space }: UvmVaBlock,
  task: TaskStruct,
  pages: readonly number[],
): Verb<void> {
  if (space.policies.isEmpty) return;
  for (const { stack: other, mirror } of space.gpus) {
    if (other === stack) continue;
    const own = pages.filter((page) => {
      const isAsked = space.policies.at(page).accessedBy.includes(other.processor);
      return isAsked && mirror.lookup(page) === null;
    });
    yield* mapPages(other, mirror, task, PageWishes.of(own, "present"));
  }
}

/** The mapping must allow it; memory that UVM did not allocate is HMM's, where that is on. */
function isLegal(
  { knobs, isAts }: UvmStack,
  vma: VmAreaStruct | null,
  access: DeviceFaultKind,
): boolean {
  if (vma === null) return false;
  const isForeign = knobs["uvm.memory"] === "system" && knobs.uvm_disable_hmm === 1;
  if (isForeign && !isAts) return false;
  const isWrite = access === "write" || access === "atomic";
  return vma.has(isWrite ? VM_READ | VM_WRITE : VM_READ);
}

/** Whether the GPU's entry lets an access through already. */
function isSatisfied(mirror: DeviceMirror, page: number, access: DeviceFaultKind): boolean {
  return deviceAllows(mirror, page, access === "prefetch" ? "read" : access);
}
