// A device that uses the address another device has for a page, as a program does that hands a
// dma_addr_t on. An address means something in its own space only: the design `addr.strictSpaces`
// says whether anybody notices.
import { APERTURE_LOCAL, type DmaAddress, EFAULT, EXDEV } from "@faultline/core";
import { isOwnSpace, resolveDmaPage } from "@faultline/engine";
import {
  accessFrame,
  type DeviceAccessOutcome,
  type DeviceAccessRequest,
} from "./device-access.ts";
import type { DeviceMirror } from "./device-mirror.ts";
import type { DeviceStack } from "./device-stack.ts";
import { reachedFrame } from "./reached-frame.ts";

/**
 * Accesses pages at the addresses that stand in another device's entries.
 * @param lender the other device's view of the same address space.
 * @returns rc 0; -EFAULT where the lender has no entry or the IOMMU refuses; -EXDEV for an address
 * of a space that the device has no part in, where spaces are strict. Without, the number counts as
 * the device's own, and a write may end anywhere.
 */
export function accessBorrowedAddress(
  { system, attached }: DeviceStack,
  lender: DeviceMirror,
  request: DeviceAccessRequest,
): DeviceAccessOutcome {
  const values: number[] = [];
  const { start, nrPages, access, value = 0 } = request;
  for (let i = 0; i < nrPages; i++) {
    const failed = (rc: number): DeviceAccessOutcome => ({ rc, nrDone: i, nrFaults: 0, values });
    const leaf = lender.lookup(start + i);
    const address = leaf === null ? null : addressIn(lender, start + i);
    if (leaf === null || address === null) return failed(-EFAULT);
    const isStrict = system.world.designs["addr.strictSpaces"] === "on";
    if (isStrict && !isOwnSpace(system, attached, address)) return failed(-EXDEV);
    const frame = isStrict
      ? reachedFrame(system, leaf)
      : resolveDmaPage(system, attached, address.page);
    if (frame !== null && frame < 0) return failed(frame);
    const found = accessFrame(system, frame === 0 ? null : frame, access, value);
    if (access === "read") values.push(found);
  }
  return { rc: 0, nrDone: nrPages, nrFaults: 0, values };
}

/** The address in an entry; local memory keeps none beside the frame. */
function addressIn(lender: DeviceMirror, page: number): DmaAddress | null {
  const leaf = lender.lookup(page);
  if (leaf === null) return null;
  if (leaf.aperture !== APERTURE_LOCAL) return lender.addressOf(page, leaf);
  const { system, device } = lender;
  return { space: device.device.space, page: system.world.frames.devicePageOf(leaf.pfn) };
}
