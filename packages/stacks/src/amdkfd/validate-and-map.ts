// Entering the pages of a range into a GPU's table. Mirrors svm_range_validate_and_map and
// svm_range_map_to_gpus of drivers/gpu/drm/amd/amdkfd/kfd_svm.c.
import {
  APERTURE_INTERCONNECT,
  APERTURE_LOCAL,
  EFAULT,
  PCI_P2PDMA_MAP_NONE,
  VM_WRITE,
} from "@faultline/core";
import type { OwnerSpace, TaskStruct } from "@faultline/core";
import type { Path, Verb } from "@faultline/engine";
import type { DeviceMirror } from "../device/device-mirror.ts";
import type { PageRange } from "../device/device-stack.ts";
import { mapRange } from "../device/map-range.ts";
import { mirrorRange, requestFlags } from "../device/mirror-range.ts";
import { accessOf, isSameHive } from "./best-location.ts";
import type { KfdProcess, OpenGpu } from "./kfd-process.ts";
import type { KfdStack } from "./kfd-stack.ts";
import { hasSvmFlag } from "./svm-flags.ts";
import type { SvmAccess, SvmRange } from "./svm-range.ts";

/**
 * GPUs that a range is mapped on outside of their faults. Without retry faults all that have
 * access; with them those that use it in place, and the holder, or all where that is none.
 * @kernelpart drivers/gpu/drm/amd/amdkfd/kfd_svm.c svm_range_validate_and_map (v7.2) the choice
 */
function gpusToMap({ gpus }: KfdProcess, range: SvmRange): readonly OpenGpu[] {
  const having = (wanted: SvmAccess): OpenGpu[] => {
    return gpus.filter(({ stack }) => {
      return accessOf(range, stack.attached, stack.knobs["kfd.xnack"]) === wanted;
    });
  };
  const [direct, inPlace] = [having("access"), having("in_place")];
  if (gpus.some(({ stack }) => !stack.knobs["kfd.xnack"])) return [...direct, ...inPlace];
  const holder = direct.filter(({ stack }) => stack.attached === range.actualLoc);
  const chosen = [...holder, ...inPlace];
  return chosen.length > 0 ? chosen : direct;
}

/**
 * Maps a range on the GPUs that it is kept mapped on, in the name of the owner that all have, or of
 * nobody. Nobody's walk finds all device memory foreign, and may move none of it: while pages are
 * on one of several GPUs that are in no hive together, it cannot succeed.
 * @returns 0, or what the last one that failed returned; -EBUSY for such a walk.
 * @kernelpart drivers/gpu/drm/amd/amdkfd/kfd_svm.c svm_range_validate_and_map (v7.2) for several
 * GPUs
 * @differs one walk for each GPU; the kernel's only one goes on until something changes.
 */
export function* validateAndMapAll(process: KfdProcess, task: TaskStruct, range: SvmRange): Verb {
  const gpus = gpusToMap(process, range);
  const owners = new Set(gpus.map(({ stack }) => stack.attached.owner));
  const [first = null] = owners;
  let worst = 0;
  for (const { stack, mirror } of gpus) {
    const owner = owners.size > 1 ? null : first;
    const rc = yield* svmRangeValidateAndMap(stack, mirror, task, range, range, owner);
    if (rc !== 0) worst = rc;
  }
  return worst;
}

/**
 * Maps part of a range on one GPU, VMA by VMA. Write access is asked for wherever the mapping
 * allows it, whatever the GPU wants to do. A GPU that is neither the holder of the range nor in its
 * hive is left out, and faults again.
 * @returns 0, -EFAULT where nothing is mapped, or what hmm_range_fault() returned.
 * @kernel drivers/gpu/drm/amd/amdkfd/kfd_svm.c svm_range_validate_and_map (v7.2)
 */
export function* svmRangeValidateAndMap(
  stack: KfdStack,
  mirror: DeviceMirror,
  task: TaskStruct,
  range: SvmRange,
  { start, nrPages }: PageRange,
  owner: OwnerSpace | null = stack.attached.owner,
): Verb {
  const last = start + nrPages;
  for (let page = start; page < last; ) {
    const vma = mirror.mm.vmaAt(page);
    if (vma === null) return -EFAULT;
    const end = Math.min(last, vma.vmEnd);
    const isWritable = (vma.vmFlags & VM_WRITE) !== 0;
    const request = requestFlags(isWritable);
    const piece = { start: page, nrPages: end - page, request, owner };
    const rc = yield* validatePiece(stack, mirror, task, range, piece);
    if (rc !== 0) return rc;
    page = end;
  }
  range.validatedPs.set(stack.attached, stack.host.now());
  return 0;
}

/** Pages of one VMA. */
function* validatePiece(
  stack: KfdStack,
  mirror: DeviceMirror,
  task: TaskStruct,
  range: SvmRange,
  piece: PageRange & { readonly request: number; readonly owner: OwnerSpace | null },
): Verb {
  const { attached, host, paths } = stack;
  const { actualLoc: holder, flags } = range;
  const sequence = stack.knobs["kfd.staleSequence"] ? ("once" as const) : ("each" as const);
  // Each range has a notifier of its own.
  const notified = { start: range.start, nrPages: range.nrPages };
  const process = stack.driver.process(mirror.mm);
  const prepare = (): void => {
    process.faultingTask = task;
  };
  const request = { ...piece, sequence, notified, prepare };
  const rc = yield* mirrorRange(host, mirror, task, request, (found) => {
    if (holder !== null && !isSameHive(holder, attached) && !stack.reachesBeyondHive) {
      mirror.note("kfd-out-of-reach", piece.start, piece.nrPages);
      return 0;
    }
    const choose = (pfn: number): Path | null => hivePath(stack, pfn);
    const mayWrite = !hasSvmFlag(flags, "KFD_IOCTL_SVM_FLAG_GPU_RO");
    return mapRange(mirror, found, { paths, choose, mayWrite, isAtomic: () => mayWrite });
  });
  process.faultingTask = null;
  return rc;
}

/**
 * Memory of the hive has one address for all its members; the DMA API is not asked.
 * @kernelpart drivers/gpu/drm/amd/amdkfd/kfd_svm.c svm_range_dma_map_dev (v7.2) pages of the hive
 */
function hivePath({ system, attached }: KfdStack, pfn: number): Path | null {
  const holder = system.holderOf(pfn);
  if (holder === null || !isSameHive(holder, attached)) return null;
  const isOwn = holder === attached;
  return {
    rule: isOwn ? "path-local" : "path-interconnect",
    aperture: isOwn ? APERTURE_LOCAL : APERTURE_INTERCONNECT,
    pfn,
    initiator: null,
    mapType: PCI_P2PDMA_MAP_NONE,
    route: system.machine.fabric.route(attached.device.name, holder.device.name),
  };
}
