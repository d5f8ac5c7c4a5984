// Mapping the device file itself: normal pages that belong to no page cache and that no device
// migration takes. Mirrors dmirror_fops_mmap of lib/test_hmm.c.
import { EINVAL, type TaskStruct, VM_MIXEDMAP, type World } from "@faultline/core";
import { createFile, insertDevicePages, sysMmap, type Verb } from "@faultline/engine";

/**
 * Maps the device privately and gives every page a zeroed frame at once.
 * @param prot PROT_* bits.
 * @kernelpart lib/test_hmm.c dmirror_fops_mmap (v7.2) the driver's own mapping, of zeroed pages
 */
export function* dmirrorMmap(
  world: World,
  task: TaskStruct,
  start: number,
  nrPages: number,
  prot: number,
): Verb {
  const file = createFile(world, "device", nrPages);
  const extraVmFlags = VM_MIXEDMAP;
  const request = { start, nrPages, prot, shared: false, file, extraVmFlags };
  const result = yield* sysMmap(world, task, request);
  if (result !== 0) return result;
  const vma = task.mm.vmaAt(start);
  return vma === null ? -EINVAL : insertDevicePages(world, task, vma);
}
