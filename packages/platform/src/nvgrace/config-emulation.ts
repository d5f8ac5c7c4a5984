// The fake BAR registers in config space. One access meets one register pair at most: the reserved
// region's pair at 0x18 is looked at first, also where the part has no such region, so an access
// that touches it never reaches the usable region's pair at 0x20.
import {
  type GraceDevice,
  type GraceRegion,
  nvgraceGpuMemregion,
  RESMEM_REGION_INDEX,
  USEMEM_REGION_INDEX,
} from "./nvgrace-device.ts";

/** The config space behind the emulation, as vfio-pci-core serves it. */
export interface CoreConfigSpace {
  /** Bytes of `[offset, offset + count)`. */
  readonly read: (offset: number, count: number) => Uint8Array;
  /** @returns the number of bytes written, or a negative errno. */
  readonly write: (offset: number, bytes: Uint8Array) => number;
}

/** A 64-bit prefetchable memory BAR: the low four bits of its register. */
const BAR_FLAGS = 0xcn;
const PAIR_BYTES = 8;
/** The pairs in the order in which an access is held against them. */
const PAIRS = [
  { index: RESMEM_REGION_INDEX, offset: 0x18 },
  { index: USEMEM_REGION_INDEX, offset: 0x20 },
] as const;

interface Overlap {
  readonly region: GraceRegion;
  /** Where the overlap starts in the register and in the caller's bytes, and how long it is. */
  readonly inPair: number;
  readonly inAccess: number;
  readonly count: number;
}

/** What a register pair reads as: the programmed address below its size, and the BAR's flags. */
export function fakeBarRegister({ barValue, barSize }: GraceRegion): bigint {
  return (BigInt.asUintN(64, barValue) & BigInt.asUintN(64, ~(barSize - 1n))) | BAR_FLAGS;
}

/**
 * Reads config space: vfio-pci-core answers, then the bytes of one fake pair are put over it.
 * @kernel drivers/vfio/pci/nvgrace-gpu/main.c nvgrace_gpu_read_config_emu (v7.2)
 */
export function nvgraceGpuReadConfigEmu(
  device: GraceDevice,
  core: CoreConfigSpace,
  offset: number,
  count: number,
): Uint8Array {
  const bytes = core.read(offset, count);
  const hit = overlapOf(device, offset, count);
  if (hit === null) return bytes;
  const shown = bytes.slice();
  const register = littleEndian(fakeBarRegister(hit.region));
  shown.set(register.subarray(hit.inPair, hit.inPair + hit.count), hit.inAccess);
  return shown;
}

/** How a write to config space went. */
export interface ConfigWrite {
  /** Bytes taken, by which the file position advances; or a negative errno. */
  readonly ret: number;
  /** Whether the write went to vfio-pci-core, because it met no fake register. */
  readonly toCore: boolean;
}

/**
 * Writes config space. A write that meets a fake pair stores the overlapping bytes only: what lies
 * before or behind the pair in the same call is lost, and `ret` counts the stored bytes.
 * @kernel drivers/vfio/pci/nvgrace-gpu/main.c nvgrace_gpu_write_config_emu (v7.2)
 */
export function nvgraceGpuWriteConfigEmu(
  device: GraceDevice,
  core: CoreConfigSpace,
  offset: number,
  bytes: Uint8Array,
): ConfigWrite {
  const hit = overlapOf(device, offset, bytes.length);
  if (hit === null) return { ret: core.write(offset, bytes), toCore: true };
  const register = littleEndian(hit.region.barValue);
  register.set(bytes.subarray(hit.inAccess, hit.inAccess + hit.count), hit.inPair);
  hit.region.barValue = fromLittleEndian(register);
  return { ret: hit.count, toCore: false };
}

function overlapOf(device: GraceDevice, offset: number, count: number): Overlap | null {
  for (const pair of PAIRS) {
    const start = Math.max(offset, pair.offset);
    const end = Math.min(offset + count, pair.offset + PAIR_BYTES);
    if (start >= end) continue;
    const region = nvgraceGpuMemregion(device, pair.index);
    if (region === null) return null;
    return { region, inPair: start - pair.offset, inAccess: start - offset, count: end - start };
  }
  return null;
}

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: PAIR_BYTES }, (_, at) =>
    Number((value >> BigInt(8 * at)) & 0xffn),
  );
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
