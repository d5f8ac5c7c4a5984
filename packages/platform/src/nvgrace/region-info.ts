// What a VMM is told about the fake regions and how it may map them: usable memory like ordinary
// memory, the reserved part uncached.
import { EINVAL, EOVERFLOW } from "@faultline/core";
import { type GraceDevice, type GraceRegion, RESMEM_REGION_INDEX } from "./nvgrace-device.ts";

/** Every VFIO region has its own 1 TiB of file offsets. */
const REGION_OFFSET_SHIFT = 40n;
const U64_MAX = (1n << 64n) - 1n;

/** The answer to VFIO_DEVICE_GET_REGION_INFO about a fake region, and how it is mapped. */
export interface GraceRegionInfo {
  readonly index: number;
  /** The registers in config space that the region stands for. */
  readonly bars: "BAR2/3" | "BAR4/5";
  readonly fileOffset: bigint;
  /** The size of the BAR, not of the memory. */
  readonly sizeBytes: bigint;
  readonly flags: readonly ["READ", "WRITE", "MMAP"];
  /** The one area that can be mapped. */
  readonly sparseMmap: { readonly offset: bigint; readonly sizeBytes: bigint };
  readonly attributes: RegionAttributes;
}

/** Memory types of one region. */
export interface RegionAttributes {
  readonly cached: boolean;
  /** The user's mapping. */
  readonly userMapping: string;
  /** What KVM may choose for stage 2 on top of it. */
  readonly guestMapping: string;
  /** The kernel's own mapping, for read() and write(). */
  readonly kernelMapping: "memremap WB" | "ioremap_wc";
  readonly use: string;
}

const USEMEM_ATTRIBUTES: RegionAttributes = {
  cached: true,
  userMapping: "Normal cacheable",
  guestMapping: "cacheable",
  kernelMapping: "memremap WB",
  use: "memory of the guest's kernel, in blocks of 512 MiB, added by the guest's driver",
};

const RESMEM_ATTRIBUTES: RegionAttributes = {
  cached: false,
  userMapping: "NORMAL_NC (pgprot_writecombine), VM_ALLOW_ANY_UNCACHED",
  guestMapping: "NORMAL_NC (MemAttr 0b101)",
  kernelMapping: "ioremap_wc",
  use: "reserved for MIG; unaligned accesses are allowed",
};

/** How each fake region presents itself, the reserved one first where there is one. */
export function graceRegionInfos({ usemem, resmem }: GraceDevice): GraceRegionInfo[] {
  return [...(resmem === null ? [] : [resmem]), usemem].map(regionInfo);
}

function regionInfo({ index, barSize, memLength }: GraceRegion): GraceRegionInfo {
  const isReserved = index === RESMEM_REGION_INDEX;
  return {
    index,
    bars: isReserved ? "BAR2/3" : "BAR4/5",
    fileOffset: BigInt(index) << REGION_OFFSET_SHIFT,
    sizeBytes: barSize,
    flags: ["READ", "WRITE", "MMAP"],
    sparseMmap: { offset: 0n, sizeBytes: memLength },
    attributes: isReserved ? RESMEM_ATTRIBUTES : USEMEM_ATTRIBUTES,
  };
}

/**
 * Whether a part of a fake region can be mapped: only memory that exists.
 * @returns 0; -EOVERFLOW when the end does not fit 64 bits, -EINVAL when it is beyond the memory.
 * @kernelpart drivers/vfio/pci/nvgrace-gpu/main.c nvgrace_gpu_mmap (v7.2) its checks; pages come
 * later, by faults
 */
export function checkGraceMmap(region: GraceRegion, offset: bigint, length: bigint): number {
  const end = offset + length;
  if (end > U64_MAX || region.memPhys + end > U64_MAX) return -EOVERFLOW;
  return end > region.memLength ? -EINVAL : 0;
}

/** Memory blocks that the guest's driver adds to its NUMA nodes. */
export function nrMemoryBlocks({ memLength }: { readonly memLength: bigint }): number {
  return Number(memLength >> 29n);
}
