// What amdkfd does when a CPU touches a page that is in a GPU's memory.
import { FAULT_FLAG_REMOTE, type FaultContext, runToCompletion } from "@faultline/engine";
import { faultResult, migrateFaultingFolio } from "../device/migrate-faulting-folio.ts";
import { migrateToSystem } from "../device/migrate-range.ts";
import type { KfdStack } from "./kfd-stack.ts";
import { granuleOf } from "./restore-pages.ts";
import { KFD_MIGRATE_TRIGGER_PAGEFAULT_CPU } from "./smi-events.ts";
import { updateLocation } from "./svm-migrate.ts";

/**
 * A CPU touched a device page: the granule around it comes back, as far as its range goes. A walk
 * of amdkfd's own moves nothing, and faults again.
 * @kernel drivers/gpu/drm/amd/amdkfd/kfd_migrate.c svm_migrate_to_ram (v7.2)
 * A forked child has no ranges: its parent's say how much of the child's mapping moves.
 * @differs the kernel finds the parent by the page's buffer object; here it is the process that
 * has a range on this GPU at the same address. Where there is none the page comes back alone
 */
export function svmMigrateToRam(stack: KfdStack, fault: FaultContext): number {
  const { attached, driver, gpuId, system } = stack;
  const { vma, page, pfn, task, flags } = fault;
  const own = driver.process(vma.vmMm);
  const isWalk = (flags & FAULT_FLAG_REMOTE) !== 0 && own.faultingTask === task;
  if (isWalk && own.ranges.at(page)?.actualLoc === attached) return 0;
  const isOwn = own.ranges.at(page) !== undefined;
  const process = isOwn ? own : driver.ownerOfPage(page, attached);
  const range = process?.ranges.at(page);
  if (process === undefined || range === undefined) {
    return migrateFaultingFolio(system, attached, fault);
  }
  const granule = granuleOf(range, page);
  const start = Math.max(granule.start, vma.vmStart);
  const end = Math.min(granule.start + granule.nrPages, vma.vmEnd);
  const trigger = KFD_MIGRATE_TRIGGER_PAGEFAULT_CPU;
  const move = { process, range, task, trigger, start, nrPages: end - start };
  stack.emitMove(move, move, gpuId, 0);
  const { rc } = runToCompletion(
    migrateToSystem(system, {
      from: attached,
      task,
      range: { vma, start, end, faultPage: pfn },
      onCopy: (args) => stack.noteCopyJobs(args),
    }),
  );
  stack.emitMoveEnd(move, move, gpuId, 0, rc);
  updateLocation(stack, process.mm, range);
  return faultResult(rc);
}
