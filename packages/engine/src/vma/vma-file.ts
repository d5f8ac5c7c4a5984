// The link between a VMA and the file it maps. Mirrors vma_link_file of mm/vma.c. What ends with
// the last holder is the file's business.
import type { VmAreaStruct } from "@faultline/core";

/**
 * Holds the VMA's file and puts the VMA, with its range set, into the file's reverse mapping.
 * @kernel mm/vma.c vma_link_file (v7.2)
 */
export function vmaLinkFile(vma: VmAreaStruct): void {
  const file = vma.vmFile;
  if (file === null) return;
  file.refs++;
  file.link(vma);
}
