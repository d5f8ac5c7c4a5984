// Faulting pages of a region and entering them into the NIC's translation table. Mirrors
// pagefault_real_mr and populate_mtt of drivers/infiniband/hw/mlx5/odp.c and
// ib_umem_odp_map_dma_and_lock of drivers/infiniband/core/umem_odp.c; the attempts with and without
// P2P pages are those of the series posted in July 2025.
import {
  APERTURE_PCIE_P2P,
  APERTURE_SYSTEM,
  EFAULT,
  EINVAL,
  MEMORY_DEVICE_PRIVATE,
  PCI_P2PDMA_MAP_NONE,
  type TaskStruct,
  VM_WRITE,
} from "@faultline/core";
import {
  type AttachedDevice,
  type DeviceSystem,
  HMM_PFN_ALLOW_P2P,
  HMM_PFN_REQ_FAULT,
  HMM_PFN_REQ_WRITE,
  HMM_PFN_VALID,
  HMM_PFN_WRITE,
  hmmPfnToMapOrder,
  type HmmRange,
  type Path,
  type PathPolicy,
  selectPath,
  type Verb,
} from "@faultline/engine";
import type { PageRange } from "../device/device-stack.ts";
import { mirrorRange } from "../device/mirror-range.ts";
import type { StackHost } from "../device/stack-host.ts";
import type { OdpRegion } from "./odp-mirror.ts";

/** How a range is faulted. */
export interface RealMrRequest extends PageRange {
  /** MLX5_PF_FLAGS_DOWNGRADE: entries become readable only. */
  readonly downgrade: boolean;
  /** MLX5_PF_FLAGS_SNAPSHOT: only what is present, and nothing is faulted. */
  readonly snapshot: boolean;
  readonly paths: PathPolicy;
  readonly budgetPs: number;
  /** The knob `odp.p2pAllow`. */
  readonly hasP2pAllow: boolean;
}

/**
 * Faults and maps a range. A page that has no path is asked for again without P2P, and so it
 * migrates: that page alone, or with the design `odp.fallback: wholeRequest` all of them.
 * @returns pages that have an entry now, or a negative errno.
 * @kernel drivers/infiniband/hw/mlx5/odp.c pagefault_real_mr (v7.2)
 * @differs the posted series asks for the whole range again; hmm_range_fault() then faults every
 * page from the first one without P2P to the end of its table, so here each page is asked for alone
 */
export function* pagefaultRealMr(
  host: StackHost,
  region: OdpRegion,
  task: TaskStruct,
  request: RealMrRequest,
): Verb {
  const { designs } = region.mirror.system.world;
  const mayUseP2p = designs["hmm.p2pOp"] !== "off" || request.hasP2pAllow;
  const failed = new Set<number>();
  const first = yield* attempt(host, region, task, request, mayUseP2p, failed);
  if (first !== -EFAULT || failed.size === 0 || !mayUseP2p) return first;
  if (designs["odp.fallback"] === "wholeRequest") {
    region.mirror.note("odp-without-p2p", request.start, request.nrPages);
    return yield* attempt(host, region, task, request, false, new Set());
  }
  for (const page of failed) {
    const alone = { ...request, start: page, nrPages: 1 };
    region.mirror.note("odp-without-p2p", page, 1);
    const rc = yield* attempt(host, region, task, alone, false, new Set());
    if (rc < 0) return rc;
  }
  return request.nrPages;
}

/**
 * One round of HMM and mapping. The request bit that allows P2P stands in each slot's own word.
 * @param failed collects pages whose DMA mapping failed.
 * @returns pages that have an entry now, or a negative errno.
 */
function attempt(
  host: StackHost,
  region: OdpRegion,
  task: TaskStruct,
  request: RealMrRequest,
  allowsP2p: boolean,
  failed: Set<number>,
): Verb {
  const { mirror } = region;
  const { snapshot, budgetPs } = request;
  const { start, nrPages } = granulesOf(request, region.knobs["odp.granulePages"]);
  const isWritable = ((mirror.mm.vmaAt(start)?.vmFlags ?? 0) & VM_WRITE) !== 0;
  const wanted = !isWritable || request.downgrade ? 0 : HMM_PFN_REQ_WRITE;
  const asked = {
    start,
    nrPages,
    request: snapshot ? 0 : HMM_PFN_REQ_FAULT | wanted,
    owner: null,
    budgetPs,
    range: request.hasP2pAllow && allowsP2p ? P2P_WORDS : WORDS_ALONE,
    prepare: allowsP2p ? allowP2p : allowNothing,
  };
  return mirrorRange(host, mirror, task, asked, (range) => {
    if (!fillsGranules(range, region.knobs["odp.granulePages"])) return -EINVAL;
    region.counters.umr_updates++;
    const nrMapped = populateMtt(region, range, request, wanted !== 0, failed);
    return failed.size === 0 ? nrMapped : -EFAULT;
  });
}

