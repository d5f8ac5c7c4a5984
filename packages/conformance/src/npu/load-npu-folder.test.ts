import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDts, readNpuWiring, writeDtb } from "@faultline/platform";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GoldenReport, replayGolden } from "../golden/golden-report.ts";
import { loadNpuFolder } from "./load-npu-folder.ts";
import { npuTopology } from "./npu-topology.ts";

const path = new URL("../../../../scenarios/devicetrees/ac922.dts", import.meta.url);
const AC922 = readFileSync(path, "utf8");
const above = mkdtempSync(join(tmpdir(), "faultline-"));
const folder = join(above, "dts");
afterAll(() => rmSync(above, { recursive: true }));

const { tree } = parseDts(AC922, "ac922.dts");
const wiring = tree && readNpuWiring(tree).wiring;
const { gpus, npus } = wiring === null ? { gpus: [], npus: [] } : npuTopology(wiring);

beforeAll(() => {
  mkdirSync(folder);
  if (tree !== null) writeFileSync(join(folder, "ac922.dtb"), writeDtb(tree));
});

function replay(topology: unknown, source: string = AC922): GoldenReport {
  writeFileSync(join(folder, "ac922.dts"), source);
  writeFileSync(join(folder, "ac922.topology.json"), JSON.stringify(topology));
  return replayGolden(loadNpuFolder(folder));
}

describe("recorded topologies", () => {
  test("pass when source and blob give them, members of a group in any order", () => {
    const turned = npus.map((npu) => {
      const members = npu["iommu_group_members"] as string[];
      return { ...npu, iommu_group_members: members.toReversed() };
    });
    const report = replay({ gpus: gpus.toReversed(), npus: turned, checks_passed: 1 });
    expect(report).toMatchObject({ passed: 2, failed: 0, problems: [] });
    expect(replayGolden(loadNpuFolder(above)).passed).toBe(2);
  });

  test("that differ are named with the device and what about it", () => {
    const wrong = gpus.map((gpu) => ({ ...gpu, numa_associativity: 7 }));
    const [first] = replay({ gpus: wrong, npus }).failures;
    expect(first).toMatchObject({ case: "ac922.dts", expected: "7", actual: "255" });
    expect(first?.place).toMatch(/^gpus\.\/pciex@.*gpu@0\.numa_associativity$/);
    expect(replay({ gpus: gpus.slice(1), npus }).failures).toMatchObject([
      { place: "gpus.count", expected: "3", actual: "4" },
      { place: "gpus.count" },
    ]);
  });

  test("of a tree that is refused fail", () => {
    const { failures } = replay({ gpus, npus }, AC922.replace("ibm,nvlink-speed = <8>;", ""));
    expect(failures).toMatchObject([{ case: "ac922.dts", place: "problem", expected: "null" }]);
    expect(failures[0]?.actual).toContain("E_NPU_WIRING: the bridge has no link speed");
  });

  test("that are not well formed, or without a tree, are problems", () => {
    expect(replay({ gpus: 1 }).problems).toMatchObject([{ code: "E_CONFORMANCE_CASE" }]);
    writeFileSync(join(folder, "other.topology.json"), JSON.stringify({ gpus, npus }));
    expect(replay({ gpus, npus }).problems).toMatchObject([
      { message: "no other.dts or other.dtb beside it" },
    ]);
    expect(loadNpuFolder(join(above, "none")).problems).toMatchObject([
      { message: "no such folder" },
    ]);
  });
});

const shared = process.env["FAULTLINE_FIXTURES"];

test.skipIf(shared === undefined)("every topology of the shared folder is ours", () => {
  const report = replayGolden(loadNpuFolder(join(shared ?? "", "platform")));
  expect(report.failures).toEqual([]);
  expect(report.passed).toBeGreaterThan(0);
});
