// get_user_pages: faulting a range of user memory in and handing out its frames. Mirrors mm/gup.c.
// The fast path without locks is left out: it answers the same and only costs less.
import {
  EFAULT,
  EINVAL,
  ENOMEM,
  EOPNOTSUPP,
  type MmStruct,
  type TaskStruct,
  VM_HUGETLB,
  VM_IO,
  VM_MAYREAD,
  VM_MAYWRITE,
  VM_PFNMAP,
  VM_READ,
  VM_SHARED,
  VM_WRITE,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { vmaNeedsDirtyTracking } from "../fault/can-change-pte-writable.ts";
import {
  FAULT_FLAG_REMOTE,
  FAULT_FLAG_UNSHARE,
  FAULT_FLAG_WRITE,
  noteFruitless,
  VM_FAULT_ERROR,
  VM_FAULT_OOM,
  VM_FAULT_WAIT,
} from "../fault/fault-flags.ts";
import { handleMmFault } from "../fault/handle-mm-fault.ts";
import { FOLLOW_UNSHARE, followPageMask } from "./follow-page.ts";
import {
  FOLL_FORCE,
  FOLL_GET,
  FOLL_LONGTERM,
  FOLL_MADV_POPULATE,
  FOLL_PIN,
  FOLL_REMOTE,
  FOLL_SPLIT_PMD,
  FOLL_WRITE,
  GUP_WAIT,
} from "./gup-flags.ts";
import { touchPage } from "./touch-page.ts";

/** A page that faults this often without appearing waits for somebody else. */
const PATIENCE = 16;

/**
 * Faults in the pages `[start, start + nrPages)` of an mm and appends their frames to `pfns`, with
 * the references that `flags` ask for. With `pfns` null the pages are only faulted in.
 * @returns the number of pages done, counting from `start`; a negative errno when the very first
 * fails; GUP_WAIT, after which the same call goes on behind the frames already in `pfns`.
 * @kernel mm/gup.c __get_user_pages (v7.2)
 */
export function getUserPages(
  world: World,
  task: TaskStruct,
  mm: MmStruct,
  start: number,
  nrPages: number,
  flags: number,
  pfns: number[] | null,
): number {
  for (let done = pfns?.length ?? 0; done < nrPages; done++) {
    const page = start + done;
    const vma = mm.vmaAt(page);
    const refusal = vma === null ? noVma(flags) : checkVmaFlags(vma, flags);
    if (refusal !== 0) return done > 0 ? done : refusal;
    const pfn = pageOf(world, task, vma as VmAreaStruct, page, flags);
    if (pfn === GUP_WAIT) return pfn;
    if (pfn < 0) return done > 0 ? done : pfn;
    if (pfns === null) continue;
    grabPage(world, pfn, flags);
    pfns.push(pfn);
  }
  return nrPages;
}

/** One page, faulted in as often as needed: a pfn, a negative errno or GUP_WAIT. */
function pageOf(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  page: number,
  flags: number,
): number {
  for (let attempt = 0; attempt <= PATIENCE; attempt++) {
    const pfn = followPageMask(world, vma, page, flags);
    if (pfn > 0) {
      if ((flags & FOLL_PIN) === 0) touchPage(world, vma, page, pfn, (flags & FOLL_WRITE) !== 0);
      return pfn;
    }
    const rc = faultinPage(world, task, vma, page, flags, pfn === FOLLOW_UNSHARE);
    if (rc !== 0) return rc;
  }
  noteFruitless(world, "allocation", page);
  return GUP_WAIT;
}

/** @kernel mm/gup.c faultin_page (v7.2) */
function faultinPage(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  page: number,
  flags: number,
  isUnshare: boolean,
): number {
  let faultFlags = (flags & FOLL_WRITE) === 0 ? 0 : FAULT_FLAG_WRITE;
  if ((flags & FOLL_REMOTE) !== 0) faultFlags |= FAULT_FLAG_REMOTE;
  if (isUnshare) faultFlags |= FAULT_FLAG_UNSHARE;
  const result = handleMmFault(world, task, vma, page, faultFlags);
  if ((result & VM_FAULT_WAIT) !== 0) return GUP_WAIT;
  if ((result & VM_FAULT_ERROR) === 0) return 0;
  return (result & VM_FAULT_OOM) !== 0 ? -ENOMEM : -EFAULT;
}

function noVma(flags: number): number {
  return (flags & FOLL_MADV_POPULATE) === 0 ? -EFAULT : -ENOMEM;
}

/**
 * Whether the VMA lets its pages be handed out.
 * @kernel mm/gup.c check_vma_flags (v7.2)
 */
function checkVmaFlags(vma: VmAreaStruct, flags: number): number {
  const refusal = (flags & FOLL_MADV_POPULATE) === 0 ? -EFAULT : -EINVAL;
  const { vmFlags } = vma;
  if ((vmFlags & (VM_IO | VM_PFNMAP)) !== 0) return refusal;
  if ((flags & FOLL_SPLIT_PMD) !== 0 && (vmFlags & VM_HUGETLB) !== 0) return -EOPNOTSUPP;
  const isForced = (flags & FOLL_FORCE) !== 0;
  if ((flags & FOLL_WRITE) === 0) {
    if ((vmFlags & VM_READ) !== 0) return 0;
    return isForced && (vmFlags & VM_MAYREAD) !== 0 ? 0 : refusal;
  }
  if (!isWritableFileMappingAllowed(vma, flags)) return refusal;
  if ((vmFlags & VM_WRITE) !== 0) return 0;
  const isForceable = (vmFlags & (VM_MAYWRITE | VM_SHARED)) === VM_MAYWRITE;
  return isForced && isForceable ? 0 : refusal;
}

/**
 * A lasting pin would write to a shared file page behind the back of a file system that tracks
 * writes.
 * @kernel mm/gup.c writable_file_mapping_allowed (v7.2)
 */
function isWritableFileMappingAllowed(vma: VmAreaStruct, flags: number): boolean {
  const lasting = FOLL_PIN | FOLL_LONGTERM;
  return (flags & lasting) !== lasting || !vmaNeedsDirtyTracking(vma);
}

/**
 * Takes the reference or pin that `flags` ask for. The shared zero pages never go away.
 * @kernel mm/gup.c try_grab_folio (v7.2)
 */
function grabPage(world: World, pfn: number, flags: number): void {
  const head = world.frames.head(pfn);
  if ((flags & FOLL_PIN) !== 0) {
    if (!isZeroFolio(world, head)) world.frames.addPins(head, 1);
  } else if ((flags & FOLL_GET) !== 0) {
    world.frames.addExtraRefs(head, 1);
  }
}

/** True for the shared zero page and the shared huge zero folio. */
export function isZeroFolio(world: World, head: number): boolean {
  return head === world.zeroPfn || head === world.hugeZeroPfn;
}
