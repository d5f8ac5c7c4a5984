import { readFileSync } from "node:fs";
import { VM_EVENT_NAMES } from "@faultline/core";
import { expect, test } from "vitest";
import { loadScenario } from "./load-scenario.ts";
import { runUntimedScenario } from "./run-untimed-scenario.ts";

const HEAD = `version: 1
title: t
machine:
  nodes: [{ memory: 1GiB, cpus: [0] }, { memory: 1GiB, cpus: [1] }]
  swap: 64MiB
  devices: [{ name: gpu0 }]
`;

/** What a run has counted; every step comes to `ok`. */
function counted(steps: readonly string[], more = ""): Readonly<Record<string, number>> {
  const text = `${HEAD}${more}steps:\n${steps.map((step) => `  - ${step}\n`).join("")}`;
  const { plan, diagnostics } = loadScenario(text, "t.yaml");
  if (plan === null) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  const result = runUntimedScenario(plan);
  expect(result.passed).toBe(true);
  return result.vmstat;
}

const SMALL = "{ do: mmap, name: heap, pages: 8 }";
const BIG = "{ do: mmap, name: heap, pages: 512 }";
const NEVER = "settings: { transparent_hugepage: never }\n";
const ALWAYS = "settings: { transparent_hugepage: always }\n";
const PAGEOUT = "{ do: madvise, at: heap, advice: MADV_PAGEOUT }";

test("faults of CPUs are counted, and those that hmm_range_fault() makes", () => {
  expect(counted([SMALL, "{ do: write, at: heap }"], NEVER)).toEqual({ pgfault: 8 });
  expect(counted([SMALL, "{ do: device_read, device: gpu0, at: heap }"], NEVER)).toEqual({
    pgfault: 8,
  });
  const advised = "{ do: madvise, at: heap, advice: MADV_POPULATE_WRITE }";
  expect(counted([SMALL, advised], NEVER)).toEqual({ pgfault: 8 });
  const twice = [SMALL, "{ do: read, at: heap }", "{ do: read, at: heap }"];
  expect(counted(twice, NEVER)).toEqual({ pgfault: 8 });
});

test("moving to a device and back is no migration, and the way back is a fault", () => {
  const there = [
    SMALL,
    "{ do: write, at: heap }",
    "{ do: migrate_to_device, device: gpu0, at: heap }",
  ];
  expect(counted(there, NEVER)).toEqual({ pgfault: 8 });
  expect(counted([...there, "{ do: read, at: heap, pages: 1 }"], NEVER)).toEqual({ pgfault: 9 });
});

test("swap is counted in pages, and zeros apart", () => {
  const written = [SMALL, "{ do: write, at: heap, value: 7 }", PAGEOUT];
  expect(counted(written, NEVER)).toEqual({ pgfault: 8, pswpout: 8 });
  const back = [...written, "{ do: read, at: heap, pages: 3 }"];
  expect(counted(back, NEVER)).toEqual({ pgfault: 11, pgmajfault: 3, pswpout: 8, pswpin: 3 });
  const zeros = [SMALL, "{ do: write, at: heap, value: 0 }", PAGEOUT, "{ do: read, at: heap }"];
  expect(counted(zeros, NEVER)).toEqual({
    pgfault: 16,
    pgmajfault: 8,
    swpout_zero: 8,
    swpin_zero: 8,
  });
});

test("a huge folio with one page of zeros is written whole, and read page by page", () => {
  const steps = [
    BIG,
    "{ do: write, at: heap, value: 7 }",
    "{ do: write, at: heap, pages: 1, value: 0 }",
    PAGEOUT,
    "{ do: read, at: heap, pages: 2 }",
  ];
  const { thp_fault_alloc: huge, thp_swpout, pswpout, pswpin } = counted(steps, ALWAYS);
  expect([huge, thp_swpout, pswpout, pswpin]).toEqual([1, 1, 512, 2]);
});

test("huge pages are counted where they come from and where they are cut", () => {
  const touched = [BIG, "{ do: write, at: heap }"];
  expect(counted(touched, ALWAYS)).toEqual({ pgfault: 1, thp_fault_alloc: 1 });
  const part = "{ do: mprotect, at: heap, pages: 1, prot: r }";
  expect(counted([...touched, part], ALWAYS)).toMatchObject({ thp_split_pmd: 1 });
  const collapse = "{ do: madvise, at: heap, advice: MADV_COLLAPSE }";
  expect(counted([...touched, collapse], NEVER)).toEqual({ pgfault: 512, thp_collapse_alloc: 1 });
  const moved = "{ do: move_pages, at: heap, node: 1 }";
  expect(counted([...touched, moved], ALWAYS)).toMatchObject({
    pgmigrate_success: 512,
    thp_migration_success: 1,
  });
});

test("a page that somebody holds does not move", () => {
  const steps = [SMALL, "{ do: write, at: heap }", "{ do: pin, at: heap, pages: 2 }"];
  const move = "{ do: move_pages, at: heap, node: 1 }";
  expect(counted([...steps, move], NEVER)).toEqual({
    pgfault: 8,
    pgmigrate_success: 6,
    pgmigrate_fail: 2,
  });
});

test("huge hints count their pages", () => {
  const steps = [BIG, "{ do: write, at: heap }", "{ do: set_cpu, cpu: 1 }", "{ do: numa_scan }"];
  expect(counted([...steps, "{ do: read, at: heap, pages: 1 }"], ALWAYS)).toEqual({
    pgfault: 2,
    thp_fault_alloc: 1,
    numa_pte_updates: 512,
    numa_huge_pte_updates: 1,
    numa_hint_faults: 1,
    numa_pages_migrated: 512,
    pgmigrate_success: 512,
    thp_migration_success: 1,
  });
});

test("docs/vmstat.md names everything that is counted", () => {
  const page = readFileSync(new URL("../../../docs/vmstat.md", import.meta.url), "utf8");
  const [known = ""] = page.split("\nNot counted:");
  expect(VM_EVENT_NAMES.filter((name) => !known.includes(`\`${name}\``))).toEqual([]);
});
