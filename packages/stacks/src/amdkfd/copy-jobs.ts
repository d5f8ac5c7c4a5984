// How many jobs of the copy engine a migration takes. Mirrors the loops of svm_migrate_copy_to_vram
// and svm_migrate_copy_to_ram of drivers/gpu/drm/amd/amdkfd/kfd_migrate.c, and
// svm_migrate_copy_memory_gart, which cuts what they hand it.
import { MIGRATE_PFN_COMPOUND, MIGRATE_PFN_VALID, type MigrateWords } from "@faultline/engine";

/**
 * Pages that follow each other are copied together, as many as a window of the GART shows the
 * engine; what is not copied, such as memory that nobody has touched, ends a job.
 * @param windowPages pages that a window shows.
 * @kernelpart drivers/gpu/drm/amd/amdkfd/kfd_migrate.c svm_migrate_copy_memory_gart (v7.2) how
 * often it goes round
 * @differs a range's memory on the GPU is in one piece, as it is where no other range cuts it.
 */
export function countCopyJobs(args: MigrateWords, blockPages: number, windowPages: number): number {
  let nrJobs = 0;
  let nrInRow = 0;
  for (let i = 0; i < args.nrPages; ) {
    const flags = args.srcFlags[i] as number;
    const nrPages = (flags & MIGRATE_PFN_COMPOUND) === 0 ? 1 : blockPages;
    const isCopied = (flags & MIGRATE_PFN_VALID) !== 0 && args.dstFlags[i] !== 0;
    if (isCopied) nrInRow += nrPages;
    else {
      nrJobs += Math.ceil(nrInRow / windowPages);
      nrInRow = 0;
    }
    i += nrPages;
  }
  return nrJobs + Math.ceil(nrInRow / windowPages);
}
