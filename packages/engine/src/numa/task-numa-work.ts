// The NUMA scanner of a process. Mirrors task_numa_work of kernel/sched/fair.c. The pace of the
// scanner is the caller's; the filter by recently accessing threads is left out, because it only
// delays a VMA by some passes.
import {
  type TaskStruct,
  VM_ACCESS_FLAGS,
  VM_HUGETLB,
  VM_MIXEDMAP,
  VM_READ,
  VM_WRITE,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { checkTask } from "../check-arguments.ts";
import { mmapReadLock, mmapReadUnlock } from "../mmap-lock.ts";
import type { Verb } from "../verb.ts";
import { changeProtNuma } from "./change-prot-numa.ts";
import { vmaMigratable } from "./queue-folios.ts";
import { policyAllowsHinting } from "./should-numa-migrate.ts";

/**
 * Scans the whole address space `nrPasses` times. From its second call on, the faults a running
 * task takes on its own stack and code have given it a preferred node.
 * @returns the number of entries that became hinting entries.
 * @kernel kernel/sched/fair.c task_numa_work (v7.2)
 */
export function* taskNumaWork(world: World, task: TaskStruct, nrPasses = 1): Verb {
  checkTask(world, task);
  const mm = task.mm;
  let nrChanged = 0;
  if (mm.numaScanSeq > 0) task.numaPreferredNode = world.cpuNode(task.cpu);
  for (let pass = 0; pass < nrPasses; pass++) {
    yield* mmapReadLock(world, mm);
    for (const vma of mm.vmas.slice()) {
      if (vmaIsScanned(task, vma)) nrChanged += yield* changeProtNuma(world, task, vma);
    }
    mmapReadUnlock(mm);
    mm.numaScanSeq++;
  }
  return nrChanged;
}

/** Accessible, migratable memory without a policy of its own; no read-only file mappings. */
function vmaIsScanned(task: TaskStruct, vma: VmAreaStruct): boolean {
  if (!vmaMigratable(vma) || !policyAllowsHinting(task, vma)) return false;
  if ((vma.vmFlags & (VM_HUGETLB | VM_MIXEDMAP)) !== 0) return false;
  if (vma.vmFile !== null && (vma.vmFlags & (VM_READ | VM_WRITE)) === VM_READ) return false;
  return (vma.vmFlags & VM_ACCESS_FLAGS) !== 0;
}
