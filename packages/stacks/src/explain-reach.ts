// Why a device reaches another's memory the way it does, or does not: the rules of its driver, in
// order, for a page of that memory, and what PCI says about the pair.
import { APERTURE_NAMES, type DmaAddress } from "@faultline/core";
import {
  explainP2pdma,
  explainPath,
  mapPath,
  type P2pdmaExplanation,
  pathPolicy,
  type PathStep,
  unmapPath,
} from "@faultline/engine";
import { giveDeviceFolio, takeDeviceFolio } from "./device/device-folio.ts";
import type { DeviceStack } from "./device/device-stack.ts";

/** How one kind of page is reached. */
export interface PageReach {
  /** `device page`, `P2P page` or `system page`. */
  readonly page: string;
  /** The device entry's aperture; null when the page has to move first. */
  readonly aperture: string | null;
  readonly steps: readonly PathStep[];
  /** What stands in the entry: the space, and the page number there. */
  readonly address: { readonly space: string; readonly kind: string; readonly page: number } | null;
}

/** The whole answer. */
export interface ReachExplanation {
  readonly requester: string;
  readonly holder: string;
  /** The owner spaces of both. */
  readonly owners: readonly [string, string];
  readonly pages: readonly PageReach[];
  /** Null where one of the two is not on PCI. */
  readonly pci: P2pdmaExplanation | null;
}

/** Explains how `requester` reaches memory of `holder`. The world is left as it was. */
export function explainReach(requester: DeviceStack, holder: DeviceStack): ReachExplanation {
  const { system } = requester;
  const node = holder.attached.device.memory?.node ?? -1;
  const buddy = system.world.buddies[node];
  const own = buddy?.alloc(0) ?? takeDeviceFolio(system, holder.attached, 0);
  const pages: PageReach[] = [];
  if (own !== 0) {
    pages.push(reachOf(requester, "device page", own));
    const alias = aliasOf(requester, holder, own);
    if (alias > 0) pages.push(reachOf(requester, "P2P page", alias));
    if (buddy === undefined) giveDeviceFolio(system, holder.attached, own, 0);
    else buddy.free(own, 0);
  }
  const provider =
    holder.attached.device.memory?.window?.fn ?? holder.attached.device.initiators[0];
  const client = requester.attached.device.initiators[0];
  return {
    requester: requester.attached.device.name,
    holder: holder.attached.device.name,
    owners: [requester.attached.owner.name, holder.attached.owner.name],
    pages,
    pci:
      provider === undefined || client === undefined
        ? null
        : explainP2pdma(system.machine.pci, provider, client),
  };
}

/** The P2P page that hmm_range_fault() would answer with; 0 where the design has none. */
function aliasOf({ system, attached }: DeviceStack, holder: DeviceStack, pfn: number): number {
  if (system.world.designs["hmm.p2pOp"] === "off") return 0;
  const requester = attached.device.initiators[0]?.dev ?? null;
  return holder.attached.pgmap?.ops.getDmaPfnForDevice?.(pfn, requester) ?? 0;
}

function reachOf(stack: DeviceStack, page: string, pfn: number): PageReach {
  const { system, attached: requester } = stack;
  const policy = pathPolicy(system.world.designs, stack.paths);
  const { path, steps } = explainPath({ system, requester, pfn, policy });
  if (path === null) return { page, aperture: null, steps, address: null };
  const address = mapPath(system, requester, path);
  unmapPath(system, requester, path.pfn);
  return { page, aperture: APERTURE_NAMES[path.aperture], steps, address: described(address) };
}

function described(address: DmaAddress | null): PageReach["address"] {
  if (address === null) return null;
  return { space: address.space.name, kind: address.space.kind, page: address.page };
}
