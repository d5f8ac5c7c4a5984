// A CPU touched a page in a GPU's memory: what comes back is the region that the prefetcher chooses
// around it. Mirrors uvm_va_block_cpu_fault of uvm_va_block.c. GPUs that keep mappings of what has
// moved get them at their next access.
import type { SpinEnd } from "@faultline/core";
import { FAULT_FLAG_WRITE, type FaultContext, faultWait, runToCompletion } from "@faultline/engine";
import { faultResult, migrateFaultingFolio } from "../device/migrate-faulting-folio.ts";
import { migrateToSystem } from "../device/migrate-range.ts";
import { choosePrefetch } from "./choose-prefetch.ts";
import { chooseResidency, UVM_RULE_IDS } from "./choose-residency.ts";
import type { ThrashingHint } from "./thrashing.ts";
import { runsOf } from "./uvm-move.ts";
import { duplicatePage } from "./read-duplicates.ts";
import { UVM_ID_CPU } from "./select-residency.ts";
import type { UvmStack } from "./uvm-stack.ts";
import type { UvmVaSpace } from "./uvm-va-space.ts";

/**
 * Serves a fault on a page of `holder`. While the CPU is throttled nothing moves, and the fault
 * naps. Private memory of a GPU cannot stay where it is, whatever the rules say. A page that comes
 * for a GPU's own write, to be copied, comes alone.
 * @returns VM_FAULT_* bits.
 */
export function serviceCpuFault(holder: UvmStack, fault: FaultContext): number {
  const { driver, system, stats: counters } = holder;
  const { vma, page, pfn, task } = fault;
  const space = driver.spaceOf(vma.vmMm);
  if (space === undefined) return migrateFaultingFolio(system, holder.attached, fault);
  counters.cpu_faults++;
  holder.emit({ type: "CpuFault", processor: UVM_ID_CPU, page, nrPages: 1 });
  const block = space.block(page);
  const isForGpu = block.unsharing.has(page);
  const hint = isForGpu ? NO_HINT : block.thrashing.hint(page, UVM_ID_CPU);
  const { recorder } = system.world;
  if (hint.kind === "throttle") {
    counters.throttled_faults++;
    recorder?.note("uvm-throttle", vma.vmMm.mmId, page, 1);
    return faultWait(system.world, "refault", { untilPs: hint.untilPs } satisfies SpinEnd);
  }
  const pinned = hint.kind === "pin" ? hint.residency : null;
  const asker = { faulting: UVM_ID_CPU, access: "read", pinned, isAccessCounter: false } as const;
  const { rule } = chooseResidency(holder, block, page, { ...asker, task });
  holder.rules.set(rule, (holder.rules.get(rule) ?? 0) + 1);
  recorder?.note(UVM_RULE_IDS[rule] ?? "", vma.vmMm.mmId, page, 1);
  const further = isForGpu ? [] : choosePrefetch(block, vma, [page], UVM_ID_CPU, holder.knobs);
  counters.prefetched_pages += further.length;
  const pages = [...further, page].toSorted((a, b) => a - b);
  const readers = readersOf(space, pages, (fault.flags & FAULT_FLAG_WRITE) !== 0 ? page : -1);
  let result = 0;
  for (const from of driver.stacks) {
    const held = pages.filter((one) => block.processorOf(one) === from.processor);
    for (const run of runsOf(held)) {
      const end = run.start + run.nrPages;
      const isFaulting = page >= run.start && page < end;
      const { rc, nrMoved } = runToCompletion(
        migrateToSystem(system, {
          from: from.attached,
          task,
          range: { vma, start: run.start, end, faultPage: isFaulting ? pfn : 0 },
        }),
      );
      if (isFaulting) result = rc;
      const note = { block, to: UVM_ID_CPU, cause: "coherence" } as const;
      if (nrMoved > 0) from.noteMove(note, run, from.processor);
    }
  }
  for (const { stack, mirror, page: read } of readers) {
    duplicatePage(stack, mirror, block, read);
  }
  return faultResult(result);
}

const NO_HINT: ThrashingHint = { kind: "none" };

/** GPUs that have a page whose reads are duplicated: they keep a copy of what the CPU gets. */
function readersOf(space: UvmVaSpace, pages: readonly number[], written: number) {
  return pages.flatMap((page) => {
    if (page === written || !space.policies.at(page).isReadDuplicated) return [];
    return space.gpus
      .filter(({ mirror }) => mirror.lookup(page) !== null)
      .map(({ stack, mirror }) => ({ stack, mirror, page }));
  });
}
