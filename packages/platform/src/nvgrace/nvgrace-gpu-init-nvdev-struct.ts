// How the Grace Hopper variant driver divides GPU memory into what a guest's kernel uses and what
// is kept for MIG, and how large the BARs look that carry the two. Mirrors nvgrace-gpu/main.c.
import { EINVAL, EOVERFLOW } from "@faultline/core";

/** Granularity of the memory that a guest's kernel can use: 512 MiB, agreed with the firmware. */
export const MEMBLK_SIZE: bigint = 1n << 29n;
/** What is kept uncached for MIG where the hardware needs it: 1 GiB. */
export const RESMEM_SIZE: bigint = 1n << 30n;

/** The rule for the size of the usable BAR: 7.2 rounds before it aligns, 6.9 after. */
export type BarSizeRule = "7.2" | "6.9";

/** GPU memory as firmware describes it. */
export interface GraceGpuMemory {
  /** System physical address of the first byte (`nvidia,gpu-mem-base-pa`). */
  readonly memPhys: bigint;
  /** Bytes (`nvidia,gpu-mem-size`). */
  readonly memLength: bigint;
  /** Whether MIG needs an uncached region: Grace Hopper yes, Grace Blackwell no. */
  readonly hasMigHwBug: boolean;
}

/** One part of the memory, and the fake BAR that carries it. Everything in bytes. */
export interface MemRegion {
  readonly memPhys: bigint;
  /** Bytes that exist. 0: the part does not. */
  readonly memLength: bigint;
  /** Bytes the BAR appears to have, a power of two. */
  readonly barSize: bigint;
}

/** Both parts, or the error that fails the driver's probe. */
export type GraceMemorySplit =
  | { readonly ret: 0; readonly usemem: MemRegion; readonly resmem: MemRegion }
  | { readonly ret: number; readonly usemem: null; readonly resmem: null };

const U64_MAX = (1n << 64n) - 1n;
const NO_REGION: MemRegion = { memPhys: 0n, memLength: 0n, barSize: 0n };

/**
 * Divides GPU memory. Without the hardware bug all of it is usable, at its own length; with it the
 * usable part is aligned down to blocks and the rest, at least 1 GiB, is reserved.
 * @param rule how the size of the usable BAR is found; 6.9 knew parts with the bug only.
 * @returns `ret` -EOVERFLOW for less than 1 GiB or an end beyond 64 bits, -EINVAL when no whole
 * block is left.
 * @kernel drivers/vfio/pci/nvgrace-gpu/main.c nvgrace_gpu_init_nvdev_struct (v7.2)
 */
export function nvgraceGpuInitNvdevStruct(
  { memPhys, memLength, hasMigHwBug }: GraceGpuMemory,
  rule: BarSizeRule = "7.2",
): GraceMemorySplit {
  if (!hasMigHwBug && rule === "7.2") {
    const usemem = { memPhys, memLength, barSize: roundupPowOfTwo(memLength) };
    return { ret: 0, usemem, resmem: NO_REGION };
  }
  const offered = memLength - RESMEM_SIZE;
  if (offered < 0n) return failure(EOVERFLOW);
  const usable = offered - (offered % MEMBLK_SIZE);
  if (usable === 0n) return failure(EINVAL);
  if (memPhys + usable > U64_MAX) return failure(EOVERFLOW);
  const reserved = memLength - usable;
  const barSize = roundupPowOfTwo(rule === "7.2" ? offered : usable);
  return {
    ret: 0,
    usemem: { memPhys, memLength: usable, barSize },
    resmem: {
      memPhys: memPhys + usable,
      memLength: reserved,
      barSize: roundupPowOfTwo(reserved),
    },
  };
}

function failure(errno: number): GraceMemorySplit {
  return { ret: -errno, usemem: null, resmem: null };
}

/** The smallest power of two that is not below `value`; 1 for 0. */
export function roundupPowOfTwo(value: bigint): bigint {
  return value <= 1n ? 1n : 1n << BigInt((value - 1n).toString(2).length);
}
