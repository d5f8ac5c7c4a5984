// VM_* flags of a vm_area_struct. Names are the kernel's (include/linux/mm.h); the bit positions
// are ours, because no behaviour depends on them and 32 bits are enough for the flags modelled.

/** The VMA may be read. */
export const VM_READ = 0x0000_0001;
/** The VMA may be written. */
export const VM_WRITE = 0x0000_0002;
/** The VMA may be executed. */
export const VM_EXEC = 0x0000_0004;
/** Writes go to memory that others see: MAP_SHARED. */
export const VM_SHARED = 0x0000_0008;
/** mprotect may allow reads. */
export const VM_MAYREAD = 0x0000_0010;
/** mprotect may allow writes. */
export const VM_MAYWRITE = 0x0000_0020;
/** Frames without a struct page, as drivers map them. */
export const VM_PFNMAP = 0x0000_0040;
/** mlock: pages stay in memory. */
export const VM_LOCKED = 0x0000_0080;
/** Memory of a device; touching it may have effects. */
export const VM_IO = 0x0000_0100;
/** mremap may not enlarge the VMA. */
export const VM_DONTEXPAND = 0x0000_0200;
/** MADV_DONTFORK: a child does not get the VMA. */
export const VM_DONTCOPY = 0x0000_0400;
/** The VMA counts towards the commit limit. */
export const VM_ACCOUNT = 0x0000_0800;
/** Pages of hugetlbfs. */
export const VM_HUGETLB = 0x0000_1000;
/** Frames with and without a struct page. */
export const VM_MIXEDMAP = 0x0000_2000;
/** MADV_HUGEPAGE. */
export const VM_HUGEPAGE = 0x0000_4000;
/** MADV_NOHUGEPAGE. */
export const VM_NOHUGEPAGE = 0x0000_8000;
/** MADV_MERGEABLE: ksmd looks at the VMA. */
export const VM_MERGEABLE = 0x0001_0000;
/** MADV_WIPEONFORK: a child finds the VMA empty. */
export const VM_WIPEONFORK = 0x0002_0000;
/** userfaultfd answers for missing pages. */
export const VM_UFFD_MISSING = 0x0004_0000;
/** userfaultfd answers for writes to protected pages. */
export const VM_UFFD_WP = 0x0008_0000;
/** MADV_RANDOM. */
export const VM_RAND_READ = 0x0010_0000;
/** MADV_SEQUENTIAL. */
export const VM_SEQ_READ = 0x0020_0000;
/** Guard regions may exist in the VMA. Sticky: it never keeps VMAs from merging. */
export const VM_MAYBE_GUARD = 0x0040_0000;

/** Any of the three access rights. */
export const VM_ACCESS_FLAGS: number = VM_READ | VM_WRITE | VM_EXEC;
/** Mappings that migrate_vma and khugepaged refuse. */
export const VM_SPECIAL: number = VM_IO | VM_DONTEXPAND | VM_PFNMAP | VM_MIXEDMAP;
