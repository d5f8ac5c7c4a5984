// read(2) and write(2) of whole pages. Mirrors generic_perform_write of mm/filemap.c and the read
// side of mm/shmem.c and mm/filemap.c. Content is one token for each page.
import {
  type AddressSpace,
  ENOMEM,
  FRAME_DIRTY,
  LEAF_SWAP,
  leafKind,
  type TaskStruct,
  type World,
} from "@faultline/core";
import { checkRange, checkTask } from "../check-arguments.ts";
import type { Verb } from "../verb.ts";
import { filemapAddPage, filemapGetPage } from "./filemap.ts";

/**
 * Writes `tokens` to the pages from `index` on, allocating what is missing by the task's policy and
 * growing the file as needed. Mappings see the new content at once; nothing is unmapped.
 * @returns the number of pages written, or -ENOMEM when there is no room for the first.
 * @kernelpart mm/filemap.c generic_perform_write (v7.2) whole pages of a token each, without a file
 * system's own hooks
 */
export function* fileWrite(
  world: World,
  task: TaskStruct,
  file: AddressSpace,
  index: number,
  tokens: ArrayLike<number>,
): Verb {
  checkTask(world, task);
  checkRange(index, tokens.length, "index", "tokens");
  for (let i = 0; i < tokens.length; i++) {
    const cached = filemapGetPage(world, file, index + i);
    const pfn = cached === 0 ? filemapAddPage(world, task, file, index + i, null) : cached;
    if (pfn === 0) return i === 0 ? -ENOMEM : i;
    world.frames.setContent(pfn, tokens[i] as number);
    world.frames.addFlags(world.frames.head(pfn), FRAME_DIRTY);
    file.nrPages = Math.max(file.nrPages, index + i + 1);
  }
  return tokens.length;
}

/**
 * Reads `nrPages` pages from `index` on into `tokens`. Holes read as zeros; only ramfs fills its
 * cache for them.
 * @returns the number of pages read, smaller than asked at the end of the file, or -ENOMEM.
 * @kernelpart mm/filemap.c generic_file_read_iter (v7.2) whole pages of a token each
 */
export function* fileRead(
  world: World,
  task: TaskStruct,
  file: AddressSpace,
  index: number,
  nrPages: number,
  tokens: number[] | Uint32Array,
): Verb {
  checkTask(world, task);
  checkRange(index, nrPages, "index");
  const count = Math.max(0, Math.min(nrPages, file.nrPages - index));
  for (let i = 0; i < count; i++) {
    let pfn = filemapGetPage(world, file, index + i);
    const isSwapped = leafKind(file.pages.bits(index + i)) === LEAF_SWAP;
    if (pfn === 0 && (isSwapped || !file.isSwapBacked)) {
      pfn = filemapAddPage(world, task, file, index + i, null);
      if (pfn === 0) return i === 0 ? -ENOMEM : i;
    }
    tokens[i] = pfn === 0 ? 0 : world.frames.content(pfn);
  }
  return count;
}
