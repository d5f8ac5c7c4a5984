// Addresses of GPU memory on POWER9: where a chip puts the window, and the shorter address by which
// the GPU knows it. Facts: skiboot, hw/phys-map.c and hw/npu2.c.

/** A window is 128 GiB, whatever memory is behind it. */
export const GPU_WINDOW_BYTES: bigint = 1n << 37n;
/** Launch registers for address translation shootdowns that an NPU has. */
export const NR_ATSD_REGISTERS = 8;
/** Distance of two launch registers. */
export const ATSD_STRIDE = 0x10000n;

const CHIP_SHIFT = 42n;
const UP_BASE = 0x400_0000_0000n;
const DOWN_BASE = 0x3e0_0000_0000n;
const ATSD_BASE = 0x6_0302_0080_0000n;

/** Windows grow upward where a chip has at most 4 GPUs and 512 GiB, else downward. */
export type GpuMemoryMap = "up" | "down";

/** Where a chip puts the window of its GPU number `group`. */
export function gpuWindowBase(map: GpuMemoryMap, chip: number, group: number): bigint {
  const offset = BigInt(group) * GPU_WINDOW_BYTES;
  return (map === "up" ? UP_BASE + offset : DOWN_BASE - offset) + chipBase(chip);
}

/** The launch register `index` of a chip's NPU. */
export function atsdAddress(chip: number, index: number): bigint {
  return ATSD_BASE + BigInt(index) * ATSD_STRIDE + chipBase(chip);
}

function chipBase(chip: number): bigint {
  return BigInt(chip) << CHIP_SHIFT;
}

/**
 * The GPU's address of a window: the bits of the host address that can differ are moved together,
 * because a GPU has 47 address bits and a host more.
 */
export function compressTargetAddress(base: bigint): bigint {
  const bits = (low: bigint, count: bigint): bigint => (base >> low) & ((1n << count) - 1n);
  const kept = bits(0n, 42n) | (bits(42n, 1n) << 42n);
  return kept | (bits(45n, 2n) << 43n) | (bits(49n, 2n) << 45n);
}
