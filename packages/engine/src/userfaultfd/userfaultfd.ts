// A userfaultfd from its opening to its closing. Mirrors fs/userfaultfd.c. Event messages and
// blocking reads are left out: a context answers faults by SIGBUS or, for write protection, lets
// the kernel resolve them.
import type { MmStruct, UserfaultfdCtx, World } from "@faultline/core";
import { mmapWriteLock, mmapWriteUnlock } from "../mmap-lock.ts";
import type { Verb } from "../verb.ts";
import { userfaultfdClearVma } from "./unregister.ts";

/** UFFD_FEATURE_* asked for when the descriptor is opened. */
export interface UserfaultfdFeatures {
  /** Faults for the monitor become SIGBUS. @defaultValue false */
  readonly sigbus?: boolean;
  /** Write-protection faults are resolved by the kernel. @defaultValue false */
  readonly wpAsync?: boolean;
  /** Absent pages can be write-protected. @defaultValue false; wpAsync implies it. */
  readonly wpUnpopulated?: boolean;
}

class UserfaultfdIds {
  next = 1;
}

function nextId(world: World): number {
  const ids = world.subsystems.get("userfaultfd");
  if (ids instanceof UserfaultfdIds) return ids.next++;
  const fresh = new UserfaultfdIds();
  world.subsystems.set("userfaultfd", fresh);
  return fresh.next++;
}

/**
 * Opens a userfaultfd; nothing is registered with it yet.
 * @kernelpart fs/userfaultfd.c new_userfaultfd (v7.2) without a descriptor; the features are chosen
 * at once
 */
export function createUserfaultfd(
  world: World,
  features: UserfaultfdFeatures = {},
): UserfaultfdCtx {
  const wpAsync = features.wpAsync ?? false;
  return {
    id: nextId(world),
    featureSigbus: features.sigbus ?? false,
    featureWpAsync: wpAsync,
    featureWpUnpopulated: wpAsync || (features.wpUnpopulated ?? false),
    released: false,
  };
}

/**
 * Closes a userfaultfd: everything registered with it in the mm is let go. Write protection goes
 * with the registration, poison stays.
 * @kernelpart fs/userfaultfd.c userfaultfd_release (v7.2) without a descriptor; nobody waits to be
 * woken
 */
export function* userfaultfdClose(world: World, mm: MmStruct, ctx: UserfaultfdCtx): Verb {
  ctx.released = true;
  yield* mmapWriteLock(world, mm);
  let page = 0;
  for (let i = mm.indexAtOrAfter(page); i < mm.vmas.length; i = mm.indexAtOrAfter(page)) {
    const vma = mm.vmas[i];
    if (vma === undefined) break;
    page = vma.vmEnd;
    if (vma.uffdCtx !== ctx) continue;
    // Every part of memory that this VMA may merge with lies before `page` or is not ours.
    yield* userfaultfdClearVma(world, vma, vma.vmStart, vma.vmEnd);
  }
  mmapWriteUnlock(mm);
  return 0;
}
