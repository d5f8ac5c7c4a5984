// figures-data.ts: written from packages/profiles/data by `npm run docs`; change it there.

/** The sources. */
export const sourceTable: unknown = {
  version: 1,
  sources: {
    SC21: {
      title:
        "In-Depth Analyses of Unified Virtual Memory System for GPU " + "Accelerated Computing",
      authors: "T. Allen, R. Ge",
      year: 2021,
      where: "SC'21, doi:10.1145/3458817.3480855; artifact " + "github.com/tallendev/uvm-eval",
      read: "full",
    },
    TACO24: {
      title: "Fine-grain Quantitative Analysis of Demand Paging in Unified " + "Virtual Memory",
      authors: "T. Allen, B. Cooper, R. Ge",
      year: 2024,
      where: "ACM TACO 21(1), doi:10.1145/3632953",
      read: "secondary",
    },
    KIM20: {
      title: "Batch-Aware Unified Memory Management in GPUs for Irregular " + "Workloads",
      authors: "H. Kim, J. Sim, P. Gera, R. Hadidi, H. Kim",
      year: 2020,
      where: "ASPLOS'20, doi:10.1145/3373376.3378529",
      read: "secondary",
    },
    ZHENG16: {
      title: "Towards High Performance Paged Memory for GPUs",
      authors: "T. Zheng, D. Nellans, A. Zulfiqar, M. Stephenson, S. Keckler",
      year: 2016,
      where: "HPCA'16",
      read: "secondary",
    },
    UVMSMART: {
      title: "gpgpu-sim_UVMSmart simulator (Ganguly et al. ISCA'19 / " + "IPDPS'20 / DATE'21)",
      authors: "D. Ganguly, Z. Zhang, J. Yang, R. Melhem",
      year: 2019,
      where:
        "github.com/DebashisGanguly/gpgpu-sim_UVMSmart: " +
        "configs/GeForceGTX1080Ti/gpgpusim.config, " +
        "src/gpgpu-sim/gpu-sim.cc, benchmarks/Results/",
      read: "full",
    },
    BEDE: {
      title: "N8 CIR Bede user documentation: Unified Memory sgemm study " + "(nvprof listings)",
      authors: "N8 CIR / Bede documentation authors",
      year: 2021,
      where: "Bede HPC documentation (Sphinx source; repository name not " + "given by the index)",
      read: "full",
    },
    SPECASYNC: {
      title: "SpecAsync-UVM experimental artifacts",
      authors: "rayanw36",
      year: 2026,
      where:
        "github.com/rayanw36/SpecAsync-UVM @ b769ba9: " +
        "benchmarks/baseline_results.csv, " +
        "results/analysis_output/final_statistical_summary_3way.csv",
      read: "full",
    },
    MSCHED: {
      title: "MSched: OS-level GPU multitasking by proactive memory " + "scheduling",
      authors: "Shen, Chen, Chen, Chen",
      year: 2025,
      where: "arXiv:2512.24637",
      read: "secondary",
    },
    UVMSRC: {
      title: "NVIDIA open GPU kernel modules, nvidia-uvm",
      authors: "NVIDIA",
      year: 2026,
      where:
        "github.com/NVIDIA/open-gpu-kernel-modules @ df1c9a3 " +
        "(595.45.04): " +
        "kernel-open/nvidia-uvm/uvm_gpu_replayable_faults.c, " +
        "uvm_gpu_access_counters.c, uvm_perf_prefetch.c, " +
        "uvm_perf_thrashing.c",
      read: "full",
    },
    NVBLOG17: {
      title: "Maximizing Unified Memory Performance in CUDA",
      authors: "N. Sakharnykh (NVIDIA)",
      year: 2017,
      where: "developer.nvidia.com/blog/maximizing-unified-memory-performance-cuda",
      read: "secondary",
    },
    FUSCO: {
      title:
        "Understanding Data Movement in Tightly Coupled Heterogeneous " +
        "Systems: A Case Study with the Grace Hopper Superchip",
      authors: "L. Fusco, M. Khalilov, M. Chrapek, G. Chukkapalli, T. " + "Schulthess, T. Hoefler",
      year: 2024,
      where:
        "arXiv:2408.11556; raw data in " +
        "github.com/ntua-el20062/grace-hopper-benchmark @ 505e82c " +
        "src/results_og (fork of the paper's benchmark; README names " +
        "the preprint)",
      read: "full",
    },
    SCHIEFFER24: {
      title:
        "Harnessing Integrated CPU-GPU System Memory for HPC: a first " + "look into Grace Hopper",
      authors: "G. Schieffer, J. Wahlgren, J. Ren, J. Faj, I. Peng",
      year: 2024,
      where: "ICPP'24, doi:10.1145/3673038.3673110, arXiv:2407.07850",
      read: "secondary",
    },
    DNHKNG: {
      title: "What 2x GH200 delivers: memory paths for LLM inference",
      authors: "D. Noel Ng (dnhkng)",
      year: 2026,
      where: "dnhkng.github.io/posts/gh200-benchmarking",
      read: "full",
    },
    THOR: {
      title: "HostMM: the host memory manager as the owner of GPU-visible " + "memory on Thor",
      authors: "changjongkim (LLM-Share)",
      year: 2026,
      where: "github.com/changjongkim/LLM-Share @ 56f11bc " + "docs/RESEARCH_HOSTMM_2026-10-05.md",
      read: "full",
    },
    AUDIT: {
      title: "Host-MM GPU memory on Thor: prior-art audit " + "(SOTA_HOSTMM_2026-10-05.md)",
      authors: "changjongkim (LLM-Share)",
      year: 2026,
      where: "github.com/changjongkim/LLM-Share " + "docs/SOTA_HOSTMM_2026-10-05.md",
      read: "full",
    },
    WAHLGREN25: {
      title: "Dissecting CPU-GPU Unified Physical Memory on AMD MI300A " + "APUs",
      authors: "J. Wahlgren, G. Schieffer, R. Shi, E. Leon, R. Pearce, M. " + "Gokhale, I. Peng",
      year: 2025,
      where: "IISWC'25 pp.368-380, doi:10.1109/IISWC66894.2025.00038, " + "arXiv:2508.12743",
      read: "secondary",
    },
    SCHIEFFER25: {
      title: "Inter-APU Communication on AMD MI300A Systems via Infinity " + "Fabric: a Deep Dive",
      authors: "G. Schieffer, J. Wahlgren, R. Shi et al.",
      year: 2025,
      where: "arXiv:2508.11298",
      read: "secondary",
    },
    SCHIEFFER24B: {
      title: "Understanding Data Movement in AMD Multi-GPU Systems with " + "Infinity Fabric",
      authors: "G. Schieffer et al. (KTH)",
      year: 2024,
      where: "SC-W'24, doi:10.1109/SCW63240.2024.00079, arXiv:2410.00801",
      read: "secondary",
    },
    COOPER24: {
      title:
        "Shared Virtual Memory: Its Design and Performance " +
        "Implications for Diverse Applications",
      authors: "B. Cooper, T. Scogland, R. Ge",
      year: 2024,
      where: "ICS'24, doi:10.1145/3650200.3656608, arXiv:2405.06811",
      read: "secondary",
    },
    VESELY16: {
      title:
        "Observations and Opportunities in Architecting Shared " +
        "Virtual Memory for Heterogeneous Systems",
      authors: "J. Vesely, A. Basu, M. Oskin, G. Loh, A. Bhattacharjee",
      year: 2016,
      where: "ISPASS'16",
      read: "secondary",
    },
    ROCMMI250: {
      title: "AMD Instinct MI250 microarchitecture (ROCm documentation)",
      authors: "AMD",
      year: 2025,
      where: "rocm.docs.amd.com/en/docs-7.14.0/_sources/reference/gpu-arch/mi250.md",
      read: "full",
    },
    XGMIH: {
      title: "amdgpu_xgmi.h enum amdgpu_xgmi_link_speed and the 'max " + "bandwidth' patch",
      authors: "AMD (L. Lazar)",
      year: 2025,
      where: "Linux drivers/gpu/drm/amd/amdgpu/amdgpu_xgmi.h; amd-gfx " + "msg118237",
      read: "full",
    },
    XETHP: {
      title: "[PATCH v4 7/7] drm/pagemap: Enable THP support for GPU " + "memory migration",
      authors: "F. Dugast (Intel)",
      year: 2026,
      where:
        "dri-devel 2026-01-11, Message-ID " + "20260111205820.830410-8-francois.dugast@intel.com",
      read: "full",
    },
    XEIOVA: {
      title:
        "drm/gpusvm, drm/pagemap: use dma-map IOVA alloc, link and " +
        "sync API (RFC and later revisions)",
      authors: "M. Brost (Intel)",
      year: 2026,
      where: "dri-devel 2026-01/02",
      read: "full",
    },
    XE96: {
      title: "Re: [PATCH 00/11] THP support for zone device pages",
      authors: "M. Brost (Intel)",
      year: 2025,
      where:
        "dri-devel 2025-03-06, reply to B. Singh's cover " + "20250306044239.3874247-1 (series)",
      read: "full",
    },
    KOENIG24: {
      title: "Re: Cross-device and cross-driver HMM support",
      authors: "C. Koenig (AMD)",
      year: 2024,
      where: "dri-devel 2024-04-03, Message-ID " + "27a15da3-57e8-4c74-81d2-71ad123776e4@amd.com",
      read: "full",
    },
    ROCM6523: {
      title:
        "ROCm/legacy-rocm-build issue #6523: host->device copies " + "stall on kernel 7.0.0-28",
      authors: "cadamcat; ashetaia-amd",
      year: 2026,
      where: "github.com/ROCm/legacy-rocm-build/issues/6523",
      read: "full",
    },
    ROCM6606: {
      title:
        "ROCm/legacy-rocm-build issue #6606: mmap-backed host->device " +
        "copies are slow on gfx1200",
      authors: "peterferenc",
      year: 2026,
      where: "github.com/ROCm/legacy-rocm-build/issues/6606",
      read: "full",
    },
    ROCMPR356: {
      title:
        "ROCm/rocm-systems PR #356 (and #2875): MADV_DONTFORK / " +
        "MAP_SHARED for pinned host memory",
      authors: "hkasivis; dayatsin-amd",
      year: 2025,
      where: "github.com/ROCm/rocm-systems/pull/356, /pull/2875",
      read: "full",
    },
    NPF17: {
      title: "Page Fault Support for Network Controllers",
      authors:
        "I. Lesokhin, H. Eran, S. Raindel, G. Shapiro, S. Grimberg, " +
        "L. Liss, M. Ben-Yehuda, N. Amit, D. Tsafrir",
      year: 2017,
      where: "ASPLOS'17, doi:10.1145/3037697.3037710",
      read: "secondary",
    },
    PRI25: {
      title: "To PRI or Not To PRI, That's the question",
      authors: "Y. Wang, L. Chen, J. Ji et al. (SJTU, Alibaba)",
      year: 2025,
      where: "OSDI'25, usenix.org/conference/osdi25/presentation/wang-yun",
      read: "full",
    },
    M3U: {
      title:
        "M3U: kernel MMU for high-end VM post-copy migration (title " +
        "not visible in the part read)",
      authors: "not visible in the part read",
      year: 2026,
      where:
        "conference paper of 2026 on post-copy migration; title not " + "visible in the part read",
      read: "full",
    },
    COIOMMU: {
      title: "coIOMMU: A Virtual IOMMU with Cooperative DMA Buffer " + "Tracking",
      authors: "K. Tian et al.",
      year: 2020,
      where: "USENIX ATC'20",
      read: "secondary",
    },
    VFIOIOPF: {
      title: "[RFC PATCH v2 0/6] Add IOPF support for VFIO passthrough",
      authors: "S. Lu (Huawei)",
      year: 2021,
      where: "LKML 2021-03-09, Message-ID " + "20210309062207.505-1-lushenming@huawei.com",
      read: "full",
    },
    RIOMMU: {
      title: "rIOMMU: Efficient IOMMU for I/O Devices that Employ Ring " + "Buffers",
      authors: "M. Malka, N. Amit, M. Ben-Yehuda, D. Tsafrir",
      year: 2015,
      where: "ASPLOS'15",
      read: "secondary",
    },
    TINA24: {
      title: "Batch IOTLB/dev-IOTLB invalidation v3 (VT-d)",
      authors: "T. Zhang (Intel)",
      year: 2024,
      where: "linux-iommu 20240815065221.50328-1-tina.zhang@intel.com",
      read: "secondary",
    },
    FORKLKML: {
      title: "[PATCH v2 00/15] mm/memory: optimize fork() with PTE-mapped " + "THP",
      authors: "D. Hildenbrand (Red Hat)",
      year: 2024,
      where: "LKML 2024-01-25, Message-ID " + "20240125193227.444072-1-david@redhat.com",
      read: "full",
    },
    COWPTE: {
      title: "[PATCH v5?] Copy-on-write page table (COW PTE), cover letter " + "on v6.3-rc6",
      authors: "C.-E. Lin",
      year: 2023,
      where: "LKML April 2023",
      read: "full",
    },
    ODF21: {
      title:
        "On-demand-fork: A Microsecond Fork for Memory-Intensive and " +
        "Latency-Sensitive Applications",
      authors: "K. Zhao, S. Gong, P. Fonseca",
      year: 2021,
      where: "EuroSys'21, doi:10.1145/3447786.3456258",
      read: "secondary",
    },
    ASYNCFORK: {
      title:
        "Async-fork: Mitigating Query Latency Spikes Incurred by the " +
        "Fork-based Snapshot Mechanism",
      authors: "P. Pang, G. Deng et al.",
      year: 2023,
      where: "PVLDB 16(5), arXiv:2301.05861",
      read: "secondary",
    },
    CLEARHP: {
      title:
        "mm: folio_zero_user: clear contiguous pages (and its " + "2022/2023/2025 predecessors)",
      authors: "A. Arora (Oracle)",
      year: 2025,
      where: "LKML",
      read: "full",
    },
    GARG25: {
      title: "[RFC V3 0/9] Accelerate page migration with batch copying " + "and hardware offload",
      authors: "S. Garg, M. Day (AMD), Z. Yan (NVIDIA)",
      year: 2025,
      where: "LKML 2025-09-23, Message-ID " + "20250923174752.35701-1-shivankg@amd.com",
      read: "full",
    },
    HUANG22: {
      title: "[PATCH 0/8] migrate_pages(): batch TLB flushing",
      authors: "Huang Ying (Intel)",
      year: 2022,
      where: "LKML 2022-12-27, Message-ID " + "20221227002859.27740-1-ying.huang@intel.com",
      read: "full",
    },
    HUANGARM: {
      title: "arm64, tlbflush: don't TLBI broadcast if page reused in " + "write fault (v6)",
      authors: "Huang Ying (Alibaba)",
      year: 2025,
      where:
        "linux-mm " +
        "20251114085403.101552-3-ying.huang@linux.alibaba.com; commit " +
        "cb1fa2e99955 (v6.19)",
      read: "secondary",
    },
    INVLPGB: {
      title: "AMD broadcast TLB invalidation (INVLPGB) series",
      authors: "R. van Riel (Meta)",
      year: 2025,
      where: "LKML 2025",
      read: "full",
    },
    BPFFAULT: {
      title: "bpf_fault (draft, SOSP'26)",
      authors: "Zussman, Dey, Zengin, Fang, Hildenbrand, Cidon",
      year: 2026,
      where: "github.com/bpf-fault/bpf-fault @ 4b501b9 bpf_fault_draft.pdf",
      read: "full",
    },
    RUMA16: {
      title: "RUMA has it: Rewired User-space Memory Access is Possible!",
      authors: "F. Schuhknecht, J. Dittrich, A. Sharma",
      year: 2016,
      where: "PVLDB 9(10)",
      read: "secondary",
    },
    NIMBLE19: {
      title: "Nimble Page Management for Tiered Memory Systems",
      authors: "Z. Yan, D. Lustig, D. Nellans, A. Bhattacharjee",
      year: 2019,
      where: "ASPLOS'19, doi:10.1145/3297858.3304024",
      read: "abstract",
    },
    CXL23: {
      title: "Demystifying CXL Memory with Genuine CXL-Ready Systems and " + "Devices",
      authors: "Y. Sun et al.",
      year: 2023,
      where: "MICRO'23, arXiv:2303.15375",
      read: "secondary",
    },
    FUSCOWIKI: {
      title: "Reading note on arXiv:2408.11556 (figure captions)",
      authors: "blog author",
      year: 2026,
      where: "",
      read: "full",
    },
    MSCCLNOTE: {
      title: "All-reduce design note quoting published link latencies",
      authors: "unnamed",
      year: 2026,
      where: "",
      read: "full",
    },
    LATR18: {
      title: "LATR: Lazy Translation Coherence",
      authors: "M. Kumar et al.",
      year: 2018,
      where: "ASPLOS'18",
      read: "recalled",
    },
    INGENS16: {
      title: "Coordinated and Efficient Huge Page Management with Ingens",
      authors: "Y. Kwon et al.",
      year: 2016,
      where: "OSDI'16",
      read: "recalled",
    },
    HAWKEYE19: {
      title: "HawkEye: Efficient Fine-grained OS Support for Huge Pages",
      authors: "A. Panwar, S. Bansal, K. Gopinath",
      year: 2019,
      where: "ASPLOS'19",
      read: "recalled",
    },
    MELODY25: {
      title:
        "Systematic CXL Memory Characterization and Performance " + "Analysis at Scale (Melody)",
      authors: "J. Liu et al.",
      year: 2025,
      where: "ASPLOS'25",
      read: "recalled",
    },
    VENDORLINK: {
      title: "Vendor link specifications (NVLink 2/3/4, MI300X/MI300A " + "Infinity Fabric, PCIe)",
      authors: "NVIDIA, AMD, PCI-SIG",
      year: 2024,
      where: "public data sheets",
      read: "recalled",
    },
    PVCBENCH: {
      title: "Published Aurora/Dawn Ponte Vecchio micro-benchmarks " + "(Applencourt et al.)",
      authors: "T. Applencourt et al.",
      year: 2024,
      where: "arXiv (PVC performance study)",
      read: "recalled",
    },
    LIBRA: {
      title:
        "LIBRA: high-accuracy, cost-aware multi-GPU stride page " + "prefetcher (HPCA-style paper)",
      authors: "authors not visible in the part read",
      year: 2026,
      where: "",
      read: "full",
    },
    NVBLOG21: {
      title: "Improving GPU Memory Oversubscription Performance",
      authors: "NVIDIA",
      year: 2021,
      where: "developer.nvidia.com/blog/improving-gpu-memory-oversubscription-performance/",
      read: "abstract",
    },
  },
};

