import { describe, expect, test } from "vitest";
import type { AcpiTables } from "../tables/acpi-tables.ts";
import type { HmatStructure } from "../tables/hmat.ts";
import type { SratEntry } from "../tables/srat.ts";
import type { TableHeader } from "../tables/table-header.ts";
import type { LinuxArchitecture, LinuxMachine } from "./linux-machine.ts";
import { formatNumberList } from "./node-list.ts";
import { type LinuxNodeMap, linuxNodeMap } from "./node-map.ts";

const MIB = 1n << 20n;

function header(revision: number): TableHeader {
  const maker = { oemId: "FAULT ", oemTableId: "LINE    ", creatorId: "TEST" };
  return { revision, ...maker, oemRevision: 1, creatorRevision: 1 };
}

function cpu(id: number, domain: number, flags = 1): SratEntry {
  const rest = { proximityDomain: domain, flags, clockDomain: 0 };
  return { kind: "local-apic", apicId: id, sapicEid: 0, ...rest };
}

function gicc(id: number, domain: number): SratEntry {
  const rest = { proximityDomain: domain, flags: 1, clockDomain: 0 };
  return { kind: "gicc", processorUid: id, ...rest };
}

/** Memory of a domain; places and lengths in MiB. */
function mem(domain: number, base: number, length: number, flags = 1): SratEntry {
  const range = { base: BigInt(base) * MIB, length: BigInt(length) * MIB };
  return { kind: "memory", proximityDomain: domain, ...range, flags };
}

function gi(domain: number, flags = 1): SratEntry {
  const handle = { type: "pci", segment: 0, bus: 0, device: 4, function: 0 } as const;
  return { kind: "generic-initiator", proximityDomain: domain, handle, flags };
}

const HOST = [cpu(0, 0), cpu(1, 1), mem(0, 0, 512), mem(1, 512, 512)];
const RAM = [{ start: 0n, end: 1024n * MIB }];

interface Boot {
  readonly entries?: readonly SratEntry[];
  readonly revision?: number;
  readonly architecture?: LinuxArchitecture;
  readonly tables?: AcpiTables;
  readonly late?: readonly number[];
}

function boot({
  entries = HOST,
  revision = 3,
  tables = {},
  late = [],
  ...rest
}: Boot): LinuxNodeMap {
  const machine: LinuxMachine = {
    architecture: rest.architecture ?? "x86",
    ram: RAM,
    cpuIds: [0, 1],
    lateMemory: late.map((proximityDomain) => {
      return { proximityDomain, start: 8192n * MIB, end: 8448n * MIB };
    }),
  };
  return linuxNodeMap({ srat: { header: header(revision), entries }, ...tables }, machine);
}

/** possible, online, with memory, initiators. */
function masks(map: LinuxNodeMap): string[] {
  const { possible, online, hasMemory, hasInitiator } = map;
  return [possible, online, hasMemory, hasInitiator].map(formatNumberList);
}

describe("nodes are numbered", () => {
  test("in the order in which domains are met: CPUs and initiators, then memory", () => {
    const entries = [...HOST, mem(2, 0, 0), gi(9), gi(5)];
    const { pxmToNode } = boot({ entries });
    expect(pxmToNode).toEqual([
      [0, 0],
      [1, 1],
      [9, 2],
      [5, 3],
      [2, 4],
    ]);
  });

  test("by the table's order, also when initiators come first", () => {
    expect(masks(boot({ entries: [gi(7), gi(8), ...HOST] }))).toEqual(["0-3", "0-3", "2-3", "0-1"]);
  });

  test("with 8 bits of a domain where the revision knows no more", () => {
    const entries = [cpu(0, 256), cpu(1, 257), mem(256, 0, 512), mem(257, 512, 512), gi(300)];
    expect(boot({ entries, revision: 1 }).pxmToNode).toEqual([
      [0, 0],
      [1, 1],
      [300, 2],
    ]);
    expect(boot({ entries, revision: 2 }).pxmToNode[0]).toEqual([256, 0]);
  });
});

