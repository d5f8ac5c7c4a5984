// The word that xe writes for a leaf. Mirrors xe_pt_stage_bind_entry of drivers/gpu/drm/xe/xe_pt.c
// and the bits of regs/xe_gtt_defs.h. There is no bit that says interconnect: a peer's memory looks
// like system memory to the hardware.
import { APERTURE_LOCAL, type Aperture } from "@faultline/core";

/** The entry is valid. */
export const XE_PAGE_PRESENT = 1n;
/** The device may write. */
export const XE_PAGE_RW = 2n;
/** A leaf of 64 KiB. */
export const XE_PTE_PS64: bigint = 1n << 8n;
/** Atomic operations are allowed. */
export const XE_USM_PPGTT_PTE_AE: bigint = 1n << 10n;
/** The address is in the device's own memory. */
export const XE_PPGTT_PTE_DM: bigint = 1n << 11n;

/** Nothing is there, and nothing faults: sparse memory. */
export const XE_PTE_NULL: bigint = 1n << 9n;
/** A leaf of 2 MiB, one level above the others. */
export const XE_PDE_PS_2M: bigint = 1n << 7n;
/** Bits of the caching index in a leaf of 4 or 64 KiB, from the lowest on. */
export const XE_PPGTT_PTE_PAT: readonly bigint[] = [3n, 4n, 7n, 62n, 61n].map((at) => 1n << at);
/** The third of them in a leaf of 2 MiB, where bit 7 is the size. */
export const XE_PPGTT_PDE_PDPE_PAT2: bigint = 1n << 12n;

/** Sizes of leaves. */
export type XeLeafSize = "4K" | "64K" | "2M";

/** What an entry says. */
export interface XeLeaf {
  readonly aperture: Aperture;
  readonly writable: boolean;
  readonly atomic: boolean;
  /** Byte address in the aperture's space. */
  readonly address: bigint;
  /** @defaultValue "4K" */
  readonly size?: XeLeafSize;
  /** How the device caches it. @defaultValue 0 */
  readonly patIndex?: number;
}

/** The 64-bit word of a leaf. */
export function xePte({ aperture, writable, atomic, address, size, patIndex }: XeLeaf): bigint {
  return (
    address |
    XE_PAGE_PRESENT |
    (writable ? XE_PAGE_RW : 0n) |
    (size === "64K" ? XE_PTE_PS64 : 0n) |
    (size === "2M" ? XE_PDE_PS_2M : 0n) |
    (atomic ? XE_USM_PPGTT_PTE_AE : 0n) |
    (aperture === APERTURE_LOCAL ? XE_PPGTT_PTE_DM : 0n) |
    patBits(patIndex ?? 0, size === "2M")
  );
}

function patBits(patIndex: number, isLarge: boolean): bigint {
  return XE_PPGTT_PTE_PAT.reduce((word, bit, i) => {
    if ((patIndex & (1 << i)) === 0) return word;
    return word | (i === 2 && isLarge ? XE_PPGTT_PDE_PDPE_PAT2 : bit);
  }, 0n);
}
