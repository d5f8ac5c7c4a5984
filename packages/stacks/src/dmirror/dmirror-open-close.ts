// Opening and closing /dev/hmm_dmirrorN, and HMM_DMIRROR_RELEASE. Closing a file evicts the whole
// device, because pages on it point to the file that migrated them. Mirrors lib/test_hmm.c.
import { checkArgument, EINVAL, type MmStruct, type TaskStruct, type World } from "@faultline/core";
import type { Verb } from "@faultline/engine";
import { Dmirror } from "./dmirror.ts";
import type { DmirrorCmd } from "./dmirror-cmd.ts";
import type { DmirrorDevice } from "./dmirror-device.ts";
import { dmirrorEvictDevice } from "./dmirror-evict.ts";

/**
 * Opens the device; the file mirrors the given address space for good.
 * @kernelpart lib/test_hmm.c dmirror_fops_open (v7.2) without a descriptor
 */
export function dmirrorOpen(world: World, device: DmirrorDevice, mm: MmStruct): Dmirror {
  checkArgument(device.world === world, "device", "a device of another world");
  checkArgument(mm.isAlive, "mm", `address space ${mm.mmId} has ended`);
  const file = new Dmirror(world, device, device.takeFileNumber(), mm);
  device.files.set(file.id, file);
  return file;
}

/**
 * The last reference to an open file is gone.
 * @param task whoever closes: its policy places the evicted pages.
 * @kernelpart lib/test_hmm.c dmirror_fops_release (v7.2) without a descriptor
 * @differs the kernel waits for memory without end; here pages without a place to go stay
 */
export function dmirrorClose(world: World, task: TaskStruct, dmirror: Dmirror): number {
  const isOpen = dmirror.device.files.get(dmirror.id) === dmirror;
  checkArgument(isOpen, "dmirror", "the file is closed already");
  dmirror.mm.notifierSubscriptions?.remove(dmirror.notifier);
  dmirrorEvictDevice(world, task, dmirror.device);
  const { device, id } = dmirror;
  device.files.delete(id);
  if (device.memory.nrPagesInUse > 0) device.closedFiles.set(id, dmirror);
  else device.closedFiles.clear();
  dmirror.mirror.destroy();
  return 0;
}

/**
 * HMM_DMIRROR_RELEASE: evicts and destroys the device's memory. Waits while a page cannot leave.
 * @kernelpart lib/test_hmm.c dmirror_device_remove_chunks (v7.2) the command that evicts and gives
 * up the device's memory
 */
export function* dmirrorRelease(world: World, task: TaskStruct, dmirror: Dmirror): Verb {
  const { device } = dmirror;
  dmirrorEvictDevice(world, task, device);
  while (device.memory.nrPagesInUse > 0) {
    yield { reason: "folio-lock", object: device };
    dmirrorEvictDevice(world, task, device);
  }
  device.memory.removeChunks();
  return 0;
}

/**
 * HMM_DMIRROR_FLAGS: the flag word of this file becomes the command's page count.
 * @returns 0, or -EINVAL for 0, because no command may cover no page.
 */
export function dmirrorSetFlags(dmirror: Dmirror, cmd: Pick<DmirrorCmd, "nrPages">): number {
  if (cmd.nrPages <= 0) return -EINVAL;
  dmirror.flags = cmd.nrPages;
  return 0;
}
