// Queues that stop because memory changes under them, and the worker that lets them run again.
// Mirrors svm_range_evict and svm_range_restore_work of drivers/gpu/drm/amd/amdkfd/kfd_svm.c.
import { runToCompletion } from "@faultline/engine";
import type { KfdProcess } from "./kfd-process.ts";
import type { KfdStack } from "./kfd-stack.ts";
import type { SvmRange } from "./svm-range.ts";
import { validateAndMapAll } from "./validate-and-map.ts";

const PS_PER_MS = 1_000_000_000;
const EVICTION_TRIGGER_SVM = 0;

/**
 * With retry faults the GPU's entries go and the next access faults. Without them the first change
 * stops all queues of the process, and a worker revalidates later whatever has changed by then.
 * @kernel drivers/gpu/drm/amd/amdkfd/kfd_svm.c svm_range_evict (v7.2)
 */
export function svmRangeEvict(
  stack: KfdStack,
  process: KfdProcess,
  touched: readonly SvmRange[],
): void {
  const isFirst = !process.isEvicted;
  if (isFirst) {
    for (const { stack: gpu } of process.gpus) {
      const trigger = EVICTION_TRIGGER_SVM;
      gpu.emit(process, { kind: "QUEUE_EVICTION", node: gpu.gpuId, trigger });
    }
  }
  for (const range of touched) {
    range.isEvicted = true;
    const { mmId } = process.mm;
    stack.system.world.recorder?.note("kfd-queues-stop", mmId, range.start, range.nrPages);
  }
  if (isFirst) restoreLater(stack, process);
}

/**
 * Revalidates every invalid range, and lets the queues run again; after a failure tries once more
 * later.
 * @kernel drivers/gpu/drm/amd/amdkfd/kfd_svm.c svm_range_restore_work (v7.2)
 */
function svmRangeRestoreWork(stack: KfdStack, process: KfdProcess): void {
  process.cancelRestore = null;
  const task = stack.taskOf(process);
  if (task === undefined) return;
  for (const range of process.ranges.all().filter((one) => one.isEvicted)) {
    range.isEvicted = runToCompletion(validateAndMapAll(process, task, range)) !== 0;
  }
  const isDone = !process.isEvicted;
  for (const { stack: gpu } of process.gpus) {
    gpu.emit(process, { kind: "QUEUE_RESTORE", node: gpu.gpuId, isRescheduled: !isDone });
  }
  if (!isDone) restoreLater(stack, process);
}

function restoreLater(stack: KfdStack, process: KfdProcess): void {
  const delayPs = stack.knobs["kfd.restoreDelayMs"] * PS_PER_MS;
  process.cancelRestore = stack.host.timer(delayPs, () => svmRangeRestoreWork(stack, process));
}
