// What hmm_range_fault() reports for device-private memory without touching it: the page itself for
// its owner, and under the proposed designs the P2P page that shows it, or a foreign page that the
// caller accepts. 7.2 has the first only: mm/hmm.c compares owners and nothing else.
import { type DevPagemap, invariant, type World } from "@faultline/core";
import { HMM_PFN_ALLOW_P2P } from "./hmm-pfn.ts";
import type { HmmRange } from "./hmm-range.ts";

/**
 * The frame to report for a device-private page.
 * @param page its virtual page.
 * @param input the page's input word.
 * @returns a pfn, or 0 when the page is foreign and only a fault can help.
 */
export function reportedPfn(
  world: World,
  range: HmmRange,
  pfn: number,
  page: number,
  input: number,
): number {
  const request = (input & range.pfnFlagsMask) | range.defaultFlags;
  return report(world, range, pfn, page, (request & HMM_PFN_ALLOW_P2P) !== 0);
}

/**
 * The same for the head of a PMD-sized entry. Its alias counts where the design covers huge entries
 * and every page of the span `[from, to)` allows P2P.
 */
export function reportedBlockPfn(
  world: World,
  range: HmmRange,
  head: number,
  from: number,
  to: number,
): number {
  let common = world.designs["hmm.p2pOp.scope"] === "pmd" ? HMM_PFN_ALLOW_P2P : 0;
  for (let i = from - range.start; common !== 0 && i < to - range.start; i++) {
    common &= ((range.flags[i] as number) & range.pfnFlagsMask) | range.defaultFlags;
  }
  return report(world, range, head, from, common !== 0);
}

function report(
  world: World,
  range: HmmRange,
  pfn: number,
  page: number,
  allowsP2p: boolean,
): number {
  const pgmap = world.frames.pgmapOf(pfn);
  if (pgmap === null) invariant(false, `frame ${pfn} is no device memory`);
  if (isOwnPrivatePage(world, range, pgmap)) return pfn;
  if (range.p2pAllow !== null && world.designs["hmm.p2pAllow"] === "on" && range.p2pAllow(pgmap)) {
    world.recorder?.note("hmm-p2p-allowed", range.mm.mmId, page, 1);
    return pfn;
  }
  return allowsP2p ? aliasPfn(world, range, pgmap, pfn, page) : 0;
}

/** Whether a private page is the caller's own, by what the design compares. */
function isOwnPrivatePage(world: World, range: HmmRange, pgmap: DevPagemap): boolean {
  const isOwner = pgmap.owner === range.devPrivateOwner;
  const matchOn = world.designs["owner.matchOn"];
  let isOwn = isOwner;
  if (matchOn !== "owner") {
    const isInSpace = pgmap.space === range.devPrivateSpace;
    isOwn = matchOn === "space" ? isInSpace : isOwner && isInSpace;
  }
  if (!isOwn || world.designs["owner.dynamic"] === "off") return isOwn;
  return range.isReachable?.(pgmap) ?? true;
}

/** The P2P page of a private one; 0 where there is none, or the design has no such thing. */
function aliasPfn(
  world: World,
  range: HmmRange,
  pgmap: DevPagemap,
  pfn: number,
  page: number,
): number {
  const mode = world.designs["hmm.p2pOp"];
  const { ops } = pgmap;
  if (mode === "off" || ops.getDmaPfnForDevice === undefined) return 0;
  const alias = ops.getDmaPfnForDevice(pfn, mode === "targetAware" ? range.requester : null);
  const isAlias = alias > 0;
  world.recorder?.note(isAlias ? "hmm-p2p-alias" : "hmm-p2p-none", range.mm.mmId, page, 1);
  return isAlias ? alias : 0;
}
