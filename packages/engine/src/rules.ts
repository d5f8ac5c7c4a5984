// The decisions that a recorder can hear of, by rule id: what was decided and where in the kernel.
// Sorted by area, then by id; a verb that notes a decision adds its rule here.

/** One decision the kernel makes. */
export interface Rule {
  /** One sentence, for people. */
  readonly text: string;
  /** File and function of the kernel that decide. */
  readonly kernel: string;
}

/** Every rule id that `world.recorder.note` is called with. */
export const RULES: Readonly<Record<string, Rule>> = {
  // fault: anonymous memory
  "anon-new-page": {
    text: "A first write gets a new zeroed page.",
    kernel: "mm/memory.c:do_anonymous_page",
  },
  "anon-zero-page": {
    text: "A first read maps the shared zero page, read-only.",
    kernel: "mm/memory.c:do_anonymous_page",
  },
  "huge-new-folio": {
    text: "A first write to an empty block gets a new zeroed huge folio.",
    kernel: "mm/huge_memory.c:__do_huge_pmd_anonymous_page",
  },
  "huge-zero-page": {
    text: "A first read of an empty block maps the shared huge zero folio.",
    kernel: "mm/huge_memory.c:do_huge_pmd_anonymous_page",
  },
  "hugetlb-page": {
    text: "A first touch of a hugetlb block maps its huge page.",
    kernel: "mm/hugetlb.c:hugetlb_no_page",
  },

  // fault: write protection
  "cow-copy": {
    text: "The page has other users, so the writer gets a copy of its own.",
    kernel: "mm/memory.c:wp_page_copy",
  },
  "cow-zero-page": {
    text: "A write to the shared zero page gets a new zeroed page.",
    kernel: "mm/memory.c:wp_page_copy",
  },
  "huge-wp-reuse": {
    text: "The huge folio belongs to this process alone and becomes writable in place.",
    kernel: "mm/huge_memory.c:do_huge_pmd_wp_page",
  },
  "huge-wp-split": {
    text: "The huge folio is shared: its leaf is split and only the written page is copied.",
    kernel: "mm/huge_memory.c:do_huge_pmd_wp_page",
  },
  "huge-zero-replaced": {
    text: "A write to the huge zero folio gets a new zeroed huge folio.",
    kernel: "mm/huge_memory.c:do_huge_zero_wp_pmd",
  },
  "wp-exclusive": {
    text: "The page belongs to this process alone and becomes writable in place.",
    kernel: "mm/memory.c:do_wp_page",
  },
  "wp-reuse": {
    text: "Nobody else uses the page any more, so it is taken over without a copy.",
    kernel: "mm/memory.c:wp_can_reuse_anon_folio",
  },
  "wp-shared": {
    text: "Shared memory: the entry becomes writable in place.",
    kernel: "mm/memory.c:wp_page_shared",
  },

  // fault: entries that are not present, and hints
  "device-private-fault": {
    text: "The CPU touched device-private memory: the driver brings the folio back.",
    kernel: "mm/memory.c:do_swap_page",
  },
  "exclusive-restore": {
    text: "The page was held by a device exclusively; the access takes it back.",
    kernel: "mm/memory.c:remove_device_exclusive_entry",
  },
  "marker-guard": {
    text: "The page is a guard region: SIGSEGV.",
    kernel: "mm/memory.c:handle_pte_marker",
  },
  "marker-poison": {
    text: "The page is marked as poisoned: SIGBUS.",
    kernel: "mm/memory.c:handle_pte_marker",
  },
  "numa-moved": {
    text: "A hint fault found the folio on the wrong node and moved it.",
    kernel: "mm/memory.c:do_numa_page",
  },
  "numa-restored": {
    text: "A hint fault left the folio where it is.",
    kernel: "mm/memory.c:do_numa_page",
  },
  "swap-in": {
    text: "The page is read back from swap, or found in the swap cache.",
    kernel: "mm/memory.c:do_swap_page",
  },
  userfault: {
    text: "The fault belongs to a userfaultfd monitor.",
    kernel: "fs/userfaultfd.c:handle_userfault",
  },

  // fault: files
  "fault-around": {
    text: "A cached neighbour of a file page is mapped along with it.",
    kernel: "mm/memory.c:do_fault_around",
  },
  "file-private-copy": {
    text: "A write to a private file mapping gets a copy of the file's page at once.",
    kernel: "mm/memory.c:do_cow_fault",
  },
  "file-read": {
    text: "A read maps the file's page.",
    kernel: "mm/memory.c:do_read_fault",
  },
  "file-shared-write": {
    text: "A write to shared memory maps the file's page writable.",
    kernel: "mm/memory.c:do_shared_fault",
  },

  // gup
  "exclusive-install": {
    text: "A device gets the page exclusively; the CPU's entry is taken away.",
    kernel: "mm/rmap.c:make_device_exclusive",
  },
  "pin-leaves-device": {
    text: "A lasting pin may not keep device memory: the page moves to system memory first.",
    kernel: "mm/gup.c:migrate_longterm_unpinnable_folios",
  },

  // fork
  "exclusive-restored": {
    text: "A page a device held exclusively becomes an ordinary page before it is shared.",
    kernel: "mm/memory.c:copy_nonpresent_pte",
  },
  fork: {
    text: "The child gets copies of the mappings and shares the parent's private pages read-only.",
    kernel: "mm/mmap.c:dup_mmap",
  },
  "fork-pinned-copy": {
    text: "The page may be pinned, so the parent keeps it and the child gets a copy.",
    kernel: "mm/memory.c:copy_present_page",
  },

  // huge pages: collapsing
  "collapse-block": {
    text: "The pages of a block are copied into one huge folio.",
    kernel: "mm/khugepaged.c:collapse_huge_page",
  },
  "collapse-failed-late": {
    text: "The block turned out unfit after missing pages had been brought in.",
    kernel: "mm/khugepaged.c:collapse_huge_page",
  },
  "collapse-file": {
    text: "The page cache of a block becomes one huge folio; who mapped its pages faults again.",
    kernel: "mm/khugepaged.c:collapse_file",
  },
  "collapse-refused": {
    text: "The block is not worth collapsing or may not be: nothing was changed.",
    kernel: "mm/khugepaged.c:collapse_scan_pmd",
  },

  // huge pages: splitting
  "split-folio": {
    text: "A large folio is cut into single pages.",
    kernel: "mm/huge_memory.c:__folio_split",
  },
  "split-pmd": {
    text: "A PMD leaf becomes a table of PTEs; the folio stays whole.",
    kernel: "mm/huge_memory.c:__split_huge_pmd_locked",
  },
  "split-zero-page": {
    text: "A page of the split folio holds only zeros and is mapped to the shared zero page.",
    kernel: "mm/migrate.c:try_to_map_unused_to_zeropage",
  },

  // migration
  "folio-moved": {
    text: "The folio moves to another place; every mapping follows it.",
    kernel: "mm/migrate.c:migrate_pages",
  },
  "folio-not-moved": {
    text: "Somebody holds a reference, so the folio stays where it is.",
    kernel: "mm/migrate.c:migrate_pages",
  },
  "migrate-fill": {
    text: "Nothing was there: the device gets a new page of zeros.",
    kernel: "mm/migrate_device.c:migrate_vma_insert_page",
  },
  "migrate-moved": {
    text: "The page moves between system and device memory, for every process that maps it.",
    kernel: "mm/migrate_device.c:__migrate_device_pages",
  },
  "migrate-refused": {
    text: "Somebody holds a reference, so the page is put back.",
    kernel: "mm/migrate_device.c:migrate_device_unmap",
  },

  // hmm
  "hmm-p2p-alias": {
    text: "The page stays on its device and is answered by the P2P page that shows it.",
    kernel: "mm/hmm.c:hmm_vma_handle_pte",
  },
  "hmm-p2p-allowed": {
    text: "The page belongs to another owner, and the caller's p2p_allow() accepts it as it is.",
    kernel: "mm/hmm.c:hmm_vma_handle_pte",
  },
  "hmm-p2p-none": {
    text: "No P2P page shows the page, so it is treated as any foreign one.",
    kernel: "mm/hmm.c:hmm_vma_handle_pte",
  },
  "hmm-fault-read": {
    text: "A device read needs a page that is not there: the rest of the block is read-faulted.",
    kernel: "mm/hmm.c:hmm_vma_fault",
  },
  "hmm-fault-write": {
    text: "A device write needs a page it may not write: the rest of the block is write-faulted.",
    kernel: "mm/hmm.c:hmm_vma_fault",
  },

  // KSM
  "ksm-break": {
    text: "The page leaves its merged page and gets a copy of its own.",
    kernel: "mm/ksm.c:break_ksm",
  },
  "ksm-join": {
    text: "The page has the content of a merged page and maps that from now on.",
    kernel: "mm/ksm.c:try_to_merge_with_ksm_page",
  },
  "ksm-pair": {
    text: "Two pages have the same content: the one at hand becomes a merged page for both.",
    kernel: "mm/ksm.c:try_to_merge_two_pages",
  },
  "ksm-pair-failed": {
    text: "The other page of the pair is held by somebody, so this one is unshared again.",
    kernel: "mm/ksm.c:try_to_merge_two_pages",
  },
  "ksm-zero-page": {
    text: "The page holds only zeros and maps the shared zero page.",
    kernel: "mm/ksm.c:try_to_merge_with_zero_page",
  },

  // VMAs and mapping system calls
  "madvise-dontneed": {
    text: "The pages of the range are dropped; the next access finds it empty.",
    kernel: "mm/madvise.c:madvise_dontneed_single_vma",
  },
  "oom-reaped": {
    text: "The OOM reaper takes the private pages of a process that was killed.",
    kernel: "mm/oom_kill.c:__oom_reap_task_mm",
  },
  "oom-reap-refused": {
    text: "A driver would have to block to give the pages up, which the OOM reaper must not.",
    kernel: "mm/memory.c:zap_vma_for_reaping",
  },
  mprotect: {
    text: "The access rights of the range change, in its VMA and in every entry.",
    kernel: "mm/mprotect.c:mprotect_fixup",
  },
  "mprotect-device-readonly": {
    text: "A device page loses write access for as long as it stays on the device.",
    kernel: "mm/mprotect.c:change_softleaf_pte",
  },
  "mremap-move": {
    text: "The entries of the range move to another address; the pages stay.",
    kernel: "mm/mremap.c:move_vma",
  },
  "mremap-move-pmd": {
    text: "Both addresses are aligned, so a whole block moves at once.",
    kernel: "mm/mremap.c:move_pgt_entry",
  },
  "mremap-realign": {
    text: "Nothing lies before the range in its block, so the move starts at the block.",
    kernel: "mm/mremap.c:try_realign_addr",
  },
  munmap: {
    text: "The range is unmapped; pages that nobody else maps are freed.",
    kernel: "mm/vma.c:do_vmi_align_munmap",
  },
  "vma-merge": {
    text: "The range has its neighbour's attributes, so both become one VMA.",
    kernel: "mm/vma.c:commit_merge",
  },
  "vma-split": {
    text: "A part of the VMA gets other attributes or goes, so the VMA is cut at its boundary.",
    kernel: "mm/vma.c:__split_vma",
  },

  // NUMA placement
  mbind: {
    text: "The range gets a policy; folios on other nodes are moved if that was asked for.",
    kernel: "mm/mempolicy.c:do_mbind",
  },
  "migrate-pages": {
    text: "All folios of a process that are on one node are queued to move to another.",
    kernel: "mm/mempolicy.c:migrate_to_node",
  },
  "move-pages-flush": {
    text: "The pages queued so far are moved before the next one is looked at.",
    kernel: "mm/migrate.c:move_pages_and_store_status",
  },
  "numa-filter-first": {
    text: "No fault on the folio was recorded yet: it moves to the faulting node.",
    kernel: "kernel/sched/fair.c:should_numa_migrate_memory",
  },
  "numa-filter-other-node": {
    text: "The last fault came from another node: the folio stays until the next one confirms.",
    kernel: "kernel/sched/fair.c:should_numa_migrate_memory",
  },
  "numa-filter-private": {
    text: "The same task faulted before and is still young: the folio follows it.",
    kernel: "kernel/sched/fair.c:should_numa_migrate_memory",
  },
  "numa-filter-second": {
    text: "Two faults in a row came from the same node: the folio moves there.",
    kernel: "kernel/sched/fair.c:should_numa_migrate_memory",
  },
  "numa-hint-scan": {
    text: "The NUMA scanner makes pages inaccessible to learn where they are used.",
    kernel: "mm/mprotect.c:change_pte_range",
  },

  // swap and reclaim on request
  "advice-split": {
    text: "The advice covers only a part of a large folio, so the folio is split.",
    kernel: "mm/madvise.c:madvise_free_pte_range",
  },
  "madvise-lazyfree": {
    text: "The folio is given up: reclaim may drop it unless it is written again.",
    kernel: "mm/swap.c:folio_mark_lazyfree",
  },
  "madvise-pageout": {
    text: "The folio is used by this process alone and is reclaimed at once.",
    kernel: "mm/madvise.c:madvise_cold_or_pageout_pte_range",
  },
  "pageout-lazyfree": {
    text: "A folio that was given up and not written since is dropped.",
    kernel: "mm/vmscan.c:shrink_folio_list",
  },
  "pageout-clean": {
    text: "A folio of shared memory that was never written is dropped; it reads as zeros again.",
    kernel: "mm/vmscan.c:__remove_mapping",
  },
  "pageout-shmem": {
    text: "A folio of shared memory goes to swap; the page cache remembers its slot.",
    kernel: "mm/shmem.c:shmem_writeout",
  },
  "pageout-swap": {
    text: "An anonymous folio goes to swap.",
    kernel: "mm/vmscan.c:shrink_folio_list",
  },
  "swap-in-shmem": {
    text: "A page of shared memory is read back from swap into the page cache.",
    kernel: "mm/shmem.c:shmem_swapin_folio",
  },

  // files
  "file-huge-leaf": {
    text: "A huge folio of the file lies like the block, so one leaf maps all of it.",
    kernel: "mm/memory.c:do_set_pmd",
  },
  "file-punch-hole": {
    text: "A hole punched into the file unmaps its pages everywhere and keeps private copies.",
    kernel: "mm/shmem.c:shmem_fallocate",
  },
  "file-truncate": {
    text: "Beyond the file's new end everything is unmapped, private copies included.",
    kernel: "mm/truncate.c:truncate_setsize",
  },
  "split-file-folio": {
    text: "A large folio of the page cache is cut around the edge of a truncated range.",
    kernel: "mm/truncate.c:truncate_inode_partial_folio",
  },

  // userfaultfd and guard regions
  "guard-install": {
    text: "The range becomes a guard region; what was mapped in it is thrown away.",
    kernel: "mm/madvise.c:madvise_guard_install",
  },
  "guard-remove": {
    text: "Guard markers of the range are taken away.",
    kernel: "mm/madvise.c:madvise_guard_remove",
  },
  "uffd-copy": {
    text: "The monitor fills absent pages with copies.",
    kernel: "mm/userfaultfd.c:mfill_atomic_copy",
  },
  "uffd-move": {
    text: "The monitor moves pages to absent places of a registered range.",
    kernel: "mm/userfaultfd.c:move_pages",
  },
  "uffd-poison": {
    text: "The monitor makes absent pages inaccessible for good.",
    kernel: "mm/userfaultfd.c:mfill_atomic_poison",
  },
  "uffd-writeprotect": {
    text: "The monitor changes write protection; device pages lose write access either way.",
    kernel: "mm/userfaultfd.c:mwriteprotect_range",
  },
  "uffd-zeropage": {
    text: "The monitor fills absent pages with zeros.",
    kernel: "mm/userfaultfd.c:mfill_atomic_zeropage",
  },
};
