// When a Grace GPU can be used after probe or reset: two registers of BAR0 on Hopper and Blackwell,
// fields of the CXL DVSEC on what comes after.
import { EIO, ETIME } from "@faultline/core";
import type { GraceDevice } from "./nvgrace-device.ts";

/** BAR0 register of the C2C link. */
export const C2C_LINK_REGISTER = 0x1498;
/** BAR0 register of the HBM training. */
export const HBM_TRAINING_REGISTER = 0x200bc;
/** What both registers read when the device is ready. */
export const STATUS_READY = 0xff;
/** Milliseconds between two looks. */
export const POLL_QUANTUM_MS = 1000;
/** Milliseconds after which the driver gives up. */
export const POLL_TIMEOUT_MS = 30_000;

/** The two registers at some time after the start of the wait. */
export type StatusAt = (elapsedMs: number) => { readonly c2c: number; readonly hbm: number };

/** How a wait ended. */
export interface ReadinessWait {
  /** 0, or -ETIME. */
  readonly ret: number;
  readonly elapsedMs: number;
}

/**
 * Waits for link and memory: both are looked at once a second, for at most thirty.
 * @kernel drivers/vfio/pci/nvgrace-gpu/main.c nvgrace_gpu_wait_device_ready (v7.2)
 */
export function nvgraceGpuWaitDeviceReady(statusAt: StatusAt): ReadinessWait {
  for (let elapsedMs = 0; elapsedMs < POLL_TIMEOUT_MS; elapsedMs += POLL_QUANTUM_MS) {
    const { c2c, hbm } = statusAt(elapsedMs);
    if (c2c === STATUS_READY && hbm === STATUS_READY) return { ret: 0, elapsedMs };
  }
  return { ret: -ETIME, elapsedMs: POLL_TIMEOUT_MS };
}

/** Deadlines of the generation that reports readiness in its CXL DVSEC. */
export interface CxlReadinessDeadlines {
  readonly infoValidMs: number;
  readonly activeMs: number;
}

/**
 * How long MEM_INFO_VALID and MEM_ACTIVE may take.
 * @param timeoutField the DVSEC's Memory_Active_Timeout: 0 to 4 stand for 1, 4, 16, 64 and 256 s,
 * and more counts as 4.
 */
export function cxlReadinessDeadlines(timeoutField: number): CxlReadinessDeadlines {
  return { infoValidMs: 1000, activeMs: 1000 * 2 ** (2 * Math.min(timeoutField, 4)) };
}

/**
 * What stands before the first access after a reset: the device must answer at all, then be ready.
 * @returns 0; -EIO while memory decoding is off (a fault gets SIGBUS); -ETIME.
 * @kernelpart drivers/vfio/pci/nvgrace-gpu/main.c nvgrace_gpu_check_device_ready (v7.2) without its
 * locks and power management
 */
export function checkReadyAfterReset(
  device: GraceDevice,
  memoryEnabled: boolean,
  statusAt: StatusAt,
): number {
  if (!device.resetDone) return 0;
  if (!memoryEnabled) return -EIO;
  const { ret } = nvgraceGpuWaitDeviceReady(statusAt);
  if (ret === 0) device.resetDone = false;
  return ret;
}
