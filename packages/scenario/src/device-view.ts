// What a device's own page table says about a page, in the words of `check`.
import { APERTURE_LOCAL, APERTURE_NAMES, type DmaSpaceKind } from "@faultline/core";
import { dmirrorOf, type RunningDevice, stackOf } from "./running-device.ts";
import type { RunningProcess } from "./scenario-machine.ts";

/** One page as one device sees it. */
export interface DeviceView {
  /** `none` where the device would fault. */
  readonly aperture: string;
  readonly writable: boolean;
  /** The space of the address it uses; null where it would fault. */
  readonly address: DmaSpaceKind | null;
}

const FAULTS: DeviceView = { aperture: "none", writable: false, address: null };

/**
 * The view of a device. The test driver keeps frames and rights, but no apertures: what it mirrors
 * counts as system memory, or as local where the page is the device's own.
 */
export function deviceView(
  running: RunningDevice,
  number: number,
  { task, files, opened }: RunningProcess,
  page: number,
): DeviceView {
  const dmirror = dmirrorOf(running);
  if (dmirror !== null) {
    const tag = files.get(number)?.mirror.tag(page) ?? -1;
    if (tag < 0) return FAULTS;
    const pfn = files.get(number)?.mirror.pfn(page) ?? 0;
    const isOwn = dmirror.world.frames.pgmapOf(pfn) === dmirror.pgmap;
    const [aperture, address] = isOwn ? (["local", "local"] as const) : SYSTEM;
    return { aperture, writable: tag > 0, address };
  }
  const stack = stackOf(running);
  if (stack === null || !opened.has(number)) return FAULTS;
  const mirror = stack.open(task.mm);
  const leaf = mirror.lookup(page);
  if (leaf === null) return FAULTS;
  const isLocal = leaf.aperture === APERTURE_LOCAL;
  const address = isLocal ? "local" : (mirror.addressOf(page, leaf)?.space.kind ?? null);
  return { aperture: APERTURE_NAMES[leaf.aperture], writable: leaf.writable, address };
}

const SYSTEM = ["system", "physical"] as const;