describe("a node is online at boot", () => {
  const entries = [...HOST, gi(2), mem(3, 0, 0), mem(4, 4096, 1024, 3)];

  test("on x86 when it has a CPU, RAM or an initiator", () => {
    expect(masks(boot({ entries }))).toEqual(["0-4", "0-2", "0-1", "2"]);
  });

  test("on arm64 whenever a table names it", () => {
    const arm = entries.map((entry) =>
      entry.kind === "local-apic" ? gicc(entry.apicId, entry.proximityDomain) : entry,
    );
    expect(masks(boot({ entries: arm, architecture: "arm64" }))[1]).toBe("0-4");
  });

  test("and not at all when its memory entry is disabled", () => {
    const { possible, notes } = boot({ entries: [...HOST, mem(2, 0, 0, 0)] });
    expect(possible).toEqual([0, 1]);
    expect(notes).toEqual(["memory entries that are not enabled are ignored: +0xa0"]);
  });
});

describe("a generic initiator that is not enabled", () => {
  test("ends the reading of CPUs and initiators, but not of memory", () => {
    const map = boot({ entries: [gi(5, 0), ...HOST, gi(2)] });
    expect(masks(map)).toEqual(["0-1", "0-1", "0-1", ""]);
    expect(map.nodes[0]?.cpus).toEqual([0, 1]);
    expect(map.notes[0]).toContain("at +0x30 is not enabled");
    expect(map.notes[0]).toContain("3 later CPU and generic initiator entries are not read");
  });

  test("is as good as one whose domain is out of range", () => {
    expect(masks(boot({ entries: [...HOST, gi(1024), gi(2)] }))[3]).toBe("");
    expect(masks(boot({ entries: [...HOST, gi(1023), gi(2)] }))[3]).toBe("2-3");
  });
});

describe("SRAT as a whole is dropped", () => {
  test.each([
    ["no memory entry", [cpu(0, 0)], "no memory entry that is enabled"],
    ["overlapping nodes", [cpu(0, 0), mem(0, 0, 768), mem(1, 512, 512)], "node 0 and node 1 ov"],
    ["RAM without node", [cpu(0, 0), mem(0, 0, 512)], "536870912 bytes of RAM belong to no node"],
    ["a short entry", [{ kind: "other" as const, type: 0, bytes: [0, 2] }, ...HOST], "+0x30"],
    ["a domain out of range", [cpu(0, 5000), ...HOST], "names domain 5000"],
  ])("for %s", (_, entries, reason) => {
    const map = boot({ entries });
    expect(map.sratRejected).toContain(reason);
    expect(masks(map)).toEqual(["0", "0", "0", ""]);
    expect([map.panic, map.nodes[0]?.cpus]).toEqual([null, [0, 1]]);
  });

  test("and the mark of an initiator survives, which ends the boot on x86 only", () => {
    const entries = [cpu(0, 0), gi(2)];
    expect(boot({ entries }).panic).toContain("node 1 was marked");
    const arm = boot({ entries: [gicc(0, 0), gi(2)], architecture: "arm64" });
    expect([arm.panic, ...masks(arm)]).toEqual([null, "0", "0", "0", "1"]);
  });

  test("but nodes may overlap outside RAM, and a little RAM may be lost", () => {
    const windows = [mem(2, 4096, 1024, 3), mem(3, 4096, 64, 5)];
    expect(boot({ entries: [...HOST, ...windows] }).sratRejected).toBeNull();
    const less = [cpu(0, 0), { ...mem(0, 0, 1024), length: 1024n * MIB - 4096n } as SratEntry];
    expect(boot({ entries: less }).sratRejected).toBeNull();
  });
});

describe("distances", () => {
  const entries = [cpu(0, 0), cpu(1, 1), gi(2), mem(0, 0, 512), mem(1, 512, 512)];

  function rows(distances: readonly (readonly number[])[]): (readonly number[])[] {
    const { nodes } = boot({ entries, tables: { slit: { header: header(1), distances } } });
    return nodes.map((node) => node.distances);
  }

  test("are those of SLIT, by domain, as far as it goes", () => {
    expect(
      rows([
        [10, 21],
        [31, 10],
      ]),
    ).toEqual([
      [10, 21, 20],
      [31, 10, 20],
      [20, 20, 10],
    ]);
  });

  test("are 10 and 20 when SLIT cannot be right", () => {
    for (const wrong of [
      [10, 10],
      [20, 11],
    ]) {
      expect(rows([wrong, [10, 10]])[0]).toEqual([10, 20, 20]);
    }
  });
});