/** The files of figures. */
export const figureTables: readonly unknown[] = [
  {
    version: 1,
    setups: {
      mi300a: {
        hardware: "MI300A APU (228 CU, 24 cores, 128 GiB HBM3)",
        software: "Linux HMM with XNACK=1; ROCm version not seen",
        method: "micro-benchmark",
      },
      mi250x: {
        hardware: "one GCD of MI250X, 64 GB HBM2E; EPYC 7A53 64c, 512 GB DDR4 " + "(Tioga)",
        software: "ROCm 5.4.0, amdgpu 6.3.6, XNACK",
        method: "SystemTap on SVM driver functions",
      },
      kaveri: {
        hardware: "A10-7850K",
        software: "Linux 4.0",
        method: "micro-benchmark",
      },
    },
    figures: [
      {
        id: "amd.300a.lat.cpu",
        what: "single page fault latency, CPU",
        topic: "cpu_fault",
        value: 9,
        unit: "us",
        setup: "mi300a",
        source: "WAHLGREN25",
        confidence: "quoted_secondary",
      },
      {
        id: "amd.300a.lat.minor",
        what: "GPU minor fault (page already in CPU table)",
        topic: "total_single_fault",
        value: 16,
        unit: "us",
        tail: 20,
        setup: "mi300a",
        source: "WAHLGREN25",
        confidence: "quoted_secondary",
        note: "tail 20 us",
      },
      {
        id: "amd.300a.lat.major",
        what: "GPU major fault (page not yet allocated)",
        topic: "total_single_fault",
        value: 18,
        unit: "us",
        tail: 22,
        setup: "mi300a",
        source: "WAHLGREN25",
        confidence: "quoted_secondary",
        note: "tail 22 us",
      },
      {
        id: "amd.300a.tp.major",
        what: "GPU major fault throughput",
        topic: "throughput",
        value: 1.1,
        unit: "Mpages/s",
        setup: "mi300a",
        source: "WAHLGREN25",
        confidence: "quoted_secondary",
        note: "= 0.91 us/page amortised",
      },
      {
        id: "amd.300a.tp.minor",
        what: "GPU minor fault throughput",
        topic: "throughput",
        value: 9,
        unit: "Mpages/s",
        setup: "mi300a",
        source: "WAHLGREN25",
        confidence: "quoted_secondary",
        note:
          "= 0.11 us/page amortised; CPU pre-fault + GPU minor is up to " +
          "2.2x faster than GPU major",
      },
      {
        id: "amd.300a.tp.cpu",
        what: "CPU fault throughput, 12 cores",
        topic: "throughput",
        value: 3.7,
        unit: "Mpages/s",
        setup: "mi300a",
        source: "WAHLGREN25",
        confidence: "quoted_secondary",
      },
      {
        id: "amd.300a.alloc",
        what: "hipMalloc cost; hipHostMalloc cost",
        topic: "alloc",
        value: 37,
        unit: "ms/GiB",
        more: {
          host_low: {
            value: 200,
            unit: "ms/GiB",
          },
          host_high: {
            value: 400,
            unit: "ms/GiB",
          },
        },
        setup: "mi300a",
        source: "WAHLGREN25",
        confidence: "quoted_secondary",
        note: "hipHostMalloc 200-400 ms/GiB",
      },
      {
        id: "amd.300a.bw",
        what: "GPU bandwidth by allocator: hipMalloc / hipHostMalloc / " + "managed with XNACK",
        topic: "baseline",
        value: 3.5,
        unit: "TB/s",
        setup: "mi300a",
        source: "WAHLGREN25",
        confidence: "quoted_secondary",
        note: "3.5-3.6 / 2.1-2.2 / 1.8-1.9; TLB misses 158 K vs about 1 M",
      },
      {
        id: "amd.300a.coh",
        what: "CPU atomics throughput when >= 3328 GPU threads hit the same " + "1K-element array",
        topic: "coherence",
        value: 11,
        unit: "percent",
        low: 11,
        high: 25,
        setup: "mi300a",
        source: "WAHLGREN25",
        confidence: "quoted_secondary",
        note: "11-25 %; GPU falls to 79 %",
      },
      {
        id: "amd.300a.if.lat",
        what: "GPU load latency: local / remote APU over Infinity Fabric",
        topic: "remote_access",
        value: 346,
        unit: "ns",
        more: {
          remote: {
            value: 690,
            unit: "ns",
          },
        },
        hardware: "MI300A APU (228 CU, 24 cores, 128 GiB HBM3)",
        software: "Linux HMM with XNACK=1; ROCm version not seen",
        method: "pointer chase",
        source: "SCHIEFFER25",
        confidence: "quoted_secondary",
        note: "remote 690 ns; RCCL p2p floor 20 us; MPI 1.9-4.8 us",
      },
      {
        id: "amd.250x.dup",
        what: "duplicate faults filtered before service",
        topic: "preprocess",
        value: 97,
        unit: "percent",
        low: 97,
        high: 99,
        setup: "mi250x",
        source: "COOPER24",
        confidence: "quoted_secondary",
        note: "97-99 %; faults are served one at a time, no batching",
      },
      {
        id: "amd.250x.range",
        what: "SVM range migrated by one fault",
        topic: "granularity",
        value: 1,
        unit: "GiB",
        setup: "mi250x",
        source: "COOPER24",
        confidence: "quoted_secondary",
        note: "up to 256 K pages; eviction = least recently faulted range",
      },
      {
        id: "amd.250x.shares",
        what: "share of service cost in cpu_update + SDMA_setup + alloc",
        topic: "driver_fetch_batch",
        value: 76,
        unit: "percent",
        setup: "mi250x",
        source: "COOPER24",
        confidence: "quoted_secondary",
        note:
          "data movement is 'less than half of the overall cost'; " +
          "cpu_update is largest; alloc (with eviction) dominates above " +
          "100 % oversubscription",
      },
      {
        id: "amd.250x.link",
        what: "CPU-GCD Infinity Fabric",
        topic: "copy",
        value: 36,
        unit: "GB/s",
        more: {
          between_dies: {
            value: 200,
            unit: "GB/s",
          },
        },
        setup: "mi250x",
        source: "COOPER24",
        confidence: "quoted_secondary",
        note:
          "intra-package GCD-GCD 200 GB/s; Jacobi2d falls to about 40 % " +
          "at 109 % oversubscription",
      },
      {
        id: "amd.250x.iflink",
        what: "per xGMI link, 25 GT/s x16, peak",
        topic: "remote_access",
        value: 50,
        unit: "GB/s",
        per: "direction",
        hardware: "MI250",
        software: "ROCm docs",
        method: "vendor specification",
        source: "ROCMMI250",
        confidence: "quoted",
      },
      {
        id: "amd.250x.peer16",
        what: "hipMemcpyPeer of 16 bytes",
        topic: "remote_access",
        value: 8.7,
        unit: "us",
        low: 8.7,
        high: 18,
        hardware: "MI250X",
        method: "micro-benchmark",
        source: "SCHIEFFER24B",
        confidence: "quoted_secondary",
        note: "8.7-18 us",
      },
      {
        id: "amd.xgmi.speed",
        what: "XGMI link speed grades known to the driver",
        topic: "remote_access",
        value: 32,
        unit: "GT/s",
        hardware: "amdgpu",
        software: "Linux",
        method: "driver header",
        source: "XGMIH",
        confidence: "quoted",
        note: "bandwidth = speed x width; 32 GT/s x16 = 64 GB/s per " + "direction (computed)",
      },
      {
        id: "amd.kaveri.fault",
        what: "integrated GPU page fault through IOMMU ATS/PPR, by " + "concurrency",
        topic: "total_single_fault",
        value: 5,
        unit: "us",
        low: 5,
        high: 140,
        more: {
          cpu: {
            value: 1.7,
            unit: "us",
          },
        },
        setup: "kaveri",
        source: "VESELY16",
        confidence: "quoted_secondary",
        note: "5-140 us; CPU fault 1.7 us; '3-80x slower'",
      },
      {
        id: "amd.kaveri.tlb",
        what: "GPU TLB shootdown: one entry / full flush",
        topic: "tlb_invalidate",
        value: 4.2,
        unit: "us",
        more: {
          full: {
            value: 4.4,
            unit: "us",
          },
        },
        setup: "kaveri",
        source: "VESELY16",
        confidence: "quoted_secondary",
        note: "4.4 us full; shootdowns are serialised",
      },
      {
        id: "amd.hmm.timeout",
        what:
          "H2D copy from r--p file mapping vs already-faulted rw-p " + "mapping on a broken kernel",
        topic: "regression",
        value: 9575,
        unit: "MiB/s",
        more: {
          broken: {
            value: 2,
            unit: "MiB/s",
          },
        },
        hardware: "gfx1100 in a VM with VFIO",
        software: "ROCm 7.14, kernel 7.0.0-28",
        method: "reporter's table",
        source: "ROCM6523",
        confidence: "quoted",
        note:
          "2.0 MiB/s rw-p because HMM_RANGE_DEFAULT_TIMEOUT 1000 ms is " +
          "spun out; on healthy kernels a 4x to 8x penalty remains " +
          "because a writable VMA forces CoW break (HMM_PFN_REQ_WRITE)",
      },
      {
        id: "amd.hmm.share",
        what:
          "share of samples in amdgpu_hmm_range_get_pages / " +
          "hmm_range_fault during slow mmap-backed copies",
        topic: "hmm_range_fault",
        value: 61.95,
        unit: "percent",
        more: {
          hmm_range_fault: {
            value: 40.03,
            unit: "percent",
          },
        },
        hardware: "RX 9060 XT (gfx1200)",
        software: "ROCm 7.2.1, kernel 7.0.0-28",
        method: "perf -F 999 -g, 5 s",
        source: "ROCM6606",
        confidence: "quoted",
        note: "hmm_range_fault child 40.03 %",
      },
      {
        id: "amd.fork.evict",
        what:
          "AMD switched paged host memory to MAP_SHARED because it " +
          "'avoids MMU notifiers and evictions' at fork; MADV_DONTFORK " +
          "later restored for allocation time",
        topic: "fork_effect",
        hardware: "any KFD GPU",
        software: "ROCm 7.x",
        method: "pull-request text",
        source: "ROCMPR356",
        confidence: "quoted",
      },
      {
        id: "amd.koenig",
        what:
          "'the SVM implementation really suck with fork(), the " +
          "transparent huge page deamon and NUMA migrations'; page " +
          "faults 'are not fast enough to actually work with the " +
          "semantics the Linux kernel uses for struct pages'; asks for " +
          "'a performance measurement tool for page faults so that we " +
          "can start to compare vendors'",
        topic: "fork_effect",
        hardware: "AMD GPUs and Intel Xe accelerators",
        software: "Linux 2024",
        method: "maintainer statement",
        source: "KOENIG24",
        confidence: "quoted",
      },
      {
        id: "link.mi300x",
        what: "MI300X xGMI: 7 links x 64",
        topic: "remote_access",
        value: 448,
        unit: "GB/s",
        per: "direction",
        hardware: "MI300X",
        method: "nominal",
        source: "VENDORLINK",
        confidence: "recalled",
        note: "about 48 of 64 GB/s achieved per link (recalled from a ROCm " + "blog)",
      },
      {
        id: "link.mi300a",
        what: "MI300A pair: 2 xGMI links",
        topic: "remote_access",
        value: 128,
        unit: "GB/s",
        per: "direction",
        hardware: "4x MI300A node",
        method: "nominal",
        source: "VENDORLINK",
        confidence: "recalled",
      },
    ],
  },
  {
    version: 1,
    setups: {
      rome: {
        hardware: "EPYC Rome 16c (c6525-25g)",
        software: "Linux 6.17.0",
        method: "mean",
      },
      "xeon-4210r": {
        hardware: "Xeon Silver 4210R",
        software: "v6.8-rc1",
        method: "sd < 1 %",
      },
      "zen3-two-sockets": {
        hardware: "2-socket AMD Zen 3 EPYC, 32 cores, SMT on, 1 NUMA node per " + "socket",
        software: "Linux 6.16-rc6, performance governor",
        method: "move_pages() of 1 GB between nodes",
      },
      "xeon-e5": {
        hardware: "Xeon E5",
        software: "Linux 4.3",
        method: "micro-benchmark",
      },
    },
    figures: [
      {
        id: "cpu.fault.anon.w",
        what: "missing anonymous write fault, kernel baseline",
        topic: "cpu_fault",
        value: 2,
        unit: "us",
        hardware: "EPYC Rome 16c (c6525-25g), SMT off",
        software: "Linux 6.17.0, Ubuntu 24.04, swap and ASLR off",
        method: "mean over a fault loop",
        source: "BPFFAULT",
        confidence: "quoted",
        note: "includes user/kernel crossing",
      },
      {
        id: "cpu.fault.anon.r",
        what: "missing read fault (zero page)",
        topic: "cpu_fault",
        value: 0.8,
        unit: "us",
        setup: "rome",
        source: "BPFFAULT",
        confidence: "quoted",
      },
      {
        id: "cpu.uffd",
        what: "userfaultfd missing / write-protect / minor",
        topic: "uffd",
        value: 10.9,
        unit: "us",
        tail: 15.8,
        more: {
          p99: {
            value: 15.8,
            unit: "us",
          },
          wp: {
            value: 10.2,
            unit: "us",
          },
          wp_p99: {
            value: 13.5,
            unit: "us",
          },
          minor: {
            value: 10.2,
            unit: "us",
          },
          minor_p99: {
            value: 13.7,
            unit: "us",
          },
        },
        setup: "rome",
        source: "BPFFAULT",
        confidence: "quoted",
        note:
          "p99 15.8; WP 10.2/13.5; minor 10.2/13.7; critical path: #PF " +
          "entry+exit 16 %, uffd 10 %, scheduling+IPI 43 %, syscalls 17 " +
          "%, page setup 15 %",
      },
      {
        id: "cpu.cow.qemu",
        what: "write fault after fork, sequential 512 MB",
        topic: "cow",
        value: 0.77,
        unit: "us",
        hardware: "QEMU VM on x86 (host not named)",
        software: "v6.3-rc6",
        method: "mean of 100 runs, sd 0.010",
        source: "COWPTE",
        confidence: "quoted",
      },
      {
        id: "cpu.cow.2m",
        what: "kernel CoW of a 2 MiB page",
        topic: "cow",
        value: 594,
        unit: "us",
        more: {
          rewired: {
            value: 442,
            unit: "us",
          },
        },
        hardware: "x86",
        method: "micro-benchmark",
        source: "RUMA16",
        confidence: "quoted_secondary",
        note: "user-space rewired copy 442 us",
      },
      {
        id: "cpu.fork.4210r",
        what: "fork of 1 GiB, 4 KiB folios",
        topic: "fork",
        value: 14.328,
        unit: "ms",
        more: {
          after: {
            value: 14.035,
            unit: "ms",
          },
        },
        setup: "xeon-4210r",
        source: "FORKLKML",
        confidence: "quoted",
        note: "= 54.7 ns per PTE (computed); 14.035 ms after the series",
      },
      {
        id: "cpu.fork.4210r.ptemapped",
        what: "fork of 1 GiB, PTE-mapped 2 MiB folios: before / after " + "batching",
        topic: "fork",
        value: 14.305,
        unit: "ms",
        more: {
          after: {
            value: 10.076,
            unit: "ms",
          },
          "64KiB": {
            value: 14.046,
            unit: "ms",
          },
          "64KiB_after": {
            value: 10.444,
            unit: "ms",
          },
        },
        setup: "xeon-4210r",
        source: "FORKLKML",
        confidence: "quoted",
        note: "10.076 ms after; 64 KiB folios 14.046 to 10.444",
      },
      {
        id: "cpu.fork.odf",
        what: "fork of 1 GB, 4 KiB / 2 MiB pages",
        topic: "fork",
        value: 6.5,
        unit: "ms",
        more: {
          huge: {
            value: 0.17,
            unit: "ms",
          },
          "50GB": {
            value: 253.9,
            unit: "ms",
          },
        },
        hardware: "x86 server",
        software: "not seen (the artifact is based on v5.6.19)",
        method: "mean",
        source: "ODF21",
        confidence: "quoted_secondary",
        note:
          "0.17 ms with huge pages; 50 GB 253.9 ms; on-demand-fork 65x " +
          "faster at 1 GB; CoW of a huge page up to 512x longer",
      },
      {
        id: "cpu.fork.async",
        what: "tail latency of snapshot queries cut by Async-fork",
        topic: "fork",
        value: 81.76,
        unit: "percent",
        more: {
          "64GB": {
            value: 99.84,
            unit: "percent",
          },
        },
        hardware: "Redis server",
        software: "Linux",
        method: "application",
        source: "ASYNCFORK",
        confidence: "quoted_secondary",
        note: "99.84 % at 64 GB",
      },
      {
        id: "cpu.thp.milan",
        what: "demand-fault rate, 2 MiB pages, page-at-a-time / contiguous " + "clearing",
        topic: "thp_fault",
        value: 12.92,
        unit: "GiB/s",
        more: {
          after: {
            value: 17.03,
            unit: "GiB/s",
          },
          per_2mib: {
            value: 151,
            unit: "us",
          },
          per_2mib_after: {
            value: 115,
            unit: "us",
          },
        },
        hardware: "EPYC 7J13 (Milan), boost off",
        software: "mm tree 2025, perf bench mem map -f demand -s 64GB",
        method: "mean, sd 2.55 %",
        source: "CLEARHP",
        confidence: "quoted",
        note:
          "perf bench prints GB/s and means GiB/s (our reading): 151 us " +
          "per 2 MiB page at a time, 115 us with contiguous clearing; 1 " +
          "GiB pages 17.14-17.26, 42.17 with full or lazy preemption",
      },
      {
        id: "cpu.thp.icx",
        what: "demand-fault rate, 2 MiB hugetlb, before / after",
        topic: "thp_fault",
        value: 8.76,
        unit: "GiB/s",
        more: {
          after: {
            value: 11.82,
            unit: "GiB/s",
          },
          per_2mib: {
            value: 223,
            unit: "us",
          },
          per_2mib_after: {
            value: 165,
            unit: "us",
          },
        },
        hardware: "Xeon Platinum 8358, turbo off",
        software: "2022 mm",
        method: "mmap(MAP_HUGETLB) 64 GB",
        source: "CLEARHP",
        confidence: "quoted",
        note:
          "the unit is taken to be GiB/s, as for the Milan rows: 223 us " +
          "per 2 MiB before, 165 us after",
      },
      {
        id: "cpu.mig.4k",
        what: "single-thread folio-by-folio migration rate, 4 KiB folios",
        topic: "page_migration",
        value: 3.73,
        unit: "GB/s",
        spread: "+/- 0.33",
        more: {
          per_page: {
            value: 1.1,
            unit: "us",
          },
        },
        setup: "zen3-two-sockets",
        source: "GARG25",
        confidence: "quoted",
        note: "= 1.10 us per page, batched 512 (computed)",
      },
      {
        id: "cpu.mig.2m",
        what: "same, 2 MiB folios",
        topic: "page_migration",
        value: 10.67,
        unit: "GB/s",
        spread: "+/- 0.36",
        more: {
          per_2mib: {
            value: 197,
            unit: "us",
          },
        },
        setup: "zen3-two-sockets",
        source: "GARG25",
        confidence: "quoted",
        note: "= 197 us per 2 MiB (computed)",
      },
      {
        id: "cpu.mig.2m.one",
        what: "one 2 MiB folio per call",
        topic: "page_migration",
        value: 7.96,
        unit: "GB/s",
        spread: "+/- 2.22",
        more: {
          per_2mib: {
            value: 263,
            unit: "us",
          },
        },
        setup: "zen3-two-sockets",
        source: "GARG25",
        confidence: "quoted",
        note: "= 263 us (computed)",
      },
      {
        id: "cpu.mig.mt",
        what: "16 threads / 16 DMA channels, 2 MiB folios",
        topic: "page_migration",
        value: 35.89,
        unit: "GB/s",
        more: {
          dma_channels: {
            value: 63.69,
            unit: "GB/s",
          },
          small_folios: {
            value: 4.77,
            unit: "GB/s",
          },
        },
        setup: "zen3-two-sockets",
        source: "GARG25",
        confidence: "quoted",
        note: "63.69 GB/s with PTDMA; 4 KiB folios reach only 4.77 / 4.61",
      },
      {
        id: "cpu.mig.batch",
        what: "TLB-flush IPIs removed by batching migrate_pages; migration " + "rate gain",
        topic: "tlb_shootdown",
        value: 99.1,
        unit: "percent",
        more: {
          rate_gain: {
            value: 291.7,
            unit: "percent",
          },
        },
        hardware: "2-socket Intel server",
        software: "v6.2-rc1",
        method: "pmbench + migratepages",
        source: "HUANG22",
        confidence: "quoted",
        note: "+291.7 % pages/s",
      },
      {
        id: "cpu.tlb.invlpgb",
        what:
          "will-it-scale tlb_flush2_threads, 36 cores: vanilla / " +
          "lru_add_drain removed / plus INVLPGB",
        topic: "tlb_shootdown",
        value: 527000,
        unit: "loops/s",
        more: {
          no_lru_drain: {
            value: 731000,
            unit: "loops/s",
          },
          with_invlpgb: {
            value: 1157000,
            unit: "loops/s",
          },
        },
        hardware: "AMD Milan 36 cores",
        software: "Linux early 2025",
        method: "will-it-scale",
        source: "INVLPGB",
        confidence: "quoted",
        note: "731k / 1157k; TLB invalidation share of CPU time 40 % to 4 %",
      },
      {
        id: "cpu.tlb.arm.fork",
        what:
          "cycles in TLB flush functions during write-protect faults " +
          "after fork/exec: broadcast TLBI vs local flush",
        topic: "fork_effect",
        value: 50.5,
        unit: "percent",
        more: {
          after: {
            value: 0.3,
            unit: "percent",
          },
        },
        hardware: "arm64 server",
        software: "before/after the v6.19 commit",
        method: "perf",
        source: "HUANGARM",
        confidence: "quoted_secondary",
        note: "0.3 % after; usemem +40.6 %",
      },
      {
        id: "cpu.tlb.latr",
        what: "TLB shootdown time, 16 cores 2 sockets / 120 cores 8 sockets",
        topic: "tlb_shootdown",
        value: 6,
        unit: "us",
        low: 6,
        high: 80,
        more: {
          "120_cores": {
            value: 80,
            unit: "us",
          },
        },
        hardware: "Xeon",
        software: "Linux 4.10",
        method: "micro-benchmark",
        source: "LATR18",
        confidence: "recalled",
        note: "up to 80 us at 120 cores",
      },
      {
        id: "cpu.thp.ingens",
        what: "page fault latency 4 KiB / 2 MiB",
        topic: "thp_fault",
        value: 3.6,
        unit: "us",
        more: {
          huge: {
            value: 378,
            unit: "us",
          },
        },
        setup: "xeon-e5",
        source: "INGENS16",
        confidence: "recalled",
        note: "378 us for 2 MiB, mostly zeroing",
      },
      {
        id: "cpu.thp.hawkeye",
        what: "page fault latency 4 KiB / 2 MiB with and without zeroing",
        topic: "thp_fault",
        value: 3.5,
        unit: "us",
        more: {
          no_zeroing: {
            value: 2.65,
            unit: "us",
          },
          huge: {
            value: 465,
            unit: "us",
          },
          huge_no_zeroing: {
            value: 13,
            unit: "us",
          },
        },
        setup: "xeon-e5",
        source: "HAWKEYE19",
        confidence: "recalled",
        note:
          "2.65 us without zeroing; 465 us / 13 us for 2 MiB; zeroing " +
          "25 % / 97 % of fault time",
      },
      {
        id: "cpu.mig.nimble",
        what:
          "Linux page migration leaves memory bandwidth unused; " +
          "speed-up of the four Nimble optimisations",
        topic: "page_migration",
        value: 95,
        unit: "percent",
        more: {
          speedup: {
            value: 15,
            unit: "x",
          },
        },
        hardware: "x86, POWER, ARM64",
        software: "Linux",
        method: "abstract",
        source: "NIMBLE19",
        confidence: "quoted",
        note: "'over 15x' raw migration throughput",
      },
      {
        id: "cxl.ratio",
        what:
          "CXL-A load latency over emulated remote-DDR5 (memo): +35 % " +
          "vs local DDR5; CXL-B about 2x, CXL-C (FPGA) about 3x",
        topic: "remote_access",
        value: 1.35,
        unit: "x",
        hardware: "Xeon 6430, three CXL devices",
        software: "2023",
        method: "memo",
        source: "CXL23",
        confidence: "quoted_secondary",
        note:
          "sources disagree on the base (remote or local DDR5); read " +
          "efficiency 46/47/20 % vs 70 % for remote DDR5",
      },
      {
        id: "cxl.abs",
        what: "absolute CXL device load latencies",
        topic: "remote_access",
        value: 214,
        unit: "ns",
        low: 214,
        high: 394,
        hardware: "Intel SPR/EMR with four CXL devices",
        software: "2024",
        method: "MLC",
        source: "MELODY25",
        confidence: "recalled",
        note: "214 / 239 / 271 / 394 ns; local DDR about 111 ns",
      },
    ],
  },
  {
    version: 1,
    setups: {
      "xe-gt-stats": {
        hardware:
          "Intel Xe discrete GPU (model not named in the patch; BMG is " +
          "the test part named elsewhere in the series)",
        software: "drm-xe with device THP series, January 2026; GT stats " + "counters",
        method: "per-fault counters svm_2M_*_us after a 2 MiB fault",
      },
      "xe-iova": {
        hardware: "Intel Xe discrete GPU",
        software: "drm-xe January 2026, IOMMU on (cost named as IOMMU " + "synchronisation)",
        method: "average CPU time of migrate in 2M / 64K faults",
      },
    },
    figures: [
      {
        id: "xe.2m.nothp.fault",
        what: "2 MiB SVM page fault, handler total without THP device pages",
        topic: "total_single_fault",
        value: 966,
        unit: "us",
        setup: "xe-gt-stats",
        source: "XETHP",
        confidence: "quoted",
        note:
          "handler time only: GuC delivery and GPU replay are outside " +
          "these counters. Reading as one fault is ours: the driver " +
          "documents the *_us counters as cumulative time " +
          "(drivers/gpu/drm/xe/xe_gt_stats_types.h, read), and the " +
          "patch text says only that they were collected after a 2MB " +
          "page fault and prints no *_count; the reading fits the link " +
          "(2 MiB/106 us = 19.8 GB/s; two faults would need about 40 " +
          "GB/s) and V02 (552 us CPU per 2 MiB migration before " +
          "batching)",
      },
      {
        id: "xe.2m.nothp.migrate",
        what: "migrate to VRAM without THP device pages",
        topic: "migrate_total",
        value: 942,
        unit: "us",
        setup: "xe-gt-stats",
        source: "XETHP",
        confidence: "quoted",
      },
      {
        id: "xe.2m.nothp.copy",
        what: "device copy inside migrate without THP device pages",
        topic: "copy",
        value: 223,
        unit: "us",
        setup: "xe-gt-stats",
        source: "XETHP",
        confidence: "quoted",
      },
      {
        id: "xe.2m.nothp.getpages",
        what: "get_pages (hmm_range_fault + dma map) without THP device " + "pages",
        topic: "hmm_range_fault",
        value: 9,
        unit: "us",
        setup: "xe-gt-stats",
        source: "XETHP",
        confidence: "quoted",
      },
      {
        id: "xe.2m.nothp.bind",
        what: "bind (GPU PTE update incl. TLB work) without THP device " + "pages",
        topic: "pte_update",
        value: 10,
        unit: "us",
        setup: "xe-gt-stats",
        source: "XETHP",
        confidence: "quoted",
      },
      {
        id: "xe.2m.thp.fault",
        what: "2 MiB SVM page fault, handler total with THP device pages",
        topic: "total_single_fault",
        value: 132,
        unit: "us",
        setup: "xe-gt-stats",
        source: "XETHP",
        confidence: "quoted",
        note:
          "handler time only: GuC delivery and GPU replay are outside " +
          "these counters. Reading as one fault is ours: the driver " +
          "documents the *_us counters as cumulative time " +
          "(drivers/gpu/drm/xe/xe_gt_stats_types.h, read), and the " +
          "patch text says only that they were collected after a 2MB " +
          "page fault and prints no *_count; the reading fits the link " +
          "(2 MiB/106 us = 19.8 GB/s; two faults would need about 40 " +
          "GB/s) and V02 (552 us CPU per 2 MiB migration before " +
          "batching)",
      },
      {
        id: "xe.2m.thp.migrate",
        what: "migrate to VRAM with THP device pages",
        topic: "migrate_total",
        value: 128,
        unit: "us",
        setup: "xe-gt-stats",
        source: "XETHP",
        confidence: "quoted",
      },
      {
        id: "xe.2m.thp.copy",
        what: "device copy inside migrate with THP device pages",
        topic: "copy",
        value: 106,
        unit: "us",
        setup: "xe-gt-stats",
        source: "XETHP",
        confidence: "quoted",
      },
      {
        id: "xe.2m.thp.getpages",
        what: "get_pages (hmm_range_fault + dma map) with THP device pages",
        topic: "hmm_range_fault",
        value: 1,
        unit: "us",
        setup: "xe-gt-stats",
        source: "XETHP",
        confidence: "quoted",
      },
      {
        id: "xe.2m.thp.bind",
        what: "bind (GPU PTE update incl. TLB work) with THP device pages",
        topic: "pte_update",
        value: 2,
        unit: "us",
        setup: "xe-gt-stats",
        source: "XETHP",
        confidence: "quoted",
      },
      {
        id: "xe.2m.migrate_vma",
        what: "migrate_vma_* and bookkeeping per 4 KiB page, no THP: " + "(942-223)/512",
        topic: "cpu_pt_ops",
        value: 1.4,
        unit: "us",
        per: "page of 4 KiB",
        more: {
          folio: {
            value: 22,
            unit: "us",
          },
        },
        setup: "xe-gt-stats",
        source: "XETHP",
        confidence: "inferred",
        derived_from: [
          "xe.2m.nothp.migrate",
          "xe.2m.nothp.copy",
          "xe.2m.thp.migrate",
          "xe.2m.thp.copy",
        ],
        note: "with THP (128-106) = 22 us per 2 MiB page; includes DMA " + "mapping",
      },
      {
        id: "xe.2m.bw",
        what: "demand-migration rate for 2 MiB faults: no THP / THP",
        topic: "throughput",
        value: 2.17,
        unit: "GB/s",
        more: {
          thp: {
            value: 15.9,
            unit: "GB/s",
          },
        },
        setup: "xe-gt-stats",
        source: "XETHP",
        confidence: "inferred",
        derived_from: ["xe.2m.nothp.fault", "xe.2m.thp.fault"],
        note: "15.9 GB/s with THP; copy engine alone 9.4 / 19.8 GB/s",
      },
      {
        id: "xe.96",
        what: "share of 2 MiB GPU fault time inside migrate_vma_* before " + "THP support",
        topic: "cpu_pt_ops",
        value: 96,
        unit: "percent",
        hardware: "Intel Xe",
        software: "drm-next March 2025",
        method: "profiling statement",
        source: "XE96",
        confidence: "quoted",
        note: "'I believe our profiling showed that 96%'",
      },
      {
        id: "xe.iova.2m",
        what:
          "CPU time of a 2 MiB migrate (4 KiB pages): dma_map_page loop " +
          "vs IOVA alloc/link/sync",
        topic: "dma_map",
        value: 552.4,
        unit: "us",
        more: {
          after: {
            value: 224.8,
            unit: "us",
          },
          later_baseline: {
            value: 334,
            unit: "us",
          },
        },
        setup: "xe-iova",
        source: "XEIOVA",
        confidence: "quoted",
        note:
          "224.8 us after; later revision's baseline 334.0 us; share of " +
          "fault time 71.9 % to 51.4 %",
      },
      {
        id: "xe.iova.64k",
        what: "same, 64 KiB migrate",
        topic: "dma_map",
        value: 24.98,
        unit: "us",
        more: {
          after: {
            value: 14.66,
            unit: "us",
          },
          later_baseline: {
            value: 18.63,
            unit: "us",
          },
        },
        setup: "xe-iova",
        source: "XEIOVA",
        confidence: "quoted",
        note: "14.66 us after; later revision's baseline 18.63 us; share " + "34.8 % to 25.7 %",
      },
      {
        id: "xe.fault.total",
        what: "whole fault implied by the shares: 2 MiB / 64 KiB",
        topic: "total_single_fault",
        value: 768,
        unit: "us",
        more: {
          "64KiB": {
            value: 71.8,
            unit: "us",
          },
          after: {
            value: 437,
            unit: "us",
          },
          after_64KiB: {
            value: 57.1,
            unit: "us",
          },
        },
        setup: "xe-iova",
        source: "XEIOVA",
        confidence: "inferred",
        derived_from: ["xe.iova.2m", "xe.iova.64k"],
        note:
          "552.4/0.7194 = 768 us; 64 KiB: 24.98/0.3479 = 71.8 us; " +
          "after: 437 and 57.1 us; the text does not define the " +
          "denominator of its percentage (fault or migrate time)",
      },
      {
        id: "xe.dmamap_page",
        what: "per-page saving of batched IOVA mapping: (552.4-224.8)/512",
        topic: "dma_map",
        value: 0.64,
        unit: "us",
        per: "page of 4 KiB",
        more: {
          later_baseline: {
            value: 0.21,
            unit: "us",
          },
        },
        setup: "xe-iova",
        source: "XEIOVA",
        confidence: "inferred",
        derived_from: ["xe.iova.2m"],
        note: "0.21 us with the later baseline",
      },
      {
        id: "link.pvc",
        what: "PVC: stack-to-stack in one package / remote stack over Xe " + "Link / H2D",
        topic: "remote_access",
        value: 196,
        unit: "GB/s",
        more: {
          remote_stack: {
            value: 15,
            unit: "GB/s",
          },
          host: {
            value: 54.5,
            unit: "GB/s",
          },
        },
        hardware: "Aurora",
        software: "oneAPI 2023-24",
        method: "micro-benchmark",
        source: "PVCBENCH",
        confidence: "recalled",
        note: "about 15 GB/s per remote stack pair; 54-55 GB/s H2D; low " + "certainty",
      },
    ],
  },
  {
    version: 1,
    setups: {
      "odp-prototype": {
        hardware: "Mellanox Connect-IB prototype (recalled model), InfiniBand",
        software: "Linux, ODP prototype",
        method: "micro-benchmark",
      },
      kunpeng: {
        hardware: "Kunpeng 920, HiSilicon SEC accelerator, Arm SMMUv3 stall " + "model",
        software: "RFC series of March 2021, UADK hisi_sec_test",
        method: "throughput with and without IOPF",
      },
    },
    figures: [
      {
        id: "nic.npf.4k",
        what: "minor network page fault, 4 KiB message",
        topic: "total_single_fault",
        value: 220,
        unit: "us",
        setup: "odp-prototype",
        source: "NPF17",
        confidence: "quoted_secondary",
      },
      {
        id: "nic.npf.4m",
        what: "minor network page fault, 4 MiB message (1024 pages, " + "batched)",
        topic: "total_single_fault",
        value: 350,
        unit: "us",
        setup: "odp-prototype",
        source: "NPF17",
        confidence: "quoted_secondary",
        note:
          "one page per request would be > 220 ms for a cold 4 MiB " +
          "message; invalidations are cheaper than faults",
      },
      {
        id: "nic.npf.tail",
        what: "percentiles of the 4 KiB minor fault: median / p95 / p99 / " + "max",
        topic: "total_single_fault",
        value: 215,
        unit: "us",
        high: 464,
        tail: 261,
        more: {
          p95: {
            value: 250,
            unit: "us",
          },
          p99: {
            value: 261,
            unit: "us",
          },
          max: {
            value: 464,
            unit: "us",
          },
          "4MiB_median": {
            value: 352,
            unit: "us",
          },
          "4MiB_p95": {
            value: 431,
            unit: "us",
          },
          "4MiB_p99": {
            value: 440,
            unit: "us",
          },
          "4MiB_max": {
            value: 687,
            unit: "us",
          },
        },
        setup: "odp-prototype",
        source: "NPF17",
        confidence: "recalled",
        note:
          "215 / 250 / 261 / 464; 4 MiB 352 / 431 / 440 / 687; about 90 " +
          "% of it in NIC hardware and firmware",
      },
      {
        id: "smmu.sva.fault",
        what: "cost per SVA I/O page fault from the host-SVA rows (four run " + "lengths)",
        topic: "total_single_fault",
        value: 10.4,
        unit: "us",
        low: 10.1,
        high: 10.6,
        setup: "kunpeng",
        source: "VFIOIOPF",
        confidence: "inferred",
        note: "1x: 512 faults 10.1 us; 100x: 1024 faults 10.6; 1000x: 10.2; " + "5000x: 10.6",
      },
      {
        id: "smmu.vfio.fault",
        what: "cost per VFIO stage-2 I/O page fault",
        topic: "total_single_fault",
        value: 10.5,
        unit: "us",
        low: 2.9,
        high: 10.5,
        setup: "kunpeng",
        source: "VFIOIOPF",
        confidence: "inferred",
        note: "2.9-4.4 us when amortised over 100-5000 iterations",
      },
      {
        id: "smmu.handler",
        what:
          "mean time in the software handler: " +
          "vfio_iommu_dev_fault_handler / iopf_handle_group (SVA)",
        topic: "driver_fetch_batch",
        value: 1.6,
        unit: "us",
        more: {
          sva: {
            value: 2,
            unit: "us",
          },
        },
        setup: "kunpeng",
        source: "VFIOIOPF",
        confidence: "quoted",
        note: "2.0 us for SVA",
      },
      {
        id: "pri.ratio",
        what: "ATS/PRI fault latency relative to a CPU fault",
        topic: "total_single_fault",
        value: 3,
        unit: "x",
        low: 3,
        high: 80,
        hardware: "review figure",
        source: "PRI25",
        confidence: "quoted",
        note: "'~3x to ~80x'; also coIOMMU ATC'20",
      },
      {
        id: "pri.iopf_major",
        what: "I/O page fault with swap-in, mean, 10000 production VMs",
        topic: "total_single_fault",
        value: 700,
        unit: "us",
        more: {
          snoop_hit: {
            value: 3.5,
            unit: "us",
          },
          snoop_miss: {
            value: 4.5,
            unit: "us",
          },
        },
        hardware: "Xeon 8269CY, DPU PCIe 3 x8",
        software: "Alibaba VIO",
        method: "production sampling",
        source: "PRI25",
        confidence: "quoted",
        note:
          "snoop 3.5 us on a lock-page hit, 4.5 us on a miss; presence " +
          "check about 1 us; bitmap 90 ns",
      },
      {
        id: "pri.retrans",
        what: "delay when the NIC drops and upper layers retransmit",
        topic: "fault_effect",
        value: 100,
        unit: "x",
        hardware: "DPU VPRI",
        method: "paper statement",
        source: "PRI25",
        confidence: "quoted",
        note:
          "'several hundred milliseconds'; Redis -60 %, nginx -45 %, " +
          "memcached -57 % at 10 ms fault delay",
      },
      {
        id: "pri.m3u",
        what: "demand paging through IOPF vs vCPU fault",
        topic: "total_single_fault",
        value: 2,
        unit: "x",
        more: {
          maximum: {
            value: 3.21,
            unit: "x",
          },
        },
        hardware: "IOPF-enabled cloud platform",
        software: "post-copy migration",
        method: "paper statement",
        source: "M3U",
        confidence: "quoted",
        note: "3.21x for the maximum",
      },
      {
        id: "iommu.inval.cycles",
        what: "IOTLB invalidation per unmap, strict mode",
        topic: "tlb_invalidate",
        value: 2131,
        unit: "cycles",
        low: 2127,
        high: 2135,
        hardware: "VT-d",
        method: "micro-benchmark",
        source: "RIOMMU",
        confidence: "quoted_secondary",
        note: "2127-2135",
      },
      {
        id: "iommu.batch.save",
        what: "saving from batching IOTLB + device-IOTLB commands",
        topic: "tlb_invalidate",
        value: 800,
        unit: "cycles",
        per: "call of qi_submit_sync",
        hardware: "DSA with SVA",
        software: "Linux 2024",
        method: "micro-benchmark",
        source: "TINA24",
        confidence: "quoted_secondary",
        note: "'roughly more than 800 cycles'",
      },
      {
        id: "nic.npf.perpage",
        what: "slope between the 4 KiB and 4 MiB points: (350-220)/1023",
        topic: "dma_map",
        value: 0.127,
        unit: "us",
        per: "page after the first",
        setup: "odp-prototype",
        source: "NPF17",
        confidence: "inferred",
        derived_from: ["nic.npf.4k", "nic.npf.4m"],
        note: "fixed part about 220 us",
      },
      {
        id: "coiommu.ratio",
        what: "DMA page fault vs CPU page fault",
        topic: "total_single_fault",
        value: 3,
        unit: "x",
        low: 3,
        high: 80,
        hardware: "review figure in the paper",
        source: "COIOMMU",
        confidence: "quoted_secondary",
        note: "3x to 80x",
      },
    ],
  },
  {
    version: 1,
    setups: {
      "gh200-raw-files": {
        hardware:
          "GH200: H100 96 GB HBM3 + Grace 72c, 480 GB LPDDR5X, " +
          "NVLink-C2C; 64 KiB page constant in the code",
        software: "software versions not in the files; graphics clock 1.98 GHz " + "in the code",
        method: "raw result files, median computed by us",
      },
      "two-gh200": {
        hardware: "2x GH200 workstation, 96 GB HBM3 + 480 GB LPDDR5X each, no " + "GPU peer link",
        software: "driver 580.105.08, CUDA 13.0, Ubuntu 24.04, THP=always",
        method: "NVBandwidth 0.9, STREAM, custom CUDA; medians",
      },
    },
    figures: [
      {
        id: "gh.lat.hbm",
        what: "GPU pointer-chase latency, local HBM",
        topic: "remote_access",
        value: 344.8,
        unit: "ns",
        low: 344.4,
        high: 346.4,
        tail: 345.3,
        setup: "gh200-raw-files",
        source: "FUSCO",
        confidence: "quoted",
        note: "n=100",
      },
      {
        id: "gh.lat.c2c",
        what: "GPU pointer-chase latency, Grace LPDDR5X over C2C",
        topic: "remote_access",
        value: 856.2,
        unit: "ns",
        low: 854.5,
        high: 858.1,
        tail: 857.8,
        setup: "gh200-raw-files",
        source: "FUSCO",
        confidence: "quoted",
        note: "n=100",
      },
      {
        id: "gh.pingpong",
        what: "atomic ping-pong: CPU-CPU / CPU-GPU / GPU-CPU / GPU-GPU on " + "host memory",
        topic: "remote_access",
        value: 859.7,
        unit: "ns",
        more: {
          host_cpu_cpu: {
            value: 96.8,
            unit: "ns",
          },
          host_gpu_cpu: {
            value: 786.5,
            unit: "ns",
          },
          host_gpu_gpu: {
            value: 1351.8,
            unit: "ns",
          },
          device_cpu_cpu: {
            value: 123.3,
            unit: "ns",
          },
          device_cpu_gpu: {
            value: 846.3,
            unit: "ns",
          },
          device_gpu_cpu: {
            value: 846.2,
            unit: "ns",
          },
          device_gpu_gpu: {
            value: 349.8,
            unit: "ns",
          },
        },
        setup: "gh200-raw-files",
        source: "FUSCO",
        confidence: "quoted",
        note:
          "host memory 96.8 / 859.7 / 786.5 / 1351.8; device memory " +
          "123.3 / 846.3 / 846.2 / 349.8",
      },
      {
        id: "gh.tlbmiss",
        what:
          "extra latency of the first pass over a buffer (cold GPU TLB) " +
          "vs later passes, HBM 96 MB: 546.1 vs 344.9 ns",
        topic: "gpu_tlb_walk",
        value: 201,
        unit: "ns",
        per: "access",
        setup: "gh200-raw-files",
        source: "FUSCO",
        confidence: "inferred",
        derived_from: ["gh.lat.hbm"],
        note: "interpretation: translation miss; DDR 1 MB 768.9 vs 617.8 ns",
      },
      {
        id: "gh.copy.kernel",
        what: "GPU copy kernel: pageable LPDDR to HBM / HBM to LPDDR / " + "LPDDR to LPDDR",
        topic: "copy",
        value: 399.4,
        unit: "GB/s",
        more: {
          to_system: {
            value: 377.8,
            unit: "GB/s",
          },
          in_system: {
            value: 193,
            unit: "GB/s",
          },
          in_device: {
            value: 1727,
            unit: "GB/s",
          },
        },
        setup: "gh200-raw-files",
        source: "FUSCO",
        confidence: "quoted",
        note: "399.4 / 377.8 / 193.0; HBM to HBM 1727",
      },
      {
        id: "gh.copy.ce",
        what: "cudaMemcpy: host pinned to device / device to host / " + "pageable mmap to device",
        topic: "copy",
        value: 406.9,
        unit: "GB/s",
        more: {
          to_system: {
            value: 296.8,
            unit: "GB/s",
          },
          pageable_to_device: {
            value: 406.9,
            unit: "GB/s",
          },
          managed_to_host: {
            value: 384.7,
            unit: "GB/s",
          },
          in_system: {
            value: 13.9,
            unit: "GB/s",
          },
        },
        setup: "gh200-raw-files",
        source: "FUSCO",
        confidence: "quoted",
        note:
          "406.9 / 296.8 / 406.9; managed to host 384.7; pageable host " +
          "to pageable host through cudaMemcpy 13.9",
      },
      {
        id: "gh.copy.cpu",
        what: "72-core CPU copy: LPDDR-LPDDR / LPDDR to HBM / HBM to LPDDR " + "/ HBM-HBM",
        topic: "copy",
        value: 150.7,
        unit: "GB/s",
        more: {
          to_device: {
            value: 200,
            unit: "GB/s",
          },
          to_system: {
            value: 166.3,
            unit: "GB/s",
          },
          in_device: {
            value: 105.1,
            unit: "GB/s",
          },
        },
        setup: "gh200-raw-files",
        source: "FUSCO",
        confidence: "quoted",
        note: "150.7 / 200.0 / 166.3 / 105.1 (mmap memory)",
      },
      {
        id: "gh.memset.cpu",
        what: "1-thread CPU memset of resident memory, 8 GB: LPDDR / HBM",
        topic: "first_touch",
        value: 43,
        unit: "GB/s",
        more: {
          device: {
            value: 13.5,
            unit: "GB/s",
          },
        },
        setup: "gh200-raw-files",
        source: "FUSCO",
        confidence: "quoted",
        note: "13.5 GB/s to HBM",
      },
      {
        id: "gh.firstpass",
        what: "1-thread CPU stream copy of 4 GiB: first pass (page faults) " + "vs later passes",
        topic: "first_touch",
        value: 12.5,
        unit: "GB/s",
        more: {
          later: {
            value: 26.2,
            unit: "GB/s",
          },
        },
        setup: "gh200-raw-files",
        source: "FUSCO",
        confidence: "quoted",
        note: "26.2 GB/s later; difference = 0.042 s/GB copied (computed)",
      },
      {
        id: "gh2.c2c",
        what: "C2C host-to-device / device-to-host copy",
        topic: "copy",
        value: 377,
        unit: "GB/s",
        more: {
          to_system: {
            value: 297,
            unit: "GB/s",
          },
        },
        setup: "two-gh200",
        source: "DNHKNG",
        confidence: "quoted",
        note: "297 GB/s D2H; 84 % and 66 % of 450",
      },
      {
        id: "gh2.remote",
        what: "GPU to other socket's LPDDR",
        topic: "remote_access",
        value: 133,
        unit: "GB/s",
        setup: "two-gh200",
        source: "DNHKNG",
        confidence: "quoted",
      },
      {
        id: "gh2.gpugpu",
        what: "GPU to GPU staged copy, no peer path",
        topic: "remote_access",
        value: 58,
        unit: "GB/s",
        setup: "two-gh200",
        source: "DNHKNG",
        confidence: "quoted",
      },
      {
        id: "gh2.ats_read",
        what: "GPU kernel on unregistered (malloc, ATS) local LPDDR",
        topic: "remote_access",
        value: 331,
        unit: "GB/s",
        low: 331,
        high: 339,
        more: {
          remote_socket: {
            value: 221,
            unit: "GB/s",
          },
        },
        setup: "two-gh200",
        source: "DNHKNG",
        confidence: "quoted",
        note: "331-339 local, 221 remote socket",
      },
      {
        id: "gh2.thrash",
        what: "managed memory with alternating CPU and GPU access, 4 GB",
        topic: "throughput",
        value: 18,
        unit: "GB/s",
        low: 18,
        high: 29,
        setup: "two-gh200",
        source: "DNHKNG",
        confidence: "quoted",
        note: "migration dominated",
      },
      {
        id: "gh.alps.links",
        what: "Alps quad GH200: C2C 450 GB/s per direction, NVLink 150 GB/s " + "per GPU pair",
        topic: "remote_access",
        value: 150,
        unit: "GB/s",
        more: {
          c2c: {
            value: 450,
            unit: "GB/s",
          },
        },
        hardware: "Alps",
        software: "paper figure caption",
        method: "nominal",
        source: "FUSCOWIKI",
        confidence: "quoted_secondary",
      },
      {
        id: "gh.icpp.bw",
        what: "C2C H2D / D2H; GPU STREAM; CPU STREAM",
        topic: "copy",
        value: 375,
        unit: "GB/s",
        more: {
          to_system: {
            value: 297,
            unit: "GB/s",
          },
          gpu_stream: {
            value: 3.4,
            unit: "TB/s",
          },
          cpu_stream: {
            value: 486,
            unit: "GB/s",
          },
        },
        hardware: "GH200 96 GB HBM3, 480 GB LPDDR5X",
        software: "RHEL 9.3, CUDA 12.4",
        method: "STREAM for memory; C2C method not seen",
        source: "SCHIEFFER24",
        confidence: "quoted_secondary",
        note: "375 / 297; 3.4 TB/s; 486 GB/s",
      },
      {
        id: "gh.icpp.pagesize",
        what:
          "effect of 64 KiB vs 4 KiB system pages: 33-qubit " +
          "initialisation / total run time / de-allocation",
        topic: "granularity",
        value: 5,
        unit: "x",
        hardware: "GH200",
        software: "RHEL 9.3, CUDA 12.4",
        method: "application study",
        source: "SCHIEFFER24",
        confidence: "quoted_secondary",
        note:
          "total 2.9x; de-allocation 4.6x to 38x; cudaHostRegister " +
          "pre-population about 300 ms in Rodinia",
      },
    ],
  },
  {
    version: 1,
    setups: {
      "thor-services": {
        hardware:
          "Jetson AGX Thor (integrated GPU, 131.86 GB DRAM reported, " +
          "SMMUv3 SVA/ATS, MIG 2g+1g)",
        software:
          "JetPack 7.2, kernel 6.8.12-1021-tegra, open modules 595.78, " +
          "uvm_ats_mode=1, uvm_disable_hmm=Y",
        method: "1 GiB, 10 runs, mean and 95 % half-width",
      },
      "thor-paired": {
        hardware:
          "Jetson AGX Thor (integrated GPU, 131.86 GB DRAM reported, " +
          "SMMUv3 SVA/ATS, MIG 2g+1g)",
        software:
          "JetPack 7.2, kernel 6.8.12-1021-tegra, open modules 595.78, " +
          "uvm_ats_mode=1, uvm_disable_hmm=Y",
        method: "6 paired runs",
      },
    },
    figures: [
      {
        id: "thor.steady_write",
        what: "GPU write, steady state",
        topic: "baseline",
        value: 6.6,
        unit: "ms/GiB",
        spread: "+/- 1.2",
        setup: "thor-services",
        source: "THOR",
        confidence: "quoted",
      },
      {
        id: "thor.steady_read",
        what: "GPU read, steady state",
        topic: "baseline",
        value: 20.8,
        unit: "ms/GiB",
        spread: "+/- 3.0",
        setup: "thor-services",
        source: "THOR",
        confidence: "quoted",
      },
      {
        id: "thor.first_write_4k",
        what: "GPU first write to untouched memory, 4 KiB pages",
        topic: "first_touch",
        value: 4628.3,
        unit: "ms/GiB",
        spread: "+/- 132.5",
        setup: "thor-services",
        source: "THOR",
        confidence: "quoted",
      },
      {
        id: "thor.first_read_4k",
        what: "GPU first read of untouched memory, 4 KiB pages",
        topic: "first_touch",
        value: 4319.7,
        unit: "ms/GiB",
        spread: "+/- 422.6",
        setup: "thor-services",
        source: "THOR",
        confidence: "quoted",
      },
      {
        id: "thor.first_write_thp",
        what: "GPU first write, THP",
        topic: "first_touch",
        value: 4533.4,
        unit: "ms/GiB",
        spread: "+/- 204.1",
        setup: "thor-services",
        source: "THOR",
        confidence: "quoted",
      },
      {
        id: "thor.first_write_shmem",
        what: "GPU first write, memfd shmem",
        topic: "first_touch",
        value: 785,
        unit: "ms/GiB",
        spread: "+/- 78.0",
        setup: "thor-services",
        source: "THOR",
        confidence: "quoted",
      },
      {
        id: "thor.first_write_hugetlb",
        what: "GPU first write, hugetlb",
        topic: "first_touch",
        value: 106.6,
        unit: "ms/GiB",
        spread: "+/- 22.8",
        setup: "thor-services",
        source: "THOR",
        confidence: "quoted",
      },
      {
        id: "thor.cpu_pop_1t",
        what: "CPU populates first, 1 thread",
        topic: "cpu_fault",
        value: 216.3,
        unit: "ms/GiB",
        spread: "+/- 0.6",
        setup: "thor-services",
        source: "THOR",
        confidence: "quoted",
      },
      {
        id: "thor.cpu_pop_12t",
        what: "CPU populates first, 12 threads",
        topic: "cpu_fault",
        value: 163.8,
        unit: "ms/GiB",
        spread: "+/- 35.8",
        setup: "thor-services",
        source: "THOR",
        confidence: "quoted",
      },
      {
        id: "thor.cpu_pop_12t_thp",
        what: "CPU populates first, 12 threads, THP",
        topic: "cpu_fault",
        value: 12.9,
        unit: "ms/GiB",
        spread: "+/- 1.6",
        setup: "thor-services",
        source: "THOR",
        confidence: "quoted",
      },
      {
        id: "thor.fork_4k",
        what: "fork, 4 KiB pages",
        topic: "fork",
        value: 23.9,
        unit: "ms/GiB",
        spread: "+/- 2.2",
        setup: "thor-services",
        source: "THOR",
        confidence: "quoted",
      },
      {
        id: "thor.fork_thp",
        what: "fork, THP",
        topic: "fork",
        value: 1.4,
        unit: "ms/GiB",
        spread: "+/- 0.2",
        setup: "thor-services",
        source: "THOR",
        confidence: "quoted",
      },
      {
        id: "thor.cow_gpu_4k",
        what: "GPU write after fork (kernel CoW), 4 KiB",
        topic: "cow",
        value: 3138.6,
        unit: "ms/GiB",
        spread: "+/- 26.1",
        setup: "thor-services",
        source: "THOR",
        confidence: "quoted",
      },
      {
        id: "thor.cow_gpu_thp",
        what: "GPU write after fork (kernel CoW), THP (is split and copied " + "4 KiB at a time)",
        topic: "cow",
        value: 3178.7,
        unit: "ms/GiB",
        spread: "+/- 19.5",
        setup: "thor-services",
        source: "THOR",
        confidence: "quoted",
      },
      {
        id: "thor.cow_gpu_hugetlb",
        what: "GPU write after fork (kernel CoW), hugetlb",
        topic: "cow",
        value: 280.3,
        unit: "ms/GiB",
        spread: "+/- 15.3",
        setup: "thor-services",
        source: "THOR",
        confidence: "quoted",
      },
      {
        id: "thor.cow_gpu_childgone",
        what: "GPU write after the child has exited (nothing to copy)",
        topic: "cow",
        value: 2715.5,
        unit: "ms/GiB",
        spread: "+/- 16.2",
        setup: "thor-services",
        source: "THOR",
        confidence: "quoted",
      },
      {
        id: "thor.cow_cpu_12t",
        what: "CPU CoW break, 12 threads, CUDA process",
        topic: "cow",
        value: 1636,
        unit: "ms/GiB",
        spread: "+/- 253.5",
        setup: "thor-services",
        source: "THOR",
        confidence: "quoted",
      },
      {
        id: "thor.cow_cpu_12t_thp",
        what: "CPU CoW break, 12 threads, CUDA process, THP",
        topic: "cow",
        value: 1834.5,
        unit: "ms/GiB",
        spread: "+/- 290.9",
        setup: "thor-services",
        source: "THOR",
        confidence: "quoted",
      },
      {
        id: "thor.cow_cpu_12t_hugetlb",
        what: "CPU CoW break, 12 threads, hugetlb",
        topic: "cow",
        value: 74.2,
        unit: "ms/GiB",
        spread: "+/- 11.5",
        setup: "thor-services",
        source: "THOR",
        confidence: "quoted",
      },
      {
        id: "thor.cow_cpu_12t_nocuda",
        what: "CPU CoW break, 12 threads, before CUDA init",
        topic: "cow",
        value: 244.3,
        unit: "ms/GiB",
        spread: "+/- 71.6",
        setup: "thor-services",
        source: "THOR",
        confidence: "quoted",
      },
      {
        id: "thor.cow_cpu_1t_nocuda",
        what: "CPU CoW break, 1 thread, before CUDA init",
        topic: "cow",
        value: 457.1,
        unit: "ms/GiB",
        spread: "+/- 8.1",
        setup: "thor-services",
        source: "THOR",
        confidence: "quoted",
      },
      {
        id: "thor.mprotect_revoke",
        what: "mprotect revoke, anonymous 4 KiB",
        topic: "range_op",
        value: 7.4,
        unit: "ms/GiB",
        spread: "+/- 1.0",
        setup: "thor-services",
        source: "THOR",
        confidence: "quoted",
      },
      {
        id: "thor.mprotect_grant",
        what: "mprotect grant, anonymous 4 KiB",
        topic: "range_op",
        value: 17.7,
        unit: "ms/GiB",
        spread: "+/- 3.1",
        setup: "thor-services",
        source: "THOR",
        confidence: "quoted",
      },
      {
        id: "thor.munmap",
        what: "MADV_DONTNEED or munmap of GPU-used memory",
        topic: "range_op",
        value: 98.5,
        unit: "ms/GiB",
        spread: "+/- 7.4",
        setup: "thor-services",
        source: "THOR",
        confidence: "quoted",
        note: "quoted as '96 to 101'",
      },
      {
        id: "thor.fault_us",
        what: "GPU first-touch fault per 4 KiB page",
        topic: "total_single_fault",
        value: 17.66,
        unit: "us",
        setup: "thor-services",
        source: "THOR",
        confidence: "inferred",
        derived_from: ["thor.first_write_4k"],
        note: "4628.3 ms / 262144",
      },
      {
        id: "thor.cow_us",
        what: "GPU write-after-fork fault per 4 KiB page",
        topic: "cow",
        value: 11.97,
        unit: "us",
        setup: "thor-services",
        source: "THOR",
        confidence: "inferred",
        derived_from: ["thor.cow_gpu_4k"],
      },
      {
        id: "thor.flush_us",
        what:
          "added cost per single-page flush in an SVA-bound process, 1 " +
          "thread (CoW break, write fault, 1-page mprotect, 1-page " +
          "DONTNEED)",
        topic: "tlb_invalidate",
        value: 9.1,
        unit: "us",
        low: 9.02,
        high: 9.23,
        more: {
          threads_2: {
            value: 5.81,
            unit: "us",
          },
          threads_4: {
            value: 3.67,
            unit: "us",
          },
          threads_8: {
            value: 3.74,
            unit: "us",
          },
          threads_12: {
            value: 5.03,
            unit: "us",
          },
        },
        hardware:
          "Jetson AGX Thor (integrated GPU, 131.86 GB DRAM reported, " +
          "SMMUv3 SVA/ATS, MIG 2g+1g)",
        software:
          "JetPack 7.2, kernel 6.8.12-1021-tegra, open modules 595.78, " +
          "uvm_ats_mode=1, uvm_disable_hmm=Y",
        method: "before/after CUDA init, 6 paired runs, memory no kernel ever " + "touched",
        source: "THOR",
        confidence: "quoted",
        note: "5.81 us (2 thr), 3.67 (4), 3.74 (8), 5.03 (12)",
      },
      {
        id: "thor.flush_rate",
        what: "best single-page flush rate for a whole process",
        topic: "tlb_invalidate",
        value: 240000,
        unit: "flushes/s",
        hardware:
          "Jetson AGX Thor (integrated GPU, 131.86 GB DRAM reported, " +
          "SMMUv3 SVA/ATS, MIG 2g+1g)",
        software:
          "JetPack 7.2, kernel 6.8.12-1021-tegra, open modules 595.78, " +
          "uvm_ats_mode=1, uvm_disable_hmm=Y",
        method: "same",
        source: "THOR",
        confidence: "quoted",
      },
      {
        id: "thor.smmu_share",
        what:
          "CPU samples in arm_smmu_cmdq_issue_cmdlist during a CoW " +
          "break (TLBI path 51.2 %, ATC path 22.2 %)",
        topic: "tlb_invalidate",
        value: 73.5,
        unit: "percent",
        more: {
          tlbi: {
            value: 51.2,
            unit: "percent",
          },
          atc: {
            value: 22.2,
            unit: "percent",
          },
        },
        hardware:
          "Jetson AGX Thor (integrated GPU, 131.86 GB DRAM reported, " +
          "SMMUv3 SVA/ATS, MIG 2g+1g)",
        software:
          "JetPack 7.2, kernel 6.8.12-1021-tegra, open modules 595.78, " +
          "uvm_ats_mode=1, uvm_disable_hmm=Y",
        method: "perf -g, 1 thread, 2908 ms/GiB",
        source: "THOR",
        confidence: "quoted",
        note: "computed: TLBI 5.7 us + ATC 2.5 us of 11.1 us per page",
      },
      {
        id: "thor.smmu_share_gpu",
        what:
          "non-idle samples in the same function when the GPU faults: " +
          "first touch / write after fork",
        topic: "tlb_invalidate",
        value: 63.2,
        unit: "percent",
        more: {
          after_fork: {
            value: 51.8,
            unit: "percent",
          },
        },
        hardware:
          "Jetson AGX Thor (integrated GPU, 131.86 GB DRAM reported, " +
          "SMMUv3 SVA/ATS, MIG 2g+1g)",
        software:
          "JetPack 7.2, kernel 6.8.12-1021-tegra, open modules 595.78, " +
          "uvm_ats_mode=1, uvm_disable_hmm=Y",
        method: "system-wide perf",
        source: "THOR",
        confidence: "quoted",
        note:
          "51.8 % for write after fork; one UVM kernel thread serves " +
          "all GPU faults; first touch flushes once per page in " +
          "migrate_vma_collect_pmd",
      },
      {
        id: "thor.cow_cpu_before",
        what: "CoW break per page, 1 thread, before CUDA",
        topic: "cow",
        value: 465.8,
        unit: "ms/GiB",
        more: {
          after: {
            value: 2862.5,
            unit: "ms/GiB",
          },
          per_page: {
            value: 1.78,
            unit: "us",
          },
          after_per_page: {
            value: 10.92,
            unit: "us",
          },
        },
        setup: "thor-paired",
        source: "THOR",
        confidence: "quoted",
        note:
          "2862.5 after CUDA, 6.15x [5.98, 6.33]; = 1.78 us and 10.92 " + "us per page (computed)",
      },
      {
        id: "thor.pmdsplit",
        what: "split of a huge mapping: before / after CUDA",
        topic: "thp_split",
        value: 12.6,
        unit: "ms/GiB",
        more: {
          after: {
            value: 20.7,
            unit: "ms/GiB",
          },
          per_split: {
            value: 24.6,
            unit: "us",
          },
          after_per_split: {
            value: 40.4,
            unit: "us",
          },
        },
        setup: "thor-paired",
        source: "THOR",
        confidence: "quoted",
        note: "20.7 after; +15.71 us each; = 24.6 and 40.4 us per 2 MiB " + "(computed)",
      },
      {
        id: "thor.collapse",
        what: "MADV_COLLAPSE into huge pages: before / after CUDA",
        topic: "khugepaged_collapse",
        value: 368.4,
        unit: "ms/GiB",
        more: {
          after: {
            value: 354.8,
            unit: "ms/GiB",
          },
          per_2mib: {
            value: 0.72,
            unit: "ms",
          },
        },
        setup: "thor-paired",
        source: "THOR",
        confidence: "quoted",
        note: "354.8 after; = 0.72 ms per 2 MiB (computed)",
      },
      {
        id: "thor.mremap",
        what: "mremap of 1 GiB: before / after CUDA",
        topic: "range_op",
        value: 0.4,
        unit: "ms",
        more: {
          after: {
            value: 3.8,
            unit: "ms",
          },
        },
        setup: "thor-paired",
        source: "THOR",
        confidence: "quoted",
        note: "3.8 ms after",
      },
      {
        id: "thor.snap",
        what: "time lost per fork snapshot with 2 GiB dense GPU writer: " + "kernel CoW",
        topic: "fork_effect",
        value: 6465.6,
        unit: "ms",
        more: {
          extent_privatisation: {
            value: 52.9,
            unit: "ms",
          },
          stop_and_copy: {
            value: 19.1,
            unit: "ms",
          },
        },
        hardware:
          "Jetson AGX Thor (integrated GPU, 131.86 GB DRAM reported, " +
          "SMMUv3 SVA/ATS, MIG 2g+1g)",
        software:
          "JetPack 7.2, kernel 6.8.12-1021-tegra, open modules 595.78, " +
          "uvm_ats_mode=1, uvm_disable_hmm=Y",
        method: "12 runs",
        source: "THOR",
        confidence: "quoted",
        note:
          "+/- 27.7; extent privatisation 52.9, stop-and-copy 19.1; the " +
          "table shows 2097152 pages left to kernel CoW (= 4 snapshots " +
          "x 524288, computed)",
      },
      {
        id: "cpu.fault.anon.thor",
        what: "anonymous populate, 1 thread, per 4 KiB page",
        topic: "cpu_fault",
        value: 0.825,
        unit: "us",
        hardware:
          "Jetson AGX Thor (integrated GPU, 131.86 GB DRAM reported, " +
          "SMMUv3 SVA/ATS, MIG 2g+1g)",
        software:
          "JetPack 7.2, kernel 6.8.12-1021-tegra, open modules 595.78, " +
          "uvm_ats_mode=1, uvm_disable_hmm=Y",
        method: "216.3 ms/GiB",
        source: "THOR",
        confidence: "inferred",
        derived_from: ["thor.cpu_pop_1t"],
      },
    ],
  },
  {
    version: 1,
    setups: {
      "uvm-driver-source": {
        hardware: "any UVM GPU",
        software: "595.45.04",
        method: "driver source",
      },
      "titan-v": {
        hardware: "Titan V 12 GB (Volta), EPYC 7551P, 128 GB, PCIe 3",
        software: "CUDA 11.2, driver 460.27.04, Fedora 33, Linux 5.9.16",
        method: "instrumented nvidia-uvm driver, per-batch timers",
      },
      graphbig: {
        hardware: "UVM-capable NVIDIA GPU (machine not visible in the notes)",
        software: "NVIDIA UVM; version not visible in the notes",
        method: "real-machine profile of GraphBIG workloads",
      },
      "bede-p4000": {
        hardware: "Quadro P4000, Skylake 6138, PCIe 3",
        software: "driver 460.32.03, CUDA 11.2",
        method:
          "sgemm m=n=k=20000 fp32, matrices initialised on CPU, " + "migrated on demand; nvprof",
      },
      "bede-v100-pcie": {
        hardware: "V100-PCIE-16GB, Cascade Lake 5218, PCIe 3",
        software: "driver 460.32.03, CUDA 11.2",
        method:
          "sgemm m=n=k=20000 fp32, matrices initialised on CPU, " + "migrated on demand; nvprof",
      },
      "bede-v100-power9": {
        hardware: "V100-SXM2-32GB, POWER9 AC922, NVLink2, 64 KiB pages",
        software: "driver 440.95.01, CUDA 10.2",
        method:
          "sgemm m=n=k=20000 fp32, matrices initialised on CPU, " + "migrated on demand; nvprof",
      },
      "rtx-5080": {
        hardware: "RTX 5080",
        software: "UVM; driver not seen",
        method: "paper",
      },
    },
    figures: [
      {
        id: "nv.uvm.batch_max",
        what: "faults per batch (default; max seen useful 1024, tested to " + "6144)",
        topic: "driver_fetch_batch",
        value: 256,
        unit: "count",
        hardware: "any UVM GPU",
        software: "driver default; module param uvm_perf_fault_batch_count",
        method: "source and paper",
        source: "UVMSRC",
        confidence: "quoted",
        note:
          "SC21: 'Batches contain up to a maximum size of 256 faults'; " +
          "beyond 1024 no meaningful gain; max average unique faults " +
          "per batch about 500",
      },
      {
        id: "nv.uvm.batches_per_isr",
        what: "batches per bottom-half run",
        topic: "driver_fetch_batch",
        value: 20,
        unit: "count",
        setup: "uvm-driver-source",
        source: "UVMSRC",
        confidence: "quoted",
        note: "UVM_PERF_FAULT_MAX_BATCHES_PER_SERVICE_DEFAULT",
      },
      {
        id: "nv.uvm.replay_policy",
        what: "default replay policy",
        topic: "replay",
        value: "BATCH_FLUSH",
        unit: "word",
        setup: "uvm-driver-source",
        source: "UVMSRC",
        confidence: "quoted",
        note:
          "fault buffer is flushed before the replay, outstanding " +
          "faults are dropped and re-raised; update-PUT if duplicates > " +
          "50 %",
      },
      {
        id: "nv.uvm.vablock",
        what: "VA block (processing and eviction unit)",
        topic: "granularity",
        value: 2,
        unit: "MiB",
        hardware: "any UVM GPU",
        software: "460/595",
        method: "paper and source",
        source: "SC21",
        confidence: "quoted",
      },
      {
        id: "nv.uvm.promote",
        what: "4 KiB to 64 KiB upgrade on x86 as part of prefetch; 64 KiB " + "base on POWER9",
        topic: "granularity",
        value: 64,
        unit: "KiB",
        hardware: "any UVM GPU",
        software: "460.27.04",
        method: "paper",
        source: "SC21",
        confidence: "quoted",
      },
      {
        id: "nv.uvm.prefetch_thr",
        what: "tree prefetch density threshold",
        topic: "prefetch",
        value: 51,
        unit: "percent",
        setup: "uvm-driver-source",
        source: "UVMSRC",
        confidence: "quoted",
        note: "UVM_PREFETCH_THRESHOLD_DEFAULT 51, MIN_FAULTS 1, scope one 2 " + "MiB block",
      },
      {
        id: "nv.uvm.ac_threshold",
        what: "access-counter notification threshold",
        topic: "access_counter",
        value: 256,
        unit: "count",
        hardware: "Volta+",
        software: "595.45.04",
        method: "driver source",
        source: "UVMSRC",
        confidence: "quoted",
        note:
          "granularity 2 MiB, batch 256; an older driver listing seen " +
          "says MIMC migration is on by default on POWER9+ATS only",
      },
      {
        id: "nv.uvm.thrash",
        what: "thrashing detector: largest gap between two events of one " + "page",
        topic: "thrashing",
        value: 500,
        unit: "us",
        more: {
          threshold: {
            value: 3,
            unit: "count",
          },
          pin_threshold: {
            value: 10,
            unit: "count",
          },
          pin: {
            value: 300,
            unit: "lapses",
          },
          epoch: {
            value: 2000,
            unit: "lapses",
          },
        },
        setup: "uvm-driver-source",
        source: "UVMSRC",
        confidence: "quoted",
        note:
          "threshold 3 events within the lapse, pin after 10 throttles; " +
          "pin and epoch are multiples of the lapse " +
          "(uvm_perf_thrashing.c), 150 ms and 1 s at the default",
      },
      {
        id: "nv.volta.utlb_faults",
        what: "outstanding faults per uTLB",
        topic: "fault_generation",
        value: 56,
        unit: "count",
        setup: "titan-v",
        source: "SC21",
        confidence: "quoted",
        note: "plus a per-SM rate limiter; L2 prefetch instructions escape " + "both",
      },
      {
        id: "nv.volta.xfer_share",
        what: "data transfer share of batch time (sgemm), upper bound for " + "almost all batches",
        topic: "copy",
        value: 25,
        unit: "percent",
        setup: "titan-v",
        source: "SC21",
        confidence: "quoted",
        note:
          "'At most, the transfer time is approximately 25% of the " +
          "total batch time but is typically far lower'",
      },
      {
        id: "nv.volta.dma_share",
        what:
          "share of batch time in VA-block state init (DMA map of 512 " +
          "pages + radix tree) in the worst batches",
        topic: "dma_map",
        value: 64,
        unit: "percent",
        setup: "titan-v",
        source: "SC21",
        confidence: "quoted",
        note: "'up to 64%'; compulsory at first touch of a VA block",
      },
      {
        id: "nv.volta.prefetch_batches",
        what: "reduction of batch count by prefetch (sgemm)",
        topic: "prefetch",
        value: 93,
        unit: "percent",
        setup: "titan-v",
        source: "SC21",
        confidence: "quoted",
      },
      {
        id: "nv.volta.unmap_threads",
        what:
          "HPGMG slow-down when host data was touched by all OpenMP " +
          "threads instead of one (unmap_mapping_range cost)",
        topic: "unmap_shootdown",
        value: 2,
        unit: "x",
        setup: "titan-v",
        source: "SC21",
        confidence: "quoted",
        note: "'roughly twice the performance by simply disabling " + "multithreading'",
      },
      {
        id: "nv.kim.batch",
        what: "batch processing time, first fault taken to last page " + "migrated",
        topic: "batch_total",
        value: 313,
        unit: "us",
        low: 223,
        high: 553,
        setup: "graphbig",
        source: "KIM20",
        confidence: "quoted_secondary",
        note: "median",
      },
      {
        id: "nv.kim.runtime",
        what: "GPU runtime fault handling time inside a batch",
        topic: "preprocess",
        value: 140,
        unit: "us",
        low: 50,
        high: 430,
        setup: "graphbig",
        source: "KIM20",
        confidence: "quoted_secondary",
        note: "median; 46.69 % of batch time on average",
      },
      {
        id: "nv.zheng.farfault",
        what: "far-fault cost, lower and upper machine",
        topic: "total_single_fault",
        value: 20,
        unit: "us",
        low: 20,
        high: 50,
        hardware: "Maxwell GPU (20 us) to AMD Kaveri (50 us)",
        method: "micro-benchmark",
        source: "ZHENG16",
        confidence: "quoted_secondary",
      },
      {
        id: "nv.taco.farfault",
        what: "far fault",
        topic: "total_single_fault",
        value: 30,
        unit: "us",
        low: 30,
        high: 45,
        hardware: "discrete NVIDIA",
        software: "UVM",
        method: "paper",
        source: "TACO24",
        confidence: "quoted_secondary",
        note: "quoted as 30-45 us per fault by a survey note",
      },
      {
        id: "nv.uvmsmart.fault",
        what: "far-fault service latency parameter used by the ISCA'19 " + "simulator",
        topic: "total_single_fault",
        value: 45,
        unit: "us",
        hardware: "GTX 1080 Ti, PCIe 3 x16",
        software: "GPGPU-Sim 3.2 UVMSmart",
        method: "simulator constant 66645 core cycles",
        source: "UVMSMART",
        confidence: "quoted",
        note: "comment: 'latency in core cycle to handle page fault (45us)'",
      },
      {
        id: "nv.uvmsmart.ptw",
        what: "page-table walk latency parameter: 4 KiB page / 2 MiB page",
        topic: "gpu_tlb_walk",
        value: 100,
        unit: "cycles",
        more: {
          huge: {
            value: 66,
            unit: "cycles",
          },
        },
        hardware: "GTX 1080 Ti model",
        software: "UVMSmart",
        method: "simulator constant",
        source: "UVMSMART",
        confidence: "quoted",
        note: "1481 MHz clock: 68 ns / 45 ns (computed)",
      },
      {
        id: "nv.uvmsmart.pcie",
        what:
          "PCIe 3 x16 transfer rate fitted to measured cudaMemcpy: " +
          "GiB/s = 2*12/pi*atan(0.07292*KiB)",
        topic: "copy",
        value: "2*12/pi*atan(0.07292*S_KB)",
        unit: "word",
        more: {
          "4KiB": {
            value: 1.76,
            unit: "us",
          },
          "64KiB": {
            value: 5.88,
            unit: "us",
          },
          "128KiB": {
            value: 10.91,
            unit: "us",
          },
          "256KiB": {
            value: 21.06,
            unit: "us",
          },
          "576KiB": {
            value: 46.48,
            unit: "us",
          },
        },
        hardware: "GTX 1080 Ti, PCIe 3 x16",
        software: "UVMSmart",
        method:
          "curve fit of measured H2D copies (README); 24 and 48 replace " +
          "12 for 32 and 64 GB/s links; rate is halved for transfers >= " +
          "2 MiB",
        source: "UVMSMART",
        confidence: "quoted",
        note:
          "the model then gives 4 KiB 1.76 us, 64 KiB 5.88 us, 128 KiB " +
          "10.91 us, 256 KiB 21.06 us, 576 KiB 46.48 us, equal to the " +
          "times in the repository logs: these are model outputs, not " +
          "raw measurements",
      },
      {
        id: "nv.bede.p4000.group",
        what: "mean time per 'GPU page fault group' (group time / groups)",
        topic: "batch_total",
        value: 260.7,
        unit: "us",
        more: {
          groups: {
            value: 6262,
            unit: "count",
          },
          total: {
            value: 1632.346,
            unit: "ms",
          },
        },
        setup: "bede-p4000",
        source: "BEDE",
        confidence: "inferred",
        note: "quoted: 6262 groups, 1632.346 ms total",
      },
      {
        id: "nv.bede.p4000.h2d",
        what: "H2D migration: count, mean size, total, time",
        topic: "copy",
        value: 9.89,
        unit: "GB/s",
        more: {
          transfers: {
            value: 81282,
            unit: "count",
          },
          total: {
            value: 485.5766,
            unit: "ms",
          },
        },
        setup: "bede-p4000",
        source: "BEDE",
        confidence: "inferred",
        note:
          "quoted: 81282 transfers, mean 57.669 KB, 4.470348 GB (nvprof " +
          "GB = GiB), 485.5766 ms",
      },
      {
        id: "nv.bede.p4000.eff",
        what:
          "effective on-demand migration rate = bytes / (kernel time " +
          "with faults - kernel time resident)",
        topic: "throughput",
        value: 4.59,
        unit: "GB/s",
        more: {
          faulting: {
            value: 4.59301,
            unit: "s",
          },
          resident: {
            value: 3.54694,
            unit: "s",
          },
        },
        setup: "bede-p4000",
        source: "BEDE",
        confidence: "inferred",
        note: "kernel 4.59301 s faulting, 3.54694 s resident",
      },
      {
        id: "nv.bede.v100pcie.group",
        what: "mean time per 'GPU page fault group' (group time / groups)",
        topic: "batch_total",
        value: 358.4,
        unit: "us",
        more: {
          groups: {
            value: 3272,
            unit: "count",
          },
          total: {
            value: 1172.802,
            unit: "ms",
          },
        },
        setup: "bede-v100-pcie",
        source: "BEDE",
        confidence: "inferred",
        note: "quoted: 3272 groups, 1172.802 ms total",
      },
      {
        id: "nv.bede.v100pcie.h2d",
        what: "H2D migration: count, mean size, total, time",
        topic: "copy",
        value: 7.69,
        unit: "GB/s",
        more: {
          transfers: {
            value: 74761,
            unit: "count",
          },
          total: {
            value: 565.0188,
            unit: "ms",
          },
        },
        setup: "bede-v100-pcie",
        source: "BEDE",
        confidence: "inferred",
        note:
          "quoted: 74761 transfers, mean 56.784 KB, 4.048588 GB (nvprof " +
          "GB = GiB), 565.0188 ms",
      },
      {
        id: "nv.bede.v100pcie.eff",
        what:
          "effective on-demand migration rate = bytes / (kernel time " +
          "with faults - kernel time resident)",
        topic: "throughput",
        value: 4.18,
        unit: "GB/s",
        more: {
          faulting: {
            value: 2.26486,
            unit: "s",
          },
          resident: {
            value: 1.22389,
            unit: "s",
          },
        },
        setup: "bede-v100-pcie",
        source: "BEDE",
        confidence: "inferred",
        note: "kernel 2.26486 s faulting, 1.22389 s resident",
      },
      {
        id: "nv.bede.v100p9.group",
        what: "mean time per 'GPU page fault group' (group time / groups)",
        topic: "batch_total",
        value: 420.7,
        unit: "us",
        more: {
          groups: {
            value: 2085,
            unit: "count",
          },
          total: {
            value: 877.0859,
            unit: "ms",
          },
        },
        setup: "bede-v100-power9",
        source: "BEDE",
        confidence: "inferred",
        note: "quoted: 2085 groups, 877.0859 ms total",
      },
      {
        id: "nv.bede.v100p9.h2d",
        what: "H2D migration: count, mean size, total, time",
        topic: "copy",
        value: 21.73,
        unit: "GB/s",
        more: {
          transfers: {
            value: 39141,
            unit: "count",
          },
          total: {
            value: 220.4134,
            unit: "ms",
          },
        },
        setup: "bede-v100-power9",
        source: "BEDE",
        confidence: "inferred",
        note:
          "quoted: 39141 transfers, mean 119.52 KB, 4.461243 GB (nvprof " +
          "GB = GiB), 220.4134 ms",
      },
      {
        id: "nv.bede.v100p9.eff",
        what:
          "effective on-demand migration rate = bytes / (kernel time " +
          "with faults - kernel time resident)",
        topic: "throughput",
        value: 6.2,
        unit: "GB/s",
        more: {
          faulting: {
            value: 1.92625,
            unit: "s",
          },
          resident: {
            value: 1.1542,
            unit: "s",
          },
        },
        setup: "bede-v100-power9",
        source: "BEDE",
        confidence: "inferred",
        note: "kernel 1.92625 s faulting, 1.1542 s resident",
      },
      {
        id: "nv.bede.v100pcie.ft",
        what:
          "GPU first-touch populate cost: init kernel 86.650 ms cold vs " +
          "2.1537 ms prefetched, 1.6 GB matrix",
        topic: "first_touch",
        value: 0.216,
        unit: "us",
        per: "page of 4 KiB",
        more: {
          cold: {
            value: 86.65,
            unit: "ms",
          },
          prefetched: {
            value: 2.1537,
            unit: "ms",
          },
        },
        hardware: "V100-PCIE-16GB",
        software: "driver 460.32.03",
        method: "nvprof kernel times",
        source: "BEDE",
        confidence: "inferred",
        note: "= 52.8 ms/GB, 18.9 GB/s",
      },
      {
        id: "nv.bede.v100p9.ft",
        what:
          "GPU first-touch populate cost: init kernel 147.76 ms cold vs " +
          "2.0193 ms prefetched, 1.6 GB matrix",
        topic: "first_touch",
        value: 5.97,
        unit: "us",
        per: "page of 64 KiB",
        more: {
          cold: {
            value: 147.76,
            unit: "ms",
          },
          prefetched: {
            value: 2.0193,
            unit: "ms",
          },
        },
        hardware: "V100-SXM2-32GB POWER9",
        software: "driver 440.95.01",
        method: "nvprof kernel times",
        source: "BEDE",
        confidence: "inferred",
        note: "= 91.1 ms/GB, 11.0 GB/s",
      },
      {
        id: "nv.blackwell.fault",
        what: "one GPU page fault, of which 1.35 us is data transfer",
        topic: "total_single_fault",
        value: 31.79,
        unit: "us",
        more: {
          copy: {
            value: 1.35,
            unit: "us",
          },
        },
        setup: "rtx-5080",
        source: "MSCHED",
        confidence: "quoted_secondary",
      },
      {
        id: "nv.blackwell.ondemand",
        what: "per-fault migration rate vs one batched populate",
        topic: "throughput",
        value: 0.12,
        unit: "GB/s",
        more: {
          batched: {
            value: 41.7,
            unit: "GB/s",
          },
        },
        setup: "rtx-5080",
        source: "MSCHED",
        confidence: "quoted_secondary",
        note: "batched 41.7 GB/s, '347x'",
      },
      {
        id: "nv.blackwell.stream",
        what: "UVM STREAM including on-demand migration, 2.15 GB",
        topic: "throughput",
        value: 345.42,
        unit: "ms",
        spread: "sd 3.37",
        more: {
          small: {
            value: 88.04,
            unit: "ms",
          },
          middle: {
            value: 173.98,
            unit: "ms",
          },
        },
        hardware: "RTX 5070 Ti class",
        software: "driver 580.95.05 open modules, Linux 6.14",
        method: "50 runs",
        source: "SPECASYNC",
        confidence: "quoted",
        note:
          "sd 3.37; 0.54 GB 88.04 (1.32), 1.07 GB 173.98 (1.58) ms; the " +
          "earlier baseline file reports 14.1-15.3 GB/s and 40942 " +
          "faults for 2.15 GB",
      },
      {
        id: "nv.pascal.warp",
        what: "streaming on-demand migration: one thread per element vs one " + "warp per page",
        topic: "throughput",
        value: 5.4,
        unit: "GB/s",
        more: {
          warp_per_page: {
            value: 10.9,
            unit: "GB/s",
          },
        },
        hardware: "P100, PCIe 3 (recalled)",
        method: "vendor blog",
        source: "NVBLOG17",
        confidence: "quoted_secondary",
        note: "10.9 GB/s with one warp per page",
      },
      {
        id: "link.nvlink2.p9",
        what: "NVLink2 CPU-GPU, 3 bricks",
        topic: "copy",
        value: 75,
        unit: "GB/s",
        per: "direction",
        hardware: "AC922",
        method: "nominal",
        source: "VENDORLINK",
        confidence: "recalled",
      },
      {
        id: "link.nvlink3",
        what: "NVLink3 per A100",
        topic: "remote_access",
        value: 300,
        unit: "GB/s",
        per: "direction",
        hardware: "A100 SXM",
        method: "nominal",
        source: "VENDORLINK",
        confidence: "recalled",
      },
      {
        id: "link.nvlink4",
        what: "NVLink4 per H100/H200",
        topic: "remote_access",
        value: 450,
        unit: "GB/s",
        per: "direction",
        hardware: "H100/H200 SXM",
        method: "nominal",
        source: "VENDORLINK",
        confidence: "recalled",
      },
      {
        id: "link.nvlink.lat",
        what: "NVLink P2P latency",
        topic: "remote_access",
        value: 0.82,
        unit: "us",
        hardware: "NVLink GPU (model not named)",
        software: "MSCCL++ paper via note",
        method: "micro-benchmark",
        source: "MSCCLNOTE",
        confidence: "quoted_secondary",
      },
      {
        id: "link.pcie5",
        what: "PCIe 5 x16",
        topic: "copy",
        value: 63,
        unit: "GB/s",
        per: "direction",
        hardware: "H100/H200",
        method: "nominal",
        source: "VENDORLINK",
        confidence: "recalled",
        note: "about 55 GB/s achieved (recalled)",
      },
      {
        id: "nv.multigpu.breakeven",
        what:
          "one page migration costs about as much as this many remote " +
          "GPU accesses (simulated, 4 GPUs)",
        topic: "access_counter",
        value: 200,
        unit: "count",
        hardware: "MGPUSim 4-GPU model",
        software: "simulation",
        method: "paper statement",
        source: "LIBRA",
        confidence: "quoted",
        note:
          "authors compare it with the UVM threshold of 256; migration " +
          "20 % and remote access 23 % of access time under TBNP-EA",
      },
      {
        id: "nv.oversub.spread",
        what: "performance spread over platform, oversubscription factor " + "and hints",
        topic: "throughput",
        value: 100,
        unit: "x",
        hardware: "several platforms (list not readable)",
        method: "vendor blog",
        source: "NVBLOG21",
        confidence: "quoted",
        note: "the figures themselves were not readable",
      },
      {
        id: "nv.mgmt.share",
        what: "software and delivery share of one fault: 31.79 - 1.35",
        topic: "driver_fetch_batch",
        value: 30.44,
        unit: "us",
        hardware: "RTX 5080",
        software: "UVM",
        method: "subtraction",
        source: "MSCHED",
        confidence: "inferred",
        derived_from: ["nv.blackwell.fault"],
      },
    ],
  },
];
