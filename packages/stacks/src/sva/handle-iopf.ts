// Serving a group of page requests: each is an ordinary CPU fault on the address space. Mirrors
// iommu_sva_handle_iopf of drivers/iommu/iommu-sva.c.
import { VM_EXEC, VM_READ, VM_WRITE, type World } from "@faultline/core";
import {
  FAULT_FLAG_REMOTE,
  FAULT_FLAG_USER,
  FAULT_FLAG_WRITE,
  handleMmFault,
  mmapReadLock,
  mmapReadUnlock,
  type Verb,
  VM_FAULT_ERROR,
  VM_FAULT_RETRY,
  VM_FAULT_WAIT,
} from "@faultline/engine";
import { takePendingWait } from "../device/mirror-range.ts";
import type { IopfGroup, IopfRequest, IopfResponse } from "./iopf-queue.ts";

/**
 * Serves a group: the first request that fails makes the rest skip.
 * @returns one answer for all of them.
 * @kernelpart drivers/iommu/iommu-sva.c iommu_sva_handle_iopf (v7.2) with the answer to the device
 */
export function* handleIopfGroup(world: World, group: IopfGroup): Verb<IopfResponse> {
  for (const request of group) {
    if (!(yield* iommuSvaHandleMm(world, request))) return "INVALID";
  }
  return "SUCCESS";
}

/**
 * One request, under mmap_lock. A device-private page is nothing special: the fault brings it to
 * system memory, whoever owns it.
 * @returns whether the page may be accessed now.
 * @kernel drivers/iommu/iommu-sva.c iommu_sva_handle_mm (v7.2)
 */
function* iommuSvaHandleMm(world: World, request: IopfRequest): Verb<boolean> {
  const { task, page, isWrite } = request;
  const { mm } = task;
  if (!mm.isAlive) return false;
  yield* mmapReadLock(world, mm);
  const vma = mm.vmaAt(page);
  const needed = (isWrite ? VM_WRITE : VM_READ) | (request.isExec === true ? VM_EXEC : 0);
  let isServed = vma !== null && (vma.vmFlags & needed) === needed;
  while (isServed && vma !== null) {
    const flags = FAULT_FLAG_USER | FAULT_FLAG_REMOTE | (isWrite ? FAULT_FLAG_WRITE : 0);
    const fault = handleMmFault(world, task, vma, page, flags);
    if ((fault & VM_FAULT_WAIT) !== 0) yield takePendingWait(world);
    else if ((fault & VM_FAULT_ERROR) !== 0) isServed = false;
    else if ((fault & VM_FAULT_RETRY) === 0) break;
  }
  mmapReadUnlock(mm);
  return isServed;
}
