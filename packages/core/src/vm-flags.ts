// VM_* flags of a vm_area_struct. Names are the kernel's (include/linux/mm.h); the bit positions
// are ours, because no behaviour depends on them and 32 bits are enough for the flags modelled.

export const VM_READ = 0x0000_0001;
export const VM_WRITE = 0x0000_0002;
export const VM_EXEC = 0x0000_0004;
export const VM_SHARED = 0x0000_0008;
export const VM_MAYREAD = 0x0000_0010;
export const VM_MAYWRITE = 0x0000_0020;
export const VM_PFNMAP = 0x0000_0040;
export const VM_LOCKED = 0x0000_0080;
export const VM_IO = 0x0000_0100;
export const VM_DONTEXPAND = 0x0000_0200;
export const VM_DONTCOPY = 0x0000_0400;
export const VM_ACCOUNT = 0x0000_0800;
export const VM_HUGETLB = 0x0000_1000;
export const VM_MIXEDMAP = 0x0000_2000;
export const VM_HUGEPAGE = 0x0000_4000;
export const VM_NOHUGEPAGE = 0x0000_8000;
export const VM_MERGEABLE = 0x0001_0000;
export const VM_WIPEONFORK = 0x0002_0000;
export const VM_UFFD_MISSING = 0x0004_0000;
export const VM_UFFD_WP = 0x0008_0000;
export const VM_RAND_READ = 0x0010_0000;
export const VM_SEQ_READ = 0x0020_0000;
/** Guard regions may exist in the VMA. Sticky: it never keeps VMAs from merging. */
export const VM_MAYBE_GUARD = 0x0040_0000;

/** Any of the three access rights. */
export const VM_ACCESS_FLAGS: number = VM_READ | VM_WRITE | VM_EXEC;
/** Mappings that migrate_vma and khugepaged refuse. */
export const VM_SPECIAL: number = VM_IO | VM_DONTEXPAND | VM_PFNMAP | VM_MIXEDMAP;
