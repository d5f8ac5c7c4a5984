// mmap(2) at a fixed address. Mirrors mm/mmap.c do_mmap and mm/vma.c __mmap_region.
import {
  type AddressSpace,
  EFFORT_VMA_CHANGE,
  EINVAL,
  type TaskStruct,
  VM_ACCOUNT,
  VM_DONTEXPAND,
  VM_HUGETLB,
  VM_MAYREAD,
  VM_MAYWRITE,
  VM_SHARED,
  VmAreaStruct,
  type World,
} from "@faultline/core";
import { checkRange, checkTask } from "../check-arguments.ts";
import { createFile } from "../file/create-file.ts";
import { mmapWriteLock, mmapWriteUnlock } from "../mmap-lock.ts";
import type { Verb } from "../verb.ts";
import { doMunmap } from "./do-munmap.ts";
import { accountableMapping, calcVmProtBits } from "./prot.ts";
import { vmaLinkFile } from "./vma-file.ts";
import { vmaMergeNewRange } from "./vma-merge.ts";

/** What to map and where. */
export interface MmapRequest {
  readonly start: number;
  readonly nrPages: number;
  /** PROT_* bits. */
  readonly prot: number;
  /** MAP_SHARED; otherwise MAP_PRIVATE. */
  readonly shared: boolean;
  /** The file to map; anonymous memory without it. */
  readonly file?: AddressSpace;
  /** First page of the file. @defaultValue 0 */
  readonly pgoff?: number;
  /** MAP_HUGETLB: anonymous memory from huge folios of the hugetlb pool. */
  readonly hugetlb?: boolean;
  /** VM_* flags that the mmap operation of a driver's file adds. */
  readonly extraVmFlags?: number;
}

/**
 * Maps memory as MAP_FIXED does: what was mapped there goes first, and a neighbour with the same
 * attributes takes the new range.
 * @returns 0 or a negative errno.
 * @kernel arch/x86/kernel/sys_x86_64.c sys_mmap (v7.2)
 */
export function* sysMmap(world: World, task: TaskStruct, request: MmapRequest): Verb {
  checkTask(world, task);
  checkRange(request.start, request.nrPages, "request.start", "request.nrPages");
  checkRange(request.pgoff ?? 0, request.nrPages, "request.pgoff", "request.nrPages");
  const { start } = request;
  let { nrPages } = request;
  if (nrPages <= 0) return -EINVAL;
  if (request.hugetlb === true) {
    if (start % world.blockPages !== 0) return -EINVAL;
    nrPages = Math.ceil(nrPages / world.blockPages) * world.blockPages;
  }
  const { mm } = task;
  yield* mmapWriteLock(world, mm);
  let rc = yield* doMunmap(world, mm, start, start + nrPages);
  if (rc === 0) rc = mapRegion(world, task, request, nrPages);
  mmapWriteUnlock(mm);
  return rc;
}

function vmFlagsOf(request: MmapRequest): number {
  let flags = calcVmProtBits(request.prot) | VM_MAYREAD | VM_MAYWRITE;
  if (request.shared) flags |= VM_SHARED;
  if (request.hugetlb === true) flags |= VM_HUGETLB | VM_DONTEXPAND;
  if (accountableMapping(flags)) flags |= VM_ACCOUNT;
  return flags | (request.extraVmFlags ?? 0);
}

/** The file behind the mapping: the given one, or a nameless one for shared and huge memory. */
function fileOf(world: World, request: MmapRequest, nrPages: number): AddressSpace | null {
  if (request.file !== undefined) return request.file;
  if (request.hugetlb === true) return createFile(world, "hugetlb", nrPages);
  return request.shared ? createFile(world, "shmem", nrPages) : null;
}

/** @kernel mm/vma.c __mmap_region (v7.2) */
function mapRegion(world: World, task: TaskStruct, request: MmapRequest, nrPages: number): number {
  const { mm } = task;
  const { start } = request;
  const end = start + nrPages;
  const flags = vmFlagsOf(request);
  const file = fileOf(world, request, nrPages);
  const pgoff = file === null ? start : (request.pgoff ?? 0);
  const merged = vmaMergeNewRange(world, {
    mm,
    start,
    end,
    pgoff,
    flags,
    file,
    anonVma: null,
    policy: null,
    uffdCtx: null,
    middle: null,
    copiedFrom: null,
    keepsSource: false,
  });
  if (merged !== null) return 0;
  const vma = new VmAreaStruct(mm, start, end, flags, pgoff);
  vma.vmFile = file;
  vmaLinkFile(vma);
  mm.insertVma(vma);
  world.effort.add(EFFORT_VMA_CHANGE, 1);
  return 0;
}
