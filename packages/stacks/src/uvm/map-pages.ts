// Entering pages of a VA block into a GPU's table, wherever they are: its own memory, NVLink and
// BAR1 peers, system memory. Pages are looked up through HMM, with UVM's one owner.
import {
  APERTURE_INTERCONNECT,
  APERTURE_LOCAL,
  APERTURE_SYSTEM,
  type MmStruct,
  type OwnerSpace,
  type TaskStruct,
} from "@faultline/core";
import {
  HMM_PFN_REQ_FAULT,
  HMM_PFN_REQ_WRITE,
  HMM_PFN_WRITE,
  type HmmRange,
  type Path,
  type PathPolicy,
  selectPath,
  UVM_PATHS,
  type Verb,
} from "@faultline/engine";
import type { DeviceMirror } from "../device/device-mirror.ts";
import type { PageRange } from "../device/device-stack.ts";
import { mapExclusive } from "../device/map-exclusive.ts";
import { mapRange } from "../device/map-range.ts";
import { mirrorRange, requestFlags } from "../device/mirror-range.ts";
import { type PageWish, PageWishes } from "./page-wishes.ts";
import { UVM_ID_CPU } from "./select-residency.ts";
import type { UvmStack } from "./uvm-stack.ts";

/**
 * Maps pages of one VMA. What no path leads to comes to system memory, if an access wants it.
 * @returns 0, or the errno of hmm_range_fault() or make_device_exclusive().
 */
export function* mapPages(
  stack: UvmStack,
  mirror: DeviceMirror,
  task: TaskStruct,
  wishes: PageWishes,
): Verb {
  if (wishes.size === 0) return 0;
  let unreached: PageWishes | null = null;
  const rc = yield* mapOnce(stack, mirror, task, wishes, stack.attached.owner, (page) => {
    const wish = wishes.get(page) ?? "present";
    if (wish === "present") return;
    unreached ??= new PageWishes(wishes.span);
    unreached.set(page, wish);
  });
  if (rc !== 0) return rc;
  if (unreached !== null) {
    // For nobody every device page is foreign: its driver sends it to system memory.
    const again = yield* mapOnce(stack, mirror, task, unreached, null, () => {});
    if (again !== 0) return again;
  }
  for (const page of wishes.pages) {
    if (wishes.get(page) !== "atomic" || mirror.lookup(page)?.atomic === true) continue;
    const taken = yield* mapExclusive(mirror, task, page, stack.paths);
    if (taken !== 0) return taken;
  }
  return 0;
}

/** What the notifiers of UVM's blocks cover, of which each has one: the blocks of a range. */
function notifiedBy({ driver }: UvmStack, mm: MmStruct, page: number, nrPages: number): PageRange {
  const space = driver.spaceOf(mm);
  const start = space?.block(page).start ?? page;
  const end = space?.block(page + nrPages - 1).end ?? page + nrPages;
  return { start, nrPages: end - start };
}

function* mapOnce(
  stack: UvmStack,
  mirror: DeviceMirror,
  task: TaskStruct,
  wishes: PageWishes,
  owner: OwnerSpace | null,
  onNoPath: (page: number) => void,
): Verb {
  const { start, nrPages } = wishes.span;
  const request = {
    start,
    nrPages,
    request: 0,
    owner,
    notified: notifiedBy(stack, mirror.mm, start, nrPages),
    range: { pfnFlagsMask: HMM_PFN_REQ_FAULT | HMM_PFN_REQ_WRITE },
    prepare: ({ flags }: HmmRange) => {
      flags.fill(0);
      for (const page of wishes.pages) flags[page - start] = wordOf(wishes.get(page));
    },
  };
  return yield* mirrorRange(stack.host, mirror, task, request, (range) => {
    keepWished(stack, mirror, range, wishes);
    countRemote(stack, range);
    return mapRange(mirror, range, {
      paths: stack.mapPaths,
      choose: (pfn) => bar1Path(stack, pfn),
      isAtomic: (path) => carriesAtomics(stack, path),
      onNoPath,
    });
  });
}

function wordOf(wish: PageWish | undefined): number {
  if (wish === undefined || wish === "present" || wish === "prefetch") return 0;
  return requestFlags(wish !== "read");
}

/**
 * Other pages between the wished ones are not mapped, and copies stay. Pages whose reads are
 * duplicated are not mapped for writing, unless that is wanted.
 */
function keepWished(
  stack: UvmStack,
  { mm, duplicates }: DeviceMirror,
  range: HmmRange,
  wishes: PageWishes,
): void {
  const { policies } = stack.driver.space(mm);
  const { flags, start } = range;
  for (let i = 0; i < range.end - start; i++) {
    const word = flags[i] as number;
    if (word === 0) continue;
    const page = start + i;
    const isCopied = duplicates.size > 0 && duplicates.has(page);
    if (isCopied || !wishes.has(page)) flags[i] = 0;
    else if (policies.at(page).isReadDuplicated && !wishes.isWrite(page)) {
      flags[i] = (word & ~HMM_PFN_WRITE) >>> 0;
    }
  }
}

function countRemote(stack: UvmStack, range: HmmRange): void {
  const { frames } = stack.system.world;
  for (let i = 0; i < range.end - range.start; i++) {
    if (range.flags[i] === 0) continue;
    if (frames.pgmapOf(range.pfns[i] as number) === stack.attached.pgmap) continue;
    stack.stats.remote_mapped_pages++;
  }
}

const BAR1_PATHS: PathPolicy = { rules: ["path-peer-bar"], decidedBy: UVM_PATHS.decidedBy };

/** A BAR1 peer, where PCI really leads to it: being of one owner does not say so here. */
function bar1Path(stack: UvmStack, pfn: number): Path | null {
  const { driver, system, attached: requester, processor } = stack;
  const holder = system.holderOf(pfn);
  const peer = driver.stacks.find(({ attached }) => attached === holder);
  if (peer === undefined || driver.link(processor, peer.processor) !== "bar1") return null;
  return selectPath({ system, requester, pfn, policy: BAR1_PATHS });
}

function carriesAtomics({ driver, processor, attached }: UvmStack, { aperture }: Path): boolean {
  if (aperture === APERTURE_LOCAL || aperture === APERTURE_INTERCONNECT) return true;
  const isSystem = aperture === APERTURE_SYSTEM && attached.device.memory?.isCpuCoherent === true;
  return isSystem && driver.hasNativeAtomics(processor, UVM_ID_CPU);
}
