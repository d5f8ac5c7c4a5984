// The VMA part of registering memory with a userfaultfd. Mirrors mm/userfaultfd.c
// userfaultfd_register_range and userfaultfd_clear_vma.
import {
  type MmStruct,
  type UserfaultfdCtx,
  VM_UFFD_MISSING,
  VM_UFFD_WP,
  type World,
} from "@faultline/core";
import { vmaModify } from "./vma-modify.ts";

const VM_UFFD_FLAGS = VM_UFFD_MISSING | VM_UFFD_WP;

/**
 * Attaches everything mapped in `[start, end)` to a context with the given VM_UFFD_* modes, or
 * detaches it when the context is null; splits and merges VMAs.
 * @returns 0 or a negative errno.
 * @kernelpart mm/userfaultfd.c userfaultfd_register_range (v7.2) also detaches, as
 * userfaultfd_unregister_range does
 */
export function vmaSetUffd(
  world: World,
  mm: MmStruct,
  start: number,
  end: number,
  uffdCtx: UserfaultfdCtx | null,
  modes: number,
): number {
  let from = start;
  while (from < end) {
    const vma = mm.vmas[mm.indexAtOrAfter(from)];
    if (vma === undefined || vma.vmStart >= end) break;
    from = Math.max(from, vma.vmStart);
    const to = Math.min(end, vma.vmEnd);
    if (vma.uffdCtx !== uffdCtx || (vma.vmFlags & modes) !== modes) {
      const flags = (vma.vmFlags & ~VM_UFFD_FLAGS) | modes;
      const changed = vmaModify(world, vma, from, to, { flags, uffdCtx });
      if (typeof changed === "number") return changed;
    }
    from = to;
  }
  return 0;
}