/** The bit stands in each slot's own word. */
const P2P_WORDS = { pfnFlagsMask: HMM_PFN_ALLOW_P2P };
/** The same, where p2p_allow() is not to be asked. */
const WORDS_ALONE = { pfnFlagsMask: HMM_PFN_ALLOW_P2P, p2pAllow: null };

function allowP2p({ flags }: HmmRange): void {
  flags.fill(HMM_PFN_ALLOW_P2P);
}

function allowNothing({ flags }: HmmRange): void {
  flags.fill(0);
}

/** A range is faulted in whole granules. */
function granulesOf({ start, nrPages }: PageRange, granule: number): PageRange {
  const first = start - (start % granule);
  const last = Math.ceil((start + nrPages) / granule) * granule;
  return { start: first, nrPages: last - first };
}

/** Whether the CPU maps each granule that is there by a leaf of its size. */
function fillsGranules(range: HmmRange, granule: number): boolean {
  for (let i = 0; i < range.end - range.start; i += granule) {
    const flags = range.flags[i] as number;
    if ((flags & HMM_PFN_VALID) !== 0 && 1 << hmmPfnToMapOrder(flags) < granule) return false;
  }
  return true;
}

/**
 * Enters every valid page. The first that cannot be mapped ends the update, but all that fail are
 * found, so that the second attempt knows them.
 * @kernel drivers/infiniband/hw/mlx5/odp.c populate_mtt (v7.2)
 * @differs a P2P page that may only be read fails where a write is wanted: the series enters it,
 * and the NIC faults on it for ever, because HMM never faults what it reports
 */
function populateMtt(
  { mirror, slots, counters, knobs }: OdpRegion,
  range: HmmRange,
  { downgrade, snapshot, paths }: RealMrRequest,
  wantsWrite: boolean,
  failed: Set<number>,
): number {
  const { system, device: requester } = mirror;
  const hasAts = knobs["odp.ats"] && system.world.designs["hmm.p2pOp"] !== "off";
  let nrMapped = 0;
  for (let i = 0; i < range.end - range.start; i++) {
    const reported = range.flags[i] as number;
    if ((reported & HMM_PFN_VALID) === 0) continue;
    const page = range.start + i;
    const pfn = range.pfns[i] as number;
    const path =
      selectPath({ system, requester, pfn, policy: paths }) ?? mistakenPath(requester, system, pfn);
    const isReadOnly = (reported & HMM_PFN_WRITE) === 0;
    const writable = !downgrade && !isReadOnly;
    if (isReadOnly && wantsWrite && !snapshot && system.holderOf(pfn) !== null) {
      failed.add(page);
      continue;
    }
    slots.reported = (reported & (HMM_PFN_VALID | HMM_PFN_WRITE)) >>> 0;
    const isMapped =
      path !== null && mirror.mapRun(page, 1, path, { writable, atomic: writable }) === 0;
    slots.reported = HMM_PFN_VALID;
    if (!isMapped) {
      failed.add(page);
      continue;
    }
    nrMapped++;
    if (hasAts && path.aperture === APERTURE_PCIE_P2P) counters.ats_entries++;
  }
  return nrMapped;
}

/**
 * hmm_dma_map_pfn() looks for P2P pages and takes every other frame for memory, a private one too.
 * With the design `hmm.typedResults` the result says which is which, and the mapping fails.
 */
function mistakenPath(
  { device }: AttachedDevice,
  { world }: DeviceSystem,
  pfn: number,
): Path | null {
  const isPrivate = world.frames.pgmapOf(pfn)?.type === MEMORY_DEVICE_PRIVATE;
  if (!isPrivate || world.designs["hmm.typedResults"] === "on") return null;
  return {
    rule: "path-system",
    aperture: APERTURE_SYSTEM,
    pfn,
    initiator: device.initiators[0] ?? null,
    mapType: PCI_P2PDMA_MAP_NONE,
    route: null,
  };
}
