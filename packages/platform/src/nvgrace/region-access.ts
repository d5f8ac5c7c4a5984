// read() and write() of the fake regions. The device's memory ends before the BAR does: reads
// beyond it give all ones, writes beyond it are dropped, and both count as done.
import { EINVAL } from "@faultline/core";
import type { GraceRegion } from "./nvgrace-device.ts";

/** How much of an access is done, and how much of that meets memory. */
export interface RegionAccess {
  /** Bytes done, by which the file position advances; -EINVAL for an access beyond the BAR. */
  readonly ret: number;
  /** Bytes of `ret` that the device has, the first ones. */
  readonly deviceBytes: number;
  /** Bytes of `ret` beyond the memory: all ones when read, dropped when written. */
  readonly beyondBytes: number;
}

/** The memory behind a region. Offsets count from its start. */
export interface RegionMemory {
  readonly read: (offset: bigint, count: number) => Uint8Array;
  readonly write: (offset: bigint, bytes: Uint8Array) => void;
}

/** What an access of `count` bytes at `offset` of a region comes to, in either direction. */
export function planRegionAccess(
  { memLength, barSize }: GraceRegion,
  offset: bigint,
  count: number,
): RegionAccess {
  if (offset >= barSize) return { ret: -EINVAL, deviceBytes: 0, beyondBytes: 0 };
  const ret = smaller(count, barSize - offset);
  const deviceBytes = offset >= memLength ? 0 : smaller(ret, memLength - offset);
  return { ret, deviceBytes, beyondBytes: ret - deviceBytes };
}

/**
 * Reads a fake region.
 * @returns the access and its bytes; none when it failed.
 * @kernel drivers/vfio/pci/nvgrace-gpu/main.c nvgrace_gpu_read_mem (v7.2)
 */
export function nvgraceGpuReadMem(
  region: GraceRegion,
  memory: RegionMemory,
  offset: bigint,
  count: number,
): RegionAccess & { readonly bytes: Uint8Array } {
  const access = planRegionAccess(region, offset, count);
  const bytes = new Uint8Array(Math.max(0, access.ret)).fill(0xff);
  if (access.deviceBytes > 0) bytes.set(memory.read(offset, access.deviceBytes));
  return { ...access, bytes };
}

/**
 * Writes a fake region.
 * @kernel drivers/vfio/pci/nvgrace-gpu/main.c nvgrace_gpu_write_mem (v7.2)
 */
export function nvgraceGpuWriteMem(
  region: GraceRegion,
  memory: RegionMemory,
  offset: bigint,
  bytes: Uint8Array,
): RegionAccess {
  const access = planRegionAccess(region, offset, bytes.length);
  if (access.deviceBytes > 0) memory.write(offset, bytes.subarray(0, access.deviceBytes));
  return access;
}

function smaller(count: number, limit: bigint): number {
  return BigInt(count) <= limit ? count : Number(limit);
}
