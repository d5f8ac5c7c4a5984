// The leaf that xe would write for a page: as large as the chunk, the addresses and the rights
// allow. Mirrors the choice of sizes in xe_pt_stage_bind of drivers/gpu/drm/xe/xe_pt.c.
import { APERTURE_LOCAL, type DeviceTranslation } from "@faultline/core";
import type { XeLeaf, XeLeafSize } from "./xe-pte.ts";
import type { XeStack } from "./xe-stack.ts";
import type { XeVm } from "./xe-vm.ts";

const KIB_BY_SIZE: readonly (readonly [XeLeafSize, number])[] = [
  ["2M", 2048],
  ["64K", 64],
];

/** The leaf that translates a page, with the address of its first page; null without one. */
export function xeLeafAt(stack: XeStack, vm: XeVm, page: number): XeLeaf | null {
  const own = vm.mirror.lookup(page);
  if (own === null) return null;
  const { patIndex } = vm.attributes.at(page);
  const { aperture, writable, atomic } = own;
  const shift = BigInt(stack.system.world.geometry.pageShift);
  for (const [size, kib] of KIB_BY_SIZE) {
    const nrPages = kib / stack.pageKib;
    const first = page - (page % nrPages);
    if (nrPages < 2 || !isOneRun(stack, vm, first, nrPages)) continue;
    const start = vm.mirror.lookup(first) as DeviceTranslation;
    const address = BigInt(addressOf(stack, vm, first, start)) << shift;
    return { aperture, writable, atomic, patIndex, address, size };
  }
  const address = BigInt(addressOf(stack, vm, page, own)) << shift;
  return { aperture, writable, atomic, patIndex, address, size: "4K" };
}

/** Whether pages lie in one chunk, one after another from an aligned address on, alike. */
function isOneRun(stack: XeStack, vm: XeVm, first: number, nrPages: number): boolean {
  const chunk = vm.ranges.at(first);
  const start = vm.mirror.lookup(first);
  if (chunk === undefined || start === null) return false;
  if (first + nrPages > chunk.start + chunk.nrPages) return false;
  const address = addressOf(stack, vm, first, start);
  if (address % nrPages !== 0) return false;
  for (let i = 1; i < nrPages; i++) {
    const leaf = vm.mirror.lookup(first + i);
    if (leaf === null || leaf.aperture !== start.aperture) return false;
    if (leaf.writable !== start.writable || leaf.atomic !== start.atomic) return false;
    if (addressOf(stack, vm, first + i, leaf) !== address + i) return false;
  }
  return true;
}

/** Page number in the aperture's space. */
function addressOf(
  { system }: XeStack,
  { mirror }: XeVm,
  page: number,
  leaf: DeviceTranslation,
): number {
  if (leaf.aperture === APERTURE_LOCAL) return system.world.frames.devicePageOf(leaf.pfn);
  return mirror.addressOf(page, leaf)?.page ?? 0;
}
