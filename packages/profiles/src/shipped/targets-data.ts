// targets-data.ts: written from packages/profiles/data by `npm run docs`.

/** The targets. */
export const targetTable: unknown = {
  version: 1,
  targets: [
    {
      id: "V01.nothp.fault",
      what: "Xe, 2 MiB fault without THP device pages: svm_2M_pagefault_us",
      published: {
        figure: "xe.2m.nothp.fault",
      },
      role: "reproduction",
      profiles: ["intel-xe-svm-nothp"],
      run: "one 2 MiB SVM page fault; GT stats of the driver",
      knobs: {
        fault_size: "2MiB",
        device_thp: false,
      },
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
        stages: ["resolve", "range_fault", "unmap", "dma_map", "copy", "map"],
      },
      scenario: {
        version: 1,
        title: "One fault of 2 MiB",
        machine: {
          devices: [
            {
              name: "gpu0",
              stack: "xe",
            },
          ],
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 512,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
            pages: 1,
          },
        ],
      },
      measure: {
        of: "fault",
        stages: ["resolve", "range_fault", "unmap", "dma_map", "copy", "map"],
      },
      fitted_with: ["xe.2m.nothp.fault"],
      caveat:
        "handler time only; the counters are cumulative and no count is printed, so one " +
        "fault is our reading",
    },
    {
      id: "V01.nothp.migrate",
      what: "Xe, 2 MiB fault without THP device pages: svm_2M_migrate_us",
      published: {
        figure: "xe.2m.nothp.migrate",
      },
      role: "reproduction",
      profiles: ["intel-xe-svm-nothp"],
      run: "one 2 MiB SVM page fault; GT stats of the driver",
      knobs: {
        fault_size: "2MiB",
        device_thp: false,
      },
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
        stages: ["unmap", "dma_map", "copy"],
      },
      scenario: {
        version: 1,
        title: "One fault of 2 MiB",
        machine: {
          devices: [
            {
              name: "gpu0",
              stack: "xe",
            },
          ],
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 512,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
            pages: 1,
          },
        ],
      },
      measure: {
        of: "fault",
        stages: ["unmap", "dma_map", "copy"],
      },
      fitted_with: ["xe.2m.nothp.migrate"],
      caveat:
        "handler time only; the counters are cumulative and no count is printed, so one " +
        "fault is our reading",
    },
    {
      id: "V01.nothp.copy",
      what: "Xe, 2 MiB fault without THP device pages: svm_2M_device_copy_us",
      published: {
        figure: "xe.2m.nothp.copy",
      },
      role: "reproduction",
      profiles: ["intel-xe-svm-nothp"],
      run: "one 2 MiB SVM page fault; GT stats of the driver",
      knobs: {
        fault_size: "2MiB",
        device_thp: false,
      },
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
        stages: ["copy"],
      },
      scenario: {
        version: 1,
        title: "One fault of 2 MiB",
        machine: {
          devices: [
            {
              name: "gpu0",
              stack: "xe",
            },
          ],
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 512,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
            pages: 1,
          },
        ],
      },
      measure: {
        of: "fault",
        stages: ["copy"],
      },
      fitted_with: ["xe.2m.nothp.copy"],
      caveat:
        "handler time only; the counters are cumulative and no count is printed, so one " +
        "fault is our reading",
    },
    {
      id: "V01.nothp.getpages",
      what: "Xe, 2 MiB fault without THP device pages: svm_2M_get_pages_us",
      published: {
        figure: "xe.2m.nothp.getpages",
      },
      role: "reproduction",
      profiles: ["intel-xe-svm-nothp"],
      run: "one 2 MiB SVM page fault; GT stats of the driver",
      knobs: {
        fault_size: "2MiB",
        device_thp: false,
      },
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
        stages: ["range_fault"],
      },
      scenario: {
        version: 1,
        title: "One fault of 2 MiB",
        machine: {
          devices: [
            {
              name: "gpu0",
              stack: "xe",
            },
          ],
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 512,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
            pages: 1,
          },
        ],
      },
      measure: {
        of: "fault",
        stages: ["range_fault"],
      },
      fitted_with: ["xe.2m.nothp.getpages"],
      caveat:
        "handler time only; the counters are cumulative and no count is printed, so one " +
        "fault is our reading",
    },
    {
      id: "V01.nothp.bind",
      what: "Xe, 2 MiB fault without THP device pages: svm_2M_bind_us",
      published: {
        figure: "xe.2m.nothp.bind",
      },
      role: "reproduction",
      profiles: ["intel-xe-svm-nothp"],
      run: "one 2 MiB SVM page fault; GT stats of the driver",
      knobs: {
        fault_size: "2MiB",
        device_thp: false,
      },
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
        stages: ["map"],
      },
      scenario: {
        version: 1,
        title: "One fault of 2 MiB",
        machine: {
          devices: [
            {
              name: "gpu0",
              stack: "xe",
            },
          ],
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 512,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
            pages: 1,
          },
        ],
      },
      measure: {
        of: "fault",
        stages: ["map"],
      },
      fitted_with: ["xe.2m.nothp.bind"],
      caveat:
        "handler time only; the counters are cumulative and no count is printed, so one " +
        "fault is our reading",
    },
    {
      id: "V01.thp.fault",
      what: "Xe, 2 MiB fault with THP device pages: svm_2M_pagefault_us",
      published: {
        figure: "xe.2m.thp.fault",
      },
      role: "reproduction",
      profiles: ["intel-xe-svm-thp"],
      run: "one 2 MiB SVM page fault; GT stats of the driver",
      knobs: {
        fault_size: "2MiB",
        device_thp: true,
      },
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
        stages: ["resolve", "range_fault", "unmap", "dma_map", "copy", "map"],
      },
      scenario: {
        version: 1,
        title: "One fault of 2 MiB",
        machine: {
          devices: [
            {
              name: "gpu0",
              stack: "xe",
            },
          ],
        },
        settings: {
          transparent_hugepage: "always",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 512,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
            pages: 1,
          },
        ],
      },
      measure: {
        of: "fault",
        stages: ["resolve", "range_fault", "unmap", "dma_map", "copy", "map"],
      },
      fitted_with: ["xe.2m.thp.fault"],
      caveat:
        "handler time only; the counters are cumulative and no count is printed, so one " +
        "fault is our reading",
    },
    {
      id: "V01.thp.migrate",
      what: "Xe, 2 MiB fault with THP device pages: svm_2M_migrate_us",
      published: {
        figure: "xe.2m.thp.migrate",
      },
      role: "reproduction",
      profiles: ["intel-xe-svm-thp"],
      run: "one 2 MiB SVM page fault; GT stats of the driver",
      knobs: {
        fault_size: "2MiB",
        device_thp: true,
      },
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
        stages: ["unmap", "dma_map", "copy"],
      },
      scenario: {
        version: 1,
        title: "One fault of 2 MiB",
        machine: {
          devices: [
            {
              name: "gpu0",
              stack: "xe",
            },
          ],
        },
        settings: {
          transparent_hugepage: "always",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 512,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
            pages: 1,
          },
        ],
      },
      measure: {
        of: "fault",
        stages: ["unmap", "dma_map", "copy"],
      },
      fitted_with: ["xe.2m.thp.migrate"],
      caveat:
        "handler time only; the counters are cumulative and no count is printed, so one " +
        "fault is our reading",
    },
    {
      id: "V01.thp.copy",
      what: "Xe, 2 MiB fault with THP device pages: svm_2M_device_copy_us",
      published: {
        figure: "xe.2m.thp.copy",
      },
      role: "reproduction",
      profiles: ["intel-xe-svm-thp"],
      run: "one 2 MiB SVM page fault; GT stats of the driver",
      knobs: {
        fault_size: "2MiB",
        device_thp: true,
      },
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
        stages: ["copy"],
      },
      scenario: {
        version: 1,
        title: "One fault of 2 MiB",
        machine: {
          devices: [
            {
              name: "gpu0",
              stack: "xe",
            },
          ],
        },
        settings: {
          transparent_hugepage: "always",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 512,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
            pages: 1,
          },
        ],
      },
      measure: {
        of: "fault",
        stages: ["copy"],
      },
      fitted_with: ["xe.2m.thp.copy"],
      caveat:
        "handler time only; the counters are cumulative and no count is printed, so one " +
        "fault is our reading",
    },
    {
      id: "V01.thp.getpages",
      what: "Xe, 2 MiB fault with THP device pages: svm_2M_get_pages_us",
      published: {
        figure: "xe.2m.thp.getpages",
      },
      role: "reproduction",
      profiles: ["intel-xe-svm-thp"],
      run: "one 2 MiB SVM page fault; GT stats of the driver",
      knobs: {
        fault_size: "2MiB",
        device_thp: true,
      },
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
        stages: ["range_fault"],
      },
      scenario: {
        version: 1,
        title: "One fault of 2 MiB",
        machine: {
          devices: [
            {
              name: "gpu0",
              stack: "xe",
            },
          ],
        },
        settings: {
          transparent_hugepage: "always",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 512,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
            pages: 1,
          },
        ],
      },
      measure: {
        of: "fault",
        stages: ["range_fault"],
      },
      fitted_with: ["xe.2m.thp.getpages"],
      caveat:
        "handler time only; the counters are cumulative and no count is printed, so one " +
        "fault is our reading",
    },
    {
      id: "V01.thp.bind",
      what: "Xe, 2 MiB fault with THP device pages: svm_2M_bind_us",
      published: {
        figure: "xe.2m.thp.bind",
      },
      role: "reproduction",
      profiles: ["intel-xe-svm-thp"],
      run: "one 2 MiB SVM page fault; GT stats of the driver",
      knobs: {
        fault_size: "2MiB",
        device_thp: true,
      },
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
        stages: ["map"],
      },
      scenario: {
        version: 1,
        title: "One fault of 2 MiB",
        machine: {
          devices: [
            {
              name: "gpu0",
              stack: "xe",
            },
          ],
        },
        settings: {
          transparent_hugepage: "always",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 512,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
            pages: 1,
          },
        ],
      },
      measure: {
        of: "fault",
        stages: ["map"],
      },
      fitted_with: ["xe.2m.thp.bind"],
      caveat:
        "handler time only; the counters are cumulative and no count is printed, so one " +
        "fault is our reading",
    },
    {
      id: "V01.ratio",
      what: "Xe, how much cheaper a 2 MiB fault is with THP device pages",
      published: {
        value: 7.318,
        unit: "x",
        source: "XETHP, computed: 966 us by 132 us",
        place: "svm_2M_pagefault_us",
        from: ["xe.2m.nothp.fault", "xe.2m.thp.fault"],
      },
      role: "shape",
      tolerance_percent: 5,
      scenario: {
        version: 1,
        title: "One fault of 2 MiB",
        machine: {
          devices: [
            {
              name: "gpu0",
              stack: "xe",
            },
          ],
        },
        settings: {
          transparent_hugepage: "never",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 512,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
            pages: 1,
          },
        ],
      },
      runs: {
        small: {
          profile: "intel-xe-svm-nothp",
        },
        huge: {
          profile: "intel-xe-svm-thp",
          with: {
            settings: {
              transparent_hugepage: "always",
            },
          },
        },
      },
      measure: {
        of: "ratio",
        parts: [
          {
            of: "fault",
            in: "small",
            stages: ["resolve", "range_fault", "unmap", "dma_map", "copy", "map"],
          },
          {
            of: "fault",
            in: "huge",
            stages: ["resolve", "range_fault", "unmap", "dma_map", "copy", "map"],
          },
        ],
      },
    },
    {
      id: "V02.64k",
      what: "Xe, CPU time of a 64 KiB migration before IOVA batching",
      published: {
        figure: "xe.iova.64k",
      },
      role: "prediction",
      profiles: ["intel-xe-svm-nothp"],
      run: "SVM faults with migration; average CPU time",
      knobs: {
        fault_size: "64KiB",
        device_thp: false,
      },
      operation: {
        faults: 1,
        ranges: 1,
        pages: 16,
        stages: ["unmap", "dma_map"],
      },
    },
    {
      id: "V02.2m",
      what: "Xe, CPU time of a 2 MiB migration before IOVA batching",
      published: {
        figure: "xe.iova.2m",
      },
      role: "shape",
      tolerance_percent: 50,
      profiles: ["intel-xe-svm-nothp"],
      run: "SVM faults with migration; average CPU time",
      knobs: {
        fault_size: "2MiB",
        device_thp: false,
      },
      operation: {
        faults: 1,
        ranges: 1,
        pages: 512,
        stages: ["unmap", "dma_map"],
      },
      fitted_with: ["xe.dmamap_page"],
      caveat: "another state of the driver than V01, whose counters give 719 us",
    },
    {
      id: "V03.first_write_4k",
      what: "Thor, GPU first write, each 4 KiB page",
      published: {
        figure: "thor.fault_us",
      },
      role: "reproduction",
      profiles: ["nv-thor-ats"],
      run: "1 GiB that a GPU kernel uses, a fresh process for each case, 10 runs",
      knobs: {
        size: "1GiB",
        page_size: "4KiB",
        access: "gpu write",
      },
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
      fitted_with: ["thor.fault_us", "thor.first_write_4k"],
      caveat: "one integrated GPU, one kernel, not peer reviewed",
    },
    {
      id: "V03.first_read_4k",
      what: "Thor, GPU first read of untouched memory",
      published: {
        figure: "thor.first_read_4k",
      },
      role: "prediction",
      profiles: ["nv-thor-ats"],
      run: "1 GiB that a GPU kernel uses, a fresh process for each case, 10 runs",
      knobs: {
        size: "1GiB",
        page_size: "4KiB",
        access: "gpu read",
      },
      scenario: {
        version: 1,
        title: "A GPU reads 64 MiB for the first time",
        machine: {
          devices: [
            {
              name: "gpu0",
              stack: "sva",
              knobs: {
                "pri.stallModel": true,
              },
            },
          ],
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 16384,
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
            outstanding: 1,
          },
        ],
      },
      measure: {
        of: "time",
        step: 2,
        per: 0.0625,
      },
      caveat: "one integrated GPU, one kernel, not peer reviewed",
      miss:
        "the machine spends about 13 us for each page that a GPU touches first in the " +
        "kernel's migration code, and flushes more often than the model; the profile " +
        "knows that price (unmap.per_page), but the driver that walks the CPUs' tables " +
        "does not take that way",
    },
    {
      id: "V03.first_write_thp",
      what: "Thor, GPU first write, THP",
      published: {
        figure: "thor.first_write_thp",
      },
      role: "prediction",
      profiles: ["nv-thor-ats"],
      run: "1 GiB that a GPU kernel uses, a fresh process for each case, 10 runs",
      knobs: {
        size: "1GiB",
        thp: "always",
        access: "gpu write",
      },
      scenario: {
        version: 1,
        title: "A GPU writes 64 MiB for the first time",
        machine: {
          devices: [
            {
              name: "gpu0",
              stack: "sva",
              knobs: {
                "pri.stallModel": true,
              },
            },
          ],
        },
        settings: {
          transparent_hugepage: "always",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 16384,
          },
          {
            do: "device_write",
            device: "gpu0",
            at: "heap",
            outstanding: 1,
          },
        ],
      },
      measure: {
        of: "time",
        step: 2,
        per: 0.0625,
      },
      caveat: "one integrated GPU, one kernel, not peer reviewed",
      miss:
        "the machine spends about 13 us for each page that a GPU touches first in the " +
        "kernel's migration code, and flushes more often than the model; the profile " +
        "knows that price (unmap.per_page), but the driver that walks the CPUs' tables " +
        "does not take that way",
    },
    {
      id: "V03.first_write_hugetlb",
      what: "Thor, GPU first write, hugetlb",
      published: {
        figure: "thor.first_write_hugetlb",
      },
      role: "prediction",
      profiles: ["nv-thor-ats"],
      run: "1 GiB that a GPU kernel uses, a fresh process for each case, 10 runs",
      knobs: {
        size: "1GiB",
        hugetlb: true,
        access: "gpu write",
      },
      caveat: "one integrated GPU, one kernel, not peer reviewed",
      scenario: {
        version: 1,
        title: "A GPU writes 16 MiB of new hugetlb pages",
        machine: {
          devices: [
            {
              name: "gpu0",
            },
          ],
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 4096,
            share: "hugetlb",
          },
          {
            do: "device_write",
            device: "gpu0",
            at: "heap",
          },
        ],
      },
      measure: {
        of: "time",
        step: 2,
        per: 0.015625,
      },
      miss:
        "the simulated time is the setting and copying of memory at assumed rates and " +
        "little else; whatever the machine spends on a hugetlb fault of a GPU beside that " +
        "has no price",
    },
    {
      id: "V03.cpu_populate_1t",
      what: "Thor, CPU populates, one thread, each 4 KiB page",
      published: {
        figure: "cpu.fault.anon.thor",
      },
      role: "reproduction",
      profiles: ["nv-thor-ats"],
      run: "1 GiB that a GPU kernel uses, a fresh process for each case, 10 runs",
      knobs: {
        size: "1GiB",
        threads: 1,
        access: "cpu write",
      },
      operation: {
        effort: {
          fault_entry: 1,
          folio_alloc: 1,
          page_zero: 1,
          pte_set: 1,
        },
      },
      fitted_with: ["cpu.fault.anon.thor"],
      caveat: "one integrated GPU, one kernel, not peer reviewed",
    },
    {
      id: "V03.cpu_populate_12t",
      what: "Thor, CPU populates, 12 threads",
      published: {
        figure: "thor.cpu_pop_12t",
      },
      role: "prediction",
      profiles: ["nv-thor-ats"],
      run: "1 GiB that a GPU kernel uses, a fresh process for each case, 10 runs",
      knobs: {
        size: "1GiB",
        threads: 12,
        access: "cpu write",
      },
      caveat: "one integrated GPU, one kernel, not peer reviewed",
      scenario: {
        version: 1,
        title: "Twelve threads write 4080 new pages",
        machine: {
          devices: [
            {
              name: "gpu0",
            },
          ],
        },
        settings: {
          transparent_hugepage: "never",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 4080,
          },
          {
            do: "write",
            at: "heap+0",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+340",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+680",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+1020",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+1360",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+1700",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+2040",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+2380",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+2720",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+3060",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+3400",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+3740",
            pages: 340,
            background: true,
          },
          {
            do: "wait",
          },
        ],
      },
      measure: {
        of: "difference",
        parts: [
          {
            of: "time",
            step: "run",
          },
          {
            of: "time",
            step: 1,
          },
        ],
        per: 0.015563965,
      },
      miss:
        "threads of the model do not slow each other down: memory, the allocator and TLB " +
        "maintenance have no bandwidth that they share",
    },
    {
      id: "V03.fork_4k",
      what: "Thor, fork, 4 KiB pages",
      published: {
        figure: "thor.fork_4k",
      },
      role: "reproduction",
      profiles: ["nv-thor-ats"],
      run: "1 GiB that a GPU kernel uses, a fresh process for each case, 10 runs",
      knobs: {
        size: "1GiB",
        operation: "fork",
      },
      scenario: {
        version: 1,
        title: "A process forks after a GPU has used its 1 GiB",
        machine: {
          devices: [
            {
              name: "gpu0",
            },
          ],
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 262144,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
          },
          {
            do: "fork",
            as: "child",
          },
        ],
      },
      measure: {
        of: "time",
        step: 4,
      },
      fitted_with: ["thor.fork_4k"],
      caveat: "one integrated GPU, one kernel, not peer reviewed",
    },
    {
      id: "V03.fork_thp",
      what: "Thor, fork, THP",
      published: {
        figure: "thor.fork_thp",
      },
      role: "reproduction",
      profiles: ["nv-thor-ats"],
      run: "1 GiB that a GPU kernel uses, a fresh process for each case, 10 runs",
      knobs: {
        size: "1GiB",
        operation: "fork",
        thp: "always",
      },
      scenario: {
        version: 1,
        title: "The same with huge pages",
        machine: {
          devices: [
            {
              name: "gpu0",
            },
          ],
        },
        settings: {
          transparent_hugepage: "always",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 262144,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
          },
          {
            do: "fork",
            as: "child",
          },
        ],
      },
      measure: {
        of: "time",
        step: 4,
      },
      fitted_with: ["thor.fork_thp"],
      caveat: "one integrated GPU, one kernel, not peer reviewed",
    },
    {
      id: "V03.cow_gpu_4k",
      what: "Thor, GPU write after fork, each 4 KiB page",
      published: {
        figure: "thor.cow_us",
      },
      role: "reproduction",
      profiles: ["nv-thor-ats"],
      run: "1 GiB that a GPU kernel uses, a fresh process for each case, 10 runs",
      knobs: {
        size: "1GiB",
        operation: "fork, then gpu write",
      },
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
      fitted_with: ["thor.cow_us"],
      caveat: "one integrated GPU, one kernel, not peer reviewed",
    },
    {
      id: "V03.cow_gpu_thp",
      what: "Thor, GPU write after fork, THP: split, then copied 4 KiB at a time",
      published: {
        figure: "thor.cow_gpu_thp",
      },
      role: "prediction",
      profiles: ["nv-thor-ats"],
      run: "1 GiB that a GPU kernel uses, a fresh process for each case, 10 runs",
      knobs: {
        size: "1GiB",
        operation: "fork, then gpu write",
        thp: "always",
      },
      scenario: {
        version: 1,
        title: "A GPU writes 64 MiB of huge pages after fork",
        machine: {
          devices: [
            {
              name: "gpu0",
              stack: "sva",
              knobs: {
                "pri.stallModel": true,
              },
            },
          ],
        },
        settings: {
          transparent_hugepage: "always",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 16384,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
            outstanding: 1,
          },
          {
            do: "fork",
            as: "child",
          },
          {
            do: "device_write",
            device: "gpu0",
            at: "heap",
            outstanding: 1,
          },
        ],
      },
      measure: {
        of: "time",
        step: 5,
        per: 0.0625,
      },
      caveat: "one integrated GPU, one kernel, not peer reviewed",
      miss:
        "the machine spends about 13 us for each page that a GPU touches first in the " +
        "kernel's migration code, and flushes more often than the model; the profile " +
        "knows that price (unmap.per_page), but the driver that walks the CPUs' tables " +
        "does not take that way",
    },
    {
      id: "V03.cow_gpu_hugetlb",
      what: "Thor, GPU write after fork, hugetlb",
      published: {
        figure: "thor.cow_gpu_hugetlb",
      },
      role: "prediction",
      profiles: ["nv-thor-ats"],
      run: "1 GiB that a GPU kernel uses, a fresh process for each case, 10 runs",
      knobs: {
        size: "1GiB",
        operation: "fork, then gpu write",
        hugetlb: true,
      },
      caveat: "one integrated GPU, one kernel, not peer reviewed",
      scenario: {
        version: 1,
        title: "A GPU writes 16 MiB of hugetlb pages after a fork",
        machine: {
          devices: [
            {
              name: "gpu0",
            },
          ],
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 4096,
            share: "hugetlb",
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "fork",
            as: "child",
          },
          {
            do: "device_write",
            device: "gpu0",
            at: "heap",
          },
        ],
      },
      measure: {
        of: "time",
        step: 4,
        per: 0.015625,
      },
      miss:
        "the simulated time is the setting and copying of memory at assumed rates and " +
        "little else; whatever the machine spends on a hugetlb fault of a GPU beside that " +
        "has no price",
    },
    {
      id: "V03.cow_gpu_child_gone",
      what: "Thor, GPU write after the child has exited",
      published: {
        figure: "thor.cow_gpu_childgone",
      },
      role: "prediction",
      profiles: ["nv-thor-ats"],
      run: "1 GiB that a GPU kernel uses, a fresh process for each case, 10 runs",
      knobs: {
        size: "1GiB",
        operation: "fork, exit of the child, then gpu write",
      },
      scenario: {
        version: 1,
        title: "A GPU writes 64 MiB when the child is gone",
        machine: {
          devices: [
            {
              name: "gpu0",
              stack: "sva",
              knobs: {
                "pri.stallModel": true,
              },
            },
          ],
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 16384,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
            outstanding: 1,
          },
          {
            do: "fork",
            as: "child",
          },
          {
            do: "exit",
            process: "child",
          },
          {
            do: "device_write",
            device: "gpu0",
            at: "heap",
            outstanding: 1,
          },
        ],
      },
      measure: {
        of: "time",
        step: 6,
        per: 0.0625,
      },
      caveat: "one integrated GPU, one kernel, not peer reviewed",
      miss:
        "the machine spends about 13 us for each page that a GPU touches first in the " +
        "kernel's migration code, and flushes more often than the model; the profile " +
        "knows that price (unmap.per_page), but the driver that walks the CPUs' tables " +
        "does not take that way",
    },
    {
      id: "V03.cow_cpu_12t",
      what: "Thor, CPU copy-on-write, 12 threads, CUDA process",
      published: {
        figure: "thor.cow_cpu_12t",
      },
      role: "prediction",
      profiles: ["nv-thor-ats"],
      run: "1 GiB that a GPU kernel uses, a fresh process for each case, 10 runs",
      knobs: {
        size: "1GiB",
        operation: "fork, then cpu write",
        threads: 12,
      },
      caveat: "one integrated GPU, one kernel, not peer reviewed",
      scenario: {
        version: 1,
        title: "A process that a GPU uses forks, and twelve threads write",
        machine: {
          devices: [
            {
              name: "gpu0",
            },
          ],
        },
        settings: {
          transparent_hugepage: "never",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 4080,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
            pages: 1,
          },
          {
            do: "fork",
            as: "child",
          },
          {
            do: "write",
            at: "heap+0",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+340",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+680",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+1020",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+1360",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+1700",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+2040",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+2380",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+2720",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+3060",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+3400",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+3740",
            pages: 340,
            background: true,
          },
          {
            do: "wait",
          },
        ],
      },
      measure: {
        of: "difference",
        parts: [
          {
            of: "time",
            step: "run",
          },
          {
            of: "time",
            step: [1, 2, 3, 4],
          },
        ],
        per: 0.015563965,
      },
      miss:
        "threads of the model do not slow each other down: memory, the allocator and TLB " +
        "maintenance have no bandwidth that they share",
    },
    {
      id: "V03.mprotect_revoke",
      what: "Thor, mprotect revoke, anonymous 4 KiB",
      published: {
        figure: "thor.mprotect_revoke",
      },
      role: "prediction",
      profiles: ["nv-thor-ats"],
      run: "1 GiB that a GPU kernel uses, a fresh process for each case, 10 runs",
      knobs: {
        size: "1GiB",
        operation: "mprotect",
      },
      scenario: {
        version: 1,
        title: "A process takes away the right to write",
        machine: {
          devices: [
            {
              name: "gpu0",
            },
          ],
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 262144,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
          },
          {
            do: "mprotect",
            at: "heap",
            prot: "r",
          },
        ],
      },
      measure: {
        of: "time",
        step: 4,
      },
      caveat: "one integrated GPU, one kernel, not peer reviewed",
      miss:
        "the price of a PTE was taken from fork, which touches two tables: a change of " +
        "rights is cheaper on that machine, and an unmapping, which frees pages, dearer",
    },
    {
      id: "V03.munmap",
      what: "Thor, MADV_DONTNEED or munmap of memory the GPU used",
      published: {
        figure: "thor.munmap",
      },
      role: "prediction",
      profiles: ["nv-thor-ats"],
      run: "1 GiB that a GPU kernel uses, a fresh process for each case, 10 runs",
      knobs: {
        size: "1GiB",
        operation: "munmap",
      },
      scenario: {
        version: 1,
        title: "A process unmaps what a GPU has used",
        machine: {
          devices: [
            {
              name: "gpu0",
            },
          ],
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 262144,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
          },
          {
            do: "munmap",
            at: "heap",
          },
        ],
      },
      measure: {
        of: "time",
        step: 4,
      },
      caveat: "one integrated GPU, one kernel, not peer reviewed",
      miss:
        "the price of a PTE was taken from fork, which touches two tables: a change of " +
        "rights is cheaper on that machine, and an unmapping, which frees pages, dearer",
    },
    {
      id: "V04.cow_before",
      what: "Thor, copy-on-write of a page before CUDA",
      published: {
        figure: "thor.cow_cpu_before/per_page",
      },
      role: "reproduction",
      profiles: ["nv-thor-ats"],
      run: "memory that no kernel touches, before and after CUDA initialisation, six paired runs",
      knobs: {
        size: "1GiB",
        cuda: false,
      },
      operation: {
        effort: {
          fault_entry: 1,
          folio_alloc: 1,
          page_copy: 1,
          pte_set: 1,
          tlb_flush: 1,
        },
      },
      fitted_with: ["thor.cow_cpu_before"],
    },
    {
      id: "V04.cow_after",
      what: "Thor, copy-on-write of a page after CUDA",
      published: {
        figure: "thor.cow_cpu_before/after_per_page",
      },
      role: "reproduction",
      profiles: ["nv-thor-ats"],
      run: "memory that no kernel touches, before and after CUDA initialisation, six paired runs",
      knobs: {
        size: "1GiB",
        cuda: true,
      },
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
      fitted_with: ["thor.cow_cpu_before"],
    },
    {
      id: "V04.flush",
      what: "Thor, what a flush of one page costs more after CUDA",
      published: {
        figure: "thor.flush_us",
      },
      role: "reproduction",
      profiles: ["nv-thor-ats"],
      run: "memory that no kernel touches, before and after CUDA initialisation, six paired runs",
      knobs: {
        size: "1GiB",
        threads: 1,
      },
      operation: {
        secondary_flushes: 1,
      },
      fitted_with: ["thor.flush_us"],
    },
    {
      id: "V04.split_before",
      what: "Thor, split of a huge mapping before CUDA",
      published: {
        figure: "thor.pmdsplit/per_split",
      },
      role: "reproduction",
      profiles: ["nv-thor-ats"],
      run: "memory that no kernel touches, before and after CUDA initialisation, six paired runs",
      knobs: {
        size: "1GiB",
        cuda: false,
      },
      operation: {
        effort: {
          table_alloc: 1,
          pte_set: 512,
        },
        huge_effort: {
          split: 1,
        },
      },
      fitted_with: ["thor.pmdsplit"],
    },
    {
      id: "V04.collapse",
      what: "Thor, MADV_COLLAPSE into a 2 MiB page before CUDA",
      published: {
        figure: "thor.collapse/per_2mib",
      },
      role: "prediction",
      profiles: ["nv-thor-ats"],
      run: "memory that no kernel touches, before and after CUDA initialisation, six paired runs",
      knobs: {
        size: "1GiB",
        cuda: false,
      },
      scenario: {
        version: 1,
        title: "MADV_COLLAPSE of 16 MiB",
        settings: {
          transparent_hugepage: "madvise",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 4096,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "madvise",
            at: "heap",
            advice: "MADV_COLLAPSE",
          },
        ],
      },
      measure: {
        of: "time",
        step: 3,
        per: 8,
      },
    },
    {
      id: "V05.v100pcie.group",
      what: "V100 PCIe 3, sgemm on demand: mean time of a fault group",
      published: {
        figure: "nv.bede.v100pcie.group",
      },
      role: "prediction",
      profiles: ["nv-v100-pcie3-uvm"],
      run:
        "cublas sgemm 20000^3 fp32, three managed matrices of 1.6e9 B initialised on the " +
        "CPU, nvprof",
      knobs: {
        matrix: 20000,
        element: "fp32",
        init: "cpu",
      },
      caveat:
        "drivers of 2020; GB of nvprof are GiB; read in order in place of sgemm, whose " +
        "order of accesses is not published",
      scenario: {
        version: 1,
        title: "A GPU reads what a process has written, in order",
        machine: {
          devices: [
            {
              name: "gpu0",
              stack: "uvm",
            },
          ],
        },
        settings: {
          transparent_hugepage: "never",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 8192,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
            outstanding: 256,
          },
        ],
      },
      measure: {
        of: "ratio",
        parts: [
          {
            of: "time",
            step: 3,
          },
          {
            of: "counter",
            device: "gpu0",
            name: "batches",
          },
        ],
      },
    },
    {
      id: "V05.v100pcie.groups",
      what: "V100 PCIe 3, sgemm on demand: fault groups",
      published: {
        figure: "nv.bede.v100pcie.group/groups",
      },
      role: "prediction",
      profiles: ["nv-v100-pcie3-uvm"],
      run:
        "cublas sgemm 20000^3 fp32, three managed matrices of 1.6e9 B initialised on the " +
        "CPU, nvprof",
      knobs: {
        matrix: 20000,
        element: "fp32",
        init: "cpu",
      },
      caveat:
        "drivers of 2020; GB of nvprof are GiB; read in order in place of sgemm, whose " +
        "order of accesses is not published",
      scenario: {
        version: 1,
        title: "A GPU reads what a process has written, in order",
        machine: {
          devices: [
            {
              name: "gpu0",
              stack: "uvm",
            },
          ],
        },
        settings: {
          transparent_hugepage: "never",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 8192,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
            outstanding: 256,
          },
        ],
      },
      measure: {
        of: "counter",
        device: "gpu0",
        name: "batches",
        per: 0.00771874,
      },
      miss:
        "read in order in place of sgemm, each page by one lane: a batch holds 256 pages, " +
        "where sgemm's hold about 320 with what is prefetched",
    },
    {
      id: "V05.v100pcie.transfers",
      what: "V100 PCIe 3, sgemm on demand: transfers to the device",
      published: {
        figure: "nv.bede.v100pcie.h2d/transfers",
      },
      role: "prediction",
      profiles: ["nv-v100-pcie3-uvm"],
      run:
        "cublas sgemm 20000^3 fp32, three managed matrices of 1.6e9 B initialised on the " +
        "CPU, nvprof",
      knobs: {
        matrix: 20000,
        element: "fp32",
        init: "cpu",
      },
      caveat: "drivers of 2020; GB of nvprof are GiB",
      not_run: "the model of UVM does not count transfers",
    },
    {
      id: "V05.v100pcie.rate",
      what: "V100 PCIe 3, sgemm on demand: bytes over the time that faults add",
      published: {
        figure: "nv.bede.v100pcie.eff",
      },
      role: "prediction",
      profiles: ["nv-v100-pcie3-uvm"],
      run:
        "cublas sgemm 20000^3 fp32, three managed matrices of 1.6e9 B initialised on the " +
        "CPU, nvprof",
      knobs: {
        matrix: 20000,
        element: "fp32",
        init: "cpu",
      },
      caveat:
        "drivers of 2020; GB of nvprof are GiB; read in order in place of sgemm, whose " +
        "order of accesses is not published",
      scenario: {
        version: 1,
        title: "A GPU reads what a process has written, in order",
        machine: {
          devices: [
            {
              name: "gpu0",
              stack: "uvm",
            },
          ],
        },
        settings: {
          transparent_hugepage: "never",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 8192,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
            outstanding: 256,
          },
        ],
      },
      measure: {
        of: "rate",
        step: 3,
        amount: 33554432,
      },
      miss:
        "read in order in place of sgemm, each page by one lane: a batch holds 256 pages, " +
        "where sgemm's hold about 320 with what is prefetched",
    },
    {
      id: "V05.v100pcie.first_touch",
      what: "V100 PCIe 3, sgemm on demand: GPU first touch of a page",
      published: {
        figure: "nv.bede.v100pcie.ft",
      },
      role: "prediction",
      profiles: ["nv-v100-pcie3-uvm"],
      run:
        "cublas sgemm 20000^3 fp32, three managed matrices of 1.6e9 B initialised on the " +
        "CPU, nvprof",
      knobs: {
        matrix: 20000,
        element: "fp32",
        init: "cpu",
      },
      caveat: "drivers of 2020; GB of nvprof are GiB",
      scenario: {
        version: 1,
        title: "A GPU writes new pages, in order",
        machine: {
          devices: [
            {
              name: "gpu0",
              stack: "uvm",
            },
          ],
        },
        settings: {
          transparent_hugepage: "never",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 8192,
          },
          {
            do: "device_write",
            device: "gpu0",
            at: "heap",
            outstanding: 256,
          },
        ],
      },
      measure: {
        of: "time",
        step: 2,
        per: 8192,
      },
      miss:
        "three quarters of the simulated time is the assumed price of unmapping a page " +
        "from CPUs (unmap.per_page), which is charged for pages that no CPU has mapped, " +
        "too",
    },
    {
      id: "V05.v100p9.group",
      what: "V100 on POWER9, NVLink2, sgemm on demand: mean time of a fault group",
      published: {
        figure: "nv.bede.v100p9.group",
      },
      role: "shape",
      tolerance_percent: 50,
      profiles: ["nv-v100-p9-nvlink2"],
      run:
        "cublas sgemm 20000^3 fp32, three managed matrices of 1.6e9 B initialised on the " +
        "CPU, nvprof",
      knobs: {
        matrix: 20000,
        element: "fp32",
        init: "cpu",
      },
      fitted_with: ["nv.bede.v100p9.group"],
      caveat:
        "drivers of 2020; GB of nvprof are GiB; read in order in place of sgemm, whose " +
        "order of accesses is not published",
      scenario: {
        version: 1,
        title: "A GPU reads what a process has written, in order",
        machine: {
          geometry: "power9-64k",
          devices: [
            {
              name: "gpu0",
              stack: "uvm",
            },
          ],
        },
        settings: {
          transparent_hugepage: "never",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 1024,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
            outstanding: 256,
          },
        ],
      },
      measure: {
        of: "ratio",
        parts: [
          {
            of: "time",
            step: 3,
          },
          {
            of: "counter",
            device: "gpu0",
            name: "batches",
          },
        ],
      },
      miss:
        "read in order in place of sgemm, each page of 64 KiB by one lane: a batch holds " +
        "256 of them, where sgemm's hold about 35, presumably because many threads fault " +
        "on the same page",
    },
    {
      id: "V05.v100p9.groups",
      what: "V100 on POWER9, NVLink2, sgemm on demand: fault groups",
      published: {
        figure: "nv.bede.v100p9.group/groups",
      },
      role: "shape",
      tolerance_percent: 50,
      profiles: ["nv-v100-p9-nvlink2"],
      run:
        "cublas sgemm 20000^3 fp32, three managed matrices of 1.6e9 B initialised on the " +
        "CPU, nvprof",
      knobs: {
        matrix: 20000,
        element: "fp32",
        init: "cpu",
      },
      fitted_with: ["nv.bede.v100p9.group"],
      caveat:
        "drivers of 2020; GB of nvprof are GiB; read in order in place of sgemm, whose " +
        "order of accesses is not published",
      scenario: {
        version: 1,
        title: "A GPU reads what a process has written, in order",
        machine: {
          geometry: "power9-64k",
          devices: [
            {
              name: "gpu0",
              stack: "uvm",
            },
          ],
        },
        settings: {
          transparent_hugepage: "never",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 1024,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
            outstanding: 256,
          },
        ],
      },
      measure: {
        of: "counter",
        device: "gpu0",
        name: "batches",
        per: 0.014009548,
      },
      miss:
        "read in order in place of sgemm, each page of 64 KiB by one lane: a batch holds " +
        "256 of them, where sgemm's hold about 35, presumably because many threads fault " +
        "on the same page",
    },
    {
      id: "V05.v100p9.transfers",
      what: "V100 on POWER9, NVLink2, sgemm on demand: transfers to the device",
      published: {
        figure: "nv.bede.v100p9.h2d/transfers",
      },
      role: "shape",
      tolerance_percent: 50,
      profiles: ["nv-v100-p9-nvlink2"],
      run:
        "cublas sgemm 20000^3 fp32, three managed matrices of 1.6e9 B initialised on the " +
        "CPU, nvprof",
      knobs: {
        matrix: 20000,
        element: "fp32",
        init: "cpu",
      },
      fitted_with: ["nv.bede.v100p9.h2d"],
      caveat: "drivers of 2020; GB of nvprof are GiB",
      not_run: "the model of UVM does not count transfers",
    },
    {
      id: "V05.v100p9.rate",
      what: "V100 on POWER9, NVLink2, sgemm on demand: bytes over the time that faults add",
      published: {
        figure: "nv.bede.v100p9.eff",
      },
      role: "prediction",
      profiles: ["nv-v100-p9-nvlink2"],
      run:
        "cublas sgemm 20000^3 fp32, three managed matrices of 1.6e9 B initialised on the " +
        "CPU, nvprof",
      knobs: {
        matrix: 20000,
        element: "fp32",
        init: "cpu",
      },
      caveat:
        "drivers of 2020; GB of nvprof are GiB; read in order in place of sgemm, whose " +
        "order of accesses is not published",
      scenario: {
        version: 1,
        title: "A GPU reads what a process has written, in order",
        machine: {
          geometry: "power9-64k",
          devices: [
            {
              name: "gpu0",
              stack: "uvm",
            },
          ],
        },
        settings: {
          transparent_hugepage: "never",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 1024,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
            outstanding: 256,
          },
        ],
      },
      measure: {
        of: "rate",
        step: 3,
        amount: 67108864,
      },
      miss:
        "read in order in place of sgemm, each page of 64 KiB by one lane: a batch holds " +
        "256 of them, where sgemm's hold about 35, presumably because many threads fault " +
        "on the same page",
    },
    {
      id: "V05.v100p9.first_touch",
      what: "V100 on POWER9, NVLink2, sgemm on demand: GPU first touch of a page",
      published: {
        figure: "nv.bede.v100p9.ft",
      },
      role: "prediction",
      profiles: ["nv-v100-p9-nvlink2"],
      run:
        "cublas sgemm 20000^3 fp32, three managed matrices of 1.6e9 B initialised on the " +
        "CPU, nvprof",
      knobs: {
        matrix: 20000,
        element: "fp32",
        init: "cpu",
      },
      caveat: "drivers of 2020; GB of nvprof are GiB",
      scenario: {
        version: 1,
        title: "A GPU writes new pages, in order",
        machine: {
          geometry: "power9-64k",
          devices: [
            {
              name: "gpu0",
              stack: "uvm",
            },
          ],
        },
        settings: {
          transparent_hugepage: "never",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 1024,
          },
          {
            do: "device_write",
            device: "gpu0",
            at: "heap",
            outstanding: 256,
          },
        ],
      },
      measure: {
        of: "time",
        step: 2,
        per: 1024,
      },
    },
    {
      id: "V05.order",
      what: "a fault group is no shorter over NVLink2 than over PCIe 3",
      published: {
        values: {
          pcie: "nv.bede.v100pcie.group",
          nvlink: "nv.bede.v100p9.group",
        },
        unit: "us",
      },
      role: "shape",
      scenario: {
        version: 1,
        title: "A GPU reads what a process has written, in order",
        machine: {
          devices: [
            {
              name: "gpu0",
              stack: "uvm",
            },
          ],
        },
        settings: {
          transparent_hugepage: "never",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 8192,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
            outstanding: 256,
          },
        ],
      },
      runs: {
        pcie: {
          profile: "nv-v100-pcie3-uvm",
        },
        nvlink: {
          profile: "nv-v100-p9-nvlink2",
          with: {
            machine: {
              geometry: "power9-64k",
            },
          },
        },
      },
      order: {
        pcie: {
          of: "ratio",
          in: "pcie",
          parts: [
            {
              of: "time",
              step: 3,
            },
            {
              of: "counter",
              device: "gpu0",
              name: "batches",
            },
          ],
        },
        nvlink: {
          of: "ratio",
          in: "nvlink",
          parts: [
            {
              of: "time",
              step: 3,
            },
            {
              of: "counter",
              device: "gpu0",
              name: "batches",
            },
          ],
        },
      },
      caveat: "drivers of 2020; two hosts",
    },
    {
      id: "V06.regular.blocks",
      what: "Titan V, regular: VA blocks in a batch, average",
      published: {
        value: 41.27,
        unit: "count",
        source: "T. Allen, R. Ge, SC'21, doi:10.1145/3458817.3480855",
      },
      role: "shape",
      tolerance_percent: 50,
      profiles: ["nv-v100-pcie3-uvm"],
      run: "seven programs on Titan V, driver 460.27.04, batches of 256",
      knobs: {
        program: "regular",
      },
      not_run: "which pages the program touches, in which order, is not published",
    },
    {
      id: "V06.regular.faults",
      what: "Titan V, regular: faults per SM in a batch, average",
      published: {
        value: 3.06,
        unit: "count",
        source: "T. Allen, R. Ge, SC'21, doi:10.1145/3458817.3480855",
      },
      role: "shape",
      tolerance_percent: 50,
      profiles: ["nv-v100-pcie3-uvm"],
      run: "seven programs on Titan V, driver 460.27.04, batches of 256",
      knobs: {
        program: "regular",
      },
      not_run: "which pages the program touches, in which order, is not published",
    },
    {
      id: "V06.random.blocks",
      what: "Titan V, random: VA blocks in a batch, average",
      published: {
        value: 233.09,
        unit: "count",
        source: "T. Allen, R. Ge, SC'21, doi:10.1145/3458817.3480855",
      },
      role: "shape",
      tolerance_percent: 50,
      profiles: ["nv-v100-pcie3-uvm"],
      run: "seven programs on Titan V, driver 460.27.04, batches of 256",
      knobs: {
        program: "random",
      },
      scenario: {
        version: 1,
        title: "Forty uTLBs read pages of 1 GiB at random",
        machine: {
          devices: [
            {
              name: "gpu0",
              stack: "uvm",
            },
          ],
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 262144,
          },
          {
            do: "workload",
            device: "gpu0",
            at: "heap",
            pattern: "random",
            programs: 40,
            count: 120,
            outstanding: 56,
          },
        ],
      },
      measure: {
        of: "ratio",
        parts: [
          {
            of: "counter",
            device: "gpu0",
            name: "block_services",
          },
          {
            of: "counter",
            device: "gpu0",
            name: "batches",
          },
        ],
      },
      caveat:
        "how large the range was is not published: 1 GiB is ours; 56 faults for each uTLB " +
        "are nv.volta.utlb_faults",
    },
    {
      id: "V06.random.faults",
      what: "Titan V, random: faults per SM in a batch, average",
      published: {
        value: 3.03,
        unit: "count",
        source: "T. Allen, R. Ge, SC'21, doi:10.1145/3458817.3480855",
      },
      role: "shape",
      tolerance_percent: 50,
      profiles: ["nv-v100-pcie3-uvm"],
      run: "seven programs on Titan V, driver 460.27.04, batches of 256",
      knobs: {
        program: "random",
      },
      scenario: {
        version: 1,
        title: "Forty uTLBs read pages of 1 GiB at random",
        machine: {
          devices: [
            {
              name: "gpu0",
              stack: "uvm",
            },
          ],
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 262144,
          },
          {
            do: "workload",
            device: "gpu0",
            at: "heap",
            pattern: "random",
            programs: 40,
            count: 120,
            outstanding: 56,
          },
        ],
      },
      measure: {
        of: "ratio",
        parts: [
          {
            of: "counter",
            device: "gpu0",
            name: "faults",
          },
          {
            of: "counter",
            device: "gpu0",
            name: "batches",
          },
        ],
        per: 80,
      },
      caveat:
        "how large the range was is not published: 1 GiB is ours; 56 faults for each uTLB " +
        "are nv.volta.utlb_faults",
    },
    {
      id: "V06.sgemm.blocks",
      what: "Titan V, sgemm: VA blocks in a batch, average",
      published: {
        value: 6.96,
        unit: "count",
        source: "T. Allen, R. Ge, SC'21, doi:10.1145/3458817.3480855",
      },
      role: "shape",
      tolerance_percent: 50,
      profiles: ["nv-v100-pcie3-uvm"],
      run: "seven programs on Titan V, driver 460.27.04, batches of 256",
      knobs: {
        program: "sgemm",
      },
      not_run: "which pages the program touches, in which order, is not published",
    },
    {
      id: "V06.sgemm.faults",
      what: "Titan V, sgemm: faults per SM in a batch, average",
      published: {
        value: 0.85,
        unit: "count",
        source: "T. Allen, R. Ge, SC'21, doi:10.1145/3458817.3480855",
      },
      role: "shape",
      tolerance_percent: 50,
      profiles: ["nv-v100-pcie3-uvm"],
      run: "seven programs on Titan V, driver 460.27.04, batches of 256",
      knobs: {
        program: "sgemm",
      },
      not_run: "which pages the program touches, in which order, is not published",
    },
    {
      id: "V06.stream.blocks",
      what: "Titan V, stream: VA blocks in a batch, average",
      published: {
        value: 3.93,
        unit: "count",
        source: "T. Allen, R. Ge, SC'21, doi:10.1145/3458817.3480855",
      },
      role: "shape",
      tolerance_percent: 50,
      profiles: ["nv-v100-pcie3-uvm"],
      run: "seven programs on Titan V, driver 460.27.04, batches of 256",
      knobs: {
        program: "stream",
      },
      not_run: "which pages the program touches, in which order, is not published",
    },
    {
      id: "V06.stream.faults",
      what: "Titan V, stream: faults per SM in a batch, average",
      published: {
        value: 0.75,
        unit: "count",
        source: "T. Allen, R. Ge, SC'21, doi:10.1145/3458817.3480855",
      },
      role: "shape",
      tolerance_percent: 50,
      profiles: ["nv-v100-pcie3-uvm"],
      run: "seven programs on Titan V, driver 460.27.04, batches of 256",
      knobs: {
        program: "stream",
      },
      not_run: "which pages the program touches, in which order, is not published",
    },
    {
      id: "V06.cufft.blocks",
      what: "Titan V, cufft: VA blocks in a batch, average",
      published: {
        value: 25.14,
        unit: "count",
        source: "T. Allen, R. Ge, SC'21, doi:10.1145/3458817.3480855",
      },
      role: "shape",
      tolerance_percent: 50,
      profiles: ["nv-v100-pcie3-uvm"],
      run: "seven programs on Titan V, driver 460.27.04, batches of 256",
      knobs: {
        program: "cufft",
      },
      not_run: "which pages the program touches, in which order, is not published",
    },
    {
      id: "V06.cufft.faults",
      what: "Titan V, cufft: faults per SM in a batch, average",
      published: {
        value: 0.91,
        unit: "count",
        source: "T. Allen, R. Ge, SC'21, doi:10.1145/3458817.3480855",
      },
      role: "shape",
      tolerance_percent: 50,
      profiles: ["nv-v100-pcie3-uvm"],
      run: "seven programs on Titan V, driver 460.27.04, batches of 256",
      knobs: {
        program: "cufft",
      },
      not_run: "which pages the program touches, in which order, is not published",
    },
    {
      id: "V06.gauss-seidel.blocks",
      what: "Titan V, gauss-seidel: VA blocks in a batch, average",
      published: {
        value: 2.31,
        unit: "count",
        source: "T. Allen, R. Ge, SC'21, doi:10.1145/3458817.3480855",
      },
      role: "shape",
      tolerance_percent: 50,
      profiles: ["nv-v100-pcie3-uvm"],
      run: "seven programs on Titan V, driver 460.27.04, batches of 256",
      knobs: {
        program: "gauss-seidel",
      },
      not_run: "which pages the program touches, in which order, is not published",
    },
    {
      id: "V06.gauss-seidel.faults",
      what: "Titan V, gauss-seidel: faults per SM in a batch, average",
      published: {
        value: 0.65,
        unit: "count",
        source: "T. Allen, R. Ge, SC'21, doi:10.1145/3458817.3480855",
      },
      role: "shape",
      tolerance_percent: 50,
      profiles: ["nv-v100-pcie3-uvm"],
      run: "seven programs on Titan V, driver 460.27.04, batches of 256",
      knobs: {
        program: "gauss-seidel",
      },
      not_run: "which pages the program touches, in which order, is not published",
    },
    {
      id: "V06.hpgmg.blocks",
      what: "Titan V, hpgmg: VA blocks in a batch, average",
      published: {
        value: 2.39,
        unit: "count",
        source: "T. Allen, R. Ge, SC'21, doi:10.1145/3458817.3480855",
      },
      role: "shape",
      tolerance_percent: 50,
      profiles: ["nv-v100-pcie3-uvm"],
      run: "seven programs on Titan V, driver 460.27.04, batches of 256",
      knobs: {
        program: "hpgmg",
      },
      not_run: "which pages the program touches, in which order, is not published",
    },
    {
      id: "V06.hpgmg.faults",
      what: "Titan V, hpgmg: faults per SM in a batch, average",
      published: {
        value: 0.41,
        unit: "count",
        source: "T. Allen, R. Ge, SC'21, doi:10.1145/3458817.3480855",
      },
      role: "shape",
      tolerance_percent: 50,
      profiles: ["nv-v100-pcie3-uvm"],
      run: "seven programs on Titan V, driver 460.27.04, batches of 256",
      knobs: {
        program: "hpgmg",
      },
      not_run: "which pages the program touches, in which order, is not published",
    },
    {
      id: "V07.batch",
      what: "UVM batch, first fault to last page, median of real programs",
      published: {
        figure: "nv.kim.batch",
      },
      role: "shape",
      tolerance_percent: 78,
      profiles: ["nv-v100-pcie3-uvm"],
      run: "GraphBIG on a real GPU",
      fitted_with: ["nv.kim.batch"],
      caveat: "read in another text; 223 to 553 us",
      not_run: "which pages the programs of GraphBIG touch, in which order, is not known",
    },
    {
      id: "V08.minor",
      what: "MI300A, GPU minor fault",
      published: {
        figure: "amd.300a.lat.minor",
      },
      role: "reproduction",
      profiles: ["amd-mi300a-upm"],
      run: "single-page faults",
      knobs: {
        pages: 1,
      },
      operation: {
        faults: 1,
        batches: 1,
        ranges: 1,
        pages: 1,
      },
      scenario: {
        version: 1,
        title: "A GPU writes a page that is there",
        machine: {
          devices: [
            {
              name: "gpu0",
            },
          ],
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 1,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_write",
            device: "gpu0",
            at: "heap",
          },
        ],
      },
      measure: {
        of: "fault",
      },
      fitted_with: ["amd.300a.lat.minor"],
    },
    {
      id: "V08.major",
      what: "MI300A, GPU major fault",
      published: {
        figure: "amd.300a.lat.major",
      },
      role: "prediction",
      profiles: ["amd-mi300a-upm"],
      run: "single-page faults",
      knobs: {
        pages: 1,
      },
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
      scenario: {
        version: 1,
        title: "A GPU writes a page for the first time",
        machine: {
          devices: [
            {
              name: "gpu0",
            },
          ],
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 1,
          },
          {
            do: "device_write",
            device: "gpu0",
            at: "heap",
          },
        ],
      },
      measure: {
        of: "fault",
      },
      caveat: "read in another text",
    },
    {
      id: "V08.major_rate",
      what: "MI300A, GPU major faults in bulk",
      published: {
        figure: "amd.300a.tp.major",
      },
      role: "prediction",
      profiles: ["amd-mi300a-upm"],
      run: "bulk first touch",
      caveat: "read in another text",
      scenario: {
        version: 1,
        title: "A GPU writes 4096 new pages",
        machine: {
          devices: [
            {
              name: "gpu0",
            },
          ],
        },
        settings: {
          transparent_hugepage: "never",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 4096,
          },
          {
            do: "device_write",
            device: "gpu0",
            at: "heap",
            outstanding: 64,
          },
        ],
      },
      measure: {
        of: "rate",
        step: 2,
        amount: 4096,
      },
      miss:
        "64 faults outstanding are an assumption; how many pages one fault of a bulk " +
        "first touch maps on the machine is not known, and the model maps them one by one",
    },
    {
      id: "V08.cpu_rate",
      what: "MI300A, CPU faults on 12 cores",
      published: {
        figure: "amd.300a.tp.cpu",
      },
      role: "prediction",
      profiles: ["amd-mi300a-upm"],
      run: "bulk first touch",
      knobs: {
        threads: 12,
      },
      scenario: {
        version: 1,
        title: "Twelve threads write 4080 new pages",
        settings: {
          transparent_hugepage: "never",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 4080,
          },
          {
            do: "write",
            at: "heap+0",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+340",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+680",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+1020",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+1360",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+1700",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+2040",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+2380",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+2720",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+3060",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+3400",
            pages: 340,
            background: true,
          },
          {
            do: "write",
            at: "heap+3740",
            pages: 340,
            background: true,
          },
          {
            do: "wait",
          },
        ],
      },
      measure: {
        of: "ratio",
        parts: [
          {
            of: "number",
            value: 4080,
          },
          {
            of: "difference",
            parts: [
              {
                of: "time",
                step: "run",
              },
              {
                of: "time",
                step: 1,
              },
            ],
          },
        ],
      },
      miss:
        "threads of the model do not slow each other down: memory, the allocator and TLB " +
        "maintenance have no bandwidth that they share",
    },
    {
      id: "V09.sva",
      what: "Kunpeng 920, SVA I/O page fault",
      published: {
        figure: "smmu.sva.fault",
      },
      role: "reproduction",
      profiles: ["iommu-sva-smmu-stall"],
      run: "throughput with and without IOPF",
      operation: {
        faults: 1,
        ranges: 1,
        pages: 1,
      },
      scenario: {
        version: 1,
        title: "A device writes a page for the first time",
        machine: {
          devices: [
            {
              name: "acc0",
            },
          ],
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 1,
          },
          {
            do: "device_write",
            device: "acc0",
            at: "heap",
          },
        ],
      },
      measure: {
        of: "fault",
      },
      fitted_with: ["smmu.sva.fault"],
    },
    {
      id: "V10.local",
      what: "GH200, GPU load from HBM",
      published: {
        figure: "gh.lat.hbm",
      },
      role: "reproduction",
      profiles: ["nv-gh200-ats-64k", "nv-gh200-ats-4k"],
      run: "raw files of the benchmark, medians",
      knobs: {
        memory: "hbm",
      },
      fitted_with: ["gh.lat.hbm", "gh.tlbmiss"],
      not_run: "an access that hits takes no time; the number is a constant of the profile",
    },
    {
      id: "V10.remote",
      what: "GH200, GPU load from LPDDR5X over C2C",
      published: {
        figure: "gh.lat.c2c",
      },
      role: "reproduction",
      profiles: ["nv-gh200-ats-64k", "nv-gh200-ats-4k"],
      run: "raw files of the benchmark, medians",
      knobs: {
        memory: "lpddr",
      },
      fitted_with: ["gh.lat.c2c"],
      not_run: "an access that hits takes no time; the number is a constant of the profile",
    },
    {
      id: "V10.copy_to_device",
      what: "GH200, copy engine, host to device",
      published: {
        figure: "gh.copy.ce",
      },
      role: "reproduction",
      profiles: ["nv-gh200-ats-64k"],
      run: "raw files of the benchmark, medians",
      knobs: {
        path: "to_device",
      },
      fitted_with: ["gh.copy.ce"],
      not_run: "the driver of this profile copies nothing; the number is a constant of the profile",
    },
    {
      id: "V10.copy_second_machine",
      what: "two GH200, host to device copy",
      published: {
        figure: "gh2.c2c",
      },
      role: "prediction",
      profiles: ["nv-gh200-ats-64k"],
      run: "NVBandwidth",
      knobs: {
        path: "to_device",
      },
      not_run: "the driver of this profile copies nothing; the number is a constant of the profile",
    },
    {
      id: "V10.thrash",
      what: "two GH200, managed memory used by CPU and GPU in turn",
      published: {
        figure: "gh2.thrash",
      },
      role: "prediction",
      tolerance_percent: 40,
      profiles: ["nv-gh200-ats-64k"],
      run: "custom CUDA, 4 GB",
      knobs: {
        size: "4GB",
        access: "alternating",
      },
      caveat: "18 to 29 GB/s",
      not_run: "the driver of this profile moves no pages to and fro",
    },
    {
      id: "V11.migrate_4k",
      what: "Zen 3, migration of 4 KiB folios, one",
      published: {
        figure: "cpu.mig.4k/per_page",
      },
      role: "reproduction",
      profiles: ["host-cpu"],
      run: "move_pages() of 1 GB between nodes",
      knobs: {
        size: "1GB",
        folio: "4KiB",
      },
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
      scenario: {
        version: 1,
        title: "Pages move from node to node",
        machine: {
          nodes: [
            {
              memory: "1GiB",
              cpus: [0],
            },
            {
              memory: "1GiB",
              cpus: [1],
            },
          ],
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 4096,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "move_pages",
            at: "heap",
            node: 1,
          },
        ],
      },
      measure: {
        of: "time",
        step: 3,
        per: 4096,
      },
      fitted_with: ["cpu.mig.4k"],
    },
    {
      id: "V11.migrate_2m",
      what: "Zen 3, migration of 2 MiB folios, one",
      published: {
        figure: "cpu.mig.2m/per_2mib",
      },
      role: "reproduction",
      profiles: ["host-cpu"],
      run: "move_pages() of 1 GB between nodes",
      knobs: {
        size: "1GB",
        folio: "2MiB",
      },
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
      fitted_with: ["cpu.mig.2m"],
    },
    {
      id: "V12.fork_4k",
      what: "Xeon 4210R, fork of 1 GiB, 4 KiB folios",
      published: {
        figure: "cpu.fork.4210r",
      },
      role: "reproduction",
      profiles: ["host-cpu"],
      run: "v6.8-rc1",
      knobs: {
        size: "1GiB",
        folio: "4KiB",
      },
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
      scenario: {
        version: 1,
        title: "A process with 1 GiB forks",
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 262144,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "fork",
            as: "child",
          },
        ],
      },
      measure: {
        of: "time",
        step: 3,
      },
      fitted_with: ["cpu.fork.4210r"],
    },
    {
      id: "V12.fork_64k",
      what: "Xeon 4210R, fork of 1 GiB, 64 KiB folios",
      published: {
        figure: "cpu.fork.4210r.ptemapped/64KiB",
      },
      role: "prediction",
      profiles: ["host-cpu"],
      run: "v6.8-rc1",
      knobs: {
        size: "1GiB",
        folio: "64KiB",
      },
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
    {
      id: "V12.fork_2m_pte_mapped",
      what: "Xeon 4210R, fork of 1 GiB, PTE-mapped 2 MiB folios",
      published: {
        figure: "cpu.fork.4210r.ptemapped",
      },
      role: "prediction",
      profiles: ["host-cpu"],
      run: "v6.8-rc1",
      knobs: {
        size: "1GiB",
        folio: "2MiB",
      },
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
    {
      id: "V12.fork_older",
      what: "another server, fork of 1 GB, 4 KiB pages",
      published: {
        figure: "cpu.fork.odf",
      },
      role: "shape",
      tolerance_percent: 150,
      profiles: ["host-cpu"],
      run: "kernel v5.6.19",
      knobs: {
        size: "1GB",
      },
      fitted_with: ["cpu.fork.odf"],
      caveat: "a faster machine: 24.8 ns for each PTE against 54.7",
      scenario: {
        version: 1,
        title: "fork() of 1 GiB",
        machine: {
          nodes: [
            {
              memory: "4GiB",
              cpus: [0],
            },
          ],
        },
        settings: {
          transparent_hugepage: "never",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 262144,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "fork",
            as: "child",
          },
        ],
      },
      measure: {
        of: "time",
        step: 3,
      },
    },
    {
      id: "V13.thp_milan",
      what: "Milan, 2 MiB page at demand",
      published: {
        figure: "cpu.thp.milan/per_2mib",
      },
      role: "reproduction",
      profiles: ["host-cpu"],
      run: "perf bench mem map -f demand -s 64GB",
      knobs: {
        page: "2MiB",
      },
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
      scenario: {
        version: 1,
        title: "A process writes huge pages for the first time",
        settings: {
          transparent_hugepage: "always",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 4096,
          },
          {
            do: "write",
            at: "heap",
          },
        ],
      },
      measure: {
        of: "time",
        step: 2,
        per: 8,
      },
      fitted_with: ["cpu.thp.milan"],
    },
    {
      id: "V13.thp_icelake",
      what: "Icelake, 2 MiB hugetlb page at demand",
      published: {
        figure: "cpu.thp.icx/per_2mib",
      },
      role: "shape",
      tolerance_percent: 50,
      profiles: ["host-cpu"],
      run: "mmap(MAP_HUGETLB) of 64 GB",
      knobs: {
        page: "2MiB",
        hugetlb: true,
      },
      caveat: "another machine",
      scenario: {
        version: 1,
        title: "First touch of 16 MiB in huge pages",
        settings: {
          transparent_hugepage: "always",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 4096,
          },
          {
            do: "write",
            at: "heap",
          },
        ],
      },
      measure: {
        of: "time",
        step: 2,
        per: 8,
      },
    },
    {
      id: "V14.fault",
      what: "RTX 5080, one fault",
      published: {
        figure: "nv.blackwell.fault",
      },
      role: "reproduction",
      profiles: ["nv-blackwell-rtx-pcie5-uvm"],
      run: "one page at a time",
      knobs: {
        pages: 1,
      },
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
      fitted_with: ["nv.blackwell.fault", "nv.mgmt.share"],
    },
    {
      id: "V14.stream",
      what: "RTX 5070 Ti class, UVM STREAM of 2.15 GB",
      published: {
        figure: "nv.blackwell.stream",
      },
      role: "prediction",
      profiles: ["nv-blackwell-rtx-pcie5-uvm"],
      run: "50 runs, migration included",
      knobs: {
        size: "2.15GB",
        program: "stream",
      },
      scenario: {
        version: 1,
        title: "A GPU reads 32 MiB in order",
        machine: {
          devices: [
            {
              name: "gpu0",
              stack: "uvm",
            },
          ],
        },
        settings: {
          transparent_hugepage: "never",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 8192,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
            outstanding: 256,
          },
        ],
      },
      measure: {
        of: "time",
        step: 3,
        per: 0.015606713,
      },
      miss:
        "71 % of the simulated time rests on assumed prices, most of it on that of " +
        "unmapping a page from CPUs (unmap.per_page)",
      caveat: "32 MiB read in order, scaled up; the three arrays of STREAM are one here",
    },
    {
      id: "V14.stream_small",
      what: "RTX 5070 Ti class, UVM STREAM of 0.54 GB",
      published: {
        figure: "nv.blackwell.stream/small",
      },
      role: "prediction",
      profiles: ["nv-blackwell-rtx-pcie5-uvm"],
      run: "50 runs, migration included",
      knobs: {
        size: "0.54GB",
        program: "stream",
      },
      scenario: {
        version: 1,
        title: "A GPU reads 32 MiB in order",
        machine: {
          devices: [
            {
              name: "gpu0",
              stack: "uvm",
            },
          ],
        },
        settings: {
          transparent_hugepage: "never",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 8192,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
            outstanding: 256,
          },
        ],
      },
      measure: {
        of: "time",
        step: 3,
        per: 0.062137837,
      },
      miss:
        "71 % of the simulated time rests on assumed prices, most of it on that of " +
        "unmapping a page from CPUs (unmap.per_page)",
      caveat: "32 MiB read in order, scaled up; the three arrays of STREAM are one here",
    },
    {
      id: "V15.4k",
      what: "ODP, minor fault of a 4 KiB message",
      published: {
        figure: "nic.npf.4k",
      },
      role: "reproduction",
      profiles: ["nic-mlx5-odp"],
      run: "ODP micro-benchmark",
      knobs: {
        message: "4KiB",
      },
      operation: {
        faults: 1,
        ranges: 1,
        pages: 1,
      },
      scenario: {
        version: 1,
        title: "A NIC writes a page that is there",
        machine: {
          devices: [
            {
              name: "nic0",
              stack: "odp",
            },
          ],
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 1,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_write",
            device: "nic0",
            at: "heap",
          },
        ],
      },
      measure: {
        of: "fault",
      },
      fitted_with: ["nic.npf.4k", "nic.npf.perpage"],
      caveat: "read in another text",
    },
    {
      id: "V15.4m",
      what: "ODP, minor fault of a 4 MiB message",
      published: {
        figure: "nic.npf.4m",
      },
      role: "reproduction",
      profiles: ["nic-mlx5-odp"],
      run: "ODP micro-benchmark",
      knobs: {
        message: "4MiB",
      },
      operation: {
        faults: 1,
        ranges: 1,
        pages: 1024,
      },
      scenario: {
        version: 1,
        title: "A NIC writes 4 MiB that are there",
        machine: {
          devices: [
            {
              name: "nic0",
              stack: "odp",
            },
          ],
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 1024,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_write",
            device: "nic0",
            at: "heap",
          },
        ],
      },
      measure: {
        of: "fault",
      },
      fitted_with: ["nic.npf.perpage"],
      caveat: "read in another text",
    },
    {
      id: "V15.per_page",
      what: "ODP, what a further page of a message costs",
      published: {
        figure: "nic.npf.perpage",
      },
      role: "reproduction",
      profiles: ["nic-mlx5-odp"],
      run: "ODP micro-benchmark",
      scenario: {
        version: 1,
        title: "A NIC reads 4 MiB that a process has written",
        machine: {
          devices: [
            {
              name: "nic0",
              stack: "odp",
            },
          ],
        },
        steps: [
          {
            do: "mmap",
            name: "buffer",
            pages: 1024,
          },
          {
            do: "write",
            at: "buffer",
          },
          {
            do: "device_read",
            device: "nic0",
            at: "buffer",
          },
        ],
      },
      runs: {
        large: {},
        small: {
          with: {
            steps: [
              {
                do: "mmap",
                name: "buffer",
                pages: 1,
              },
              {
                do: "write",
                at: "buffer",
              },
              {
                do: "device_read",
                device: "nic0",
                at: "buffer",
              },
            ],
          },
        },
      },
      measure: {
        of: "difference",
        parts: [
          {
            of: "fault",
            in: "large",
          },
          {
            of: "fault",
            in: "small",
          },
        ],
        per: 1023,
      },
    },
    {
      id: "V16.fault",
      what: "Kaveri, GPU fault through the IOMMU, least concurrency",
      published: {
        figure: "amd.kaveri.fault",
        low: 5,
        high: 140,
      },
      role: "shape",
      tolerance_percent: 500,
      profiles: ["iommu-pri-x86"],
      run: "A10-7850K, Linux 4.0",
      fitted_with: ["amd.kaveri.fault"],
      caveat: "5 to 140 us",
      scenario: {
        version: 1,
        title: "A GPU reads a page that a process has written",
        machine: {
          devices: [
            {
              name: "gpu0",
            },
          ],
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 1,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
          },
        ],
      },
      measure: {
        of: "fault",
      },
    },
    {
      id: "V17.share",
      what: "MI250X, share of the CPU update, SDMA set-up and allocation",
      published: {
        figure: "amd.250x.shares",
      },
      role: "shape",
      tolerance_percent: 30,
      profiles: ["amd-mi250x-xnack-svm"],
      run: "SystemTap on the driver",
      fitted_with: ["amd.250x.shares"],
      caveat: "read in another text",
      scenario: {
        version: 1,
        title: "A GPU reads 2 MiB that a process has written",
        machine: {
          devices: [
            {
              name: "gpu0",
            },
          ],
        },
        settings: {
          transparent_hugepage: "never",
        },
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 512,
          },
          {
            do: "write",
            at: "heap",
          },
          {
            do: "device_read",
            device: "gpu0",
            at: "heap",
          },
        ],
      },
      measure: {
        of: "ratio",
        parts: [
          {
            of: "fault",
            take: "sum",
            stages: ["unmap", "dma_map", "map"],
          },
          {
            of: "fault",
            take: "sum",
            stages: ["resolve", "range_fault", "unmap", "dma_map", "copy", "map"],
          },
        ],
      },
    },
    {
      id: "V18.write",
      what: "Rome, missing anonymous write fault",
      published: {
        figure: "cpu.fault.anon.w",
      },
      role: "reproduction",
      profiles: ["host-cpu"],
      run: "a loop of faults",
      knobs: {
        access: "write",
      },
      operation: {
        effort: {
          fault_entry: 1,
          folio_alloc: 1,
          page_zero: 1,
          pte_set: 1,
        },
      },
      scenario: {
        version: 1,
        title: "A process writes its pages for the first time",
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 4096,
          },
          {
            do: "write",
            at: "heap",
          },
        ],
      },
      measure: {
        of: "time",
        step: 2,
        per: 4096,
      },
      fitted_with: ["cpu.fault.anon.w"],
    },
    {
      id: "V18.read",
      what: "Rome, missing read fault",
      published: {
        figure: "cpu.fault.anon.r",
      },
      role: "reproduction",
      profiles: ["host-cpu"],
      run: "a loop of faults",
      knobs: {
        access: "read",
      },
      operation: {
        effort: {
          fault_entry: 1,
          pte_set: 1,
        },
      },
      scenario: {
        version: 1,
        title: "A process reads its pages for the first time",
        steps: [
          {
            do: "mmap",
            name: "heap",
            pages: 4096,
          },
          {
            do: "read",
            at: "heap",
          },
        ],
      },
      measure: {
        of: "time",
        step: 2,
        per: 4096,
      },
      fitted_with: ["cpu.fault.anon.r"],
    },
  ],
};
