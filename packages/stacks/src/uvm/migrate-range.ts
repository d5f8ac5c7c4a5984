// Explicit migration, block by block, as UVM_MIGRATE of uvm_migrate.c does it for
// cudaMemPrefetchAsync().
import { EINVAL, EFAULT, type TaskStruct, VM_READ } from "@faultline/core";
import type { Verb } from "@faultline/engine";
import type { DeviceMirror } from "../device/device-mirror.ts";
import type { PageRange } from "../device/device-stack.ts";
import { mapPages } from "./map-pages.ts";
import { PageWishes } from "./page-wishes.ts";
import { movePages } from "./move-pages.ts";
import { UVM_ID_CPU, type UvmProcessor } from "./select-residency.ts";
import type { UvmStack } from "./uvm-stack.ts";

/**
 * Maps what a GPU can reach of a range, wherever it is, and brings nothing.
 * @returns 0, or the errno of hmm_range_fault().
 */
export function* mapPresent(
  stack: UvmStack,
  mirror: DeviceMirror,
  task: TaskStruct,
  { start, nrPages }: PageRange,
): Verb {
  const { mm } = mirror;
  for (let page = start; page < start + nrPages; ) {
    const vma = mm.vmaAt(page);
    if (vma === null || !vma.has(VM_READ)) return -EINVAL;
    const end = Math.min(start + nrPages, stack.driver.space(mm).block(page).end, vma.vmEnd);
    const wishes = PageWishes.present({ start: page, nrPages: end - page });
    const rc = yield* mapPages(stack, mirror, task, wishes);
    if (rc !== 0) return rc;
    page = end;
  }
  return 0;
}

/**
 * Moves a range to a processor; to the CPU only what is on `asker`. A GPU maps what it then has.
 * @returns 0, also when pages stayed for want of room; -EINVAL at a gap or an unreadable mapping.
 */
export function* migrateRange(
  asker: UvmStack,
  mirror: DeviceMirror,
  task: TaskStruct,
  { start, nrPages }: PageRange,
  to: UvmProcessor,
): Verb {
  const { mm } = mirror;
  const space = asker.driver.space(mm);
  for (let page = start; page < start + nrPages; ) {
    const block = space.block(page);
    const vma = mm.vmaAt(page);
    if (vma === null || !vma.has(VM_READ)) return -EINVAL;
    const end = Math.min(start + nrPages, block.end, vma.vmEnd);
    const all = Array.from({ length: end - page }, (_, i) => page + i);
    const isToCpu = to === UVM_ID_CPU;
    const pages = isToCpu ? all.filter((one) => block.processorOf(one) === asker.processor) : all;
    yield* movePages(asker, { block, pages, to, cause: "user", task, mirror });
    if (!isToCpu) {
      const wishes = PageWishes.of(pages, "present");
      if ((yield* mapPages(asker, mirror, task, wishes)) !== 0) return -EFAULT;
    }
    page = end;
  }
  return 0;
}
