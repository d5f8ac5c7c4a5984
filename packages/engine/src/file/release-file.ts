// What a VMA that goes away does to the file it mapped.
import type { VmAreaStruct, World } from "@faultline/core";
import { filePut } from "./create-file.ts";

/**
 * Takes a VMA out of its file's reverse mapping and drops its hold on the file.
 * @kernelpart mm/vma.c unlink_file_vma (v7.2) also drops the VMA's hold on the file
 */
export function releaseFile(world: World, vma: VmAreaStruct): void {
  const file = vma.vmFile;
  if (file === null) return;
  file.unlink(vma);
  filePut(world, file);
}
