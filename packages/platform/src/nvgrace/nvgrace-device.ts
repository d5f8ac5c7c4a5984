// A passed-through Grace GPU as its user sees it: two memory regions and the two fake 64-bit BAR
// registers in front of them. What the real device has (BAR0, the rest of config space) belongs to
// vfio-pci-core and is asked for through the host.
import type { MemRegion } from "./nvgrace-gpu-init-nvdev-struct.ts";

/** VFIO region of the memory kept for MIG, in place of BAR 2 and 3. */
export const RESMEM_REGION_INDEX = 2;
/** VFIO region of the usable memory, in place of BAR 4 and 5. */
export const USEMEM_REGION_INDEX = 4;

/** A region with the register that a user programs it by. */
export interface GraceRegion extends MemRegion {
  readonly index: typeof RESMEM_REGION_INDEX | typeof USEMEM_REGION_INDEX;
  /** What was last written to the BAR pair, unmasked. */
  barValue: bigint;
}

/** The parts of a device's memory. */
export interface DividedMemory {
  readonly usemem: MemRegion;
  /** Without length where nothing is reserved. */
  readonly resmem: MemRegion;
}

/** The state of one open device. */
export interface GraceDevice {
  readonly usemem: GraceRegion;
  /** Null on parts whose MIG needs no reserved memory. */
  readonly resmem: GraceRegion | null;
  /** Set by a reset; the next access waits until the device is ready again. */
  resetDone: boolean;
}

/** Opens a device with the parts of its memory, as they were divided without an error. */
export function openGraceDevice({ usemem, resmem }: DividedMemory): GraceDevice {
  return {
    usemem: { ...usemem, index: USEMEM_REGION_INDEX, barValue: 0n },
    resmem:
      resmem.memLength === 0n ? null : { ...resmem, index: RESMEM_REGION_INDEX, barValue: 0n },
    resetDone: false,
  };
}

/**
 * VFIO_DEVICE_RESET clears both fake registers; a reset that comes another way leaves them. Either
 * way the device has to become ready again.
 * @kernelpart drivers/vfio/pci/nvgrace-gpu/main.c nvgrace_gpu_ioctl (v7.2) the reset call
 */
export function resetGraceDevice(device: GraceDevice, byIoctl: boolean): void {
  device.resetDone = true;
  if (!byIoctl) return;
  device.usemem.barValue = 0n;
  if (device.resmem !== null) device.resmem.barValue = 0n;
}

/**
 * The memory region with an index, or null where vfio-pci-core serves the region.
 * @kernel drivers/vfio/pci/nvgrace-gpu/main.c nvgrace_gpu_memregion (v7.2)
 */
export function nvgraceGpuMemregion(device: GraceDevice, index: number): GraceRegion | null {
  if (index === USEMEM_REGION_INDEX) return device.usemem;
  return index === RESMEM_REGION_INDEX ? device.resmem : null;
}
