// The kernel's nouns: page frames and folios, page tables, mm_struct and VMAs, reverse mapping, device memory.
export {};
