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
};