describe("CXL windows", () => {
  const cedt = (...places: readonly number[]): AcpiTables => {
    const rest = {
      encodedWays: 0,
      arithmetic: 0,
      encodedGranularity: 0,
      restrictions: 0,
      qtgId: 0,
    };
    const structures = places.map((place) => {
      const range = { base: BigInt(place) * MIB, sizeBytes: 1024n * MIB };
      return { kind: "window" as const, ...range, ...rest, targets: [0] };
    });
    return { cedt: { header: header(1), structures } };
  };

  test("get domains above all others, one each", () => {
    const map = boot({ entries: [...HOST, gi(9)], tables: cedt(8192, 16_384) });
    expect(map.windowNodes).toEqual([3, 4]);
    expect(map.pxmToNode.slice(3)).toEqual([
      [10, 3],
      [11, 4],
    ]);
    expect(map.online).toEqual([0, 1, 2]);
  });

  test("that SRAT describes in part get none", () => {
    const map = boot({ entries: [...HOST, mem(4, 8192, 64, 3)], tables: cedt(8192, 16_384) });
    expect(map.windowNodes).toEqual([3]);
    expect(map.notes[0]).toContain("CXL window 0x200000000-0x23fffffff is described by SRAT");
  });

  test("grow what SRAT says of them", () => {
    const map = boot({ entries: [...HOST, mem(4, 8192, 64, 3)], tables: cedt(8192), late: [77] });
    expect(map.hasMemory).toEqual([0, 1]);
  });
});

describe("memory that arrives later", () => {
  test("makes any node that its domain names a memory node", () => {
    const entries = [...HOST, gi(2), mem(3, 0, 0), mem(4, 4096, 1024, 3)];
    for (const [domain, node] of [
      [2, 2],
      [3, 3],
      [4, 4],
    ] as const) {
      const { online, hasMemory } = boot({ entries, late: [domain] });
      expect([online.includes(node), hasMemory]).toEqual([true, [0, 1, node]]);
    }
  });

  test("goes to the first node when its domain has none, even inside another node's window", () => {
    const entries = [...HOST, mem(4, 8192, 1024, 3)];
    expect(masks(boot({ entries, late: [77] }))).toEqual(["0-2", "0-1", "0-1", ""]);
  });
});

