// profiles-data.ts: written from packages/profiles/data by `npm run docs`.

/** The profiles, by id. */
export const profileDocuments: Readonly<Record<string, unknown>> = {
  "amd-mi250x-xnack-svm": {
    version: 1,
    id: "amd-mi250x-xnack-svm",
    title: "AMD MI250X GCD, Infinity Fabric to EPYC 7A53",
    extends: "host-cpu",
    vendor: "amd",
    hardware: "one GCD of MI250X with 64 GB HBM2E, Infinity Fabric to EPYC 7A53",
    mode: "KFD SVM over HMM, XNACK retry faults, range migration",
    stack: "amdkfd",
    costs: {
      detect: {
        per_fault: {
          kind: "assumed",
          low: 0.2,
          high: 1.5,
          unit: "us",
          reason: "a UTCL2 miss; no figure",
        },
      },
      deliver: {
        per_fault: {
          kind: "assumed",
          low: 3,
          high: 15,
          unit: "us",
          from: ["amd.300a.lat.minor"],
          reason:
            "interrupt ring and soft interrupt; a minor fault of 16 us on MI300A bounds " +
            "delivery, mapping and retry",
        },
      },
      range_fault: {
        per_page: {
          kind: "assumed",
          low: 0.02,
          high: 0.5,
          unit: "us",
          from: ["xe.2m.nothp.getpages"],
          reason: "Xe collects 512 pages in 9 us",
        },
        covers: ["pte_walk", "lock", "notifier_call"],
      },
      unmap: {
        per_page: {
          kind: "assumed",
          low: 0.5,
          high: 2,
          unit: "us",
          from: ["xe.2m.migrate_vma", "amd.250x.shares"],
          reason:
            "migrate_vma_*() on Xe costs 1.4 us for each 4 KiB page; on MI250X the work " +
            "of the CPU is the largest share",
        },
        covers: [
          "pte_walk",
          "pte_set",
          "tlb_flush",
          "lock",
          "rmap_visit",
          "folio_alloc",
          "folio_free",
          "notifier_call",
        ],
      },
      dma_map: {
        per_page: {
          kind: "assumed",
          low: 0.1,
          high: 0.7,
          unit: "us",
          from: ["xe.dmamap_page"],
          reason: "0.21 to 0.64 us on Xe",
        },
      },
      copy: {
        to_device: {
          latency: {
            kind: "assumed",
            low: 8,
            high: 20,
            unit: "us",
            from: ["amd.250x.peer16"],
            reason: "hipMemcpyPeer of 16 bytes takes 8.7 to 18 us",
          },
          bandwidth: {
            figure: "amd.250x.link",
          },
        },
        to_system: {
          latency: {
            kind: "assumed",
            low: 8,
            high: 20,
            unit: "us",
            from: ["amd.250x.peer16"],
            reason: "hipMemcpyPeer of 16 bytes takes 8.7 to 18 us",
          },
          bandwidth: {
            figure: "amd.250x.link",
          },
        },
        to_peer: {
          latency: {
            figure: "amd.250x.peer16",
          },
          bandwidth: {
            figure: "amd.250x.iflink",
          },
        },
      },
      map: {
        per_range: {
          kind: "assumed",
          low: 2,
          high: 15,
          unit: "us",
          reason: "an SDMA job that writes PTEs",
        },
      },
      invalidate: {
        per_flush: {
          kind: "assumed",
          low: 2,
          high: 10,
          unit: "us",
          from: ["amd.kaveri.tlb"],
          reason: "4.2 to 4.4 us on Kaveri; here through the KIQ",
        },
      },
      replay: {
        per_fault: {
          kind: "assumed",
          low: 0,
          high: 2,
          unit: "us",
          reason: "XNACK retries in hardware",
        },
      },
    },
    device: {
      duplicate_faults: {
        figure: "amd.250x.dup",
      },
      peer_bandwidth: {
        figure: "amd.250x.iflink",
      },
    },
    policy: {
      svm_default_granularity: {
        kind: "published",
        value: 9,
        unit: "log2_pages",
        source: "Linux 7.2.12, drivers/gpu/drm/amd/amdkfd/kfd_svm.c, svm_range_list_init",
      },
      max_svm_range_size: {
        figure: "amd.250x.range",
      },
      fault_batch: {
        kind: "published",
        value: 1,
        unit: "count",
        from: ["amd.250x.dup"],
        source:
          "B. Cooper, T. Scogland, R. Ge, ICS'24: faults are served one at a time, " +
          "without batching",
        confidence: "quoted_secondary",
      },
      noretry: {
        kind: "published",
        value: 0,
        unit: "count",
        source: "Linux 7.2.12, module parameter amdgpu.noretry: XNACK is on",
      },
      svm_range_retry_fault_pending: {
        kind: "published",
        value: 2,
        unit: "ms",
        source: "Linux 7.2.12, drivers/gpu/drm/amd/amdkfd/kfd_svm.c, svm_range_restore_pages",
      },
      svm_range_restore_delay: {
        kind: "published",
        value: 1,
        unit: "ms",
        source: "Linux 7.2.12, drivers/gpu/drm/amd/amdkfd/kfd_svm.c",
      },
      migrates_to_device: {
        kind: "published",
        value: true,
        unit: "word",
        source: "Linux 7.2.12, drivers/gpu/drm/amd/amdkfd/kfd_svm.c, svm_range_restore_pages",
      },
    },
    observed: {
      cpu_update_sdma_alloc_share: {
        figure: "amd.250x.shares",
      },
      total_single_fault_no_migration: {
        kind: "assumed",
        low: 15,
        high: 30,
        unit: "us",
        from: ["amd.300a.lat.minor", "amd.300a.lat.major"],
        reason: "16 to 18 us on MI300A",
        operation: {
          faults: 1,
          batches: 1,
          ranges: 1,
          pages: 1,
        },
      },
      total_range_2m: {
        kind: "assumed",
        low: 300,
        high: 1200,
        unit: "us",
        from: ["xe.2m.nothp.fault"],
        reason: "966 us for 2 MiB on Xe without device THP",
        operation: {
          faults: 1,
          batches: 1,
          ranges: 1,
          pages: 512,
          copies: [
            {
              path: "to_device",
              size: "2MiB",
            },
          ],
        },
      },
      throughput: {
        kind: "assumed",
        low: 2,
        high: 15,
        unit: "GB/s",
        from: ["amd.250x.shares"],
        reason: "less than half of 36 GB/s, by the share of data movement",
      },
    },
    effects: {
      fork:
        "the range is write-protected and the notifier unmaps it from the GPU; AMD moved " +
        "pinned memory to MAP_SHARED to avoid notifiers and evictions",
      thp: "khugepaged and splits notify the whole range",
      numa:
        "hint faults invalidate ranges; the maintainer names fork, the THP daemon and " +
        "NUMA migration",
    },
    open: ["the five components in microseconds; only shares were readable"],
  },
  "amd-mi300a-upm": {
    version: 1,
    id: "amd-mi300a-upm",
    title: "AMD MI300A APU, unified HBM3",
    extends: "host-cpu",
    vendor: "amd",
    hardware: "MI300A APU with 228 CUs, 24 cores and 128 GiB HBM3",
    mode: "HMM mirror and XNACK, no migration",
    stack: "amdkfd",
    costs: {
      detect: {
        per_fault: {
          kind: "assumed",
          low: 0.2,
          high: 1.5,
          unit: "us",
          from: ["amd.300a.if.lat"],
          reason: "a local load is 346 ns",
        },
      },
      deliver: {
        per_fault: {
          kind: "fitted",
          how: "a minor fault less every other stage",
          balance: {
            total: "amd.300a.lat.minor",
            operation: {
              faults: 1,
              batches: 1,
              ranges: 1,
              pages: 1,
            },
          },
        },
      },
      fetch: {
        per_batch: {
          kind: "assumed",
          low: 1,
          high: 4,
          unit: "us",
          reason: "the ring's soft interrupt",
        },
      },
      range_fault: {
        per_page: {
          kind: "assumed",
          low: 0.02,
          high: 0.1,
          unit: "us",
          from: ["xe.2m.nothp.getpages", "amd.300a.tp.minor"],
          reason:
            "0.018 us for each page on Xe; the rate of bulk minor faults, 0.11 us a page, " +
            "bounds it",
        },
        covers: ["pte_walk", "lock", "notifier_call"],
      },
      map: {
        per_range: {
          kind: "assumed",
          low: 1,
          high: 5,
          unit: "us",
          reason: "PTEs by SDMA or by the CPU",
        },
      },
      invalidate: {
        per_flush: {
          kind: "assumed",
          low: 1,
          high: 5,
          unit: "us",
          reason: "through the KIQ; no figure",
        },
      },
      replay: {
        per_fault: {
          kind: "assumed",
          low: 0,
          high: 2,
          unit: "us",
          reason: "XNACK retries in hardware",
        },
      },
    },
    device: {
      local_latency: {
        figure: "amd.300a.if.lat",
      },
      remote_latency: {
        figure: "amd.300a.if.lat/remote",
      },
      peer_bandwidth: {
        figure: "link.mi300a",
      },
    },
    policy: {
      svm_default_granularity: {
        kind: "published",
        value: 9,
        unit: "log2_pages",
        source: "Linux 7.2.12, drivers/gpu/drm/amd/amdkfd/kfd_svm.c, svm_range_list_init",
      },
      noretry: {
        kind: "published",
        value: 0,
        unit: "count",
        source: "Linux 7.2.12, module parameter amdgpu.noretry: XNACK is on",
      },
      svm_range_retry_fault_pending: {
        kind: "published",
        value: 2,
        unit: "ms",
        source: "Linux 7.2.12, drivers/gpu/drm/amd/amdkfd/kfd_svm.c, svm_range_restore_pages",
      },
      svm_range_restore_delay: {
        kind: "published",
        value: 1,
        unit: "ms",
        source: "Linux 7.2.12, drivers/gpu/drm/amd/amdkfd/kfd_svm.c",
      },
      migrates_to_device: {
        kind: "published",
        value: false,
        unit: "word",
        source: "Linux 7.2.12, drivers/gpu/drm/amd/amdkfd/kfd_migrate.c, kgd2kfd_init_zone_device",
      },
    },
    observed: {
      total_minor: {
        figure: "amd.300a.lat.minor",
        operation: {
          faults: 1,
          batches: 1,
          ranges: 1,
          pages: 1,
        },
      },
      total_major: {
        figure: "amd.300a.lat.major",
        operation: {
          faults: 1,
          batches: 1,
          ranges: 1,
          pages: 1,
          effort: {
            folio_alloc: 1,
            page_zero: 1,
            pte_set: 1,
          },
        },
      },
      minor_rate: {
        figure: "amd.300a.tp.minor",
      },
      major_rate: {
        figure: "amd.300a.tp.major",
      },
      cpu_fault: {
        figure: "amd.300a.lat.cpu",
      },
      cpu_rate_12_cores: {
        figure: "amd.300a.tp.cpu",
      },
      alloc_update: {
        figure: "amd.300a.alloc",
      },
    },
    effects: {
      fork:
        "the CPU copies, the notifier unmaps, and the GPU takes a minor fault for each " +
        "range it uses again",
      thp: "AMD requires THP=always; pages of 4 KiB cost about 15 %",
      numa:
        "four APUs are four nodes; a migration is one by the CPU, and a fault of the GPU " +
        "afterwards",
    },
    open: ["which percentile the tail is", "the size of the ranges of bulk faults"],
  },
  "amd-mi300x-xnack-pcie": {
    version: 1,
    id: "amd-mi300x-xnack-pcie",
    title: "AMD MI300X on PCIe 5, XGMI mesh",
    extends: "amd-mi250x-xnack-svm",
    hardware: "MI300X on PCIe 5 x16, seven XGMI links, x86 host",
    mode: "KFD SVM, XNACK retry faults",
    mostly_gap: true,
    without: ["policy.max_svm_range_size"],
    costs: {
      deliver: {
        per_fault: {
          kind: "assumed",
          low: 4,
          high: 15,
          unit: "us",
          reason: "as MI250X, through PCIe",
        },
      },
      copy: {
        to_device: {
          latency: {
            kind: "assumed",
            low: 8,
            high: 20,
            unit: "us",
            from: ["amd.250x.peer16"],
            reason: "as MI250X",
          },
          bandwidth: {
            figure: "link.pcie5",
          },
        },
        to_system: {
          latency: {
            kind: "assumed",
            low: 8,
            high: 20,
            unit: "us",
            from: ["amd.250x.peer16"],
            reason: "as MI250X",
          },
          bandwidth: {
            figure: "link.pcie5",
          },
        },
        to_peer: {
          latency: {
            figure: "amd.250x.peer16",
            note: "measured on MI250X",
          },
          bandwidth: {
            kind: "fitted",
            value: 64,
            unit: "GB/s",
            from: ["amd.xgmi.speed"],
            how: "32 GT/s on 16 lanes",
          },
        },
      },
      invalidate: {
        per_flush: {
          kind: "assumed",
          low: 2,
          high: 10,
          unit: "us",
          reason: "eight XCDs; no figure found",
        },
      },
    },
    device: {
      duplicate_faults: {
        figure: "amd.250x.dup",
        note: "measured on MI250X",
      },
      peer_bandwidth: {
        kind: "fitted",
        value: 64,
        unit: "GB/s",
        from: ["amd.xgmi.speed"],
        how: "32 GT/s on 16 lanes",
      },
      peer_total_bandwidth: {
        figure: "link.mi300x",
      },
    },
    observed: {
      total_single_fault_no_migration: {
        kind: "assumed",
        low: 15,
        high: 35,
        unit: "us",
        from: ["amd.300a.lat.minor", "amd.300a.lat.major"],
        reason: "16 to 18 us on MI300A, and an interrupt through PCIe",
        operation: {
          faults: 1,
          batches: 1,
          ranges: 1,
          pages: 1,
        },
      },
      total_range_2m: {
        kind: "assumed",
        low: 150,
        high: 1200,
        unit: "us",
        from: ["xe.2m.thp.fault", "xe.2m.nothp.fault"],
        reason: "132 to 966 us on Xe",
        operation: {
          faults: 1,
          batches: 1,
          ranges: 1,
          pages: 512,
          copies: [
            {
              path: "to_device",
              size: "2MiB",
            },
          ],
        },
      },
      throughput: {
        kind: "assumed",
        low: 2,
        high: 25,
        unit: "GB/s",
        reason: "no figure found",
      },
    },
    open: ["any measurement of XNACK on MI300X"],
  },
  "host-cpu": {
    version: 1,
    id: "host-cpu",
    title: "CPU-side costs shared by all profiles",
    vendor: "various",
    hardware:
      "x86 servers (EPYC Rome, Milan and Zen 3, Xeon Silver 4210R) running Linux 5.x to 6.19",
    mode: "page faults, fork, migration and TLB flushes of the CPU; a device costs nothing",
    stack: "ideal",
    effort: {
      fault_entry: {
        per_unit: {
          kind: "fitted",
          how: "a zero-page read fault less its PTE",
          balance: {
            total: "cpu.fault.anon.r",
            operation: {
              effort: {
                fault_entry: 1,
                pte_set: 1,
              },
            },
          },
        },
      },
      pte_walk: {
        per_unit: {
          figure: "xe.2m.nothp.getpages",
          divide: 512,
          note: "an upper bound, the counter includes bookkeeping of DMA mapping",
        },
      },
      pte_set: {
        per_unit: {
          kind: "fitted",
          how: "fork of 1 GiB in 4 KiB pages less its walk, its page tables and its locks",
          balance: {
            total: "cpu.fork.4210r",
            operation: {
              effort: {
                pte_walk: 262144,
                pte_set: 262144,
                table_alloc: 515,
                lock: 3,
                vma_change: 1,
                tlb_flush: 1,
              },
            },
          },
        },
        per_huge_unit: {
          kind: "fitted",
          how:
            "fork of 1 GB in 2 MiB pages less its page tables and its locks; two writes " +
            "for each page",
          balance: {
            total: "cpu.fork.odf/huge",
            operation: {
              effort: {
                table_alloc: 3,
                lock: 3,
                vma_change: 1,
                tlb_flush: 1,
              },
              huge_effort: {
                pte_set: 954,
              },
            },
          },
        },
      },
      folio_alloc: {
        per_unit: {
          kind: "fitted",
          how: "migration of a 4 KiB folio in a batch of 512 less its copy, its PTEs and its flush",
          balance: {
            total: "cpu.mig.4k/per_page",
            operation: {
              effort: {
                folio_alloc: 1,
                rmap_visit: 2,
                pte_set: 2,
                tlb_flush: 1,
                page_copy: 1,
                folio_free: 1,
              },
            },
          },
        },
      },
      folio_free: {
        per_unit: {
          kind: "assumed",
          low: 0.05,
          high: 0.2,
          unit: "us",
          reason: "less than an allocation, which is 0.4 us; no figure found",
        },
      },
      page_zero: {
        per_item: {
          kind: "fitted",
          how:
            "a missing anonymous write fault less its exception, its folio, its zeroing " +
            "at the rate of huge pages and its PTE; a single page is cold",
          balance: {
            total: "cpu.fault.anon.w",
            operation: {
              effort: {
                fault_entry: 1,
                folio_alloc: 1,
                page_zero: 1,
                pte_set: 1,
              },
            },
          },
        },
        bandwidth: {
          kind: "fitted",
          value: 14.04,
          unit: "GB/s",
          from: ["cpu.thp.milan"],
          how: "2 MiB in 151.2 us less 1.8 us for the exception, the folio and the PMD",
        },
      },
      page_copy: {
        bandwidth: {
          figure: "cpu.mig.2m",
          note: "between nodes; the bookkeeping of 2 MiB is below 1 % of it",
        },
      },
      tlb_flush: {
        per_unit: {
          kind: "assumed",
          low: 0.05,
          high: 0.25,
          unit: "us",
          reason:
            "a flush on the CPU itself; no direct figure, migration at 1.1 us a page bounds it",
        },
        per_cpu: {
          kind: "fitted",
          value: 0.375,
          low: 0.375,
          high: 0.67,
          unit: "us",
          from: ["cpu.tlb.latr"],
          how: "6 us at 16 cores and 80 us at 120, per core",
        },
      },
      notifier_call: {
        per_unit: {
          kind: "assumed",
          low: 0.05,
          high: 0.5,
          unit: "us",
          reason: "SRCU and an interval-tree walk; no direct figure found",
        },
      },
      table_alloc: {
        per_unit: {
          kind: "assumed",
          low: 0.3,
          high: 1,
          unit: "us",
          reason: "an allocation and 4 KiB of zeros",
        },
      },
      table_free: {
        per_unit: {
          kind: "assumed",
          low: 0.05,
          high: 0.3,
          unit: "us",
          reason: "as freeing a folio",
        },
      },
      lock: {
        per_unit: {
          kind: "assumed",
          low: 0.02,
          high: 0.2,
          unit: "us",
          reason: "uncontended; no figure found",
        },
      },
      rmap_visit: {
        per_unit: {
          kind: "assumed",
          low: 0.01,
          high: 0.06,
          unit: "us",
          reason: "about a walked PTE, which is 0.018 us; no figure found",
        },
      },
      vma_change: {
        per_unit: {
          kind: "assumed",
          low: 0.2,
          high: 2,
          unit: "us",
          reason: "maple-tree update; no figure found",
        },
      },
      split: {
        per_huge_unit: {
          kind: "fitted",
          how: "the split of a huge mapping less its page table and its 512 PTEs",
          balance: {
            total: "thor.pmdsplit/per_split",
            operation: {
              effort: {
                table_alloc: 1,
                pte_set: 512,
              },
              huge_effort: {
                split: 1,
              },
            },
          },
        },
      },
      swap_io: {
        per_unit: {
          kind: "assumed",
          low: 20,
          high: 100,
          unit: "us",
          reason: "4 KiB from or to an NVMe drive; no figure found",
        },
      },
      page_compare: {
        per_unit: {
          kind: "assumed",
          low: 0.1,
          high: 0.4,
          unit: "us",
          reason: "4 KiB at 10 to 40 GB/s; no figure found",
        },
      },
    },
    device: {
      cxl_latency: {
        figure: "cxl.abs",
      },
      shootdown_handler: {
        kind: "assumed",
        low: 0.2,
        high: 0.8,
        unit: "us",
        from: ["cpu.tlb.latr", "cpu.fault.anon.r"],
        reason:
          "an exception and a flush: the flush of 0.05 to 0.25 us on the CPU itself, and " +
          "no more than a zero-page fault; the sender's part is effort.tlb_flush.per_cpu, " +
          "no figure splits them",
      },
      interrupt_handler: {
        kind: "assumed",
        low: 0.5,
        high: 2,
        unit: "us",
        from: ["cpu.fault.anon.r"],
        reason:
          "an exception that reads a device and wakes a thread; part of deliver, no figure found",
      },
    },
    policy: {
      hmm_range_timeout: {
        kind: "published",
        value: 1000,
        unit: "ms",
        source: "Linux 7.2.12, include/linux/hmm.h, HMM_RANGE_DEFAULT_TIMEOUT",
      },
    },
    observed: {
      anon_4k_write: {
        figure: "cpu.fault.anon.w",
        operation: {
          effort: {
            fault_entry: 1,
            folio_alloc: 1,
            page_zero: 1,
            pte_set: 1,
          },
        },
      },
      anon_4k_populate_thor: {
        figure: "cpu.fault.anon.thor",
      },
      anon_read_zero: {
        figure: "cpu.fault.anon.r",
        operation: {
          effort: {
            fault_entry: 1,
            pte_set: 1,
          },
        },
      },
      thp_2m_fault: {
        figure: "cpu.thp.milan/per_2mib",
        operation: {
          effort: {
            fault_entry: 1,
            page_zero: 512,
          },
          huge_effort: {
            folio_alloc: 1,
            pte_set: 1,
          },
        },
      },
      thp_2m_fault_contiguous: {
        figure: "cpu.thp.milan/per_2mib_after",
      },
      thp_2m_fault_icelake: {
        figure: "cpu.thp.icx/per_2mib",
      },
      cow_4k: {
        figure: "cpu.cow.qemu",
        operation: {
          effort: {
            fault_entry: 1,
            folio_alloc: 1,
            page_copy: 1,
            pte_set: 1,
            tlb_flush: 1,
          },
        },
        note:
          "in a virtual machine on another kernel; the prices of bare metal do not " +
          "reproduce it",
      },
      cow_4k_thor: {
        figure: "thor.cow_cpu_before/per_page",
      },
      cow_2m: {
        figure: "cpu.cow.2m",
      },
      fork_1gib: {
        figure: "cpu.fork.4210r",
        operation: {
          effort: {
            pte_walk: 262144,
            pte_set: 262144,
            table_alloc: 515,
            lock: 3,
            vma_change: 1,
            tlb_flush: 1,
          },
        },
      },
      fork_1gb_older_kernel: {
        figure: "cpu.fork.odf",
      },
      fork_1gb_thp: {
        figure: "cpu.fork.odf/huge",
      },
      fork_thor: {
        figure: "thor.fork_4k",
      },
      migrate_4k: {
        figure: "cpu.mig.4k/per_page",
      },
      migrate_2m: {
        figure: "cpu.mig.2m/per_2mib",
        operation: {
          effort: {
            rmap_visit: 2,
            page_copy: 512,
          },
          huge_effort: {
            folio_alloc: 1,
            folio_free: 1,
            pte_set: 2,
            tlb_flush: 1,
          },
        },
      },
      migrate_2m_alone: {
        figure: "cpu.mig.2m.one/per_2mib",
      },
      pmd_split: {
        figure: "thor.pmdsplit/per_split",
      },
      collapse_2m: {
        figure: "thor.collapse/per_2mib",
      },
      tlb_shootdown: {
        figure: "cpu.tlb.latr",
      },
      numa_hint_fault: {
        kind: "assumed",
        low: 0.8,
        high: 3,
        unit: "us",
        from: ["cpu.fault.anon.r", "cpu.fault.anon.w"],
        reason:
          "a minor fault without allocation, between a zero-page read of 0.8 us and more " +
          "than a write fault; no direct figure found",
        operation: {
          effort: {
            fault_entry: 1,
            pte_set: 1,
          },
        },
      },
      hmm_range_fault_per_page: {
        figure: "xe.2m.nothp.getpages",
        divide: 512,
      },
      khugepaged_scan_512: {
        kind: "assumed",
        low: 1,
        high: 10,
        unit: "us",
        reason: "a walk of 512 PTEs; no figure found",
        operation: {
          effort: {
            pte_walk: 512,
          },
        },
      },
    },
    open: ["a NUMA hint fault", "the scan rate of khugepaged", "an empty notifier call"],
  },
  "intel-xe-svm-nothp": {
    version: 1,
    id: "intel-xe-svm-nothp",
    title: "Intel Xe discrete GPU (Battlemage class), device pages of 4 KiB",
    extends: "intel-xe-svm-thp",
    mode: "drm_gpusvm and drm_pagemap recoverable faults, 4 KiB device pages",
    without: ["costs.range_fault.per_folio", "costs.unmap.per_folio", "costs.map.per_folio"],
    costs: {
      resolve: {
        per_fault: {
          kind: "fitted",
          how: "the handler's total less migration, collection and bind",
          balance: {
            total: "xe.2m.nothp.fault",
            operation: {
              faults: 1,
              ranges: 1,
              pages: 512,
              copies: [
                {
                  path: "to_device",
                  size: "2MiB",
                },
              ],
              effort: {
                iova_alloc: 512,
              },
              stages: ["resolve", "range_fault", "unmap", "dma_map", "copy", "map"],
            },
          },
        },
      },
      range_fault: {
        per_page: {
          figure: "xe.2m.nothp.getpages",
          divide: 512,
        },
      },
      unmap: {
        per_page: {
          kind: "fitted",
          how: "the migration's total less its copy and its DMA mappings",
          balance: {
            total: "xe.2m.nothp.migrate",
            operation: {
              faults: 1,
              ranges: 1,
              pages: 512,
              copies: [
                {
                  path: "to_device",
                  size: "2MiB",
                },
              ],
              effort: {
                iova_alloc: 512,
              },
              stages: ["unmap", "dma_map", "copy"],
            },
          },
        },
      },
      copy: {
        to_device: {
          bandwidth: {
            figure: "xe.2m.nothp.copy",
            bytes: "2MiB",
          },
        },
        to_system: {
          bandwidth: {
            kind: "assumed",
            low: 5,
            high: 10,
            unit: "GB/s",
            from: ["xe.2m.nothp.copy"],
            reason: "9.4 GB/s towards the device; no figure for the way back",
          },
        },
      },
      map: {
        per_page: {
          figure: "xe.2m.nothp.bind",
          divide: 512,
        },
      },
    },
    effort: {
      iova_alloc: {
        per_unit: {
          figure: "xe.dmamap_page",
          note:
            "one mapping behind an IOMMU, flushes and all: batching by IOVA saves it for " +
            "all pages of a chunk but one; 0.21 us with the baseline of a later revision",
        },
      },
    },
    policy: {
      device_thp: {
        kind: "published",
        value: false,
        unit: "word",
        source:
          "F. Dugast, [PATCH v4 7/7] drm/pagemap: Enable THP support for GPU memory migration",
      },
    },
    observed: {
      total_handler_2m: {
        figure: "xe.2m.nothp.fault",
        operation: {
          faults: 1,
          ranges: 1,
          pages: 512,
          copies: [
            {
              path: "to_device",
              size: "2MiB",
            },
          ],
          effort: {
            iova_alloc: 512,
          },
          stages: ["resolve", "range_fault", "unmap", "dma_map", "copy", "map"],
        },
      },
      migrate_total_2m: {
        figure: "xe.2m.nothp.migrate",
        operation: {
          faults: 1,
          ranges: 1,
          pages: 512,
          copies: [
            {
              path: "to_device",
              size: "2MiB",
            },
          ],
          effort: {
            iova_alloc: 512,
          },
          stages: ["unmap", "dma_map", "copy"],
        },
      },
      bookkeeping_per_page: {
        figure: "xe.2m.migrate_vma",
      },
      migrate_64k_cpu: {
        figure: "xe.iova.64k",
        operation: {
          faults: 1,
          ranges: 1,
          pages: 16,
          effort: {
            iova_alloc: 16,
          },
          stages: ["unmap", "dma_map"],
        },
      },
      share_in_migrate_vma: {
        figure: "xe.96",
      },
      throughput: {
        figure: "xe.2m.bw",
      },
    },
    effects: {
      thp: "without device THP a fault of 2 MiB is 512 pages",
    },
    open: [
      "which GPU produced the figures",
      "whether the machine of the 2 MiB figures had an IOMMU that translates; taken for " +
        "granted here",
      "totals for 4 KiB and 64 KiB, and anything on Ponte Vecchio",
    ],
  },
  "intel-xe-svm-thp": {
    version: 1,
    id: "intel-xe-svm-thp",
    title: "Intel Xe discrete GPU (Battlemage class), device pages of 2 MiB",
    extends: "host-cpu",
    vendor: "intel",
    hardware: "Intel Xe discrete GPU on PCIe; the patch does not name the model",
    mode: "drm_gpusvm and drm_pagemap recoverable faults, THP device pages",
    stack: "xe",
    costs: {
      detect: {
        per_fault: {
          kind: "assumed",
          low: 0.3,
          high: 2,
          unit: "us",
          reason: "a GPU TLB miss; no figure",
        },
      },
      deliver: {
        per_fault: {
          kind: "assumed",
          low: 5,
          high: 30,
          unit: "us",
          reason: "a GuC G2H message and a worker; outside the driver's counters",
        },
      },
      resolve: {
        per_fault: {
          kind: "fitted",
          how: "the handler's total less migration, collection and bind",
          balance: {
            total: "xe.2m.thp.fault",
            operation: {
              faults: 1,
              ranges: 1,
              folios: 1,
              copies: [
                {
                  path: "to_device",
                  size: "2MiB",
                },
              ],
              effort: {
                iova_alloc: 1,
              },
              stages: ["resolve", "range_fault", "unmap", "dma_map", "copy", "map"],
            },
          },
        },
      },
      range_fault: {
        per_folio: {
          figure: "xe.2m.thp.getpages",
        },
        covers: ["pte_walk", "lock", "notifier_call"],
      },
      unmap: {
        per_folio: {
          kind: "fitted",
          how: "the migration's total less its copy and its DMA mapping",
          balance: {
            total: "xe.2m.thp.migrate",
            operation: {
              faults: 1,
              ranges: 1,
              folios: 1,
              copies: [
                {
                  path: "to_device",
                  size: "2MiB",
                },
              ],
              effort: {
                iova_alloc: 1,
              },
              stages: ["unmap", "dma_map", "copy"],
            },
          },
        },
        covers: [
          "pte_walk",
          "pte_set",
          "tlb_flush",
          "lock",
          "rmap_visit",
          "folio_alloc",
          "folio_free",
          "notifier_call",
        ],
      },
      copy: {
        to_device: {
          bandwidth: {
            figure: "xe.2m.thp.copy",
            bytes: "2MiB",
          },
        },
        to_system: {
          bandwidth: {
            kind: "assumed",
            low: 10,
            high: 20,
            unit: "GB/s",
            from: ["xe.2m.thp.copy"],
            reason: "19.8 GB/s towards the device; no figure for the way back",
          },
        },
      },
      map: {
        per_folio: {
          figure: "xe.2m.thp.bind",
        },
      },
      invalidate: {
        per_flush: {
          kind: "assumed",
          low: 5,
          high: 30,
          unit: "us",
          reason: "a round trip to the GuC; partly in the bind already",
        },
      },
      replay: {
        per_fault: {
          kind: "assumed",
          low: 2,
          high: 20,
          unit: "us",
          reason: "the GuC's page-fault reply",
        },
      },
    },
    effort: {
      iova_alloc: {
        per_unit: {
          kind: "assumed",
          low: 0.21,
          high: 0.64,
          unit: "us",
          from: ["xe.dmamap_page"],
          reason:
            "one mapping behind an IOMMU, flushes and all, at what batching saves for each page",
        },
      },
    },
    policy: {
      svm_notifier_size: {
        kind: "published",
        value: 512,
        unit: "MiB",
        source: "Linux 7.2.12, drivers/gpu/drm/xe/xe_module.c, svm_notifier_size",
      },
      fault_chunk_size: {
        kind: "published",
        value: 2,
        unit: "MiB",
        source: "Linux 7.2.12, drivers/gpu/drm/xe/xe_svm.c, fault_chunk_sizes",
      },
      device_thp: {
        kind: "published",
        value: true,
        unit: "word",
        source:
          "F. Dugast, [PATCH v4 7/7] drm/pagemap: Enable THP support for GPU memory migration",
      },
      pagefault_queues: {
        kind: "published",
        value: 4,
        unit: "count",
        source: "Linux 7.2.12, drivers/gpu/drm/xe/xe_pagefault.c",
      },
      migrates_to_device: {
        kind: "published",
        value: true,
        unit: "word",
        source: "Linux 7.2.12, drivers/gpu/drm/xe/xe_svm.c, xe_svm_handle_pagefault",
      },
    },
    observed: {
      total_handler_2m: {
        figure: "xe.2m.thp.fault",
        operation: {
          faults: 1,
          ranges: 1,
          folios: 1,
          copies: [
            {
              path: "to_device",
              size: "2MiB",
            },
          ],
          effort: {
            iova_alloc: 1,
          },
          stages: ["resolve", "range_fault", "unmap", "dma_map", "copy", "map"],
        },
      },
      migrate_total_2m: {
        figure: "xe.2m.thp.migrate",
        operation: {
          faults: 1,
          ranges: 1,
          folios: 1,
          copies: [
            {
              path: "to_device",
              size: "2MiB",
            },
          ],
          effort: {
            iova_alloc: 1,
          },
          stages: ["unmap", "dma_map", "copy"],
        },
      },
      bookkeeping_2m: {
        figure: "xe.2m.migrate_vma/folio",
      },
      throughput: {
        figure: "xe.2m.bw/thp",
      },
      migrate_64k_cpu_batched: {
        figure: "xe.iova.64k/after",
      },
    },
    effects: {
      fork:
        "notifiers span 512 MiB and ranges are not split, so unmapping a part invalidates " +
        "a whole range, which faults again, 2 MiB at a time",
      thp:
        "device THP makes a 2 MiB fault 7.3 times cheaper; a split by the CPU forces 4 " +
        "KiB pages",
      numa: "device pages go to RAM first; hint faults invalidate",
    },
    open: [
      "which GPU produced the figures",
      "whether the machine of the 2 MiB figures had an IOMMU that translates; taken for " +
        "granted here",
      "totals for 4 KiB and 64 KiB, and anything on Ponte Vecchio",
    ],
  },
  "iommu-pri-x86": {
    version: 1,
    id: "iommu-pri-x86",
    title: "PCIe ATS/PRI on an Intel or AMD IOMMU",
    extends: "host-cpu",
    vendor: "various",
    hardware: "a PCIe device with ATS and PRI behind VT-d or AMD-Vi",
    mode: "page request queue",
    stack: "sva",
    mostly_gap: true,
    costs: {
      deliver: {
        per_fault: {
          kind: "assumed",
          low: 4,
          high: 120,
          unit: "us",
          from: ["pri.ratio", "coiommu.ratio", "amd.kaveri.fault"],
          reason: "3 to 80 times a CPU fault of 0.8 to 2.0 us in all; 5 to 140 us on Kaveri",
        },
      },
      invalidate: {
        per_flush: {
          kind: "assumed",
          low: 0.6,
          high: 1.1,
          unit: "us",
          from: ["iommu.inval.cycles"],
          reason: "2131 cycles at 2 to 3.5 GHz; the clock is not stated",
        },
      },
      replay: {
        per_fault: {
          kind: "assumed",
          low: 1,
          high: 20,
          unit: "us",
          reason: "a page-group response through the queue; no figure found",
        },
      },
    },
    device: {
      swap_in: {
        figure: "pri.iopf_major",
      },
    },
    policy: {
      migrates_to_device: {
        kind: "published",
        value: false,
        unit: "word",
        source: "Linux 7.2.12, drivers/iommu/iommu-sva.c",
      },
    },
    observed: {
      ratio_to_cpu_fault: {
        figure: "pri.ratio",
      },
      total_single_fault: {
        kind: "assumed",
        low: 6,
        high: 150,
        unit: "us",
        from: ["pri.ratio", "amd.kaveri.fault"],
        reason: "3 to 80 times 0.8 to 2.0 us; 5 to 140 us on Kaveri",
        operation: {
          faults: 1,
          ranges: 1,
          pages: 1,
          effort: {
            folio_alloc: 1,
            page_zero: 1,
            pte_set: 1,
          },
        },
      },
      kaveri: {
        figure: "amd.kaveri.fault",
      },
      dev_tlb_batch_saving: {
        figure: "iommu.batch.save",
      },
      iotlb_invalidate: {
        figure: "iommu.inval.cycles",
      },
    },
    effects: {
      fork:
        "the PASID is dropped from the child; flush_tlb_page() notifies the IOMMU for " +
        "each page",
      thp: "one notification for a range",
      numa: "one notification for each page",
    },
    open: ["a PRI latency on Sapphire Rapids or later"],
  },
  "iommu-sva-smmu-stall": {
    version: 1,
    id: "iommu-sva-smmu-stall",
    title: "Arm SMMUv3 stall model, Kunpeng 920 accelerator",
    extends: "host-cpu",
    vendor: "arm",
    hardware: "Kunpeng 920 with the HiSilicon SEC accelerator, SMMUv3 stall model",
    mode: "I/O page fault (stall), kernel SVA",
    stack: "sva",
    costs: {
      deliver: {
        per_fault: {
          kind: "fitted",
          how: "a fault less its handler and its resume",
          balance: {
            total: "smmu.sva.fault",
            operation: {
              faults: 1,
              ranges: 1,
              pages: 1,
            },
          },
        },
      },
      resolve: {
        per_fault: {
          figure: "smmu.handler/sva",
        },
        covers: [
          "fault_entry",
          "pte_walk",
          "pte_set",
          "table_alloc",
          "folio_alloc",
          "page_zero",
          "lock",
          "rmap_visit",
        ],
      },
      replay: {
        per_fault: {
          kind: "assumed",
          low: 0.5,
          high: 4,
          unit: "us",
          from: ["smmu.sva.fault", "smmu.handler"],
          reason: "CMD_RESUME, a part of the 8.4 us around the handler; no published split",
        },
      },
    },
    effort: {
      tlb_flush: {
        per_secondary: {
          kind: "assumed",
          low: 1,
          high: 9.2,
          unit: "us",
          from: ["thor.flush_us"],
          reason: "Thor adds 9.1 us with ATS; without ATS only the TLBI half is needed",
        },
      },
    },
    policy: {
      migrates_to_device: {
        kind: "published",
        value: false,
        unit: "word",
        source: "Linux 7.2.12, drivers/iommu/iommu-sva.c",
      },
    },
    observed: {
      total_single_fault: {
        figure: "smmu.sva.fault",
        operation: {
          faults: 1,
          ranges: 1,
          pages: 1,
        },
      },
      vfio_fault: {
        figure: "smmu.vfio.fault",
      },
      delivery_and_resume: {
        kind: "fitted",
        value: 8.4,
        unit: "us",
        from: ["smmu.sva.fault", "smmu.handler"],
        how: "10.4 us less the handler's 2.0 us",
        operation: {
          faults: 1,
          stages: ["deliver", "replay"],
        },
      },
    },
    effects: {
      fork: "the flush of each copy-on-write reaches the SMMU",
      thp: "range invalidations are one command",
      numa: "as fork",
    },
    open: ["the split between event queue, wake-up and CMD_RESUME"],
  },
  "nic-mlx5-odp": {
    version: 1,
    id: "nic-mlx5-odp",
    title: "NVIDIA/Mellanox ConnectX or Connect-IB with On-Demand Paging",
    extends: "host-cpu",
    vendor: "nvidia",
    hardware: "Connect-IB prototype, InfiniBand; no figures of newer NICs were found",
    mode: "network page fault, driver and firmware",
    stack: "odp",
    costs: {
      deliver: {
        per_fault: {
          kind: "assumed",
          low: 150,
          high: 200,
          unit: "us",
          from: ["nic.npf.tail"],
          reason:
            "about 90 % of 220 us is in the NIC, before the driver's event and after its resume",
        },
      },
      resolve: {
        per_fault: {
          kind: "fitted",
          how: "a minor fault of one page less the NIC's part and its page",
          balance: {
            total: "nic.npf.4k",
            operation: {
              faults: 1,
              ranges: 1,
              pages: 1,
            },
          },
        },
      },
      dma_map: {
        per_page: {
          figure: "nic.npf.perpage",
        },
        covers: ["pte_walk", "lock", "notifier_call"],
      },
      invalidate: {
        per_flush: {
          kind: "assumed",
          low: 20,
          high: 120,
          unit: "us",
          from: ["nic.npf.4k"],
          reason: "invalidations are cheaper than faults, by the paper's abstract",
        },
      },
    },
    device: {
      remote_stall: {
        kind: "assumed",
        low: 300,
        high: 5000,
        unit: "us",
        from: ["pri.retrans"],
        reason: "RNR NAK back-off; lossy paths lose hundreds of milliseconds",
      },
    },
    policy: {
      pagefault_eq_entries: {
        kind: "published",
        value: 4096,
        unit: "count",
        source: "Linux 7.2.12, drivers/infiniband/hw/mlx5/odp.c, mlx5r_odp_create_eq",
      },
      pagefault_records: {
        kind: "published",
        value: 64,
        unit: "count",
        source: "Linux 7.2.12, drivers/infiniband/hw/mlx5/odp.c, mlx5r_odp_create_eq",
      },
      max_prefetch_len: {
        kind: "published",
        value: 4,
        unit: "MiB",
        source: "Linux 7.2.12, drivers/infiniband/hw/mlx5/odp.c, mlx5_ib_mr_rdma_pfault_handler",
      },
      hmm_range_timeout: {
        kind: "published",
        value: 1000,
        unit: "ms",
        source: "Linux 7.2.12, drivers/infiniband/core/umem_odp.c, ib_umem_odp_map_dma_and_lock",
      },
      migrates_to_device: {
        kind: "published",
        value: false,
        unit: "word",
        source: "Linux 7.2.12, drivers/infiniband/core/umem_odp.c",
      },
    },
    observed: {
      total_minor_4k: {
        figure: "nic.npf.4k",
        operation: {
          faults: 1,
          ranges: 1,
          pages: 1,
        },
      },
      total_minor_4m: {
        figure: "nic.npf.4m",
        operation: {
          faults: 1,
          ranges: 1,
          pages: 1024,
        },
      },
      p99_minor_4k: {
        figure: "nic.npf.tail/p99",
      },
      median_minor_4k: {
        figure: "nic.npf.tail",
      },
    },
    effects: {
      fork: "a copy-on-write by NIC or CPU notifies, and the NIC faults again for 220 us",
      thp: "one UMR update covers 2 MiB",
      numa: "each migrated page costs a notifier call and 220 us",
    },
    open: ["figures of ConnectX-6 or 7, and of the memory scheme"],
  },
  "nv-blackwell-rtx-pcie5-uvm": {
    version: 1,
    id: "nv-blackwell-rtx-pcie5-uvm",
    title: "NVIDIA RTX 5080 / 5070 Ti, PCIe 5",
    extends: "nv-v100-pcie3-uvm",
    hardware: "RTX 5080 or 5070 Ti on PCIe 5 x16, x86 host",
    mode: "UVM replayable faults",
    without: ["device.outstanding_faults"],
    costs: {
      fetch: {
        per_batch: {
          kind: "fitted",
          how: "a single fault less its copy and every other stage",
          balance: {
            total: "nv.blackwell.fault",
            operation: {
              faults: 1,
              batches: 1,
              ranges: 1,
              pages: 1,
              copies: [
                {
                  path: "to_device",
                  size: "4KiB",
                },
              ],
              effort: {
                pte_set: 1,
                rmap_visit: 1,
                tlb_flush: 1,
              },
            },
          },
        },
      },
      unmap: {
        per_range: {
          kind: "assumed",
          low: 0.3,
          high: 2,
          unit: "us",
          reason: "as V100, on faster hosts",
        },
      },
      dma_map: {
        per_first_range: {
          kind: "assumed",
          low: 10,
          high: 200,
          unit: "us",
          reason: "scaled from V100",
        },
      },
      copy: {
        to_device: {
          latency: {
            kind: "fitted",
            how: "the copy within a single fault less 4 KiB at the rate of a batched populate",
            balance: {
              total: "nv.blackwell.fault/copy",
              operation: {
                copies: [
                  {
                    path: "to_device",
                    size: "4KiB",
                  },
                ],
                stages: ["copy"],
              },
            },
          },
          bandwidth: {
            figure: "nv.blackwell.ondemand/batched",
          },
        },
        to_system: {
          latency: {
            kind: "assumed",
            low: 0.5,
            high: 2,
            unit: "us",
            reason: "as towards the device",
          },
          bandwidth: {
            kind: "assumed",
            low: 20,
            high: 50,
            unit: "GB/s",
            from: ["link.pcie5"],
            reason: "41.7 GB/s towards the device, 63 GB/s nominal; no figure found",
          },
        },
      },
      map: {
        per_range: {
          kind: "assumed",
          low: 0.5,
          high: 4,
          unit: "us",
          from: ["xe.2m.nothp.bind", "xe.2m.thp.bind"],
          reason: "a bind on Xe",
        },
      },
      invalidate: {
        per_flush: {
          kind: "assumed",
          low: 1,
          high: 4,
          unit: "us",
          from: ["amd.kaveri.tlb"],
          reason: "a GPU TLB shootdown on Kaveri is 4.2 us",
        },
      },
    },
    observed: {
      total_single_fault: {
        figure: "nv.blackwell.fault",
        operation: {
          faults: 1,
          batches: 1,
          ranges: 1,
          pages: 1,
          copies: [
            {
              path: "to_device",
              size: "4KiB",
            },
          ],
          effort: {
            pte_set: 1,
            rmap_visit: 1,
            tlb_flush: 1,
          },
        },
      },
      copy_in_fault: {
        figure: "nv.blackwell.fault/copy",
        operation: {
          copies: [
            {
              path: "to_device",
              size: "4KiB",
            },
          ],
          stages: ["copy"],
        },
      },
      software_and_delivery: {
        figure: "nv.mgmt.share",
      },
      ondemand_one_by_one: {
        figure: "nv.blackwell.ondemand",
      },
      stream_2_15_gb: {
        figure: "nv.blackwell.stream",
      },
    },
    open: ["the split of a fault by stage"],
  },
  "nv-gh200-ats-4k": {
    version: 1,
    id: "nv-gh200-ats-4k",
    title: "NVIDIA GH200, NVLink-C2C, 4 KiB kernel pages",
    extends: "nv-gh200-ats-64k",
    hardware: "GH200 with 96 GB HBM3 and 480 GB LPDDR5X, kernel pages of 4 KiB",
    mostly_gap: true,
    observed: {
      ats_fault_first_touch: {
        kind: "assumed",
        low: 6,
        high: 25,
        unit: "us",
        from: ["thor.fault_us", "amd.300a.lat.minor", "gh.icpp.pagesize"],
        reason: "as with 64 KiB pages, for each page of 4 KiB",
        operation: {
          faults: 1,
          batches: 1,
          pages: 1,
          effort: {
            folio_alloc: 1,
            page_zero: 1,
            pte_set: 1,
          },
        },
      },
      initialisation_4k_over_64k: {
        figure: "gh.icpp.pagesize",
      },
      throughput_thrash: {
        figure: "gh2.thrash",
      },
    },
    open: [
      "a fault by the GPU per page, for 4 KiB and 64 KiB",
      "an access-counter migration of 2 MiB",
    ],
  },
  "nv-gh200-ats-64k": {
    version: 1,
    id: "nv-gh200-ats-64k",
    title: "NVIDIA GH200, NVLink-C2C, 64 KiB kernel pages",
    extends: "host-cpu",
    vendor: "nvidia",
    hardware: "GH200 with 96 GB HBM3 and 480 GB LPDDR5X, kernel pages of 64 KiB",
    mode: "ATS over SMMUv3; remote access first, optional access-counter migration",
    stack: "ats",
    costs: {
      detect: {
        per_fault: {
          figure: "gh.tlbmiss",
        },
      },
      deliver: {
        per_fault: {
          kind: "assumed",
          low: 1,
          high: 6,
          unit: "us",
          reason: "as Thor; no figure found",
        },
      },
      fetch: {
        per_batch: {
          kind: "assumed",
          low: 5,
          high: 50,
          unit: "us",
          reason: "the ATS service path, one kernel thread of UVM; no figure found",
        },
      },
      copy: {
        to_device: {
          latency: {
            kind: "assumed",
            low: 1,
            high: 5,
            unit: "us",
            reason: "a copy-engine launch",
          },
          bandwidth: {
            figure: "gh.copy.ce",
          },
        },
        to_system: {
          latency: {
            kind: "assumed",
            low: 1,
            high: 5,
            unit: "us",
            reason: "a copy-engine launch",
          },
          bandwidth: {
            figure: "gh.copy.ce/to_system",
          },
        },
        to_peer: {
          latency: {
            kind: "assumed",
            low: 1,
            high: 5,
            unit: "us",
            reason: "a copy-engine launch",
          },
          bandwidth: {
            figure: "gh2.gpugpu",
            note: "staged; the machine has no peer link",
          },
        },
      },
      map: {
        per_page: {
          kind: "fitted",
          value: 0,
          unit: "us",
          from: ["thor.first_write_4k"],
          how: "the device walks the CPU's page table",
        },
      },
      invalidate: {
        per_flush: {
          kind: "assumed",
          low: 0.5,
          high: 5,
          unit: "us",
          reason: "ATC invalidation; no figure",
        },
        covers: ["tlb_flush"],
      },
      replay: {
        per_batch: {
          kind: "assumed",
          low: 0.5,
          high: 5,
          unit: "us",
          reason: "one push-buffer method and a flush of the fault buffer; no published split",
        },
      },
    },
    effort: {
      tlb_flush: {
        per_secondary: {
          kind: "assumed",
          low: 1,
          high: 9.2,
          unit: "us",
          from: ["thor.flush_us"],
          reason:
            "Thor adds 9.1 us with one thread; server SMMUs with CMDQV and other kernels differ",
        },
      },
    },
    device: {
      local_latency: {
        figure: "gh.lat.hbm",
      },
      remote_latency: {
        figure: "gh.lat.c2c",
      },
      remote_read_bandwidth: {
        figure: "gh.copy.kernel",
      },
      remote_write_bandwidth: {
        figure: "gh.copy.kernel/to_system",
      },
      other_socket_bandwidth: {
        figure: "gh2.remote",
      },
    },
    policy: {
      uvm_perf_access_counter_threshold: {
        figure: "nv.uvm.ac_threshold",
      },
      uvm_ats_mode: {
        kind: "published",
        value: 1,
        unit: "count",
        source: "NVIDIA open-gpu-kernel-modules 595.45.04, uvm_ats.c",
      },
      uvm_perf_access_counter_migration_enable: {
        kind: "published",
        value: -1,
        unit: "count",
        source: "NVIDIA open-gpu-kernel-modules 595.45.04, uvm_gpu_access_counters.c",
      },
      migrates_to_device: {
        kind: "published",
        value: false,
        unit: "word",
        source: "NVIDIA open-gpu-kernel-modules 595.45.04, uvm_ats.c",
        note: "malloc memory stays where it is until access counters move it",
      },
    },
    observed: {
      ats_fault_first_touch: {
        kind: "assumed",
        low: 6,
        high: 25,
        unit: "us",
        from: ["thor.fault_us", "amd.300a.lat.minor", "gh.icpp.pagesize"],
        reason:
          "Thor's first touch is 17.7 us, MI300A's 16 to 18 us; on GH200 the first touch " +
          "by the GPU takes longer than by the CPU, and is 5 times faster with 64 KiB " +
          "pages",
        operation: {
          faults: 1,
          batches: 1,
          pages: 1,
          effort: {
            folio_alloc: 1,
            page_zero: 1,
            pte_set: 1,
          },
        },
      },
      copy_kernel_h2d: {
        figure: "gh.copy.kernel",
      },
      copy_engine_second_machine: {
        figure: "gh2.c2c",
      },
      throughput_thrash: {
        figure: "gh2.thrash",
      },
      throughput_first_pass_cpu: {
        figure: "gh.firstpass",
      },
    },
    effects: {
      fork:
        "copy-on-write decides about GPU writes; per page as on Thor until somebody " +
        "measures it",
      thp:
        "the CPU's page size decides the reach of the GPU's TLB; 64 KiB makes " +
        "initialisation 5x faster",
      numa: "HBM is a NUMA node; each migrated page costs a flush of the SMMU",
    },
    open: [
      "a fault by the GPU per page, for 4 KiB and 64 KiB",
      "an access-counter migration of 2 MiB",
    ],
  },
  "nv-hopper-x86-uvm": {
    version: 1,
    id: "nv-hopper-x86-uvm",
    title: "NVIDIA H100/H200, PCIe or SXM, x86 host",
    extends: "nv-v100-pcie3-uvm",
    hardware: "H100 or H200 on PCIe 5 x16, x86 host",
    mode: "UVM replayable faults or HMM, PCIe 5",
    mostly_gap: true,
    without: ["device.outstanding_faults"],
    costs: {
      detect: {
        per_fault: {
          figure: "gh.tlbmiss",
          note: "a Hopper die, measured inside GH200",
        },
      },
      fetch: {
        per_batch: {
          kind: "assumed",
          low: 8,
          high: 25,
          unit: "us",
          from: ["nv.blackwell.fault"],
          reason:
            "what is left of a single fault of 18 to 45 us; the 40 to 250 us of whole " +
            "batches contain work per fault and per block",
        },
        per_fault: {
          kind: "assumed",
          low: 0.03,
          high: 0.4,
          unit: "us",
          reason: "as V100, on faster hosts",
        },
      },
      unmap: {
        per_range: {
          kind: "assumed",
          low: 0.3,
          high: 2,
          unit: "us",
          reason: "as V100, on faster hosts",
        },
      },
      dma_map: {
        per_first_range: {
          kind: "assumed",
          low: 20,
          high: 330,
          unit: "us",
          from: ["xe.iova.2m"],
          reason: "on Xe, batching saves 109 to 328 us per 2 MiB of 4 KiB mappings",
        },
      },
      copy: {
        to_device: {
          latency: {
            kind: "assumed",
            low: 0.5,
            high: 2,
            unit: "us",
            reason: "a copy-engine launch",
          },
          bandwidth: {
            figure: "link.pcie5",
            note: "nominal; about 55 GB/s is achieved",
          },
        },
        to_system: {
          latency: {
            kind: "assumed",
            low: 0.5,
            high: 2,
            unit: "us",
            reason: "a copy-engine launch",
          },
          bandwidth: {
            figure: "link.pcie5",
            note: "nominal; about 55 GB/s is achieved",
          },
        },
        to_peer: {
          latency: {
            kind: "assumed",
            low: 0.5,
            high: 2,
            unit: "us",
            reason: "a copy-engine launch",
          },
          bandwidth: {
            figure: "link.nvlink4",
            note: "SXM only",
          },
        },
      },
    },
    device: {
      remote_latency: {
        figure: "link.nvlink.lat",
        note: "a peer over NVLink",
      },
      peer_total_bandwidth: {
        figure: "link.nvlink4",
      },
    },
    observed: {
      total_single_fault: {
        kind: "assumed",
        low: 18,
        high: 45,
        unit: "us",
        from: ["nv.blackwell.fault", "nv.taco.farfault"],
        reason: "31.79 us on RTX 5080, 30 to 45 us on older GPUs",
        operation: {
          faults: 1,
          batches: 1,
          ranges: 1,
          pages: 1,
          copies: [
            {
              path: "to_device",
              size: "4KiB",
            },
          ],
          effort: {
            pte_set: 1,
            rmap_visit: 1,
            tlb_flush: 1,
          },
        },
      },
      batch_total: {
        kind: "assumed",
        low: 100,
        high: 450,
        unit: "us",
        from: ["nv.kim.batch"],
        reason: "a median of 313 us on older GPUs",
      },
      unmap_shootdown_per_block: {
        kind: "assumed",
        low: 3,
        high: 60,
        unit: "us",
        reason: "scaled from V100",
      },
      throughput: {
        kind: "assumed",
        low: 5,
        high: 16,
        unit: "GB/s",
        from: ["nv.bede.v100pcie.eff", "nv.blackwell.stream"],
        reason: "4.2 GB/s on PCIe 3, 14 to 15 GB/s on RTX 5070 Ti",
      },
    },
    effects: {
      thp: "HMM migrates in chunks of 4 KiB pages, by the notes of CUDA 12.2",
      numa: "HMM ranges only",
    },
    open: ["any fault latency of A100, H100 or H200"],
  },
  "nv-thor-ats": {
    version: 1,
    id: "nv-thor-ats",
    title: "NVIDIA Jetson AGX Thor, integrated GPU, SMMUv3 SVA",
    extends: "host-cpu",
    vendor: "nvidia",
    hardware: "Jetson AGX Thor, Neoverse V3AE, SMMUv3 with SVA and ATS",
    mode: "ATS, the host's page tables only",
    stack: "ats",
    costs: {
      detect: {
        per_fault: {
          kind: "assumed",
          low: 0.05,
          high: 0.6,
          unit: "us",
          from: ["gh.tlbmiss", "nv.uvmsmart.ptw"],
          reason: "a GPU TLB miss walk; a first pass on GH200 costs 0.20 us more",
        },
      },
      deliver: {
        per_fault: {
          kind: "fitted",
          how: "a GPU write after fork less its copy, its SMMU flush and the other stages",
          balance: {
            total: "thor.cow_us",
            operation: {
              faults: 1,
              batches: 1,
              flushes: 1,
              effort: {
                folio_alloc: 1,
                page_copy: 1,
                pte_set: 1,
              },
            },
          },
        },
      },
      unmap: {
        per_page: {
          kind: "fitted",
          how:
            "a first touch less what a write after fork has too: " +
            "migrate_vma_collect_pmd() flushes once for each page",
          balance: {
            total: "thor.fault_us",
            operation: {
              faults: 1,
              batches: 1,
              pages: 1,
              effort: {
                folio_alloc: 1,
                page_zero: 1,
                pte_set: 1,
              },
            },
          },
        },
        covers: ["tlb_flush", "rmap_visit", "lock"],
      },
      map: {
        per_page: {
          kind: "fitted",
          value: 0,
          unit: "us",
          from: ["thor.first_write_4k"],
          how: "the device walks the CPU's page table",
        },
      },
      invalidate: {
        per_flush: {
          kind: "fitted",
          value: 6.2,
          unit: "us",
          from: ["thor.cow_us", "thor.smmu_share_gpu"],
          how:
            "51.8 % of 11.97 us, the samples in arm_smmu_cmdq_issue_cmdlist() of a write " +
            "after fork",
        },
        covers: ["tlb_flush"],
      },
      replay: {
        per_batch: {
          kind: "assumed",
          low: 0.5,
          high: 2.5,
          unit: "us",
          reason:
            "0.5 to 5 us for UVM drivers; more than 2.5 us does not fit into a write after fork",
        },
      },
    },
    effort: {
      fault_entry: {
        per_unit: {
          kind: "assumed",
          low: 0.15,
          high: 0.3,
          unit: "us",
          from: ["cpu.fault.anon.thor"],
          reason: "a part of the 0.825 us of an anonymous page",
        },
      },
      pte_walk: {
        per_unit: {
          kind: "fitted",
          value: 45.1,
          unit: "ns",
          from: ["thor.fork_4k"],
          how: "half of 23.9 ms for 262144 PTEs, less 1 ns for page tables",
        },
      },
      pte_set: {
        per_unit: {
          kind: "fitted",
          value: 45.1,
          unit: "ns",
          from: ["thor.fork_4k"],
          how: "half of 23.9 ms for 262144 PTEs, less 1 ns for page tables",
        },
        per_huge_unit: {
          kind: "fitted",
          value: 1.36,
          unit: "us",
          from: ["thor.fork_thp"],
          how: "1.4 ms for 512 huge pages of a GiB, two writes each",
        },
      },
      folio_alloc: {
        per_unit: {
          kind: "assumed",
          low: 0.08,
          high: 0.15,
          unit: "us",
          from: ["cpu.fault.anon.thor"],
          reason: "a part of the 0.825 us of an anonymous page",
        },
      },
      page_zero: {
        per_item: {
          kind: "fitted",
          how: "an anonymous page less its exception, its folio, its zeroing and its PTE",
          balance: {
            total: "cpu.fault.anon.thor",
            operation: {
              effort: {
                fault_entry: 1,
                folio_alloc: 1,
                page_zero: 1,
                pte_set: 1,
              },
            },
          },
        },
        bandwidth: {
          kind: "assumed",
          low: 20,
          high: 45,
          unit: "GB/s",
          from: ["gh.memset.cpu"],
          reason: "one thread of Grace sets 43 GB/s; no figure for Thor",
        },
      },
      page_copy: {
        per_item: {
          kind: "fitted",
          how:
            "a copy-on-write fault before CUDA less its exception, its folio, its copy, " +
            "its PTE and its flush",
          balance: {
            total: "thor.cow_cpu_before/per_page",
            operation: {
              effort: {
                fault_entry: 1,
                folio_alloc: 1,
                page_copy: 1,
                pte_set: 1,
                tlb_flush: 1,
              },
            },
          },
        },
      },
      split: {
        per_huge_unit: {
          kind: "fitted",
          how: "the split of a huge mapping less its page table and its 512 PTEs",
          balance: {
            total: "thor.pmdsplit/per_split",
            operation: {
              effort: {
                table_alloc: 1,
                pte_set: 512,
              },
              huge_effort: {
                split: 1,
              },
            },
          },
        },
      },
      tlb_flush: {
        per_secondary: {
          figure: "thor.flush_us",
          note:
            "one thread; 5.8, 3.7, 3.7 and 5.0 us with 2, 4, 8 and 12. Range operations " +
            "pay it once",
        },
      },
    },
    device: {
      flush_rate_limit: {
        figure: "thor.flush_rate",
      },
    },
    policy: {
      uvm_ats_mode: {
        kind: "published",
        value: 1,
        unit: "count",
        source: "the machine of the figures, open modules 595.78",
      },
      migrates_to_device: {
        kind: "published",
        value: false,
        unit: "word",
        source:
          "NVIDIA open-gpu-kernel-modules 595.78, uvm_ats_mode=1 on the machine of the figures",
      },
    },
    observed: {
      total_first_touch_4k: {
        figure: "thor.fault_us",
        operation: {
          faults: 1,
          batches: 1,
          pages: 1,
          effort: {
            folio_alloc: 1,
            page_zero: 1,
            pte_set: 1,
          },
        },
      },
      total_first_touch_hugetlb: {
        figure: "thor.first_write_hugetlb",
      },
      cow_gpu_4k: {
        figure: "thor.cow_us",
        operation: {
          faults: 1,
          batches: 1,
          flushes: 1,
          effort: {
            folio_alloc: 1,
            page_copy: 1,
            pte_set: 1,
          },
        },
      },
      cow_gpu_hugetlb: {
        figure: "thor.cow_gpu_hugetlb",
      },
      cpu_fault_4k: {
        figure: "cpu.fault.anon.thor",
        operation: {
          effort: {
            fault_entry: 1,
            folio_alloc: 1,
            page_zero: 1,
            pte_set: 1,
          },
        },
      },
      cpu_cow_4k_before_cuda: {
        figure: "thor.cow_cpu_before/per_page",
        operation: {
          effort: {
            fault_entry: 1,
            folio_alloc: 1,
            page_copy: 1,
            pte_set: 1,
            tlb_flush: 1,
          },
        },
      },
      cpu_cow_4k: {
        figure: "thor.cow_cpu_before/after_per_page",
        operation: {
          effort: {
            fault_entry: 1,
            folio_alloc: 1,
            page_copy: 1,
            pte_set: 1,
            tlb_flush: 1,
          },
          secondary_flushes: 1,
        },
      },
      pmd_split: {
        figure: "thor.pmdsplit/per_split",
      },
      pmd_split_after_cuda: {
        figure: "thor.pmdsplit/after_per_split",
      },
      collapse_2m: {
        figure: "thor.collapse/per_2mib",
      },
      fork_4k: {
        figure: "thor.fork_4k",
      },
      fork_thp: {
        figure: "thor.fork_thp",
      },
      munmap: {
        figure: "thor.munmap",
      },
      mprotect_revoke: {
        figure: "thor.mprotect_revoke",
      },
      smmu_share_first_touch: {
        figure: "thor.smmu_share_gpu",
      },
    },
    effects: {
      fork: "measured: a snapshot of 2 GiB of dense GPU state loses 6.47 s to copy-on-write",
      thp:
        "does not help copy-on-write, which splits and copies 4 KiB at a time; helps fork " +
        "and population by the CPU",
      numa: "one node",
    },
    open: ["how the flush cost scales on a server's SMMU"],
  },
  "nv-v100-p9-nvlink2": {
    version: 1,
    id: "nv-v100-p9-nvlink2",
    title: "NVIDIA V100-SXM2 on POWER9 AC922, NVLink2",
    extends: "nv-v100-pcie3-uvm",
    hardware: "V100-SXM2-32GB on POWER9 AC922, three NVLink2 bricks per GPU, 64 KiB pages",
    mode: "UVM with 64 KiB base pages; ATS for malloc memory",
    costs: {
      fetch: {
        per_batch: {
          kind: "assumed",
          low: 15,
          high: 40,
          unit: "us",
          from: ["nv.bede.v100p9.group"],
          reason:
            "what is left of a single fault of 30 to 60 us; the 100 to 400 us of whole " +
            "batches, whose mean is 420.7 us, contain work per fault and per block",
        },
      },
      unmap: {
        per_range: {
          kind: "assumed",
          low: 1,
          high: 10,
          unit: "us",
          reason: "the driver's own part; tlbie is broadcast and reaches the nest MMU",
        },
      },
      dma_map: {
        per_first_range: {
          kind: "assumed",
          low: 5,
          high: 50,
          unit: "us",
          reason: "32 mappings of 64 KiB instead of 512 of 4 KiB",
        },
      },
      copy: {
        to_device: {
          latency: {
            kind: "assumed",
            low: 0.5,
            high: 2,
            unit: "us",
            reason: "a copy-engine launch",
          },
          bandwidth: {
            figure: "nv.bede.v100p9.h2d",
          },
        },
        to_system: {
          latency: {
            kind: "assumed",
            low: 0.5,
            high: 2,
            unit: "us",
            reason: "a copy-engine launch",
          },
          bandwidth: {
            kind: "assumed",
            low: 15,
            high: 60,
            unit: "GB/s",
            from: ["link.nvlink2.p9"],
            reason: "nominal 75 GB/s per direction; no figure found",
          },
        },
      },
      invalidate: {
        per_flush: {
          kind: "assumed",
          low: 1,
          high: 10,
          unit: "us",
          reason: "tlbie reaches the nest MMU",
        },
      },
    },
    observed: {
      fault_group: {
        figure: "nv.bede.v100p9.group",
      },
      total_single_fault: {
        kind: "assumed",
        low: 30,
        high: 60,
        unit: "us",
        from: ["nv.taco.farfault"],
        reason: "V100 on PCIe with a slower host core",
        operation: {
          faults: 1,
          batches: 1,
          ranges: 1,
          pages: 1,
          copies: [
            {
              path: "to_device",
              size: "64KiB",
            },
          ],
          effort: {
            pte_set: 1,
            rmap_visit: 1,
            tlb_flush: 1,
          },
        },
      },
      ats_fault_per_64k: {
        kind: "assumed",
        low: 5,
        high: 30,
        unit: "us",
        from: ["thor.fault_us", "amd.300a.lat.minor", "amd.300a.lat.major"],
        reason: "Thor's first touch is 17.7 us, MI300A's 16 to 18 us; no POWER9 figure found",
      },
      unmap_shootdown_per_block: {
        kind: "assumed",
        low: 10,
        high: 200,
        unit: "us",
        reason: "tlbie broadcast with an attached nest MMU",
      },
      first_touch_per_64k: {
        figure: "nv.bede.v100p9.ft",
      },
      throughput: {
        figure: "nv.bede.v100p9.eff",
      },
      link: {
        figure: "link.nvlink2.p9",
      },
    },
    effects: {
      fork:
        "an mm with a coprocessor attached needs broadcast tlbie: every flush of a " +
        "copy-on-write fault reaches the GPU",
      thp: "base pages of 64 KiB, huge pages of 2 MiB on radix",
      numa: "GPU memory is a NUMA node; move_pages() applies",
    },
    open: ["the latency of an ATS fault", "what an access-counter migration costs"],
  },
  "nv-v100-pcie3-uvm": {
    version: 1,
    id: "nv-v100-pcie3-uvm",
    title: "NVIDIA V100 / Titan V, PCIe 3 x16, x86 host",
    extends: "host-cpu",
    vendor: "nvidia",
    hardware: "V100-PCIE-16GB or Titan V on PCIe 3 x16, x86 host",
    mode: "UVM replayable faults, managed memory",
    stack: "uvm",
    costs: {
      detect: {
        per_fault: {
          kind: "assumed",
          low: 0.05,
          high: 0.6,
          unit: "us",
          from: ["gh.tlbmiss", "nv.uvmsmart.ptw"],
          reason:
            "a GPU TLB miss walk; a first pass on GH200 costs 0.20 us more, a simulator " +
            "uses 68 ns",
        },
      },
      deliver: {
        per_fault: {
          kind: "assumed",
          low: 2,
          high: 10,
          unit: "us",
          from: ["nv.mgmt.share"],
          reason:
            "a part of the 30.44 us of software and delivery of a fault on RTX 5080; " +
            "SC'21 calls the interrupt negligible against a batch",
        },
      },
      fetch: {
        per_batch: {
          kind: "fitted",
          how: "a single far fault less every other stage",
          balance: {
            total: "nv.taco.farfault",
            operation: {
              faults: 1,
              batches: 1,
              ranges: 1,
              pages: 1,
              copies: [
                {
                  path: "to_device",
                  size: "4KiB",
                },
              ],
              effort: {
                pte_set: 1,
                rmap_visit: 1,
                tlb_flush: 1,
              },
            },
          },
          note:
            "the 140 us that a GPU runtime takes in the batches of real programs " +
            "(nv.kim.runtime) contain work per fault and per block, which is priced apart",
        },
        per_fault: {
          kind: "assumed",
          low: 0.05,
          high: 0.5,
          unit: "us",
          from: ["nv.kim.runtime"],
          reason: "sorting and removing duplicates; 140 us over at most 256 faults is 0.55 us",
        },
      },
      unmap: {
        per_range: {
          kind: "assumed",
          low: 0.5,
          high: 3,
          unit: "us",
          reason:
            "the driver's own part; the kernel's is effort: 512 PTEs and shootdowns, " +
            "which is the 5 to 100 us per block of the estimate under `observed`",
        },
      },
      dma_map: {
        per_first_range: {
          kind: "assumed",
          low: 20,
          high: 200,
          unit: "us",
          from: ["nv.volta.dma_share", "nv.kim.batch"],
          reason: "up to 64 % of a batch of 223 to 553 us, once for each 2 MiB block",
        },
      },
      copy: {
        to_device: {
          points: [
            {
              size: "4KiB",
              time: {
                figure: "nv.uvmsmart.pcie/4KiB",
              },
            },
            {
              size: "64KiB",
              time: {
                figure: "nv.uvmsmart.pcie/64KiB",
              },
            },
            {
              size: "128KiB",
              time: {
                figure: "nv.uvmsmart.pcie/128KiB",
              },
            },
            {
              size: "256KiB",
              time: {
                figure: "nv.uvmsmart.pcie/256KiB",
              },
            },
            {
              size: "576KiB",
              time: {
                figure: "nv.uvmsmart.pcie/576KiB",
              },
            },
          ],
        },
        to_system: {
          latency: {
            kind: "assumed",
            low: 0.5,
            high: 2,
            unit: "us",
            reason: "as towards the device",
          },
          bandwidth: {
            kind: "assumed",
            low: 6,
            high: 12.9,
            unit: "GB/s",
            reason: "no figure found; at most as towards the device",
          },
        },
      },
      map: {
        per_range: {
          kind: "assumed",
          low: 0.5,
          high: 5,
          unit: "us",
          from: ["xe.2m.nothp.bind", "xe.2m.thp.bind"],
          reason: "GPU PTEs of a block; on Xe a bind is 10 us for 512 PTEs and 2 us for one",
        },
      },
      invalidate: {
        per_flush: {
          kind: "assumed",
          low: 1,
          high: 5,
          unit: "us",
          from: ["amd.kaveri.tlb"],
          reason: "a GPU TLB shootdown on Kaveri is 4.2 to 4.4 us",
        },
      },
      replay: {
        per_batch: {
          kind: "assumed",
          low: 0.5,
          high: 5,
          unit: "us",
          reason: "one push-buffer method and a flush of the fault buffer; no published split",
        },
      },
    },
    device: {
      outstanding_faults: {
        figure: "nv.volta.utlb_faults",
      },
    },
    policy: {
      migrates_to_device: {
        kind: "published",
        value: true,
        unit: "word",
        source: "NVIDIA open-gpu-kernel-modules 595.45.04, uvm_va_block.c",
      },
      uvm_perf_fault_batch_count: {
        figure: "nv.uvm.batch_max",
      },
      uvm_perf_fault_max_batches_per_service: {
        figure: "nv.uvm.batches_per_isr",
      },
      uvm_perf_fault_replay_policy: {
        figure: "nv.uvm.replay_policy",
      },
      uvm_perf_fault_replay_update_put_ratio: {
        kind: "published",
        value: 50,
        unit: "percent",
        source: "NVIDIA open-gpu-kernel-modules 595.45.04, uvm_gpu_replayable_faults.c",
      },
      uvm_perf_fault_coalesce: {
        kind: "published",
        value: 1,
        unit: "count",
        source: "NVIDIA open-gpu-kernel-modules 595.45.04, uvm_gpu_replayable_faults.c",
      },
      uvm_perf_fault_max_throttle_per_service: {
        kind: "published",
        value: 5,
        unit: "count",
        source: "NVIDIA open-gpu-kernel-modules 595.45.04, uvm_gpu_replayable_faults.c",
      },
      uvm_perf_prefetch_enable: {
        kind: "published",
        value: 1,
        unit: "count",
        source: "NVIDIA open-gpu-kernel-modules 595.45.04, uvm_perf_prefetch.c",
      },
      uvm_perf_prefetch_threshold: {
        figure: "nv.uvm.prefetch_thr",
      },
      uvm_perf_prefetch_min_faults: {
        kind: "published",
        value: 1,
        unit: "count",
        source: "NVIDIA open-gpu-kernel-modules 595.45.04, uvm_perf_prefetch.c",
      },
      uvm_perf_thrashing_enable: {
        kind: "published",
        value: 1,
        unit: "count",
        source: "NVIDIA open-gpu-kernel-modules 595.45.04, uvm_perf_thrashing.c",
      },
      uvm_perf_thrashing_threshold: {
        figure: "nv.uvm.thrash/threshold",
      },
      uvm_perf_thrashing_pin_threshold: {
        figure: "nv.uvm.thrash/pin_threshold",
      },
      uvm_perf_thrashing_lapse_usec: {
        figure: "nv.uvm.thrash",
      },
      uvm_perf_thrashing_nap: {
        kind: "published",
        value: 1,
        unit: "lapses",
        source: "NVIDIA open-gpu-kernel-modules 595.45.04, uvm_perf_thrashing.c",
      },
      uvm_perf_thrashing_epoch: {
        figure: "nv.uvm.thrash/epoch",
      },
      uvm_perf_thrashing_pin: {
        figure: "nv.uvm.thrash/pin",
      },
      uvm_perf_thrashing_max_resets: {
        kind: "published",
        value: 4,
        unit: "count",
        source: "NVIDIA open-gpu-kernel-modules 595.45.04, uvm_perf_thrashing.c",
      },
      uvm_perf_access_counter_threshold: {
        figure: "nv.uvm.ac_threshold",
      },
      uvm_perf_access_counter_batch_count: {
        kind: "published",
        value: 256,
        unit: "count",
        source: "NVIDIA open-gpu-kernel-modules 595.45.04, uvm_gpu_access_counters.c",
      },
      uvm_perf_access_counter_migration_enable: {
        kind: "published",
        value: -1,
        unit: "count",
        source: "NVIDIA open-gpu-kernel-modules 595.45.04, uvm_gpu_access_counters.c",
      },
      uvm_perf_map_remote_on_eviction: {
        kind: "published",
        value: 1,
        unit: "count",
        source: "NVIDIA open-gpu-kernel-modules 595.45.04, uvm_va_block.c",
      },
      va_block_size: {
        figure: "nv.uvm.vablock",
      },
      big_page_size: {
        figure: "nv.uvm.promote",
      },
    },
    observed: {
      total_single_fault: {
        figure: "nv.taco.farfault",
        operation: {
          faults: 1,
          batches: 1,
          ranges: 1,
          pages: 1,
          copies: [
            {
              path: "to_device",
              size: "4KiB",
            },
          ],
          effort: {
            pte_set: 1,
            rmap_visit: 1,
            tlb_flush: 1,
          },
        },
      },
      total_single_fault_other_sources: {
        figure: "nv.zheng.farfault",
      },
      total_single_fault_simulator: {
        figure: "nv.uvmsmart.fault",
      },
      batch_total: {
        figure: "nv.kim.batch",
      },
      fault_group: {
        figure: "nv.bede.v100pcie.group",
      },
      runtime_fault_handling: {
        figure: "nv.kim.runtime",
      },
      unmap_shootdown_per_block: {
        kind: "assumed",
        low: 5,
        high: 100,
        unit: "us",
        from: ["nv.volta.unmap_threads"],
        reason:
          "the largest part in HPGMG, and twice as much with many host threads; no absolute value",
      },
      first_touch_per_4k: {
        figure: "nv.bede.v100pcie.ft",
      },
      throughput: {
        figure: "nv.bede.v100pcie.eff",
      },
      h2d_bandwidth: {
        figure: "nv.bede.v100pcie.h2d",
      },
    },
    effects: {
      fork:
        "managed memory: the child has no mapping on current drivers; HMM: fork without " +
        "exec is not fully supported, by NVIDIA's documentation",
      thp: "2 MiB VA blocks whatever the CPU's huge pages do, for managed memory",
      numa: "managed ranges are not scanned; HMM ranges follow the host's migrations",
    },
    open: ["the stages inside a batch, in microseconds"],
  },
};
