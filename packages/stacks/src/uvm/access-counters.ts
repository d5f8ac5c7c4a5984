// Access counters: hardware counts a GPU's accesses to memory that is not its own, in regions of
// 2 MiB with 32 parts, and tells the driver, which then may bring the touched parts. Mirrors
// uvm_gpu_access_counters.c. The hardware is whoever calls countAccesses().
import type { TaskStruct } from "@faultline/core";
import type { Verb } from "@faultline/engine";
import type { DeviceMirror } from "../device/device-mirror.ts";
import type { PageRange } from "../device/device-stack.ts";
import { chooseResidency } from "./choose-residency.ts";
import { mapPages } from "./map-pages.ts";
import { PageWishes } from "./page-wishes.ts";
import { movePages } from "./move-pages.ts";
import type { UvmProcessor } from "./select-residency.ts";
import type { UvmStack } from "./uvm-stack.ts";
import type { UvmVaBlock } from "./uvm-va-block.ts";

/** Parts of a region. */
const NR_PARTS = 32;

/** What the hardware knows of one region. */
interface RegionCounter {
  nrAccesses: number;
  /** Parts that were touched since the last notification. */
  readonly parts: Set<number>;
}

/** The counters of one GPU. */
export class AccessCounters {
  private readonly byBlock = new WeakMap<UvmVaBlock, RegionCounter>();

  /** @returns the parts that were touched, when the region notifies now; else null. */
  count(
    block: UvmVaBlock,
    page: number,
    nrAccesses: number,
    threshold: number,
  ): ReadonlySet<number> | null {
    const counter = this.byBlock.get(block) ?? { nrAccesses: 0, parts: new Set<number>() };
    this.byBlock.set(block, counter);
    counter.nrAccesses += nrAccesses;
    counter.parts.add(Math.floor(((page - block.start) * NR_PARTS) / block.nrLeaves));
    if (counter.nrAccesses < threshold) return null;
    this.byBlock.delete(block);
    return counter.parts;
  }
}

/**
 * A GPU has accessed each page of a range so many times; only accesses over a link count. Served at
 * once, `uvm_perf_access_counter_batch_count` notifications at a time.
 * @returns pages that have moved.
 */
export function* countAccesses(
  stack: UvmStack,
  mirror: DeviceMirror,
  task: TaskStruct,
  { start, nrPages }: PageRange,
  nrAccesses: number,
): Verb {
  if (!stack.hasAccessCounters) return 0;
  const { knobs, attached, system } = stack;
  const space = stack.driver.space(mirror.mm);
  let pending: [UvmVaBlock, ReadonlySet<number>][] = [];
  let nrMoved = 0;
  for (let page = start; page < start + nrPages; page++) {
    const leaf = mirror.lookup(page);
    if (leaf === null || system.world.frames.pgmapOf(leaf.pfn) === attached.pgmap) continue;
    const block = space.block(page);
    const threshold = knobs.uvm_perf_access_counter_threshold;
    const parts = stack.accessCounters.count(block, page, nrAccesses, threshold);
    if (parts !== null) pending.push([block, parts]);
    if (pending.length < knobs.uvm_perf_access_counter_batch_count) continue;
    nrMoved += yield* serveAll(stack, mirror, task, pending);
    pending = [];
  }
  return nrMoved + (yield* serveAll(stack, mirror, task, pending));
}

function* serveAll(
  stack: UvmStack,
  mirror: DeviceMirror,
  task: TaskStruct,
  notifications: readonly (readonly [UvmVaBlock, ReadonlySet<number>])[],
): Verb {
  let nrMoved = 0;
  for (const [block, parts] of notifications) {
    stack.stats.access_counter_notifications++;
    nrMoved += yield* serveOne(stack, mirror, task, block, parts);
  }
  return nrMoved;
}

/** Brings what was touched to where the rules want it; that accessed-by is set does not count. */
function* serveOne(
  stack: UvmStack,
  mirror: DeviceMirror,
  task: TaskStruct,
  block: UvmVaBlock,
  parts: ReadonlySet<number>,
): Verb {
  const places = new Map<UvmProcessor, number[]>();
  for (let page = block.start; page < block.end; page++) {
    const part = Math.floor(((page - block.start) * NR_PARTS) / block.nrLeaves);
    if (!parts.has(part) || mirror.lookup(page) === null) continue;
    const hint = block.thrashing.hint(page, stack.processor);
    if (hint.kind !== "none") continue;
    const asker = { faulting: stack.processor, access: "read", pinned: null, task: null } as const;
    const choice = chooseResidency(stack, block, page, { ...asker, isAccessCounter: true });
    places.set(choice.residency, [...(places.get(choice.residency) ?? []), page]);
  }
  let nrMoved = 0;
  for (const [to, pages] of places) {
    nrMoved += yield* movePages(stack, {
      block,
      pages,
      to,
      cause: "access_counters",
      task,
      mirror,
    });
    yield* mapPages(stack, mirror, task, PageWishes.of(pages, "present"));
  }
  return nrMoved;
}