describe("HMAT", () => {
  const entries = [...HOST, mem(2, 1024, 512), gi(3)];
  const machineRam = [{ start: 0n, end: 1536n * MIB }];

  function performance(dataType: number, unit: bigint, ...rows: number[][]): HmatStructure {
    const lists = { initiators: [0, 1, 3], targets: [0, 1, 2], entries: rows };
    return {
      kind: "matrix",
      flags: 0,
      dataType,
      minTransferBytes: 0,
      baseUnit: unit,
      ...lists,
    };
  }
  function link(memory: number, initiator: number, flags = 1): HmatStructure {
    return { kind: "proximity", flags, initiator, memory, rangeBase: 0n, rangeLength: 0n };
  }
  const LATENCY = performance(0, 1000n, [5, 10, 20], [10, 5, 15], [40, 40, 8]);
  const BANDWIDTH = performance(3, 2n, [100, 50, 25], [50, 100, 40], [9, 9, 500]);

  function withHmat(revision: number, ...structures: readonly HmatStructure[]): LinuxNodeMap {
    const srat = { header: header(3), entries };
    const hmat = { header: header(revision), structures };
    const machine = { architecture: "x86" as const, cpuIds: [0, 1], lateMemory: [] };
    return linuxNodeMap({ srat, hmat }, { ...machine, ram: machineRam });
  }
  /** Initiators, read latency and read bandwidth of both classes of domain 2, which is node 3. */
  function classes(map: LinuxNodeMap): unknown[] {
    const target = map.nodes.find(({ proximityDomain }) => proximityDomain === 2);
    return (target?.access ?? []).map(({ initiators, readLatency, readBandwidth }) => [
      initiators,
      readLatency,
      readBandwidth,
    ]);
  }

  test("gives each memory node its best initiators: all, and those with CPUs", () => {
    expect(classes(withHmat(2, LATENCY, BANDWIDTH))).toEqual([
      [[2], 8, 1000],
      [[1], 15, 80],
    ]);
  });

  test("prefers the attached initiator, and searches among CPUs when that has none", () => {
    expect(classes(withHmat(2, link(2, 0), LATENCY, BANDWIDTH))).toEqual([
      [[0], 20, 50],
      [[0], 20, 50],
    ]);
    expect(classes(withHmat(2, link(2, 3), LATENCY, BANDWIDTH))).toEqual([
      [[2], 8, 1000],
      [[1], 15, 80],
    ]);
  });

  test("without matrices has classes without initiators and numbers", () => {
    expect(classes(withHmat(2, link(2, 128, 0)))).toEqual([
      [[], 0, 0],
      [[], 0, 0],
    ]);
  });

  test("names the targets of an initiator", () => {
    const { nodes } = withHmat(2, link(0, 0), link(1, 1), link(2, 3));
    expect(nodes.map(({ accessTargets }) => accessTargets[0])).toEqual([[0], [1], [3], []]);
  });

  test("counts latencies in ps, in revision 1 in tenths of a ns, rounded up", () => {
    expect(classes(withHmat(2, link(2, 0), performance(0, 1n, [1, 1, 1001])))[0]).toEqual([
      [0],
      2,
      0,
    ]);
    const first = { ...link(2, 0, 3) };
    expect(classes(withHmat(1, first, performance(0, 1n, [1, 1, 1001])))[0]).toEqual([[0], 101, 0]);
  });

  test("does not know entries of 0, of 0xffff, or beyond 32 bits", () => {
    for (const [entry, unit] of [
      [0, 1000n],
      [0xffff, 1000n],
      [2, 1n << 31n],
    ] as const) {
      const matrix = performance(0, unit, [1, 1, entry]);
      expect(classes(withHmat(2, link(2, 0), matrix))[0]).toEqual([[0], 0, 0]);
    }
  });

  test.each([
    ["another revision", 3, link(0, 0), "HMAT has revision 3"],
    ["memory that SRAT does not have", 2, link(9, 0), "memory of domain 9, which SRAT does not"],
    ["an initiator without a node", 2, link(0, 9), "initiator 9, which has no node"],
  ])("is dropped as a whole for %s", (_, revision, structure, reason) => {
    const map = withHmat(revision, LATENCY, structure);
    expect(map.hmatRejected).toContain(reason);
    expect(map.nodes.every(({ access }) => access === null)).toBe(true);
  });

  test("decides the tier of memory without CPUs, against that of nodes with CPUs", () => {
    const tiers = (map: LinuxNodeMap): unknown => [...map.tiers];
    // 576 × 15/5 × 200/80 = 4320, which is tier 33.
    expect(tiers(withHmat(2, LATENCY, BANDWIDTH))).toEqual([
      [4, [0, 1]],
      [33, [3]],
    ]);
    const uneven = performance(0, 1000n, [5, 10, 20], [10, 9, 15], [40, 40, 8]);
    expect(tiers(withHmat(2, uneven, BANDWIDTH))).toEqual([[4, [0, 1, 3]]]);
    expect(tiers(withHmat(2, LATENCY))).toEqual([[4, [0, 1, 3]]]);
  });

  test("lists caches with the kernel's codes", () => {
    const cache: HmatStructure = {
      kind: "cache",
      memory: 2,
      addressMode: 0,
      sizeBytes: 65_536n,
      attributes: 0x40_2212,
      smbiosHandles: [],
    };
    expect(withHmat(2, cache).nodes[3]?.caches).toEqual([
      { level: 1, sizeBytes: 65_536n, lineBytes: 64, indexing: 1, writePolicy: 1, addressMode: 0 },
    ]);
  });
});

test("without anything but tables, their RAM and CPUs are taken", () => {
  const map = linuxNodeMap({ srat: { header: header(3), entries: [...HOST, gi(2)] } });
  expect(masks(map)).toEqual(["0-2", "0-2", "0-1", "2"]);
  expect(linuxNodeMap({}).sratRejected).toBe("there is no SRAT");
});

test("numbers are listed as the kernel does", () => {
  expect(formatNumberList([3, 1, 2, 7, 9, 8, 5])).toBe("1-3,5,7-9");
  expect(formatNumberList([])).toBe("");
});
