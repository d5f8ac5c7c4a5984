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

/** What an entry says. */
export interface XeLeaf {
  readonly aperture: Aperture;
  readonly writable: boolean;
  readonly atomic: boolean;
  /** Byte address in the aperture's space. */
  readonly address: bigint;
  readonly is64k?: boolean;
}

/** The 64-bit word of a leaf. */
export function xePte({ aperture, writable, atomic, address, is64k }: XeLeaf): bigint {
  return (
    address |
    XE_PAGE_PRESENT |
    (writable ? XE_PAGE_RW : 0n) |
    (is64k === true ? XE_PTE_PS64 : 0n) |
    (atomic ? XE_USM_PPGTT_PTE_AE : 0n) |
    (aperture === APERTURE_LOCAL ? XE_PPGTT_PTE_DM : 0n)
  );
}
