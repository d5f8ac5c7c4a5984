// The interrupts of a GPU's retry faults, from the ring to the driver. Mirrors
// gmc_v9_0_process_interrupt of drivers/gpu/drm/amd/amdgpu/gmc_v9_0.c: duplicates are taken out as
// they arrive, the rest is served one by one from a soft interrupt.
import { EAGAIN, type TaskStruct } from "@faultline/core";
import type { Verb } from "@faultline/engine";
import type { DeviceMirror } from "../device/device-mirror.ts";
import type { DeviceAccessKind } from "../device/device-stack.ts";
import type { KfdStack } from "./kfd-stack.ts";
import { svmRangeRestorePages } from "./restore-pages.ts";

/** One interrupt. */
export interface RetryFault {
  readonly page: number;
  readonly access: DeviceAccessKind;
  /** When the GPU raised it: the driver drops those that are older than an unmapping. */
  readonly timestampPs: number;
}

/** What a GPU has counted about its retry faults. */
export interface RetryCounters {
  /** Interrupts that arrived. */
  retry_faults: number;
  /** Duplicates that went no further than the filter. */
  retry_filtered: number;
  /** Faults that were older than the last unmapping. */
  retry_drained: number;
  /** Faults on pages that kept changing; the GPU raises them again. */
  retry_busy: number;
  /** Faults on what another had mapped just before. */
  retry_recent: number;
  /** Entries of the CAM that the driver gave back. */
  cam_acks: number;
}

/** All zero. */
export function createRetryCounters(): RetryCounters {
  return {
    retry_faults: 0,
    retry_filtered: 0,
    retry_drained: 0,
    retry_busy: 0,
    retry_recent: 0,
    cam_acks: 0,
  };
}

/**
 * Serves the interrupts that wait in the ring.
 * @returns 0, or the first errno that makes its access fail; -EAGAIN is none: the GPU repeats it.
 * @kernelpart drivers/gpu/drm/amd/amdgpu/gmc_v9_0.c gmc_v9_0_process_interrupt (v7.2) retry faults
 * of shared memory
 */
export function* serveRetryFaults(
  stack: KfdStack,
  mirror: DeviceMirror,
  task: TaskStruct,
  faults: readonly RetryFault[],
): Verb {
  const { filter, retryCounters: counters, knobs } = stack;
  const { mm } = mirror;
  const accepted = faults.filter(({ page, timestampPs }) => {
    const hasFilter = knobs["kfd.retryFilter"] !== "off";
    const isFiltered = hasFilter && filter.amdgpuGmcFilterFaults(mm, page, timestampPs);
    if (isFiltered) mirror.note("kfd-filtered", page, 1);
    return !isFiltered;
  });
  counters.retry_faults += faults.length;
  counters.retry_filtered += faults.length - accepted.length;
  let result = 0;
  for (const fault of accepted) {
    const rc = yield* svmRangeRestorePages(stack, mirror, task, fault);
    const isAcknowledged = knobs["kfd.retryFilter"] === "cam";
    if (isAcknowledged) counters.cam_acks++;
    if (rc === -EAGAIN || isAcknowledged) filter.amdgpuGmcFilterFaultsRemove(mm, fault.page);
    if (rc !== -EAGAIN && result === 0) result = rc;
  }
  return result;
}
