import { describe, expect, test } from "vitest";
import { type Ran, runCommand } from "../testing/run-command.ts";
import { addCompareCommand } from "./compare.ts";

const HEAD = "version: 1\ntitle: Timed\n";
const MAP = "  - { do: mmap, name: heap, pages: 2 }\n  - { do: write, at: heap, value: 7 }\n";
const TIMED = `${HEAD}machine: { devices: [{ name: gpu0 }] }
steps:
${MAP}  - { do: device_write, device: gpu0, at: heap, value: 8 }
`;

function run(...argv: string[]): Promise<Ran> {
  const files = { "timed.yaml": TIMED, "good.yaml": `${HEAD}steps:\n${MAP}` };
  return runCommand(addCompareCommand, argv, files);
}

describe("faultline compare", () => {
  const profiles = "intel-xe-svm-nothp,amd-mi250x-xnack-svm";

  test("says which steps come out otherwise with some profiles", async () => {
    const moved = TIMED.replace("do: device_write", "do: migrate_to_device").replace(
      ", value: 8 }",
      " }",
    );
    const argv = ["compare", "m.yaml", "--profiles", "intel-xe-svm-nothp,iommu-pri-x86"];
    const shown = await runCommand(addCompareCommand, argv, { "m.yaml": moved });
    expect(shown.out).toMatch(/^steps that differ +intel-xe-svm-nothp +iommu-pri-x86$/m);
    expect(shown.out).toMatch(/^3 app: migrate_to_device gpu0 heap, 2 pages +ok +EINVAL$/m);
    const json = await runCommand(addCompareCommand, [...argv, "--json"], { "m.yaml": moved });
    const { comparisons } = JSON.parse(json.out) as {
      comparisons: { runs: { results: string[] }[] }[];
    };
    expect(comparisons[0]?.runs.map(({ results }) => results[2])).toEqual(["ok", "EINVAL"]);
    const alike = await run("compare", "timed.yaml", "--profiles", profiles);
    expect(alike.out).not.toContain("steps that differ");
  });

  test("says where no profile makes a difference", async () => {
    const alike = await run("compare", "good.yaml", "--profiles", profiles);
    expect(alike.out).toMatch(/^the same with every profile: no device faults, and the prices of/m);
    const other = await run("compare", "timed.yaml", "--profiles", profiles);
    expect(other.out).not.toContain("the same with every profile");
  });

  test("shows the profiles side by side, with ratios to the first", async () => {
    const { code, out, err } = await run("compare", "timed.yaml", "--profiles", profiles);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^intel-xe-svm-nothp +xe +[\d.]+ us +1\.00 /m);
    expect(out).toMatch(/^amd-mi250x-xnack-svm +amdkfd /m);
    expect(out).toMatch(/^gpu0 write +intel-xe-svm-nothp +2 .* 1\.00$/m);
  });

  test("--json has every run with its ratio", async () => {
    const { out } = await run("compare", "timed.yaml", "--profiles", profiles, "--json");
    const { comparisons } = JSON.parse(out) as {
      comparisons: { runs: { profile: string; ratio: number; simulatedPs: number }[] }[];
    };
    const [first, second] = comparisons[0]?.runs ?? [];
    expect([first?.profile, first?.ratio]).toEqual(["intel-xe-svm-nothp", 1]);
    expect(second?.ratio).toBe((second?.simulatedPs ?? 0) / (first?.simulatedPs ?? 1));
  });

  test("needs profiles that are known", async () => {
    expect((await run("compare", "timed.yaml")).code).toBe(2);
    expect((await run("compare", "timed.yaml", "--profiles", "host-cpu,nope")).code).toBe(2);
  });
});
