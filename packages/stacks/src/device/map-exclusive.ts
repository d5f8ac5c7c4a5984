// Giving a device a page for atomic operations: the CPUs lose their entry, and get it back when
// they touch the page.
import { EFAULT, type TaskStruct } from "@faultline/core";
import {
  GUP_WAIT,
  makeDeviceExclusive,
  mmapReadLock,
  mmapReadUnlock,
  type PathPolicy,
  selectPath,
  type Verb,
} from "@faultline/engine";
import type { DeviceMirror } from "./device-mirror.ts";
import { takePendingWait } from "./mirror-range.ts";

/**
 * Takes a page from the CPUs and maps it with all rights.
 * @returns 0, -EFAULT where no path leads to the page, or what make_device_exclusive() returned.
 */
export function* mapExclusive(
  mirror: DeviceMirror,
  task: TaskStruct,
  page: number,
  policy: PathPolicy,
): Verb {
  const { system, device: requester, mm } = mirror;
  const { world } = system;
  yield* mmapReadLock(world, mm);
  let pfn = makeDeviceExclusive(world, task, mm, page, null);
  while (pfn === GUP_WAIT) {
    yield takePendingWait(world);
    pfn = makeDeviceExclusive(world, task, mm, page, null);
  }
  mmapReadUnlock(mm);
  if (pfn < 0) return pfn;
  const path = selectPath({ system, requester, pfn, policy });
  return path === null ? -EFAULT : mirror.mapRun(page, 1, path, { writable: true, atomic: true });
}
